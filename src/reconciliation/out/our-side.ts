import { addDays, type CalendarDate } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import { nameId } from '../../ids.ts'
import {
  type Book,
  balancesKnownAt,
  type StatementLine as Entry,
  type StatementPlace,
  statementPage,
} from '../../ledger/index.ts'
import { type Amount, formatAmount } from '../../money.ts'
import type { BankAccountRow } from '../intake/bank-accounts.ts'
import type { Balance, StatementLine } from '../statements/statement.ts'
import { suspenseKind, unmatchedPayments, unmatchedReceipts } from '../suspense/accounts.ts'
import type { Telling } from './camt053.ts'

/** Which days, and what the book had recorded when it was asked. */
export type Asked = { from: CalendarDate; to: CalendarDate; knownAt: Date; sequence: bigint }

/** An entry of ours on an account at the bank, with the number of the saver's account that it is for. */
export type OurEntry = Entry & { accountNumber: string | null }

/** What was in the account before the first day and at the end of the last, in minor units, without what stands in suspense. */
export type Ends = { opening: Amount; closing: Amount }

/** What our side of an account begins and ends with. */
export async function endsOf(db: Db, account: BankAccountRow, { from, to, knownAt, sequence }: Asked): Promise<Ends> {
  const { bookId, id, accountId } = account
  const balanceOn = async (day: CalendarDate) => {
    const ids = [accountId, unmatchedReceipts(id), unmatchedPayments(id)]
    const { balances } = await balancesKnownAt(db, bookId, ids, knownAt, sequence, day)
    const posted = new Map(balances.map(one => [one.accountId, one.posted]))
    const [all, receipts, payments] = ids.map(one => posted.get(one) ?? 0n)
    return all! - receipts! + payments!
  }
  const [opening, closing] = await Promise.all([balanceOn(addDays(from, -1)), balanceOn(to)])
  return { opening, closing }
}

/** Our side of an account at the bank as a statement of it, as the bank would write one: what comes in is a credit. */
export function ourStatement(
  book: Book,
  account: BankAccountRow,
  { from, to, knownAt, sequence }: Asked,
  { opening, closing }: Ends,
  entries: AsyncIterable<OurEntry>,
): Telling {
  const balance = (kind: Balance['kind'], amount: Amount, date: CalendarDate): Balance => ({
    ...{ kind, date },
    money: moneyOf(amount, book),
  })
  return {
    ...{ kind: 'statement', number: null, account: account.number, currency: book.currency, from, to },
    id: nameId(`statement:${from}:${to}:${sequence}`, account.id).replaceAll('-', ''),
    createdAt: knownAt.toISOString(),
    balances: [balance('opening', opening, from), balance('closing', closing, to)],
    lines: linesOf(entries, book),
    warnings: [],
  }
}

const entriesAtOnce = 1_000

/** Our entries in the order of value dates, page by page. What stands in suspense is the bank's own already, and is left out. */
export async function* entriesOf(
  db: Db,
  { bookId, accountId }: BankAccountRow,
  asked: Asked,
): AsyncGenerator<OurEntry> {
  for (let after: StatementPlace | null = null; ; ) {
    const { lines } = await statementPage(db, bookId, accountId, { ...asked, after, limit: entriesAtOnce })
    const numbers = await numbersOf(db, bookId, lines)
    for (const line of lines)
      if (line.kind !== suspenseKind)
        yield { ...line, accountNumber: numbers.get(String(line.evidence.savingsAccountId)) ?? null }
    const last = lines.at(-1)
    if (last === undefined || lines.length < entriesAtOnce) return
    after = last
  }
}

/** The banks' numbers of the savings accounts that entries are for. */
async function numbersOf(db: Db, bookId: string, lines: readonly Entry[]): Promise<Map<string, string>> {
  const ids = [...new Set(lines.flatMap(({ evidence: { savingsAccountId } }) => savingsAccountId ?? []))]
  const { rows } = await db.$client.query<{ id: string; number: string }>(
    `select id, coalesce(bank_account_number, cci) as number from savings_account
     where book_id = $1 and id = any ($2::uuid[]) and coalesce(bank_account_number, cci) is not null`,
    [bookId, ids],
  )
  return new Map(rows.map(({ id, number }) => [id, number]))
}

/** A reference as whoever pays or is paid knows it. */
export function referenceOf({ evidence: { reference, actReference } }: Pick<Entry, 'evidence'>): string | null {
  const found = reference ?? actReference
  return typeof found === 'string' ? found : null
}

/** As many letters as camt has for a reference: a longer one stands in the text, whole. */
const longestReference = 35

async function* linesOf(entries: AsyncIterable<OurEntry>, book: Book): AsyncGenerator<StatementLine> {
  let number = 0
  for await (const entry of entries) {
    number += 1
    const reference = referenceOf(entry)
    const fits = reference !== null && reference.length <= longestReference
    yield {
      ...{ number, where: '', status: 'booked', isReversal: entry.kind === 'reversal' },
      money: moneyOf(entry.direction === 'debit' ? entry.amount : -entry.amount, book),
      ...{ bookingDate: entry.valueDate, valueDate: entry.valueDate },
      reference: entry.transactionId.replaceAll('-', ''),
      endToEndId: fits ? reference : null,
      code: entry.kind.slice(0, longestReference),
      counterparty: null,
      counterpartyAccount: entry.accountNumber,
      text: fits || reference === null ? '' : reference,
      details: [],
    }
  }
}

function moneyOf(amount: Amount, { currency }: Book) {
  const side = amount < 0n ? ('debit' as const) : ('credit' as const)
  return { amount: formatAmount(amount < 0n ? -amount : amount, currency), currency, side }
}
