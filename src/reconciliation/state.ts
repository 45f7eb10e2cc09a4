import { sql } from 'drizzle-orm'
import type { CalendarDate } from '../dates.ts'
import type { Db } from '../db/client.ts'
import type { Actor } from '../http/actor.ts'
import { clientNames } from '../http/client-names.ts'
import type { Connection } from '../ledger/index.ts'
import type { Amount, Currency } from '../money.ts'
import { type BreakRow, isAccepted, readBreaks } from './breaks/reading.ts'
import type { BreakReason } from './breaks/reasons.ts'
import type { Proof } from './proofs/proof.ts'
import { proveDays } from './proofs/proving.ts'
import { suspends } from './suspense/suspend.ts'

/** An account at a bank, and how far bank and ledger were found to agree. */
export type AccountState = {
  bookId: string
  bookCode: string
  currency: Currency
  id: string
  accountId: string
  number: string
  /** The last day of its statements, and the proof of that day; null while there is none. */
  lastDay: CalendarDate | null
  lastProof: Proof | null
  openBreaks: number
  oldestBreak: CalendarDate | null
}

/** Every account at a bank of the books that the key reaches, by book and number. */
export async function accountStates(db: Db, { books }: Actor): Promise<AccountState[]> {
  const reached = books === 'all' ? null : [...books]
  const { rows } = await db.execute<Omit<AccountState, 'lastProof'>>(sql`
    select a.book_id as "bookId", k.code as "bookCode", k.currency::text as currency, a.id, a.account_id as "accountId", a.number,
      (select max(s.to_day)::text from bank_statement s
        where s.book_id = a.book_id and s.bank_account_id = a.id and s.standing = 'taken') as "lastDay",
      b.open as "openBreaks", b.oldest as "oldestBreak"
    from bank_account a join book k on k.id = a.book_id
    cross join lateral (
      select count(*)::int as open, min(b.day)::text as oldest from reconciliation_break b
      where b.book_id = a.book_id and b.bank_account_id = a.id and b.ended_at is null and not ${isAccepted}) b
    where ${sql.param(reached)}::uuid[] is null or a.book_id = any (${sql.param(reached)}::uuid[])
    order by k.code, a.number`)
  const states: AccountState[] = []
  for (const row of rows) {
    const day = row.lastDay
    const [lastProof = null] = day === null ? [] : await proveDays(db, row, row.currency, { from: day, to: day })
    states.push({ ...row, lastProof })
  }
  return states
}

/** Open breaks of one reason on one side, with how old the oldest of them is, and what stands in suspense for them. */
export type BreakAge = {
  reason: BreakReason
  of: 'statement' | 'line' | 'entry'
  /** Whether it was decided that they stay so. */
  accepted: boolean
  count: number
  oldest: CalendarDate
  /** What the bank has, and the ledger does not know whose. */
  receipts: Amount
  /** What the ledger has, and the bank has not. */
  payments: Amount
}

/** The open breaks of an account at a bank by reason, the oldest first. */
export async function breakAges(
  connection: Connection,
  { bookId, id }: Pick<AccountState, 'bookId' | 'id'>,
): Promise<BreakAge[]> {
  type Row = Omit<BreakAge, 'receipts' | 'payments'> & { receipts: string; payments: string }
  const { rows } = await connection.execute<Row>(sql`
    select b.reason, case when b.sequence is not null then 'entry' when b.line is not null then 'line' else 'statement' end as of,
      ${isAccepted} as accepted, count(*)::int as count, min(b.day)::text as oldest,
      coalesce(sum(b.amount) filter (where b.amount > 0 and ${suspends}), 0)::text as receipts,
      coalesce(-sum(b.amount) filter (where b.amount < 0 and ${suspends}), 0)::text as payments
    from reconciliation_break b
    where b.book_id = ${bookId} and b.bank_account_id = ${id} and b.ended_at is null
    group by 1, 2, 3 order by 5, 1, 2, 3`)
  return rows.map(row => ({ ...row, receipts: BigInt(row.receipts), payments: BigInt(row.payments) }))
}

/** As many breaks as are told one by one to who only looks. */
export const mostListed = 100

/** A break that is not over, and what its owner is called. */
export type ListedBreak = BreakRow & { ownerName: string | null }

/** The oldest breaks of an account that are not over, with who sees to them and what is proposed. */
export async function listedBreaks(
  connection: Connection,
  { bookId, id }: Pick<AccountState, 'bookId' | 'id'>,
): Promise<ListedBreak[]> {
  const where = sql`b.ended_at is null`
  const rows = await readBreaks(connection, { bookId, bankAccountId: id }, { where, limit: mostListed })
  const owners = [...new Set(rows.flatMap(({ owner }) => owner ?? []))]
  const names = await clientNames(connection, owners)
  return rows.map(row => ({ ...row, ownerName: row.owner === null ? null : (names.get(row.owner) ?? row.owner) }))
}
