import { and, eq, gt, isNull, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type CalendarDate, calendarDate } from '../../dates.ts'
import { type Tx, transact } from '../../db/client.ts'
import { clientId } from '../../http/idempotency.ts'
import { idText } from '../../ids.ts'
import { Refusal } from '../../refusals.ts'
import { fieldRoles } from '../acting.ts'
import { inBook } from '../listing.ts'
import { refuseEarly, refuseFuture, register } from '../registering.ts'
import { coordination, membership, saver, savingsGroup } from '../schema.ts'
import { groupNotFound, mostMembers } from './groups.ts'
import { isEndedAlready, mostAtOnce, overlap, refuseBackwards } from './periods.ts'
import type { RegistryVerb } from './verb.ts'

export type MembershipRow = typeof membership.$inferSelect

const joiningBody = z
  .strictObject({
    id: clientId,
    groupId: idText,
    saverId: idText,
    startsOn: calendarDate,
    endsOn: calendarDate.optional().describe('The last day, when it is past already'),
  })
  .meta({
    id: 'GroupJoining',
    examples: [
      {
        id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e18',
        groupId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e17',
        saverId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e15',
        startsOn: '2026-01-12',
      },
    ],
  })

export const membershipSchema = z
  .object({
    id: z.uuid(),
    groupId: z.uuid(),
    saverId: z.uuid(),
    startsOn: calendarDate,
    endsOn: calendarDate.nullable().describe('Her last day in the group; null while she is a member'),
  })
  .meta({ id: 'Membership' })

type Membership = z.output<typeof membershipSchema>

const recordedMembership = membershipSchema.extend({ replayed: z.boolean() }).meta({ id: 'RecordedMembership' })

/** A saver joins a group. She is in one group at a time, and a group has at most 25 members on any day. */
export const joinGroup: RegistryVerb<z.output<typeof joiningBody>, Membership & { replayed: boolean }> = {
  type: 'join-group',
  path: 'memberships',
  operationId: 'joinGroup',
  summary: 'Let a saver join a group',
  description: 'A saver is in one group at a time: end her membership before she joins another.',
  access: fieldRoles,
  body: joiningBody,
  answer: recordedMembership,
  identified: true,
  refusals: [
    'id-reused',
    'group-not-found',
    'saver-not-found',
    'period-overlaps',
    'period-not-in-order',
    'group-full',
    'date-in-future',
    'date-too-early',
  ],
  async run(parts, bookId, actor, { id, ...body }) {
    refuseFuture(parts, { startsOn: body.startsOn, endsOn: body.endsOn })
    const at = parts.clock.now()
    return transact(parts.db, async tx => {
      const { formedOn } = await lockGroup(tx, bookId, body.groupId)
      await lockSaver(tx, bookId, body.saverId)
      const { row, replayed } = await register(tx, membership, {
        where: inBook(membership, bookId, id),
        content: body,
        at,
        actor: actor.clientId,
        decide: async () => {
          const period = { startsOn: body.startsOn, endsOn: body.endsOn ?? null }
          refuseEarly('startsOn', period.startsOn, formedOn)
          refuseBackwards(period.startsOn, period.endsOn)
          await refuseOverlap(tx, bookId, body.saverId, period)
          await refuseFull(tx, bookId, body.groupId, period)
          const end = period.endsOn === null ? {} : { endRecordedAt: at, endActor: actor.clientId }
          return { bookId, id, groupId: body.groupId, saverId: body.saverId, ...period, ...end }
        },
      })
      return { ...membershipOf(row), replayed }
    })
  },
}

const endBody = z
  .strictObject({ membershipId: idText, endsOn: calendarDate.describe('Her last day in the group') })
  .meta({
    id: 'MembershipEnd',
    examples: [{ membershipId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e18', endsOn: '2026-03-20' }],
  })

/** A saver leaves her group; when she coordinated it, that ends too. */
export const endMembership: RegistryVerb<z.output<typeof endBody>, Membership & { replayed: boolean }> = {
  type: 'end-membership',
  path: 'membership-ends',
  operationId: 'endMembership',
  summary: 'End a saver’s membership in a group',
  description: 'Needs no id: said again with the same day it is a replay, with another day it is refused.',
  access: fieldRoles,
  body: endBody,
  answer: recordedMembership,
  identified: false,
  refusals: ['membership-not-found', 'already-ended', 'period-not-in-order', 'date-in-future'],
  async run(parts, bookId, actor, { membershipId, endsOn }) {
    refuseFuture(parts, { endsOn })
    return transact(parts.db, async tx => {
      const mine = inBook(membership, bookId, membershipId)
      const [row] = await tx.select().from(membership).where(mine).for('no key update')
      if (row === undefined) throw new Refusal('membership-not-found', 'The book has no such membership.')
      if (isEndedAlready(row, endsOn)) return { ...membershipOf(row), replayed: true }
      const end = { endsOn, endRecordedAt: parts.clock.now(), endActor: actor.clientId }
      await tx.update(membership).set(end).where(mine)
      await endCoordination(tx, row, end)
      return { ...membershipOf({ ...row, endsOn }), replayed: false }
    })
  },
}

async function endCoordination(
  tx: Tx,
  { bookId, groupId, saverId }: MembershipRow,
  end: { endsOn: string; endRecordedAt: Date; endActor: string },
) {
  const { startsOn, endsOn } = coordination
  await tx
    .update(coordination)
    // Of a coordination that began later than her last day, one day is left: it cannot end before it started.
    .set({ ...end, endsOn: sql`greatest(${startsOn}, ${end.endsOn}::date)` })
    .where(
      and(
        eq(coordination.bookId, bookId),
        eq(coordination.groupId, groupId),
        eq(coordination.saverId, saverId),
        or(isNull(endsOn), gt(endsOn, end.endsOn)),
      ),
    )
}

/** Joins and coordinations of a group are decided one after the other. @throws Refusal `group-not-found` */
export async function lockGroup(tx: Tx, bookId: string, groupId: string): Promise<{ formedOn: CalendarDate }> {
  const [group] = await tx
    .select({ formedOn: savingsGroup.formedOn })
    .from(savingsGroup)
    .where(inBook(savingsGroup, bookId, groupId))
    .for('no key update')
  if (group === undefined) throw groupNotFound(groupId)
  return group
}

/** Two groups, or enrolments, cannot take the same saver at once. @throws Refusal `saver-not-found` */
export async function lockSaver(tx: Tx, bookId: string, saverId: string): Promise<void> {
  const found = await tx
    .select({ id: saver.id })
    .from(saver)
    .where(inBook(saver, bookId, saverId))
    .for('no key update')
  if (found.length === 0) throw new Refusal('saver-not-found', 'The book has no such saver.', { facts: { saverId } })
}

type Joining = Pick<MembershipRow, 'startsOn' | 'endsOn'>

async function refuseOverlap(tx: Tx, bookId: string, saverId: string, period: Joining): Promise<void> {
  const hers = await tx
    .select()
    .from(membership)
    .where(and(eq(membership.bookId, bookId), eq(membership.saverId, saverId)))
  const other = hers.find(one => overlap(one, period))
  if (other === undefined) return
  const { id: membershipId, groupId, startsOn, endsOn } = other
  const facts = { membershipId, groupId, startsOn, endsOn }
  throw new Refusal('period-overlaps', 'She is a member of a group at that time.', { facts })
}

async function refuseFull(tx: Tx, bookId: string, groupId: string, period: Joining): Promise<void> {
  const members = await tx
    .select()
    .from(membership)
    .where(and(eq(membership.bookId, bookId), eq(membership.groupId, groupId)))
  if (mostAtOnce(members, period) < mostMembers) return
  throw new Refusal('group-full', `A group has at most ${mostMembers} members on any day.`, { facts: { mostMembers } })
}

export function membershipOf({ id, groupId, saverId, startsOn, endsOn }: MembershipRow): Membership {
  return { id, groupId, saverId, startsOn, endsOn }
}
