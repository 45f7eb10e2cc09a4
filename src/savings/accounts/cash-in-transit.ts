import { z } from 'zod'
import { type CalendarDate, calendarDate, daysBetween, limaDate } from '../../dates.ts'
import { bookOf } from '../../ledger/index.ts'
import { currencySchema, formatAmount, signedAmountText } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import type { Parts } from '../parts.ts'
import { code } from '../wording.ts'

export const cashSchema = z
  .object({
    agentId: z.uuid(),
    agentCode: code,
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
 * still there came in on the first day on which all that had come in by then is more than all that ever left. What was
 * reversed by that day neither came in nor left, and its reversal neither.
 * Parameters: $1 the book, $2 the day.
 */
const cashByAgent = `
  with undone as materialized (
    select e.account_id, e.value_date, e.direction, e.amount
    from transaction r
    join entry e on e.book_id = $1 and e.sequence = any(array[r.reverses, r.sequence])
    where r.book_id = $1 and r.reverses is not null and r.value_date <= $2
  )
  select a.id as "agentId", a.code as "agentCode", a.recorded_at as "recordedAt", moved.cash, moved.oldest_on as "oldestOn"
  from agent a
  join account l on l.book_id = $1 and l.code = '1020.' || a.id
  cross join lateral (
    select coalesce(max(day.came_in), 0) - coalesce(max(day.went_out), 0) as cash,
      min(day.value_date) filter (where day.came_in > day.went_out) as oldest_on
    from (
      select d.value_date, sum(d.debits) over (order by d.value_date) as came_in, sum(d.credits) over () as went_out
      from (
        select d.value_date, d.debits, d.credits
        from account_day_to_date d where d.book_id = $1 and d.account_id = l.id and d.value_date <= $2
        union all
        select u.value_date, case u.direction when 'debit' then -u.amount else 0 end,
          case u.direction when 'credit' then -u.amount else 0 end
        from undone u where u.account_id = l.id
      ) d
    ) day
  ) moved
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
