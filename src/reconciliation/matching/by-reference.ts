import {
  agrees,
  type Board,
  claim,
  differenceReason,
  type EntryItem,
  fits,
  isOpen,
  isWithin,
  type LineItem,
  leaveAmbiguous,
  net,
  suggest,
} from './board.ts'
import { type Cluster, clustersByKey, dividedByDays, grouped } from './clusters.ts'
import type { RuleBy } from './rules.ts'

type ByReference = RuleBy<'reference'>

/**
 * Claims what has a reference in common: pairs of one amount; one line for several entries, or several for one, when they
 * come to the same. References that are used for several payments are told apart by account and day, or not at all.
 */
export function matchByReference(board: Board, rule: ByReference): void {
  const lines = board.lines.filter(line => isOpen(line) && line.sort !== 'fee')
  const entries = board.entries.filter(isOpen)
  const keysOf = { line: lineKeys, entry: rule.of === 'entries' ? ownKeys : groupingKeys(board) }
  for (const cluster of clustersByKey(lines, entries, keysOf)) {
    for (const item of [...cluster.lines, ...cluster.entries]) item.isReferred = true
    for (const part of dividedByDays(cluster, rule.apart)) settle(board, rule, part)
  }
}

function* lineKeys({ flow, keys, textKeys }: LineItem): Generator<string> {
  for (const key of keys) yield `${flow} ${key}`
  for (const key of textKeys) yield `${flow} ${key}`
}

function* ownKeys({ flow, keys }: EntryItem): Generator<string> {
  for (const key of keys) yield `${flow} ${key}`
}

/** Of an entry: the references of what it belongs to, on the side on which that comes to something. */
function groupingKeys(board: Board): (entry: EntryItem) => Iterable<string> {
  const keys = new Map<EntryItem, string[]>()
  for (const bundle of board.bundles) {
    const flow = net(bundle.entries) < 0n ? 'out' : 'in'
    for (const entry of bundle.entries)
      keys.set(entry, [...(keys.get(entry) ?? []), ...bundle.keys.map(key => `${flow} ${key}`)])
  }
  return entry => keys.get(entry) ?? []
}

function settle(board: Board, rule: ByReference, cluster: Cluster): void {
  if (isOne(board, rule, cluster) || isPartOfOne(board, cluster)) return
  const entriesOf = grouped(cluster.entries, sized)
  for (const [size, lines] of grouped(cluster.lines, sized)) {
    const entries = entriesOf.get(size)
    if (entries !== undefined) settleAmount(board, rule, lines, entries)
  }
  const left = { lines: cluster.lines.filter(isOpen), entries: cluster.entries.filter(isOpen) }
  if (left.lines.length === 0 || left.entries.length === 0) return
  if (isOne(board, rule, left)) return
  const [line, entry] = [left.lines[0]!, left.entries[0]!]
  const isPair = left.lines.length === 1 && left.entries.length === 1
  if (isPair && Math.abs(line.day - entry.day) <= rule.apart) suggestPair(board, line, entry)
}

function sized({ flow, amount }: LineItem | EntryItem): string {
  return `${flow} ${amount}`
}

function allAgree({ lines, entries }: Cluster): boolean {
  return lines.every(line => entries.every(entry => fits(line, entry) && agrees(line, entry)))
}

function allWithin({ lines, entries }: Cluster, rule: ByReference): boolean {
  return lines.every(line => entries.every(entry => isWithin(line, entry, rule.window)))
}

/** One line that the bank booked for several entries, or one entry in several lines: when they come to the same. */
function isOne(board: Board, rule: ByReference, cluster: Cluster): boolean {
  const { lines, entries } = cluster
  if (isTwice(board, cluster)) return true
  if ((lines.length === 1) === (entries.length === 1) || net(lines) !== net(entries)) return false
  if (!allAgree(cluster) || !allWithin(cluster, rule)) return false
  const told = lines.length === 1 ? `one line for ${entries.length} entries` : `one entry in ${lines.length} lines`
  claim(board, rule.name, lines, entries, ['same reference', told, 'they come to the same'])
  return true
}

/** Two lines that are the same, each for all of several entries. Which of them doubles the other, nobody can tell by them. */
function isTwice(board: Board, { lines, entries }: Cluster): boolean {
  const [one, other] = lines
  if (lines.length !== 2 || entries.length === 1 || one!.account !== other!.account) return false
  if (net([one!]) !== net([other!]) || net([one!]) !== net(entries)) return false
  const reasons = ['same reference', 'each of two lines comes to what the entries come to']
  suggest(board, { reason: 'duplicate-at-bank', score: 90, reasons }, lines, entries)
  return true
}

/**
 * Where one line stands against several entries, or the other way round, and they do not come to the same, an equal amount
 * among them may be chance: the account has to tell it, or all have to be equal.
 */
function isPartOfOne(board: Board, { lines, entries }: Cluster): boolean {
  if ((lines.length === 1) === (entries.length === 1)) return false
  if (new Set([...lines, ...entries].map(sized)).size === 1) return false
  if (lines.some(line => line.account !== null && entries.some(entry => entry.account === line.account))) return false
  const reasons = ['same reference', 'they do not come to the same']
  suggest(board, { reason: differenceReason(board, lines, entries), score: 70, reasons }, lines, entries)
  return true
}

/** Lines and entries of one reference and one amount. */
function settleAmount(board: Board, rule: ByReference, lines: LineItem[], entries: EntryItem[]): void {
  const entriesOf = grouped(entries, ({ account }) => account)
  for (const [account, same] of grouped(lines, ({ account }) => account)) {
    const theirs = entriesOf.get(account)
    if (account !== null && theirs !== undefined) pair(board, rule, same, theirs)
  }
  const left = { lines: lines.filter(isOpen), entries: entries.filter(isOpen) }
  if (left.lines.length > 0 && left.entries.length > 0) pair(board, rule, left.lines, left.entries)
}

function pair(board: Board, rule: ByReference, lines: LineItem[], entries: EntryItem[]): void {
  if (isPairOfOne(board, rule, lines, entries) || !allAgreeInSets(lines, entries)) return
  if (lines.length === entries.length && spansWithin(lines, entries, rule)) {
    claim(board, rule.name, lines, entries, ['same reference', 'same amount', `${lines.length} of each`])
    return
  }
  pairDays(board, rule, lines, entries)
  const left = { lines: lines.filter(isOpen), entries: entries.filter(isOpen) }
  if (left.lines.length === 0 || left.entries.length === 0) return
  if (isPairOfOne(board, rule, left.lines, left.entries) || isDoubled(board, left)) return
  leaveAmbiguous(board, left.lines, left.entries)
}

/** As `allAgree`, without looking at each line beside each entry: these may be very many. */
function allAgreeInSets(lines: LineItem[], entries: EntryItem[]): boolean {
  const accounts = new Set(entries.map(({ account }) => account))
  const sorts = new Set(entries.map(({ sort }) => sort))
  const isKnown = accounts.size > 1 || !accounts.has(null)
  return lines.every(({ account, sort }) => {
    const isOfSort = sort === 'plain' || (sorts.size === 1 && sorts.has(sort as EntryItem['sort']))
    return isOfSort && (account === null || !isKnown || (accounts.size === 1 && accounts.has(account)))
  })
}

/** Whether any line may go with any entry by its day. */
function spansWithin(lines: LineItem[], entries: EntryItem[], { window }: ByReference): boolean {
  const [ours, theirs] = [span(entries), span(lines)]
  return theirs.first - ours.last >= -window.before && theirs.last - ours.first <= window.after
}

function span(items: (LineItem | EntryItem)[]): { first: number; last: number } {
  let [first, last] = [items[0]!.day, items[0]!.day]
  for (const { day } of items) [first, last] = [Math.min(first, day), Math.max(last, day)]
  return { first, last }
}

/**
 * A reference that comes again and again: as many on each side on the same day are the same, when nothing that is left over
 * may be any of them.
 */
function pairDays(board: Board, rule: ByReference, lines: LineItem[], entries: EntryItem[]): void {
  const [linesOf, entriesOf] = [grouped(lines, ({ day }) => day), grouped(entries, ({ day }) => day)]
  const isSame = ({ day }: LineItem | EntryItem) => linesOf.get(day)?.length === entriesOf.get(day)?.length
  const left = { lines: lines.filter(line => !isSame(line)), entries: entries.filter(entry => !isSame(entry)) }
  const days = {
    lines: new Set(left.lines.map(({ day }) => day)),
    entries: new Set(left.entries.map(({ day }) => day)),
  }
  for (const [day, same] of linesOf) {
    const theirs = entriesOf.get(day)
    if (theirs?.length !== same.length) continue
    const isNear =
      [...days.entries].some(left => isIn(day - left, rule)) || [...days.lines].some(left => isIn(left - day, rule))
    if (isNear) continue
    const told = same.length === 1 ? [] : [`${same.length} of each`]
    claim(board, rule.name, same, theirs, ['same reference', 'same amount', 'same day', ...told])
  }
}

function isIn(days: number, { window }: ByReference): boolean {
  return days >= -window.before && days <= window.after
}

function isPairOfOne(board: Board, rule: ByReference, lines: LineItem[], entries: EntryItem[]): boolean {
  const [line, entry] = [lines[0]!, entries[0]!]
  if (lines.length > 1 || entries.length > 1) return false
  if (!fits(line, entry)) return true
  if (agrees(line, entry) && isWithin(line, entry, rule.window)) {
    const told = line.account !== null && line.account === entry.account ? ['same account'] : []
    claim(board, rule.name, [line], [entry], ['same reference', 'same amount', ...told])
  } else suggestPair(board, line, entry)
  return true
}

/** Days within which the same thing comes twice by mistake; later it is the next of its kind. */
const soonest = 4

/**
 * Two that are the same on one side, and one on the other. The number of one slip mistyped as another's looks like that as well,
 * so nothing is claimed.
 */
function isDoubled(board: Board, { lines, entries }: Cluster): boolean {
  if (lines.length + entries.length !== 3) return false
  const [one, other] = lines.length === 2 ? lines : entries
  if (one!.account !== other!.account || Math.abs(one!.day - other!.day) > soonest) return false
  const reason = lines.length === 2 ? 'duplicate-at-bank' : 'duplicate-in-ledger'
  const reasons = ['same reference', 'same amount', lines.length === 2 ? 'two lines' : 'two entries']
  suggest(board, { reason, score: 85, reasons }, lines, entries)
  return true
}

/** One line and one entry of the same reference, of which something speaks against it. */
function suggestPair(board: Board, line: LineItem, entry: EntryItem): void {
  if (fits(line, entry)) suggest(board, againstPair(board, line, entry), [line], [entry])
}

function againstPair(board: Board, line: LineItem, entry: EntryItem): Parameters<typeof suggest>[1] {
  const isEqual = line.amount === entry.amount
  if (!agrees(line, entry)) {
    const reason = line.isStranger ? 'unknown-beneficiary' : 'wrong-account'
    const reasons = ['same reference', isEqual ? 'same amount' : 'another amount', 'another account']
    return { reason, score: isEqual ? 80 : 50, reasons }
  }
  if (!isEqual) {
    const reason = differenceReason(board, [line], [entry])
    return {
      reason,
      score: reason === 'residue' ? 90 : 80,
      reasons: ['same reference', ...differenceTold(line, entry)],
    }
  }
  const reasons = ['same reference', 'same amount', 'the days lie too far apart']
  return { reason: 'date-out-of-window', score: 85, reasons }
}

/** How two amounts differ, as far as it tells how it came about. */
export function differenceTold(line: LineItem, entry: EntryItem): string[] {
  return digitsOf(line) === digitsOf(entry) ? ['the amount has the same digits in another order'] : ['another amount']
}

export function digitsOf({ amount }: LineItem | EntryItem): string {
  return [...amount.toString()].sort().join('')
}
