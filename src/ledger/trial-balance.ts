import type { CalendarDate } from '../dates.ts'
import type { Db } from '../db/client.ts'
import type { Amount } from '../money.ts'

/** A line of a trial balance: a control account with what its accounts add up to, in minor units. */
export type TrialBalanceLine = { control: string; accounts: number; debits: Amount; credits: Amount }

/** Debits equal credits, or the book is broken. */
export type TrialBalance = { lines: TrialBalanceLine[]; debits: Amount; credits: Amount }

/** Now: the totals that posting keeps. */
const now = `
  select split_part(a.code, '.', 1) as control, count(*) as accounts, sum(a.debits) as debits, sum(a.credits) as credits
  from account a where a.book_id = $1 group by 1 order by 1`

const asOfDay = `
  select split_part(a.code, '.', 1) as control, count(distinct a.id) as accounts, coalesce(sum(d.debits), 0) as debits, coalesce(sum(d.credits), 0) as credits
  from account a left join account_day_to_date d on d.book_id = $1 and d.account_id = a.id and d.value_date <= $2
  where a.book_id = $1 group by 1 order by 1`

const knownAtSequence = `
  select split_part(a.code, '.', 1) as control, count(distinct a.id) as accounts,
    coalesce(sum(e.amount) filter (where e.direction = 'debit'), 0) as debits, coalesce(sum(e.amount) filter (where e.direction = 'credit'), 0) as credits
  from account a left join entry e on e.book_id = $1 and e.account_id = a.id and e.sequence <= $3 and ($2::date is null or e.value_date <= $2)
  where a.book_id = $1 group by 1 order by 1`

/**
 * A book's trial balance by control account (the part of a code before its first dot), as of the end of a day and as known
 * at a sequence; null for now and for what is known now.
 */
export async function trialBalance(
  db: Db,
  bookId: string,
  { asOf, sequence }: { asOf: CalendarDate | null; sequence: bigint | null },
): Promise<TrialBalance> {
  const { rows } =
    sequence !== null
      ? await db.$client.query(knownAtSequence, [bookId, asOf, sequence.toString()])
      : asOf === null
        ? await db.$client.query(now, [bookId])
        : await db.$client.query(asOfDay, [bookId, asOf])
  const lines = rows.map(row => ({
    control: row.control,
    accounts: Number(row.accounts),
    debits: BigInt(row.debits),
    credits: BigInt(row.credits),
  }))
  return {
    lines,
    debits: lines.reduce((sum, line) => sum + line.debits, 0n),
    credits: lines.reduce((sum, line) => sum + line.credits, 0n),
  }
}
