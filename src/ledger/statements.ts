import { addDays, type CalendarDate } from '../dates.ts'
import type { Db } from '../db/client.ts'
import type { Amount } from '../money.ts'
import { accountById, accountNotFound } from './accounts.ts'
import { balancesKnownAt } from './balances.ts'
import type { Direction, Evidence } from './schema.ts'

/** A line of an account's statement; amounts in minor units, the balance on the account's normal side. */
export type StatementLine = {
  sequence: bigint
  position: number
  transactionId: string
  kind: string
  valueDate: CalendarDate
  recordedAt: Date
  reason: string | null
  direction: Direction
  amount: Amount
  balance: Amount
  evidence: Evidence
}

/** Where the next page begins: after this line. */
export type StatementPlace = { valueDate: CalendarDate; sequence: bigint; position: number }

/**
 * A page of an account's statement in the order of value dates, as known at `sequence`, which all pages of one statement
 * share: what is recorded while someone pages is not in it. The balance at `after` is computed and not believed.
 * @throws Refusal `ledger-account-not-found`
 */
export async function statementPage(
  db: Db,
  bookId: string,
  accountId: string,
  {
    from,
    to,
    knownAt,
    sequence,
    after,
    limit,
  }: {
    from: CalendarDate | null
    to: CalendarDate | null
    knownAt: Date
    sequence: bigint
    after: StatementPlace | null
    limit: number
  },
): Promise<{ opening: Amount; closing: Amount; lines: StatementLine[] }> {
  const account = await accountById(db, bookId, accountId)
  const balance = async (asOf: CalendarDate | null) => {
    const { balances } = await balancesKnownAt(db, bookId, [accountId], knownAt, sequence, asOf)
    // One that was opened later was not known then.
    if (balances[0] === undefined) throw accountNotFound()
    return balances[0].posted
  }
  /** What the days before came to, and the entries of that day up to the place. */
  const balanceAfter = async ({ valueDate, sequence: last, position }: StatementPlace) => {
    const [before, { rows }] = await Promise.all([
      balance(addDays(valueDate, -1)),
      db.$client.query<{ debits: string; credits: string }>(
        `select coalesce(sum(e.amount) filter (where e.direction = 'debit'), 0) as debits,
           coalesce(sum(e.amount) filter (where e.direction = 'credit'), 0) as credits
         from entry e
         where e.book_id = $1 and e.account_id = $2 and e.value_date = $3 and e.sequence <= $4
           and (e.sequence, e.position) <= ($5, $6)`,
        [bookId, accountId, valueDate, sequence.toString(), last.toString(), position],
      ),
    ])
    const that = BigInt(rows[0]!.debits) - BigInt(rows[0]!.credits)
    return before + (account.normal === 'debit' ? that : -that)
  }
  const [opening, closing, begun, { rows }] = await Promise.all([
    from === null ? 0n : balance(addDays(from, -1)),
    balance(to),
    after && balanceAfter(after),
    db.$client.query(
      `select e.sequence, e.position, t.id as "transactionId", t.kind, e.value_date as "valueDate", t.recorded_at as "recordedAt",
         e.direction, e.amount, t.reason, t.evidence
       from entry e join transaction t on t.book_id = $1 and t.sequence = e.sequence
       where e.book_id = $1 and e.account_id = $2 and e.value_date <= $3 and e.sequence <= $4
         and (e.value_date, e.sequence, e.position) > ($5, $6, $7)
       order by e.value_date, e.sequence, e.position limit $8`,
      [
        bookId,
        accountId,
        to ?? '9999-12-31',
        sequence.toString(),
        // One beginning, of the page or of the statement: with two the index is read from the earlier.
        after?.valueDate ?? from ?? '0001-01-01',
        after?.sequence.toString() ?? '0',
        after?.position ?? 0,
        limit,
      ],
    ),
  ])
  let running = begun ?? opening
  const lines = rows.map(row => {
    const amount = BigInt(row.amount)
    running += row.direction === account.normal ? amount : -amount
    return { ...row, sequence: BigInt(row.sequence), amount, balance: running }
  })
  return { opening, closing, lines }
}
