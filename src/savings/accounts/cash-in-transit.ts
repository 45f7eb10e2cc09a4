import { z } from 'zod'
import { type CalendarDate, calendarDate, daysBetween, limaDate } from '../../dates.ts'
import { bookOf } from '../../ledger/index.ts'
import { currencySchema, formatAmount, signedAmountText } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import type { Parts } from '../parts.ts'

export const cashSchema = z
  .object({
    agentId: z.uuid(),
    agentCode: z.string(),
    currency: currencySchema,
    asOf: calendarDate.describe('At the end of this day, by value dates'),
    cash: signedAmountText.describe('What she took in and has not banked or paid out'),
    oldestOn: calendarDate.nullable().describe('The day on which the oldest of it came in; null when she holds none'),
    ageDays: z.int().nullable().describe('Days from then to `asOf`'),
  })
  .meta({ id: 'CashInTransit' })

export type Cash = z.output<typeof cashSchema> & { recordedAt: Date; id: string }

type Row = { agentId: string; agentCode: string; recordedAt: Date; cash: string; oldestOn: CalendarDate | null }

export const cashQuery = {
  asOf: calendarDate
    .optional()
    .describe('The day at whose end the cash and its age are told; by default today in Lima'),
}

/**
 * Cash is banked first in, first out: what left an agent's bag is taken from the oldest of what came in. So the oldest
 * still there came in on the first day on which all that had come in by then is more than all that ever left.
 * Parameters: $1 the book, $2 the day.
 */
const cashByAgent = `
  select a.id as "agentId", a.code as "agentCode", a.recorded_at as "recordedAt", moved.came_in - moved.went_out as cash,
    f.oldest_on as "oldestOn"
  from agent a
  join account l on l.book_id = $1 and l.code = '1020.' || a.id
  cross join lateral (
    select coalesce(sum(d.debits), 0) as came_in, coalesce(sum(d.credits), 0) as went_out
    from account_day_to_date d where d.book_id = $1 and d.account_id = l.id and d.value_date <= $2
  ) moved
  cross join lateral (
    select min(day.value_date) as oldest_on
    from (
      select d.value_date, sum(d.debits) over (order by d.value_date) as came_in
      from account_day_to_date d where d.book_id = $1 and d.account_id = l.id and d.value_date <= $2
    ) day
    where day.came_in > moved.went_out
  ) f
  where a.book_id = $1`

type Day = CalendarDate | undefined

/**
 * The cash that one agent holds at the end of a day, with its age.
 * @throws Refusal `agent-not-found`
 */
export async function cashOfAgent(parts: Parts, bookId: string, agentId: string, asOf: Day): Promise<Cash> {
  const [cash] = await cashWhere(parts, bookId, asOf, 'and a.id = $3', [agentId])
  if (cash === undefined) throw new Refusal('agent-not-found', 'The book has no such agent.')
  return cash
}

/** The cash of a book's agents, in the order in which the agents were registered. */
export async function listCash(
  parts: Parts,
  bookId: string,
  asOf: Day,
  place: { recordedAt: string; id: string } | null,
  limit: number,
): Promise<Cash[]> {
  const after =
    'and ($3::timestamptz is null or (a.recorded_at, a.id) > ($3, $4::uuid)) order by a.recorded_at, a.id limit $5'
  return cashWhere(parts, bookId, asOf, after, [place?.recordedAt ?? null, place?.id ?? null, limit])
}

async function cashWhere(
  { db, clock }: Parts,
  bookId: string,
  day: Day,
  rest: string,
  values: unknown[],
): Promise<Cash[]> {
  const { currency } = await bookOf(db, bookId)
  const asOf = day ?? limaDate(clock.now())
  const { rows } = await db.$client.query<Row>(`${cashByAgent} ${rest}`, [bookId, asOf, ...values])
  return rows.map(({ cash, oldestOn, ...row }) => ({
    ...row,
    id: row.agentId,
    currency,
    asOf,
    cash: formatAmount(BigInt(cash), currency),
    oldestOn,
    ageDays: oldestOn === null ? null : daysBetween(oldestOn, asOf),
  }))
}
