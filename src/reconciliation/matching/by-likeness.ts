import { type Board, differenceReason, type EntryItem, isOpen, type LineItem, suggest } from './board.ts'
import { differenceTold, digitsOf } from './by-reference.ts'
import { dayIndex } from './day-index.ts'
import type { BreakReason } from './items.ts'
import { nearKeys } from './references.ts'

/** A way in which a line may be an entry although something differs. */
type Likeness = {
  reason: BreakReason | ((board: Board, line: LineItem, entry: EntryItem) => BreakReason)
  score: number
  reasons: readonly string[] | ((line: LineItem, entry: EntryItem) => string[])
  /** Those that have a key in common are looked at, so many days apart at the most. */
  keysOf(item: LineItem | EntryItem): string[]
  days: number
  isLike(line: LineItem, entry: EntryItem): boolean
}

const bothReferred = (line: LineItem, entry: EntryItem) =>
  line.keys.length + line.textKeys.length > 0 && entry.keys.length > 0
const bothAccounts = (line: LineItem, entry: EntryItem) => line.account !== null && entry.account !== null
const otherAccount = (line: LineItem, entry: EntryItem) => bothAccounts(line, entry) && line.account !== entry.account
/** Whoever books interest among deposits does so on its day: an amount alone, far off, does not make a deposit of it. */
const sameSort = (line: LineItem, entry: EntryItem) => line.sort === entry.sort
const ofAmount = ({ flow, amount }: LineItem | EntryItem) => [`${flow} ${amount}`]
const ofAccount = ({ flow, account }: LineItem | EntryItem) => (account === null ? [] : [`${flow} ${account}`])

const referencesOf = (item: LineItem | EntryItem) => ('textKeys' in item ? [...item.keys, ...item.textKeys] : item.keys)

/** From the likeliest down. Each is asked of what those before left over, and tells nothing where there are two. */
const referenceLikenesses: readonly Likeness[] = [
  {
    reason: 'reference-differs',
    score: 75,
    reasons: ['same amount', 'days close by', 'the references differ by a letter, or by two that changed places'],
    keysOf: item => item.keys.flatMap(nearKeys).map(key => `${item.flow} ${item.amount} ${key}`),
    days: 10,
    isLike: (line, entry) => !otherAccount(line, entry),
  },
  {
    reason: 'date-out-of-window',
    score: 70,
    reasons: ['same reference', 'same amount', 'the days lie too far apart'],
    keysOf: item => referencesOf(item).map(key => `${item.flow} ${item.amount} ${key}`),
    days: 100,
    isLike: (line, entry) => !otherAccount(line, entry),
  },
]

/** What accounts, amounts and days tell, where no reference does. */
const otherLikenesses: readonly Likeness[] = [
  {
    reason: 'reference-differs',
    score: 60,
    reasons: ['same account', 'same amount', 'days close by', 'another reference'],
    keysOf: item => ofAccount(item).map(key => `${key} ${item.amount}`),
    days: 4,
    isLike: bothReferred,
  },
  {
    reason: 'date-out-of-window',
    score: 60,
    reasons: ['same account', 'same amount', 'the days lie too far apart'],
    keysOf: item => ofAccount(item).map(key => `${key} ${item.amount}`),
    days: 40,
    isLike: (line, entry) => !bothReferred(line, entry),
  },
  {
    reason: (board, line, entry) => differenceReason(board, [line], [entry]),
    score: 50,
    reasons: (line, entry) => ['same account', 'days close by', ...differenceTold(line, entry)],
    keysOf: ofAccount,
    days: 4,
    isLike: (line, entry) => !bothReferred(line, entry),
  },
  {
    reason: (_, line) => (line.isStranger ? 'unknown-beneficiary' : 'wrong-account'),
    score: 35,
    reasons: ['same amount', 'days close by', 'another account'],
    keysOf: ofAmount,
    days: 4,
    isLike: (line, entry) => otherAccount(line, entry) && !bothReferred(line, entry),
  },
  {
    reason: 'date-out-of-window',
    score: 30,
    reasons: ['same amount', 'the days lie too far apart'],
    keysOf: ofAmount,
    days: 40,
    isLike: (line, entry) => sameSort(line, entry) && !bothReferred(line, entry) && !bothAccounts(line, entry),
  },
  {
    reason: 'amount-differs',
    score: 25,
    reasons: ['days close by', 'the amount has the same digits in another order'],
    keysOf: item => [`${item.flow} ${digitsOf(item)}`],
    days: 4,
    isLike: (line, entry) => !bothReferred(line, entry) && !bothAccounts(line, entry) && line.amount !== entry.amount,
  },
]

/** Suggests pairs of what is left over by references that are nearly the same, or the same on days far apart. */
export function suggestByReference(board: Board): void {
  for (const likeness of referenceLikenesses) suggestLike(board, likeness)
}

/** Suggests pairs of what is left over, where there is one on each side that is like the other. */
export function suggestByLikeness(board: Board): void {
  for (const likeness of otherLikenesses) suggestLike(board, likeness)
}

function suggestLike(board: Board, likeness: Likeness): void {
  const { reason, reasons, score } = likeness
  for (const { line, entry } of likePairs(board, likeness)) {
    const told = {
      reason: typeof reason === 'function' ? reason(board, line, entry) : reason,
      score,
      reasons: typeof reasons === 'function' ? reasons(line, entry) : [...reasons],
    }
    suggest(board, told, [line], [entry])
  }
}

/** Nobody chooses among so many: they are left to be told as ambiguous. */
const mostLike = 64

function likePairs(board: Board, likeness: Likeness): { line: LineItem; entry: EntryItem }[] {
  const lines = board.lines.filter(line => isOpen(line) && line.sort !== 'fee')
  const entries = board.entries.filter(isOpen)
  const [byLine, byEntry] = [dayIndex<LineItem>(), dayIndex<EntryItem>()]
  for (const line of lines) for (const key of likeness.keysOf(line)) byLine.add(key, line)
  for (const entry of entries) for (const key of likeness.keysOf(entry)) byEntry.add(key, entry)

  /** The one that is like it; null when there is none or more. */
  function like<Other extends { day: number }>(
    index: ReturnType<typeof dayIndex<Other>>,
    item: LineItem | EntryItem,
    isLike: (other: Other) => boolean,
  ): Other | null {
    const found = new Set<Other>()
    for (const key of likeness.keysOf(item)) {
      const { list, from, to } = index.within(key, item.day - likeness.days, item.day + likeness.days)
      if (to - from > mostLike) return null
      for (let place = from; place < to; place++) if (isLike(list[place]!)) found.add(list[place]!)
      if (found.size > 1) return null
    }
    return found.values().next().value ?? null
  }

  return lines.flatMap(line => {
    const entry = like(byEntry, line, other => isPair(likeness, line, other))
    if (entry === null) return []
    return like(byLine, entry, other => isPair(likeness, other, entry)) === line ? [{ line, entry }] : []
  })
}

function isPair({ isLike }: Likeness, line: LineItem, entry: EntryItem): boolean {
  const isSameSort = line.sort === entry.sort || line.sort === 'plain'
  return isSameSort && isLike(line, entry)
}
