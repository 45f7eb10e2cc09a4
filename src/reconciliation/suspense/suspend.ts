import { sql } from 'drizzle-orm'
import { type CalendarDate, limaDate } from '../../dates.ts'
import type { Tx } from '../../db/client.ts'
import { nameId } from '../../ids.ts'
import { type Book, type Connection, type Draft, type DraftEntry, lockHead, mostDrafts } from '../../ledger/index.ts'
import type { Amount } from '../../money.ts'
import type { Parts } from '../../savings/parts.ts'
import type { BankAccountRow } from '../intake/bank-accounts.ts'
import { bookedOn } from '../intake/schema.ts'
import { suspenseKind, unmatchedPayments, unmatchedReceipts } from './accounts.ts'
import { changesOf, type OpenDays, type Suspended } from './suspended.ts'

/** Which breaks put their money in suspense: of lines and entries, and not what may still be on its way. */
export const suspends = sql`b.ended_at is null and (b.line is not null or b.sequence is not null) and b.reason <> 'in-transit'`

type Row = { day: CalendarDate; receipts: string; payments: string }

/**
 * Brings what stands in suspense of an account, day by day, to what is open of it, by one transaction of each day that changed.
 * To be called at the end of whatever changed its breaks, in the same database transaction.
 * @throws Refusal whatever posting refuses: `account-blocked`, when one of the accounts is
 */
export async function suspend(
  tx: Tx,
  { ledger, clock }: Pick<Parts, 'ledger' | 'clock'>,
  book: Book,
  account: BankAccountRow,
  by: { id: string; actor: string },
): Promise<void> {
  const now = clock.now()
  await lockHead(tx, book.id, now)
  const changes = changesOf(
    await standingOf(tx, account),
    await openOf(tx, account),
    await openDays(tx, account, limaDate(now)),
  )
  const drafts = changes.map(change => draftOf(account, change, by.id))
  for (let from = 0; from < drafts.length; from += mostDrafts)
    for (const outcomes of await ledger.postListsWithin(tx, book, [drafts.slice(from, from + mostDrafts)], by.actor))
      for (const outcome of outcomes) if ('refusal' in outcome) throw outcome.refusal
}

function draftOf({ id: bankAccountId, accountId }: BankAccountRow, change: Suspended, by: string): Draft {
  const { day, receipts, payments } = change
  return {
    id: nameId(`suspense:${day}`, by),
    kind: suspenseKind,
    valueDate: day,
    evidence: { bankAccountId, matching: by },
    entries: [
      ...entryOf(accountId, receipts - payments),
      ...entryOf(unmatchedReceipts(bankAccountId), -receipts),
      ...entryOf(unmatchedPayments(bankAccountId), payments),
    ],
  }
}

/** A debit of what is above zero, a credit of what is below. */
function entryOf(accountId: string, amount: Amount): DraftEntry[] {
  if (amount === 0n) return []
  return [{ accountId, direction: amount > 0n ? 'debit' : 'credit', amount: amount > 0n ? amount : -amount }]
}

/** What stands in suspense now, by value date. */
async function standingOf(tx: Tx, { bookId, id }: BankAccountRow): Promise<Suspended[]> {
  const [receipts, payments] = [unmatchedReceipts(id), unmatchedPayments(id)]
  const { rows } = await tx.execute<Row>(sql`
    select e.value_date::text as day,
      coalesce(sum(case e.direction when 'credit' then e.amount else -e.amount end) filter (where e.account_id = ${receipts}), 0)::text as receipts,
      coalesce(sum(case e.direction when 'debit' then e.amount else -e.amount end) filter (where e.account_id = ${payments}), 0)::text as payments
    from entry e where e.book_id = ${bookId} and e.account_id in (${receipts}, ${payments})
    group by 1`)
  return rows.map(suspended)
}

/** What is open now, by the day on which the bank booked it, or by the value date of ours. */
async function openOf(tx: Tx, { bookId, id }: BankAccountRow): Promise<Suspended[]> {
  const { rows } = await tx.execute<Row>(sql`
    select coalesce(${bookedOn}, b.day)::text as day, coalesce(sum(b.amount) filter (where b.amount > 0), 0)::text as receipts,
      coalesce(-sum(b.amount) filter (where b.amount < 0), 0)::text as payments
    from reconciliation_break b
    left join bank_line l on l.book_id = b.book_id and l.statement_id = b.statement_id and l.number = b.line
    where b.book_id = ${bookId} and b.bank_account_id = ${id} and ${suspends}
    group by 1`)
  return rows.map(suspended)
}

function suspended({ day, receipts, payments }: Row): Suspended {
  return { day, receipts: BigInt(receipts), payments: BigInt(payments) }
}

async function openDays(tx: Connection, { bookId, accountId }: BankAccountRow, last: CalendarDate): Promise<OpenDays> {
  const { rows } = await tx.execute<Omit<OpenDays, 'last'>>(sql`
    select a.opened_on::text as first, h.closed_through::text as "closedThrough"
    from account a join book_head h on h.book_id = a.book_id
    where a.book_id = ${bookId} and a.id = ${accountId}`)
  return { ...rows[0]!, last }
}
