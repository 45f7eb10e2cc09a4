import { sql } from 'drizzle-orm'
import type { CalendarDate } from '../../dates.ts'
import { balancesOf } from '../../ledger/index.ts'
import type { Amount } from '../../money.ts'
import { fundMoney } from '../../savings/chart.ts'
import type { Parts } from '../../savings/parts.ts'

/**
 * What may be taken from funds on a day, so that no day's balance is below zero by it: the least of what is in them on that
 * day, on any day after it, and now, holds taken off. Money that came in later was not there to be paid.
 */
export async function availableOn(
  parts: Parts,
  bookId: string,
  fundIds: readonly string[],
  day: CalendarDate,
): Promise<Map<string, Amount>> {
  const { db, clock } = parts
  const { balances } = await balancesOf(db, bookId, fundIds.map(fundMoney), clock)
  const { rows } = await db.execute<{ id: string; least: string }>(sql`
    select d.account_id as id,
      least(coalesce(sum(d.moved) filter (where d.value_date <= ${day}), 0), min(d.balance) filter (where d.value_date > ${day}))::text as least
    from (
      select d.account_id, d.value_date, sum(d.credits - d.debits) as moved,
        sum(sum(d.credits - d.debits)) over (partition by d.account_id order by d.value_date) as balance
      from account_day_to_date d
      where d.book_id = ${bookId} and d.account_id = any (${sql.param(fundIds.map(fundMoney))}::uuid[])
      group by d.account_id, d.value_date) d
    group by d.account_id`)
  const least = new Map(rows.map(({ id, least }) => [id, BigInt(least)]))
  return new Map(
    fundIds.map(fundId => {
      const { available, held } = balances.find(({ accountId }) => accountId === fundMoney(fundId))!
      const then = (least.get(fundMoney(fundId)) ?? 0n) - held
      return [fundId, then < available ? then : available]
    }),
  )
}
