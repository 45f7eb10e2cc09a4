import { type CalendarDate, daysBetween } from '../dates.ts'
import { type Amount, formatAmount } from '../money.ts'
import type { NewestList } from '../reconciliation/balances/newest.ts'
import type { Proof } from '../reconciliation/proofs/proof.ts'
import type { AccountState, BreakAge, ListedBreak } from '../reconciliation/state.ts'
import type { Column, Notes, Table, Wording } from '../statistics/table.ts'
import { wording } from './wording.ts'

const column = (name: string, kind: Column['kind'], title: Wording): Column => ({ name, kind, title })

function notesOf(currency: string, asOf: string, knownAt: Date, population: string): Notes {
  return {
    ...{ definition: null, parameters: null, suppression: null },
    ...{ currency, asOf, knownAt: knownAt.toISOString(), population },
  }
}

/** Each account at a bank: where it was proved last, and what is open. `id` leads to its page. */
export function statesTable(states: readonly AccountState[], today: CalendarDate, now: Date): Table {
  return {
    name: 'reconciliation',
    title: wording.reconciliation,
    columns: [
      column('book', 'code', wording.book),
      column('number', 'code', wording.accountNumber),
      column('bookId', 'code', wording.book),
      column('id', 'code', wording.accountNumber),
      column('lastDay', 'day', wording.lastDay),
      column('status', 'code', wording.proofStatus),
      column('openBreaks', 'count', wording.openBreaks),
      column('oldestDays', 'count', wording.oldestDays),
    ],
    rows: states.map(state => [
      ...[state.bookCode, state.number, state.bookId, state.id, state.lastDay],
      ...[state.lastProof?.status ?? 'not-covered', state.openBreaks],
      state.oldestBreak === null ? null : daysBetween(state.oldestBreak, today),
    ]),
    notes: notesOf('', today, now, 'Accounts at banks of the books that the key reaches'),
  }
}

/** The newest list of savers' balances of each book beside ours. */
export function balancesTable(lists: readonly NewestList[], today: CalendarDate, now: Date): Table {
  return {
    name: 'balances',
    title: wording.balances,
    columns: [
      column('book', 'code', wording.book),
      column('asOf', 'day', wording.balancesDay),
      column('currency', 'code', wording.currency),
      column('lines', 'count', wording.linesOfBank),
      column('accounts', 'count', wording.accountsOurs),
      column('theirs', 'amount', wording.bankBalance),
      column('ours', 'amount', wording.ledgerBalance),
      column('difference', 'amount', wording.difference),
      column('unequal', 'count', wording.linesUnequal),
      column('waiting', 'count', wording.proposalsWaiting),
    ],
    rows: lists.map(({ bookCode, asOf, currency, lines, accounts, theirs, ours, difference, unequal, waiting }) => [
      ...[bookCode, asOf, currency, lines, accounts],
      ...[theirs, ours, difference].map(amount => formatAmount(BigInt(amount), currency)),
      ...[unequal, waiting],
    ]),
    notes: notesOf('', today, now, 'Savings accounts of the books that the key reaches'),
  }
}

/** Open breaks by reason, with the age of the oldest. */
export function agesTable(account: AccountState, ages: readonly BreakAge[], today: CalendarDate): Table {
  return {
    name: 'breaks',
    title: wording.breaks,
    columns: [
      column('reason', 'code', wording.reason),
      column('of', 'code', wording.breakOf),
      column('count', 'count', wording.howMany),
      column('oldest', 'day', wording.oldest),
      column('oldestDays', 'count', wording.oldestDays),
      column('receipts', 'amount', wording.unmatchedReceipts),
      column('payments', 'amount', wording.unmatchedPayments),
    ],
    rows: ages
      .filter(({ accepted }) => !accepted)
      .map(({ reason, of, count, oldest, receipts, payments }) => [
        ...[reason, of, count, oldest, daysBetween(oldest, today)],
        ...[formatAmount(receipts, account.currency), formatAmount(payments, account.currency)],
      ]),
    notes: notesOf(account.currency, today, new Date(`${today}T12:00:00Z`), `Open breaks of ${account.number}`),
  }
}

/** Breaks one by one: who sees to each, how much is said of it, and whether something is proposed. */
export function listTable(account: AccountState, breaks: readonly ListedBreak[], today: CalendarDate): Table {
  const sideOf = ({ sequence, line }: ListedBreak) =>
    sequence !== null ? 'entry' : line !== null ? 'line' : 'statement'
  return {
    name: 'list',
    title: wording.breakList,
    columns: [
      column('day', 'day', wording.day),
      column('reason', 'code', wording.reason),
      column('of', 'code', wording.breakOf),
      column('status', 'code', wording.breakStatus),
      column('owner', 'code', wording.breakOwner),
      column('amount', 'amount', wording.breakAmount),
      column('comments', 'count', wording.breakComments),
    ],
    rows: breaks.map(one => [
      ...[one.day, one.reason, sideOf(one), one.proposal === null ? one.status : 'proposed', one.ownerName],
      one.amount === null ? null : formatAmount(BigInt(one.amount), account.currency),
      one.comments,
    ]),
    notes: notesOf(account.currency, today, new Date(`${today}T12:00:00Z`), `Oldest breaks of ${account.number}`),
  }
}

/** Day by day what the ledger has, what is listed between, and what the bank has. */
export function proofsTable(account: AccountState, days: readonly Proof[]): Table {
  const text = (amount: Amount | null) => (amount === null ? null : formatAmount(amount, account.currency))
  const listed = ({ items, underWay }: Proof) => items.reduce((sum, { amount }) => sum + amount, underWay.amount)
  const last = days.at(-1)!.day
  return {
    name: 'proofs',
    title: wording.proofs,
    columns: [
      column('day', 'day', wording.day),
      column('status', 'code', wording.proofStatus),
      column('ledger', 'amount', wording.ledgerBalance),
      column('suspense', 'amount', wording.suspense),
      column('listed', 'amount', wording.listed),
      column('bank', 'amount', wording.bankBalance),
      column('residue', 'amount', wording.residue),
    ],
    rows: days.map(proof => [
      ...[proof.day, proof.status, text(proof.ledger), text(proof.suspense), text(listed(proof))],
      ...[text(proof.bank), text(proof.residue)],
    ]),
    notes: notesOf(account.currency, last, new Date(`${last}T12:00:00Z`), `Days of ${account.number}`),
  }
}
