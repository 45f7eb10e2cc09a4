import type { CalendarDate } from '../dates.ts'
import type { Db } from '../db/client.ts'
import type { Amount } from '../money.ts'

/** A line of a trial balance: a control account with what its accounts add up to, in minor units. */
export type TrialBalanceLine = { control: string; accounts: number; debits: Amount; credits: Amount }

/** Debits equal credits, or the book is broken. */
export type TrialBalance = { lines: TrialBalanceLine[]; debits: Amount; credits: Amount }

/** What a book had recorded: the instant, and the last sequence at it or before. */
export type Known = { at: Date; sequence: bigint }

/** Now: the totals that posting keeps. */
const now = `
  select split_part(a.code, '.', 1) as control, count(*) as accounts, sum(a.debits) as debits, sum(a.credits) as credits
  from account a where a.book_id = $1 group by 1 order by 1`

const asOfDay = `
  select split_part(a.code, '.', 1) as control, count(distinct a.id) as accounts, coalesce(sum(d.debits), 0) as debits, coalesce(sum(d.credits), 0) as credits
  from account a left join account_day_to_date d on d.book_id = $1 and d.account_id = a.id and d.value_date <= $2
  where a.book_id = $1 and a.opened_on <= $2 group by 1 order by 1`

const knownAt = `
  select split_part(a.code, '.', 1) as control, count(distinct a.id) as accounts,
    coalesce(sum(e.amount) filter (where e.direction = 'debit'), 0) as debits, coalesce(sum(e.amount) filter (where e.direction = 'credit'), 0) as credits
  from account a join event o on o.book_id = $1 and o.number = a.opened_event
  left join entry e on e.book_id = $1 and e.account_id = a.id and e.sequence <= $3 and ($2::date is null or e.value_date <= $2)
  where a.book_id = $1 and o.recorded_at <= $4 and ($2::date is null or a.opened_on <= $2) group by 1 order by 1`

/**
 * A book's trial balance by control account (the part of a code before its first dot), as of the end of a day and as known
 * at an instant; null for now and for what is known now. It counts the accounts that were open by that day, and known.
 */
export async function trialBalance(
  db: Db,
  bookId: string,
  { asOf, known }: { asOf: CalendarDate | null; known: Known | null },
): Promise<TrialBalance> {
  const { rows } =
    known !== null
      ? await db.$client.query(knownAt, [bookId, asOf, known.sequence.toString(), known.at])
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
