import { sql } from 'drizzle-orm'
import type { CalendarDate } from '../../dates.ts'
import type { Connection } from '../../ledger/index.ts'
import type { Amount } from '../../money.ts'
import { fundMoney } from '../../savings/chart.ts'

/**
 * What may be taken from funds on a day, so that no day's balance is below zero by it: the least of what is in them on that
 * day, on any day after it, and now, holds taken off. Money that came in later was not there to be paid. Holds that have
 * expired by `now` hold nothing.
 */
export async function availableOn(
  connection: Connection,
  bookId: string,
  fundIds: readonly string[],
  day: CalendarDate,
  now: Date,
): Promise<Map<string, Amount>> {
  const { rows } = await connection.execute<{ id: string; available: string }>(sql`
    select a.id, (least(a.credits - a.debits, coalesce(d.least, 0)) - a.held + coalesce(expired.amount, 0))::text as available
    from account a
    left join (
      select d.account_id,
        least(coalesce(sum(d.moved) filter (where d.value_date <= ${day}), 0), min(d.balance) filter (where d.value_date > ${day})) as least
      from (
        select d.account_id, d.value_date, sum(d.credits - d.debits) as moved,
          sum(sum(d.credits - d.debits)) over (partition by d.account_id order by d.value_date) as balance
        from account_day_to_date d
        where d.book_id = ${bookId} and d.account_id = any (${sql.param(fundIds.map(fundMoney))}::uuid[])
        group by d.account_id, d.value_date) d
      group by d.account_id) d on d.account_id = a.id
    cross join lateral (
      select sum(h.amount) as amount from hold h
      where h.book_id = ${bookId} and h.account_id = a.id and h.status = 'placed' and h.expires_at <= ${now.toISOString()}) expired
    where a.book_id = ${bookId} and a.id = any (${sql.param(fundIds.map(fundMoney))}::uuid[])`)
  const available = new Map(rows.map(({ id, available }) => [id, BigInt(available)]))
  return new Map(fundIds.map(fundId => [fundId, available.get(fundMoney(fundId))!]))
}
