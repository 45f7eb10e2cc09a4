import { isDeepStrictEqual } from 'node:util'
import { type CalendarDate, limaDate } from '../../src/dates.ts'
import type { AccountChange, AccountOpening, HoldPlacing } from '../../src/ledger/index.ts'
import type { RefusalCode } from '../../src/refusals.ts'
import { begin, type Moment, type OracleAccount, type OracleBook, postedBalance, register } from './oracle.ts'

/** What the oracle answers to the verbs that are not postings: those the book's register tells of. */
export type Answer<T> = { value: T } | { refusal: RefusalCode }

class No {
  readonly code: RefusalCode
  constructor(code: RefusalCode) {
    this.code = code
  }
}

/** A refusal leaves the book as it was, and does not even write off the holds that have expired. */
function whole<T>(book: OracleBook, { now }: Moment, work: (at: number) => T): Answer<T> {
  const before = structuredClone(book)
  try {
    return { value: work(begin(book, now)) }
  } catch (no) {
    if (!(no instanceof No)) throw no
    Object.assign(book, before)
    return { refusal: no.code }
  }
}

export function oracleOpen(
  book: OracleBook,
  openings: readonly AccountOpening[],
  moment: Moment,
  actor: string,
): Answer<number> {
  return whole(book, moment, at => {
    const fresh = openings.filter(({ id, code, name, type, normal, floor, openedOn }) => {
      const side = normal ?? (type === 'asset' || type === 'expense' ? 'debit' : 'credit')
      const opening = { code, name, type, side, floor, openedOn }
      const known = book.accounts.get(id)
      if (known !== undefined && !isDeepStrictEqual(known.opening, opening)) throw new No('id-reused')
      if (known !== undefined) return false
      if ([...book.accounts.values()].some(account => account.code === code)) throw new No('account-code-taken')
      if (floor !== null && floor > 0n) throw new No('balance-below-floor')
      book.accounts.set(id, {
        ...{ id, code, name, normal: side, floor, status: 'open', openedOn, closedOn: null },
        ...{ debits: 0n, credits: 0n, held: 0n, opening },
      })
      register(book, 'account-opened', id, at, actor)
      return true
    })
    return fresh.length
  })
}

export function oracleChange(
  book: OracleBook,
  changes: readonly AccountChange[],
  moment: Moment,
  actor: string,
): Answer<number> {
  return whole(book, moment, at => {
    const changed = changes.filter(({ id, ...change }) => {
      const before = book.accounts.get(id)
      if (before === undefined) throw new No('account-not-found')
      const after: OracleAccount = { ...before, ...change }
      if (isDeepStrictEqual(before, after)) return false
      if (before.status === 'closed') throw new No('account-closed')
      if (after.status === 'closed' && (after.debits !== after.credits || after.held > 0n)) {
        throw new No('account-not-empty')
      }
      if (after.closedOn !== null && after.closedOn > limaDate(new Date(at))) throw new No('date-in-future')
      if (after.closedOn !== null && after.closedOn < lastDayOf(book, after)) throw new No('account-not-effective')
      if (after.floor !== null && postedBalance(after) - after.held < after.floor) throw new No('balance-below-floor')
      book.accounts.set(id, after)
      if (after.status !== before.status) book.statuses.push({ accountId: id, status: after.status, at })
      register(book, 'account-changed', id, at, actor)
      return true
    })
    return changed.length
  })
}

/** The last day the account is needed on: of its last entry by value date, or the one it was opened on. */
function lastDayOf(book: OracleBook, { id, openedOn }: OracleAccount): CalendarDate {
  const days = book.journal
    .filter(({ draft }) => draft.entries.some(entry => entry.accountId === id))
    .map(({ draft }) => draft.valueDate)
  return [openedOn, ...days].sort().at(-1)!
}

export function oraclePlace(book: OracleBook, placing: HoldPlacing, moment: Moment, actor: string): Answer<boolean> {
  return whole(book, moment, at => {
    const { id, accountId, amount, expiresAt, reason } = placing
    const content = { accountId, amount, expiresAt: expiresAt?.getTime(), reason }
    const known = book.holds.get(id)
    if (known !== undefined && !isDeepStrictEqual(known.placing, content)) throw new No('id-reused')
    if (known !== undefined) return false
    const account = book.accounts.get(accountId)
    if (account === undefined) throw new No('account-not-found')
    if (account.status !== 'open') throw new No(`account-${account.status}`)
    if (expiresAt !== undefined && expiresAt.getTime() <= at) throw new No('hold-expiry-past')
    if (account.held > 100_000_000_000_000_000n) throw new No('account-total-too-large')
    if (account.floor !== null && postedBalance(account) - account.held - amount < account.floor) {
      throw new No('balance-below-floor')
    }
    account.held += amount
    book.holds.set(id, {
      ...{ id, accountId, amount, captured: 0n, status: 'placed', placing: content },
      ...{ expiresAt: expiresAt?.getTime() ?? null, endedAt: null },
    })
    register(book, 'hold-placed', id, at, actor)
    return true
  })
}

export function oracleRelease(book: OracleBook, holdId: string, moment: Moment, actor: string): Answer<boolean> {
  return whole(book, moment, at => {
    const hold = book.holds.get(holdId)
    if (hold === undefined) throw new No('hold-not-found')
    if (hold.status === 'released') return false
    if (hold.status !== 'placed') throw new No('hold-not-placed')
    Object.assign(hold, { status: 'released', endedAt: at })
    book.accounts.get(hold.accountId)!.held -= hold.amount
    register(book, 'hold-released', holdId, at, actor)
    return true
  })
}

/** `through` is the last day of the month that is to be closed. */
export function oracleClose(book: OracleBook, through: CalendarDate, moment: Moment, actor: string): Answer<boolean> {
  return whole(book, moment, at => {
    if (book.closedThrough !== null && through <= book.closedThrough) return false
    if (through >= moment.today) throw new No('month-not-over')
    const days = book.journal.map(({ draft }) => draft.valueDate)
    const first = [book.openedOn, ...days].sort()[0]!
    const next = book.closedThrough === null ? endOfMonth(first, 0) : endOfMonth(book.closedThrough, 1)
    if (through !== next) throw new No('month-out-of-order')
    book.closedThrough = through
    register(book, 'month-closed', book.register[0]!.subject, at, actor)
    return true
  })
}

function endOfMonth(day: CalendarDate, later: number): CalendarDate {
  const [year = 0, month = 0] = day.split('-').map(Number)
  return new Date(Date.UTC(year, month + later, 0)).toISOString().slice(0, 10)
}

/** How many transactions had been recorded at that instant; when nothing was recorded since, nothing will be before it. */
export function oracleKnown(book: OracleBook, instant: Date, { now }: Moment): Answer<number> {
  const known = instant.getTime()
  if (known > now) return { refusal: 'instant-in-future' }
  if (book.recordedAt <= known) {
    const at = begin(book, Math.max(now, known + 1))
    register(book, 'instant-settled', book.register[0]!.subject, at, 'ledger')
    return { value: book.journal.length }
  }
  return { value: book.journal.filter(({ recordedAt }) => recordedAt <= known).length }
}

/** Writes off the holds whose time has come; answers how many. */
export function oracleExpire(book: OracleBook, { now }: Moment): number {
  const before = book.register.length
  begin(book, now)
  return book.register.length - before
}
