import { expect } from 'vitest'
import { type Clock, limaDate } from '../../src/dates.ts'
import type { Db } from '../../src/db/client.ts'
import {
  balancesOf,
  type StatementLine,
  type StatementPlace,
  statementPage,
  trialBalance,
} from '../../src/ledger/index.ts'
import type { OracleAccount, OracleBook, OracleHold, OracleTransaction } from './oracle.ts'

/** What a figure is asked by; absent means now. */
type View = { asOf?: string; knownAt?: number }

/**
 * Asks every view of a book, now and at moments of its past, and compares each with what the journal adds up to.
 */
export async function expectViews(db: Db, bookId: string, book: OracleBook, clock: Clock): Promise<void> {
  const now = clock.now().getTime()
  const recorded = [...new Set(book.journal.map(({ recordedAt }) => recordedAt))].filter(at => at <= now)
  const days = [...new Set(book.journal.map(({ draft }) => draft.valueDate))].sort()
  const [day, later] = [days[0], days[Math.floor(days.length / 2)]]
  const [first, last] = [recorded[0], recorded.at(-1)]
  const views: View[] = [
    {},
    ...(day && later ? [{ asOf: day }, { asOf: later }] : []),
    ...(first && last ? [{ knownAt: first - 1 }, { knownAt: first }, { knownAt: last }] : []),
    ...(later && first ? [{ asOf: later, knownAt: first }] : []),
  ]
  for (const view of views) {
    await expectBalances(db, bookId, book, clock, view)
    await expectTrialBalance(db, bookId, book, view)
  }
  for (const account of book.accounts.values()) {
    if (book.journal.some(({ draft }) => draft.entries.some(({ accountId }) => accountId === account.id))) {
      await expectStatement(db, bookId, book, account, {})
      if (later) await expectStatement(db, bookId, book, account, { from: later })
    }
  }
}

function seenIn(book: OracleBook, { asOf, knownAt }: View): OracleTransaction[] {
  return book.journal.filter(
    ({ draft, recordedAt }) =>
      (asOf === undefined || draft.valueDate <= asOf) && (knownAt === undefined || recordedAt <= knownAt),
  )
}

function totalsOf(seen: readonly OracleTransaction[], accountId: string): { debits: bigint; credits: bigint } {
  const totals = { debits: 0n, credits: 0n }
  for (const { draft } of seen) {
    for (const entry of draft.entries) {
      if (entry.accountId === accountId) totals[entry.direction === 'debit' ? 'debits' : 'credits'] += entry.amount
    }
  }
  return totals
}

async function expectBalances(db: Db, bookId: string, book: OracleBook, clock: Clock, view: View): Promise<void> {
  const { asOf, knownAt } = view
  const viewpoint = { asOf, knownAt: knownAt === undefined ? undefined : new Date(knownAt) }
  const { sequence, balances } = await balancesOf(db, bookId, [...book.accounts.keys()], clock, viewpoint)
  const seen = seenIn(book, view)
  const known = knownAt === undefined ? book.journal : seenIn(book, { knownAt })
  expect(sequence).toBe(BigInt(known.length))
  const today = limaDate(clock.now())
  const isPast = knownAt !== undefined || (asOf !== undefined && asOf < today)
  const endOfDay = asOf === undefined ? Number.POSITIVE_INFINITY : Date.parse(`${asOf}T23:59:59.999-05:00`)
  const moment = Math.min(knownAt ?? clock.now().getTime(), endOfDay)
  const byId = (one: { accountId: string }, other: { accountId: string }) => (one.accountId < other.accountId ? -1 : 1)
  expect(balances.sort(byId)).toEqual(
    accountsKnown(book, view)
      .map(({ id, normal, status: statusNow }) => {
        const given = book.statuses.filter(({ accountId, at }) => accountId === id && at <= (knownAt ?? at))
        const status = knownAt === undefined ? statusNow : (given.at(-1)?.status ?? 'open')
        const { debits, credits } = totalsOf(seen, id)
        const posted = normal === 'debit' ? debits - credits : credits - debits
        const held = [...book.holds.values()]
          .filter(hold => hold.accountId === id && holdsAt(book, hold, moment, !isPast))
          .reduce((sum, { amount }) => sum + amount, 0n)
        return { accountId: id, status, debits, credits, posted, held, available: posted - held }
      })
      .sort(byId),
  )
}

/** The accounts that were opened by then. */
function accountsKnown(book: OracleBook, { knownAt }: View): OracleAccount[] {
  const opened = book.register.filter(({ kind }) => kind === 'account-opened')
  return [...book.accounts.values()].filter(({ id }) => {
    const { recordedAt } = opened.find(({ subject }) => subject === id)!
    return knownAt === undefined || recordedAt <= knownAt
  })
}

/** Whether a hold held at that moment: by what is known now, or at a moment of the past. */
function holdsAt(book: OracleBook, hold: OracleHold, moment: number, now: boolean): boolean {
  if (hold.expiresAt !== null && hold.expiresAt <= moment) return false
  if (now) return hold.status === 'placed'
  const placedAt = book.register.find(({ kind, subject }) => kind === 'hold-placed' && subject === hold.id)!.recordedAt
  return placedAt <= moment && (hold.endedAt === null || hold.endedAt > moment)
}

async function expectTrialBalance(db: Db, bookId: string, book: OracleBook, view: View): Promise<void> {
  const { asOf, knownAt } = view
  const known =
    knownAt === undefined ? null : { at: new Date(knownAt), sequence: BigInt(seenIn(book, { knownAt }).length) }
  const { lines, debits, credits } = await trialBalance(db, bookId, { asOf: asOf ?? null, known })
  const seen = seenIn(book, view)
  const counted = accountsKnown(book, view).filter(({ openedOn }) => asOf === undefined || openedOn <= asOf)
  const controls = Map.groupBy(counted, ({ code }) => code.split('.')[0]!)
  expect(lines).toEqual(
    [...controls]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([control, accounts]) => {
        const totals = accounts.map(({ id }) => totalsOf(seen, id))
        return {
          control,
          accounts: accounts.length,
          debits: totals.reduce((sum, { debits }) => sum + debits, 0n),
          credits: totals.reduce((sum, { credits }) => sum + credits, 0n),
        }
      }),
  )
  expect(debits).toBe(credits)
}

/** Reads the whole statement in small pages: what the account's entries are, by value date, with a running balance. */
async function expectStatement(
  db: Db,
  bookId: string,
  book: OracleBook,
  account: OracleAccount,
  { from = null }: { from?: string | null },
): Promise<void> {
  const range = { from, to: null, knownAt: new Date(book.recordedAt), sequence: BigInt(book.journal.length), limit: 3 }
  const lines: StatementLine[] = []
  let after: StatementPlace | null = null
  for (;;) {
    const page = await statementPage(db, bookId, account.id, { ...range, after })
    lines.push(...page.lines)
    const last = page.lines.at(-1)
    if (last === undefined || page.lines.length < range.limit) break
    after = last
  }
  let balance = 0n
  const expected = book.journal
    .flatMap(({ draft, sequence }) =>
      draft.entries.map((entry, index) => ({ ...entry, valueDate: draft.valueDate, sequence, position: index + 1 })),
    )
    .filter(({ accountId }) => accountId === account.id)
    .sort(
      (one, other) =>
        (one.valueDate < other.valueDate ? -1 : one.valueDate > other.valueDate ? 1 : 0) ||
        one.sequence - other.sequence ||
        one.position - other.position,
    )
    .map(({ amount, direction, valueDate, sequence, position }) => {
      balance += direction === account.normal ? amount : -amount
      return { sequence: BigInt(sequence), position, valueDate, direction, amount, balance }
    })
    .filter(({ valueDate }) => from === null || valueDate >= from)
  expect(
    lines.map(({ sequence, position, valueDate, direction, amount, balance }) => ({
      ...{ sequence, position, valueDate, direction, amount, balance },
    })),
  ).toEqual(expected)
}
