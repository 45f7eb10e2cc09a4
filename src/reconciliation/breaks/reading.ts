import { type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type CalendarDate, calendarDate, daysBetween, instantText, limaDate } from '../../dates.ts'
import { type Connection, sequenceNumber } from '../../ledger/index.ts'
import { type Currency, formatAmount, signedAmountText } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import type { BreakReason } from './reasons.ts'
import { reasonSchema } from './wire.ts'

export const breakStatuses = ['open', 'accepted', 'ended'] as const
export type BreakStatus = (typeof breakStatuses)[number]

export const breakStatusSchema = z
  .enum(breakStatuses)
  .meta({ id: 'BreakStatus' })
  .describe('`accepted`: it stays as it is, until it is found otherwise')

export const ownerShown = z
  .uuid()
  .nullable()
  .describe('The client who is to see to it')
  .meta({ examples: [null] })

export const breakSchema = z
  .object({
    id: z.uuid(),
    reason: reasonSchema,
    status: breakStatusSchema,
    of: z.enum(['statement', 'line', 'entry']).meta({ id: 'BreakSubject' }),
    statementId: z.uuid().nullable(),
    line: z.int().nullable(),
    sequence: sequenceNumber.nullable(),
    position: z.int().nullable(),
    amount: signedAmountText
      .nullable()
      .describe('By so much the bank has more than the ledger because of it; null where that cannot be said'),
    day: calendarDate.describe('The day of the line, of the entry, or the last of the statement'),
    age: z
      .int()
      .describe('Days since then, until it ended')
      .meta({ examples: [3] }),
    detail: z.string().meta({ examples: ['same reference; the amounts differ'] }),
    question: z
      .uuid()
      .nullable()
      .describe('What bears the same is to be decided together: a suggestion, or what is ambiguous')
      .meta({ examples: [null] }),
    score: z
      .int()
      .nullable()
      .describe('How likely a suggestion is, from 1 to 99; it orders, and promises nothing')
      .meta({ examples: [null] }),
    owner: ownerShown,
    comments: z.int().describe('How many there are of it'),
    proposal: z
      .uuid()
      .nullable()
      .describe('The resolution that waits for approval')
      .meta({ examples: [null] }),
    openedAt: instantText,
    endedAt: instantText.nullable().meta({ examples: [null] }),
  })
  .meta({ id: 'ReconciliationBreak' })

export type BreakRow = {
  id: string
  origin: string
  subject: string
  reason: BreakReason
  status: BreakStatus
  statementId: string | null
  line: number | null
  sequence: string | null
  position: number | null
  amount: string | null
  day: CalendarDate
  detail: string
  question: string | null
  score: number | null
  owner: string | null
  comments: number
  proposal: string | null
  openedAt: string
  endedAt: string | null
}

/** Who sees to a break `b`, what is said of it and proposed about it: all of it is its origin's. */
export const careColumns = sql`
  (select o.owner from break_owner o where o.book_id = b.book_id and o.origin = b.origin order by o.number desc limit 1) as owner,
  (select count(*)::int from break_comment c where c.book_id = b.book_id and c.origin = b.origin) as comments,
  (select r.resolution_id from resolution_break r where r.book_id = b.book_id and r.origin = b.origin
    and not exists (select from resolution_decision d where d.book_id = r.book_id and d.resolution_id = r.resolution_id)) as proposal`

/** Whether a break `b` is one that stays as it is. */
export const isAccepted = sql`exists (select from accepted_break x where x.book_id = b.book_id and x.break_id = b.id)`

const statusOf = sql`case when b.ended_at is not null then 'ended' when ${isAccepted} then 'accepted' else 'open' end`

/** Breaks of an account as they stand, of those that `where` says of `b`, by day. */
export async function readBreaks(
  connection: Connection,
  { bookId, bankAccountId }: { bookId: string; bankAccountId: string },
  { where, status = null, limit }: { where: SQL; status?: BreakStatus | null; limit: number },
): Promise<BreakRow[]> {
  const ofStatus =
    status === null
      ? sql`true`
      : status === 'ended'
        ? sql`b.ended_at is not null`
        : sql`b.ended_at is null and ${isAccepted} = ${status === 'accepted'}`
  const { rows } = await connection.execute<BreakRow>(sql`
    select b.id, b.origin, b.subject, b.reason, ${statusOf} as status, b.statement_id as "statementId", b.line, b.sequence::text, b.position,
      b.amount::text, b.day::text, b.detail, b.question, b.score, ${careColumns}, b.opened_at as "openedAt", b.ended_at as "endedAt"
    from reconciliation_break b
    where b.book_id = ${bookId} and b.bank_account_id = ${bankAccountId} and ${ofStatus} and ${where}
    order by b.day, b.subject, b.id limit ${limit}`)
  return rows
}

/** @throws Refusal `break-not-found` */
export async function breakById(
  connection: Connection,
  of: { bookId: string; bankAccountId: string },
  id: string,
): Promise<BreakRow> {
  const [row] = await readBreaks(connection, of, { where: sql`b.id = ${id}`, limit: 1 })
  if (row === undefined) throw new Refusal('break-not-found', 'The account has no such break.')
  return row
}

/** A break as it is answered. */
export function breakOf(
  { subject: _, origin: __, sequence, amount, openedAt, endedAt, ...row }: BreakRow,
  currency: Currency,
  now: Date,
): z.output<typeof breakSchema> {
  return {
    ...row,
    of: sequence !== null ? 'entry' : row.line !== null ? 'line' : 'statement',
    sequence: sequence === null ? null : Number(sequence),
    amount: amount === null ? null : formatAmount(BigInt(amount), currency),
    age: daysBetween(row.day, limaDate(endedAt === null ? now : new Date(endedAt))),
    openedAt: new Date(openedAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
  }
}
