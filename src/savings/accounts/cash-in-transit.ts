import { z } from 'zod'
import { type CalendarDate, calendarDate, daysBetween, limaDate } from '../../dates.ts'
import { bookOf } from '../../ledger/index.ts'
import { amountText, currencySchema, formatAmount } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import type { Parts } from '../parts.ts'

export const cashSchema = z
  .object({
    agentId: z.uuid(),
    agentCode: z.string(),
    currency: currencySchema,
    cash: amountText.describe('What she took in and has not banked or paid out'),
    oldestOn: calendarDate.nullable().describe('The day on which the oldest of it came in; null when she holds none'),
    ageDays: z.int().nullable().describe('Days since then'),
  })
  .meta({ id: 'CashInTransit' })

export type Cash = z.output<typeof cashSchema> & { recordedAt: Date; id: string }

type Row = { agentId: string; agentCode: string; recordedAt: Date; cash: string; oldestOn: CalendarDate | null }

/**
 * Cash is banked first in, first out: what left an agent's bag is taken from the oldest of what came in. So the oldest
 * still there came in on the first day on which all that had come in by then is more than all that ever left.
 */
const cashByAgent = `
  select a.id as "agentId", a.code as "agentCode", a.recorded_at as "recordedAt", l.debits - l.credits as cash,
    f.oldest_on as "oldestOn"
  from agent a
  join account l on l.book_id = $1 and l.code = '1020.' || a.id
  cross join lateral (
    select min(day.value_date) as oldest_on
    from (
      select d.value_date, sum(d.debits) over (order by d.value_date) as came_in
      from account_day_to_date d where d.book_id = $1 and d.account_id = l.id
    ) day
    where day.came_in > l.credits
  ) f
  where a.book_id = $1`

/**
 * The cash that one agent holds, with its age.
 * @throws Refusal `agent-not-found`
 */
export async function cashOfAgent(parts: Parts, bookId: string, agentId: string): Promise<Cash> {
  const [cash] = await cashWhere(parts, bookId, 'and a.id = $2', [agentId])
  if (cash === undefined) throw new Refusal('agent-not-found', 'The book has no such agent.')
  return cash
}

/** The cash of a book's agents, in the order in which the agents were registered. */
export async function listCash(
  parts: Parts,
  bookId: string,
  place: { recordedAt: string; id: string } | null,
  limit: number,
): Promise<Cash[]> {
  const after =
    'and ($2::timestamptz is null or (a.recorded_at, a.id) > ($2, $3::uuid)) order by a.recorded_at, a.id limit $4'
  return cashWhere(parts, bookId, after, [place?.recordedAt ?? null, place?.id ?? null, limit])
}

async function cashWhere({ db, clock }: Parts, bookId: string, rest: string, values: unknown[]): Promise<Cash[]> {
  const { currency } = await bookOf(db, bookId)
  const today = limaDate(clock.now())
  const { rows } = await db.$client.query<Row>(`${cashByAgent} ${rest}`, [bookId, ...values])
  return rows.map(({ cash, oldestOn, ...row }) => ({
    ...row,
    id: row.agentId,
    currency,
    cash: formatAmount(BigInt(cash), currency),
    oldestOn,
    ageDays: oldestOn === null ? null : daysBetween(oldestOn, today),
  }))
}
