import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { type CalendarDate, calendarDate, firstDay, monthOf } from '../../dates.ts'
import { type Db, type Tx, transact } from '../../db/client.ts'
import { clientId } from '../../http/idempotency.ts'
import { idText } from '../../ids.ts'
import { Refusal } from '../../refusals.ts'
import { fieldRoles } from '../acting.ts'
import { inBook, recordedAfter } from '../listing.ts'
import type { Parts } from '../parts.ts'
import { contractMonths, programmeById } from '../reference/programmes.ts'
import { refuseFuture, register } from '../registering.ts'
import { enrolment, enrolmentEndReasons } from '../schema.ts'
import { code } from '../wording.ts'
import { lockSaver } from './memberships.ts'
import { contractEnd, isEndedAlready, overlap } from './periods.ts'
import type { RegistryVerb } from './verb.ts'

type Row = typeof enrolment.$inferSelect

const enrolmentBody = z
  .strictObject({
    id: clientId,
    saverId: idText,
    programmeId: idText,
    startsOn: calendarDate.describe('The first day of her contract, which may be ahead'),
    contractMonths: contractMonths.optional().describe('By default the programme’s'),
    cohort: code.describe('Those enrolled in the same period: `2026-1`'),
  })
  .meta({
    id: 'EnrolmentRequest',
    examples: [
      {
        id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e21',
        saverId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e15',
        programmeId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e12',
        startsOn: '2026-02-01',
        cohort: '2026-1',
      },
    ],
  })

const endReason = z.enum(enrolmentEndReasons).meta({ id: 'EnrolmentEndReason' })

export const enrolmentSchema = z
  .object({
    id: z.uuid(),
    saverId: z.uuid(),
    programmeId: z.uuid(),
    startsOn: calendarDate,
    contractMonths: z.int(),
    cohort: code,
    endsOn: calendarDate.nullable().describe('When it ended; null while it runs'),
    endReason: endReason.nullable(),
  })
  .meta({ id: 'Enrolment' })

type Enrolment = z.output<typeof enrolmentSchema>

const recordedEnrolment = enrolmentSchema.extend({ replayed: z.boolean() }).meta({ id: 'RecordedEnrolment' })

/** A saver's contract in a programme: one that runs at a time in each. */
export const enrolSaver: RegistryVerb<z.output<typeof enrolmentBody>, Enrolment & { replayed: boolean }> = {
  type: 'enrol-saver',
  path: 'enrolments',
  operationId: 'enrolSaver',
  summary: 'Enrol a saver in a programme',
  access: fieldRoles,
  body: enrolmentBody,
  answer: recordedEnrolment,
  identified: true,
  refusals: [
    'id-reused',
    'saver-not-found',
    'programme-not-found',
    'programme-not-valid',
    'enrolled-already',
    'period-overlaps',
  ],
  async run(parts: Parts, bookId, actor, { id, ...body }) {
    return transact(parts.db, async tx => {
      await lockSaver(tx, bookId, body.saverId)
      const { row, replayed } = await register(tx, enrolment, {
        where: inBook(enrolment, bookId, id),
        content: body,
        at: parts.clock.now(),
        actor: actor.clientId,
        decide: async () => {
          const { contractMonths, validFrom, validTo } = await programmeById(tx, body.programmeId)
          if (body.startsOn < validFrom || (validTo !== null && body.startsOn > validTo)) {
            const facts = { validFrom, validTo }
            throw new Refusal('programme-not-valid', 'The programme takes nobody on that day.', { facts })
          }
          await refuseOverlap(tx, bookId, body)
          return { ...body, contractMonths: body.contractMonths ?? contractMonths, bookId, id }
        },
      })
      return { ...enrolmentOf(row), replayed }
    })
  },
}

type Starting = { saverId: string; programmeId: string; startsOn: CalendarDate }

/** What was entered by mistake never ran, and is in nobody's way. */
async function refuseOverlap(tx: Tx, bookId: string, { saverId, programmeId, startsOn }: Starting): Promise<void> {
  const hers = await tx
    .select()
    .from(enrolment)
    .where(and(eq(enrolment.bookId, bookId), eq(enrolment.saverId, saverId), eq(enrolment.programmeId, programmeId)))
  if (hers.some(one => one.endsOn === null)) {
    throw new Refusal('enrolled-already', 'Her enrolment in this programme has not ended.')
  }
  const period = { startsOn, endsOn: null }
  const other = hers.find(one => one.endReason !== 'entered-by-mistake' && overlap(one, period))
  if (other === undefined) return
  const facts = { enrolmentId: other.id, startsOn: other.startsOn, endsOn: other.endsOn }
  throw new Refusal('period-overlaps', 'She was enrolled in this programme at that time.', { facts })
}

const endBody = z.strictObject({ enrolmentId: idText, endsOn: calendarDate, reason: endReason }).meta({
  id: 'EnrolmentEnd',
  examples: [{ enrolmentId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e21', endsOn: '2026-03-20', reason: 'withdrew' }],
})

/** A contract ends: completed, in its last month or later, or for a reason. She may be enrolled again afterwards. */
export const endEnrolment: RegistryVerb<z.output<typeof endBody>, Enrolment & { replayed: boolean }> = {
  type: 'end-enrolment',
  path: 'enrolment-ends',
  operationId: 'endEnrolment',
  summary: 'End an enrolment',
  description:
    'Needs no id: said again with the same day it is a replay, with another day it is refused. A contract is `completed` in its last month or later; one that ends before has another reason, and what is locked of it is kept or forfeited as the rule says.',
  access: fieldRoles,
  body: endBody,
  answer: recordedEnrolment,
  identified: false,
  refusals: ['enrolment-not-found', 'already-ended', 'period-not-in-order', 'date-in-future', 'contract-not-over'],
  async run(parts, bookId, actor, { enrolmentId, endsOn, reason }) {
    return transact(parts.db, async tx => {
      const mine = inBook(enrolment, bookId, enrolmentId)
      const [row] = await tx.select().from(enrolment).where(mine).for('no key update')
      if (row === undefined) throw new Refusal('enrolment-not-found', 'The book has no such enrolment.')
      if (isEndedAlready(row, endsOn)) {
        if (row.endReason === reason) return { ...enrolmentOf(row), replayed: true }
        throw new Refusal('already-ended', 'It ended for another reason.', {
          facts: { endsOn, endReason: row.endReason },
        })
      }
      // A contract that starts ahead may be called off: it ends on the day it would have started.
      if (endsOn !== row.startsOn) refuseFuture(parts, { endsOn })
      if (reason === 'completed') refuseUncompleted(row, endsOn)
      const end = { endsOn, endReason: reason, endRecordedAt: parts.clock.now(), endActor: actor.clientId }
      await tx.update(enrolment).set(end).where(mine)
      return { ...enrolmentOf({ ...row, ...end }), replayed: false }
    })
  },
}

/** What is locked is hers when she completes her contract, so nobody completes it for her before its last month. */
function refuseUncompleted({ startsOn, contractMonths }: Row, endsOn: CalendarDate): void {
  const last = contractEnd(startsOn, contractMonths)
  const completedFrom = firstDay(monthOf(last))
  if (endsOn >= completedFrom) return
  const message = `lies before ${completedFrom}: the contract runs to ${last}`
  throw new Refusal('contract-not-over', `endsOn ${message}`, {
    facts: { completedFrom, contractEndsOn: last },
    fields: [{ path: 'endsOn', message }],
  })
}

/** Enrolments in the order of recording, of one saver or in one programme when asked. */
export async function listEnrolments(
  db: Db,
  bookId: string,
  { saverId, programmeId }: { saverId?: string | undefined; programmeId?: string | undefined },
  after: string | undefined,
  limit: number,
): Promise<Row[]> {
  return db
    .select()
    .from(enrolment)
    .where(
      and(
        eq(enrolment.bookId, bookId),
        saverId === undefined ? undefined : eq(enrolment.saverId, saverId),
        programmeId === undefined ? undefined : eq(enrolment.programmeId, programmeId),
        recordedAfter(enrolment, after),
      ),
    )
    .orderBy(enrolment.recordedAt, enrolment.id)
    .limit(limit)
}

export function enrolmentOf(row: Row): Enrolment {
  const { id, saverId, programmeId, startsOn, contractMonths, cohort, endsOn, endReason } = row
  return { id, saverId, programmeId, startsOn, contractMonths, cohort, endsOn, endReason }
}
