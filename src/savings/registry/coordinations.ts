import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { addDays, calendarDate } from '../../dates.ts'
import { transact } from '../../db/client.ts'
import { clientId } from '../../http/idempotency.ts'
import { idText } from '../../ids.ts'
import { Refusal } from '../../refusals.ts'
import { fieldRoles } from '../acting.ts'
import { inBook } from '../listing.ts'
import { refuseFuture, register } from '../registering.ts'
import { coordination } from '../schema.ts'
import { groupOn } from './groups.ts'
import { lockGroup } from './memberships.ts'
import { overlap } from './periods.ts'
import type { RegistryVerb } from './verb.ts'

const coordinationBody = z
  .strictObject({ id: clientId, groupId: idText, saverId: idText, startsOn: calendarDate })
  .meta({
    id: 'CoordinatorNaming',
    examples: [
      {
        id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e19',
        groupId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e17',
        saverId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e15',
        startsOn: '2026-01-12',
      },
    ],
  })

const coordinationSchema = z
  .object({
    id: z.uuid(),
    groupId: z.uuid(),
    saverId: z.uuid(),
    startsOn: calendarDate,
    endsOn: calendarDate.nullable(),
    replayed: z.boolean(),
  })
  .meta({ id: 'Coordination' })

type Answer = z.output<typeof coordinationSchema>

/** A group names one of its members coordinator; she who was it before stops the day before. */
export const nameCoordinator: RegistryVerb<z.output<typeof coordinationBody>, Answer> = {
  type: 'name-coordinator',
  path: 'coordinations',
  operationId: 'nameCoordinator',
  summary: 'Name a member the coordinator of her group',
  description: 'Whoever coordinated the group before stops the day before. It ends with her membership.',
  access: fieldRoles,
  body: coordinationBody,
  answer: coordinationSchema,
  identified: true,
  refusals: ['id-reused', 'group-not-found', 'not-a-member', 'period-overlaps', 'date-in-future'],
  async run(parts, bookId, actor, { id, ...body }) {
    const { groupId, saverId, startsOn } = body
    refuseFuture(parts, { startsOn })
    const at = parts.clock.now()
    return transact(parts.db, async tx => {
      await lockGroup(tx, bookId, groupId)
      const { row, replayed } = await register(tx, coordination, {
        where: inBook(coordination, bookId, id),
        content: body,
        at,
        actor: actor.clientId,
        decide: async () => {
          const { memberIds } = await groupOn(tx, bookId, groupId, startsOn)
          if (!memberIds.has(saverId)) throw new Refusal('not-a-member', 'She is no member of the group on that day.')
          const earlier = await tx
            .select()
            .from(coordination)
            .where(and(eq(coordination.bookId, bookId), eq(coordination.groupId, groupId)))
          const open = earlier.find(one => one.endsOn === null && one.startsOn < startsOn)
          const clash = earlier.find(one => one !== open && overlap(one, { startsOn, endsOn: null }))
          if (clash !== undefined) {
            const facts = { saverId: clash.saverId, startsOn: clash.startsOn, endsOn: clash.endsOn }
            throw new Refusal('period-overlaps', 'The group had a coordinator on that day, or named one later.', {
              facts,
            })
          }
          if (open !== undefined) {
            await tx
              .update(coordination)
              .set({ endsOn: addDays(startsOn, -1), endRecordedAt: at, endActor: actor.clientId })
              .where(inBook(coordination, bookId, open.id))
          }
          return { ...body, bookId, id }
        },
      })
      return { id, groupId, saverId, startsOn, endsOn: row.endsOn, replayed }
    })
  },
}
