import { sql } from 'drizzle-orm'
import { addDays } from '../../dates.ts'
import type { Amount } from '../../money.ts'
import type { Ask, Viewed } from './positions.ts'

/**
 * What may lie between the bank's balance of an account and ours, of each cause each amount that it could come to: what has to be
 * added to ours. Nothing in it is zero.
 */
export type Moves = { 'in-transit': readonly Amount[]; 'value-date': readonly Amount[]; incentive: readonly Amount[] }

type Row = { id: string; cause: keyof Moves | 'before' | 'after'; day: string; amount: string }

/** As many days of movements as are tried of one cause and account, the last ones. */
const mostTried = 40

/** On how many days before and after a day the other side may have booked what one booked on it. */
const shifted = 2

/**
 * Movements of accounts around a day that the bank may not have, or have on another day: what agents had in hand at its end, from
 * the day on which the oldest of it came in; what moved on that day and the one before, and on the two after it; incentives.
 */
export async function movesAt(
  ask: Ask,
  { bookId, asOf, sequence }: Viewed,
  ids: readonly string[],
): Promise<Map<string, Moves>> {
  const through = sequence.toString()
  const inflow = sql`sum(case e.direction when 'credit' then e.amount else -e.amount end)`
  const rows = await ask<Row>(sql`
    with asked as (
      select a.id, m.account_id, m.money from savings_account a cross join lateral (
        values (a.own_account_id, 'own'), (a.incentive_locked_account_id, 'incentive'), (a.incentive_released_account_id, 'incentive'),
          (a.interest_account_id, 'interest')) m(account_id, money)
      where a.book_id = ${bookId} and a.id = any (${sql.param(ids)}::uuid[])
    ), undone as (
      select e.account_id, e.value_date, e.direction, e.amount
      from transaction r join entry e on e.book_id = r.book_id and e.sequence = any (array[r.reverses, r.sequence])
      where r.book_id = ${bookId} and r.reverses is not null and r.sequence <= ${through}::bigint and r.value_date <= ${asOf}::date
    ), bag as (
      select c.id as account_id, min(c.value_date) filter (where c.came_in > c.went_out) as oldest_on from (
        select l.id, d.value_date, sum(d.debits) over (partition by l.id order by d.value_date) as came_in,
          sum(d.credits) over (partition by l.id) as went_out
        from agent g join account l on l.book_id = g.book_id and l.code = '1020.' || g.id
        cross join lateral (
          select e.value_date, case e.direction when 'debit' then e.amount else 0 end as debits,
            case e.direction when 'credit' then e.amount else 0 end as credits
          from entry e where e.book_id = ${bookId} and e.account_id = l.id and e.sequence <= ${through}::bigint and e.value_date <= ${asOf}::date
          union all
          select u.value_date, case u.direction when 'debit' then -u.amount else 0 end, case u.direction when 'credit' then -u.amount else 0 end
          from undone u where u.account_id = l.id) d
        where g.book_id = ${bookId}) c
      group by c.id
    )
    select q.id, 'in-transit' as cause, e.value_date::text as day, ${inflow}::text as amount
    from bag b join entry b1 on b1.book_id = ${bookId} and b1.account_id = b.account_id and b1.value_date between b.oldest_on and ${asOf}::date
      and b1.sequence <= ${through}::bigint
    join entry e on e.book_id = b1.book_id and e.sequence = b1.sequence and e.position <> b1.position
    join asked q on q.account_id = e.account_id
    group by q.id, e.value_date
    union all
    select q.id, case when e.value_date <= ${asOf}::date then 'before' else 'after' end, e.value_date::text, ${inflow}::text
    from asked q join entry e on e.book_id = ${bookId} and e.account_id = q.account_id and e.sequence <= ${through}::bigint
      and e.value_date between ${addDays(asOf, 1 - shifted)}::date and ${addDays(asOf, shifted)}::date
    group by q.id, e.value_date
    union all
    select q.id, 'incentive', e.value_date::text, ${inflow}::text
    from asked q join entry e on e.book_id = ${bookId} and e.account_id = q.account_id and e.sequence <= ${through}::bigint
      and e.value_date <= ${asOf}::date
    join transaction t on t.book_id = e.book_id and t.sequence = e.sequence
      and t.kind in ('incentive', 'incentive-clawback', 'incentive-forfeiture')
    where q.money = 'incentive'
    group by q.id, e.value_date`)
  const byAccount = Map.groupBy(rows, ({ id }) => id)
  return new Map([...byAccount].map(([id, hers]) => [id, movesOf(hers)]))
}

function movesOf(rows: readonly Row[]): Moves {
  const days = (cause: Row['cause']) =>
    rows
      .filter(row => row.cause === cause)
      .sort((one, other) => (one.day < other.day ? 1 : -1))
      .map(({ amount }) => BigInt(amount))
  const after = days('after').toReversed()
  return {
    'in-transit': sums(days('in-transit')).map(negated),
    'value-date': [...new Set([...sums(days('before')).map(negated), ...sums(after)])],
    incentive: sums(days('incentive')).map(negated),
  }
}

const negated = (amount: Amount) => -amount

/** What the first day comes to, the first two, and so on; each amount once. */
function sums(days: readonly Amount[]): Amount[] {
  const found = new Set<Amount>()
  let sum = 0n
  for (const amount of days.slice(0, mostTried)) {
    sum += amount
    if (sum !== 0n) found.add(sum)
  }
  return [...found]
}
