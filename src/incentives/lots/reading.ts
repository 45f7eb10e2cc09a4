import { sql } from 'drizzle-orm'
import type { Connection } from '../../ledger/index.ts'
import { onceKey } from '../accrual/accrual.ts'
import { type Holding, holdingOf, type Money, type Moving } from './lots.ts'

type Row = Omit<Moving, 'key' | 'entries'> & {
  saverId: string
  ruleId: string | null
  period: string | null
  savingsAccountId: string
  money: Money
  direction: 'debit' | 'credit'
  amount: string
}

/** What these savers hold of incentives now, over all their accounts in the book: by saver, of those who were ever paid. */
export async function holdingsOf(
  connection: Connection,
  bookId: string,
  saverIds: readonly string[],
): Promise<Map<string, Holding>> {
  const { rows } = await connection.execute<Row>(sql`
    select a.saver_id as "saverId", a.id as "savingsAccountId", m.money, e.direction, e.amount::text as amount,
      t.sequence::text as sequence, t.reverses::text as reverses, t.kind, t.value_date as "on",
      t.evidence ->> 'enrolmentId' as "enrolmentId", t.evidence ->> 'ruleId' as "ruleId", t.evidence ->> 'period' as period,
      coalesce(r.terms ->> 'earlyExit' = 'forfeit', false) as forfeits
    from savings_account a
    cross join lateral (values (a.incentive_locked_account_id, 'incentive-locked'),
      (a.incentive_released_account_id, 'incentive-released')) as m(account_id, money)
    join entry e on e.book_id = a.book_id and e.account_id = m.account_id
    join transaction t on t.book_id = e.book_id and t.sequence = e.sequence
    left join incentive_rule r on t.kind = 'incentive' and r.id = (t.evidence ->> 'ruleId')::uuid
    where a.book_id = ${bookId} and a.saver_id = any (${sql.param(saverIds)}::uuid[])
    order by a.saver_id, e.sequence, e.position`)
  const bySaver = Map.groupBy(rows, ({ saverId }) => saverId)
  return new Map([...bySaver].map(([saverId, hers]) => [saverId, holdingOf(movingsOf(hers))]))
}

function movingsOf(rows: readonly Row[]): Moving[] {
  const byTransaction = Map.groupBy(rows, ({ sequence }) => sequence)
  return [...byTransaction.values()].map(entries => {
    const { sequence, reverses, kind, on, enrolmentId, forfeits, ruleId, period } = entries[0]!
    return {
      ...{ sequence, reverses, kind, on, enrolmentId, forfeits },
      key: ruleId === null || period === null ? null : onceKey({ enrolmentId: enrolmentId!, ruleId, period }),
      entries: entries.map(({ savingsAccountId, money, direction, amount }) => ({
        ...{ savingsAccountId, money, direction, amount: BigInt(amount) },
      })),
    }
  })
}
