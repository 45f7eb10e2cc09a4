import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/client.ts'
import type { Connection } from '../../ledger/index.ts'
import type { Amount } from '../../money.ts'
import { type Share, sharesOf, sharing } from '../funding/financings.ts'
import type { RunRow } from '../runs/schema.ts'

/** What a run pays by a rule from a fund, or is about to pay. What it takes back is no part of it: that stays with the funds. */
export type Demand = {
  rule: string
  share: Share
  /** The fund's part of each payment, by the number of its line in the run. */
  parts: ReadonlyMap<number, Amount>
  transactions: number
  amount: Amount
}

/** What a run pays, by rule and then by fund in the order of its financing; without what comes to nothing. */
export async function demandsOf(connection: Connection, run: RunRow): Promise<Demand[]> {
  const shares = await sharesOf(connection, run.bookId, run.financingId)
  const divide = sharing(shares)
  const { rows } = await connection.execute<{
    number: number
    rule: string
    amount: string
    sharedFrom: string | null
  }>(sql`
    select l.number, r.code as rule, l.amount::text as amount, l.shared_from::text as "sharedFrom"
    from incentive_run_line l join incentive_rule r on r.id = l.rule_id
    where l.book_id = ${run.bookId} and l.run_id = ${run.id} and l.outcome in ('due', 'posted') and l.amount > 0
    order by l.number`)
  let next = run.sharedOut
  const divided = rows.map(({ number, rule, ...row }) => {
    const amount = BigInt(row.amount)
    const from = row.sharedFrom === null ? next : BigInt(row.sharedFrom)
    if (row.sharedFrom === null) next += amount
    return { number, rule, parts: divide(from, amount) }
  })
  const byRule = Map.groupBy(divided, ({ rule }) => rule)
  return [...byRule.keys()].sort().flatMap(rule =>
    shares.flatMap((share, place) => {
      const parts = byRule.get(rule)!.map(({ number, parts }) => [number, parts[place]!.amount] as const)
      const demand = demandOf(rule, share, new Map(parts.filter(([, part]) => part > 0n)))
      return demand.transactions > 0 ? [demand] : []
    }),
  )
}

function demandOf(rule: string, share: Share, parts: ReadonlyMap<number, Amount>): Demand {
  const amount = [...parts.values()].reduce((sum, part) => sum + part, 0n)
  return { rule, share, parts, transactions: parts.size, amount }
}

/**
 * The payments of a demand: their line in the run, their saver, and the fund's part, looked up by the line. Not joined:
 * right after a run the database's statistics know nothing of its lines, and it would try each with each.
 */
function payments(run: RunRow, { parts }: Demand) {
  const partOf = JSON.stringify(Object.fromEntries([...parts].map(([number, part]) => [number, String(part)])))
  return sql`
    select l.number as run_line, l.saver_id, (${partOf}::jsonb ->> l.number::text)::bigint as part
    from incentive_run_line l
    where l.book_id = ${run.bookId} and l.run_id = ${run.id} and ${partOf}::jsonb ->> l.number::text is not null`
}

export async function saversOf(tx: Tx, run: RunRow, demand: Demand): Promise<number> {
  const { rows } = await tx.execute<{ savers: number }>(
    sql`select count(*)::int as savers from (select p.saver_id from (${payments(run, demand)}) p group by p.saver_id) s`,
  )
  return rows[0]!.savers
}

/**
 * Writes a request's lines, one a group in the order of their codes, with what is behind each; those of no group come
 * last. A saver counts for the group that she was a member of on the run's value date.
 */
export async function writeLines(tx: Tx, requestId: string, run: RunRow, demand: Demand) {
  const { bookId, valueDate } = run
  const { rows } = await tx.execute<{ savers: number; transactions: number; amount: string }>(sql`
    with found as materialized (
      select f.run_line, f.saver_id, f.part, m.group_id, dense_rank() over (order by m.code nulls last)::int as number
      from (${payments(run, demand)}) f
      left join lateral (
        select m.group_id, g.code from membership m join savings_group g on g.book_id = ${bookId} and g.id = m.group_id
        where m.book_id = ${bookId} and m.saver_id = f.saver_id
          and m.starts_on <= ${valueDate} and (m.ends_on is null or m.ends_on >= ${valueDate})
        order by m.starts_on desc limit 1
      ) m on true
    ), grouped as materialized (
      select f.number, f.group_id, count(distinct f.saver_id)::int as savers, count(*)::int as transactions, sum(f.part)::bigint as amount
      from found f group by f.number, f.group_id
    ), lines as (
      insert into disbursement_line (book_id, request_id, number, group_id, savers, transactions, amount)
      select ${bookId}, ${requestId}, g.number, g.group_id, g.savers, g.transactions, g.amount from grouped g
    ), items as (
      insert into disbursement_item (book_id, request_id, run_line, run_id, line, amount)
      select ${bookId}, ${requestId}, f.run_line, ${run.id}, f.number, f.part from found f
    )
    select sum(g.savers)::int as savers, sum(g.transactions)::int as transactions, sum(g.amount)::text as amount from grouped g`)
  const { amount, ...counts } = rows[0]!
  return { ...counts, amount: BigInt(amount) }
}
