import { isDeepStrictEqual } from 'node:util'
import type { CalendarDate } from '../../src/dates.ts'
import type { AccountStatus, Direction, Draft, DraftEntry } from '../../src/ledger/index.ts'
import type { RefusalCode } from '../../src/refusals.ts'

/**
 * What the ledger has to decide, as plainly as it can be said: maps and loops, one draft after the other, a copy put
 * back where a list falls. It shares nothing with what it judges but types, so that a mistake is not made twice.
 */
export type OracleBook = {
  accounts: Map<string, OracleAccount>
  journal: OracleTransaction[]
  /** Where in the journal each id is, and which transactions have been reversed. */
  sequences: Map<string, number>
  reversed: Set<string>
  holds: Map<string, OracleHold>
  register: OracleEvent[]
  /** Milliseconds: nothing is recorded before what was recorded already. */
  recordedAt: number
  closedThrough: CalendarDate | null
  openedOn: CalendarDate
  /** Every status that an account was given, in order. */
  statuses: { accountId: string; status: AccountStatus; at: number }[]
}

export type OracleAccount = {
  id: string
  code: string
  name: string
  normal: Direction
  floor: bigint | null
  status: AccountStatus
  openedOn: CalendarDate
  closedOn: CalendarDate | null
  debits: bigint
  credits: bigint
  held: bigint
  /** What it was opened with, whatever became of it since: what a replay is compared with. */
  opening: unknown
}

export type OracleTransaction = {
  draft: Draft
  actor: string
  sequence: number
  recordedAt: number
  /** The totals of each entry's account after that entry. */
  after: { debits: bigint; credits: bigint }[]
}

export type OracleHold = {
  id: string
  accountId: string
  amount: bigint
  captured: bigint
  status: 'placed' | 'captured' | 'released' | 'expired'
  /** What it was placed with. */
  placing: unknown
  expiresAt: number | null
  endedAt: number | null
}

export type OracleEvent = { kind: string; subject: string; afterSequence: number; recordedAt: number; actor: string }

/** When something is asked: the asker's clock in milliseconds, and the day it is there. */
export type Moment = { now: number; today: CalendarDate }

export type Verdict =
  | { outcome: 'posted' | 'replayed'; sequence: number; recordedAt: number }
  | ({ outcome: RefusalCode } & VerdictFacts)

/** What a refusal tells beside its code. */
type VerdictFacts = {
  accountId?: string
  available?: bigint
  nextOpenDate?: CalendarDate
  today?: CalendarDate
  originalValueDate?: CalendarDate
}

export type OracleJob = { drafts: readonly Draft[]; mode: 'atomic' | 'independent'; actor: string }

export function openOracle(bookId: string, now: number, openedOn: CalendarDate, actor: string): OracleBook {
  const opened = { kind: 'book-opened', subject: bookId, afterSequence: 0, recordedAt: now, actor }
  return {
    ...{ accounts: new Map(), journal: [], sequences: new Map(), reversed: new Set(), holds: new Map() },
    ...{ register: [opened], recordedAt: now, closedThrough: null, openedOn, statuses: [] },
  }
}

export function isPosted(verdict: Verdict): verdict is Extract<Verdict, { sequence: number }> {
  return verdict.outcome === 'posted' || verdict.outcome === 'replayed'
}

export function transactionOf(book: OracleBook, id: string): OracleTransaction | undefined {
  const sequence = book.sequences.get(id)
  return sequence === undefined ? undefined : book.journal[sequence - 1]
}

/** Positive on the account's normal side. */
export function postedBalance({ normal, debits, credits }: OracleAccount): bigint {
  return normal === 'debit' ? debits - credits : credits - debits
}

/** Decides the jobs of one batch in order, each draft in order; answers a verdict for every draft of every job. */
export function decideBatch(book: OracleBook, jobs: readonly OracleJob[], moment: Moment): Verdict[][] {
  const before = book.journal.length
  let at: number | undefined
  const verdicts = jobs.map(({ drafts, mode, actor }) => {
    const wellFormed = drafts.filter(isWellFormed)
    if (wellFormed.length === 0 || (mode === 'atomic' && wellFormed.length < drafts.length)) {
      return drafts.map(
        (draft): Verdict => (isWellFormed(draft) ? { outcome: 'list-refused' } : { outcome: 'draft-invalid' }),
      )
    }
    at ??= begin(book, moment.now)
    const recordedAt = at
    return mode === 'atomic'
      ? decideTogether(book, drafts, actor, recordedAt, moment.today)
      : drafts.map(draft => decide(book, draft, actor, recordedAt, moment.today))
  })
  for (const { draft, actor, recordedAt } of book.journal.slice(before)) {
    if (draft.holdId !== undefined) register(book, 'hold-captured', draft.holdId, recordedAt, actor)
  }
  return verdicts
}

/** A list that stands or falls together. What had been posted before it stays what it was: a replay. */
function decideTogether(
  book: OracleBook,
  drafts: readonly Draft[],
  actor: string,
  at: number,
  today: CalendarDate,
): Verdict[] {
  const before = structuredClone(book)
  const verdicts = drafts.map(draft => decide(book, draft, actor, at, today))
  if (verdicts.every(isPosted)) return verdicts
  Object.assign(book, before)
  return verdicts.map(verdict =>
    isPosted(verdict) && verdict.sequence > before.journal.length ? { outcome: 'list-refused' } : verdict,
  )
}

/** Decides one draft; posts it or changes nothing. The first rule that is broken is the one that is told. */
export function decide(book: OracleBook, draft: Draft, actor: string, at: number, today: CalendarDate): Verdict {
  if (!isWellFormed(draft)) return { outcome: 'draft-invalid' }
  const known = transactionOf(book, draft.id)
  if (known !== undefined) {
    if (!isDeepStrictEqual(semantic(known.draft), semantic(draft))) return { outcome: 'id-reused' }
    return { outcome: 'replayed', sequence: known.sequence, recordedAt: known.recordedAt }
  }
  if (book.closedThrough !== null && draft.valueDate <= book.closedThrough) {
    return { outcome: 'month-closed', nextOpenDate: dayAfter(book.closedThrough) }
  }
  if (draft.valueDate > today) return { outcome: 'value-date-in-future', today }
  if (draft.reverses && book.reversed.has(draft.reverses.id)) return { outcome: 'transaction-already-reversed' }

  const touched = new Map<string, OracleAccount>()
  const after: OracleTransaction['after'] = []
  for (const { accountId, direction, amount } of draft.entries) {
    const stored = book.accounts.get(accountId)
    if (stored === undefined) return { outcome: 'account-not-found', accountId }
    if (stored.status !== 'open') return { outcome: `account-${stored.status}`, accountId }
    if (draft.valueDate < stored.openedOn) return { outcome: 'account-not-effective', accountId }
    if (stored.closedOn !== null && draft.valueDate > stored.closedOn) {
      return { outcome: 'account-not-effective', accountId }
    }
    const account = touched.get(accountId) ?? { ...stored }
    if (account.debits > largestTotal || account.credits > largestTotal) {
      return { outcome: 'account-total-too-large', accountId }
    }
    if (direction === 'debit') account.debits += amount
    else account.credits += amount
    touched.set(accountId, account)
    after.push({ debits: account.debits, credits: account.credits })
  }

  let captured = 0n
  if (draft.holdId !== undefined) {
    const hold = book.holds.get(draft.holdId)
    if (hold === undefined) return { outcome: 'hold-not-found' }
    if (hold.status !== 'placed') return { outcome: 'hold-not-placed' }
    captured = -netOf(book.accounts.get(hold.accountId), draft.entries)
    if (captured <= 0n) return { outcome: 'hold-not-captured' }
    if (captured > hold.amount) return { outcome: 'hold-exceeded' }
    touched.get(hold.accountId)!.held -= hold.amount
  }

  for (const { accountId } of draft.entries) {
    const account = touched.get(accountId)!
    if (account.floor !== null && postedBalance(account) - account.held < account.floor) {
      const stored = book.accounts.get(accountId)!
      return { outcome: 'balance-below-floor', accountId, available: postedBalance(stored) - stored.held }
    }
  }

  for (const [id, account] of touched) book.accounts.set(id, account)
  if (draft.holdId !== undefined)
    Object.assign(book.holds.get(draft.holdId)!, { status: 'captured', captured, endedAt: at })
  const sequence = book.journal.push({ draft, actor, sequence: book.journal.length + 1, recordedAt: at, after })
  book.sequences.set(draft.id, sequence)
  if (draft.reverses) book.reversed.add(draft.reverses.id)
  book.recordedAt = at
  return { outcome: 'posted', sequence, recordedAt: at }
}

const largestTotal = 9_000_000_000_000_000_000n
const largestEntry = 999_999_999_999_999n

/** What needs no book to be seen: debits equal credits, amounts are positive, an adjustment says why. */
export function isWellFormed({ kind, entries, reason, evidence }: Draft): boolean {
  const total = (side: Direction) =>
    entries.reduce((sum, { direction, amount }) => (direction === side ? sum + amount : sum), 0n)
  return (
    /^[a-z][a-z-]*$/.test(kind) &&
    kind.length <= 40 &&
    entries.length >= 2 &&
    entries.length <= 1000 &&
    entries.every(({ amount }) => amount >= 1n && amount <= largestEntry) &&
    total('debit') === total('credit') &&
    (kind !== 'adjustment' || (reason !== undefined && reason !== '')) &&
    isStorable([reason, evidence])
  )
}

/** PostgreSQL keeps neither a zero character nor half of a surrogate pair. */
function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes(String.fromCharCode(0))
  if (value === null || typeof value !== 'object') return true
  return Object.entries(value).flat().every(isStorable)
}

/** What two drafts with one id have to agree in. */
function semantic({ kind, valueDate, entries, reason, evidence, reverses, holdId }: Draft): unknown {
  return { kind, valueDate, entries, reason, evidence: evidence ?? {}, reverses: reverses?.id, holdId }
}

/** What the entries add to the account's balance; nothing when none of them is its. */
function netOf(account: OracleAccount | undefined, entries: readonly DraftEntry[]): bigint {
  return entries
    .filter(({ accountId }) => accountId === account?.id)
    .reduce((sum, { direction, amount }) => (direction === account?.normal ? sum + amount : sum - amount), 0n)
}

/** The instant at which what follows is recorded. Holds whose time has come end first. */
export function begin(book: OracleBook, now: number): number {
  const at = Math.max(now, book.recordedAt)
  const due = [...book.holds.values()]
    .filter(hold => hold.status === 'placed' && hold.expiresAt !== null && hold.expiresAt <= at)
    .sort((one, other) => one.expiresAt! - other.expiresAt! || (one.id < other.id ? -1 : 1))
  for (const hold of due) {
    Object.assign(hold, { status: 'expired', endedAt: at })
    book.accounts.get(hold.accountId)!.held -= hold.amount
    register(book, 'hold-expired', hold.id, at, 'ledger')
  }
  return at
}

export function register(book: OracleBook, kind: string, subject: string, recordedAt: number, actor: string): void {
  book.register.push({ kind, subject, afterSequence: book.journal.length, recordedAt, actor })
  book.recordedAt = recordedAt
}

function dayAfter(day: CalendarDate): CalendarDate {
  return new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)
}
