import { type Board, type EntryItem, isOpen, type LineItem, leaveAmbiguous, leaveUnmatched } from './board.ts'
import { type Candidates, candidatesOf, type Post } from './candidates.ts'
import { type Cluster, joining } from './clusters.ts'
import type { Range } from './day-index.ts'
import type { BreakReason } from './items.ts'
import type { RuleBy } from './rules.ts'

/** Leaves as ambiguous what may be each other by amount and day, and is not each other's only candidate. */
export function leaveUndecided(board: Board, rule: RuleBy<'amount'>): void {
  const candidates = candidatesOf(board, [])
  for (const { lines, entries } of tied(candidates, rule)) {
    if (lines.length === 0 || entries.length === 0) continue
    leaveAmbiguous(board, lines, entries)
  }
}

function tied({ lines, posts, ofLine }: Candidates, rule: RuleBy<'amount'>): Iterable<Cluster> {
  const { join, root } = joining(posts.length + lines.length)
  // Neighbours in a list that some line may be are joined once, however many lines may be them.
  const unjoined = new Map<readonly Post[], Int32Array>()
  for (const [place, line] of lines.entries()) {
    for (const range of ofLine(line, rule)) {
      join(range.list[range.from]!.place, posts.length + place)
      joinNeighbours(range)
    }
  }

  function joinNeighbours({ list, from, to }: Range<Post>): void {
    const next = unjoined.get(list) ?? Int32Array.from({ length: list.length }, (_, at) => at)
    unjoined.set(list, next)
    for (let at = firstFrom(next, from); at < to - 1; at = firstFrom(next, at)) {
      join(list[at]!.place, list[at + 1]!.place)
      next[at] = at + 1
    }
  }

  const sets = new Map<number, Cluster>()
  const setOf = (number: number): Cluster => {
    const set = sets.get(number) ?? { lines: [], entries: [] }
    sets.set(number, set)
    return set
  }
  for (const [place, line] of lines.entries()) setOf(root(posts.length + place)).lines.push(line)
  for (const { place, entries } of posts) setOf(root(place)).entries.push(entries[0]!)
  return sets.values()
}

/** The first place from one on whose neighbour is not joined to it yet; leads others the short way. */
function firstFrom(next: Int32Array, from: number): number {
  let at = from
  while (next[at] !== at) {
    next[at] = next[next[at]!]!
    at = next[at]!
  }
  return at
}

/** Says of everything that is still open why it stands alone. */
export function leaveRest(board: Board): void {
  const known = {
    line: first(board.claimed.lines, board.lines.filter(isMatched)),
    entry: first(board.claimed.entries, board.entries.filter(isMatched)),
  }
  for (const line of board.lines.filter(isOpen)) {
    const beside = line.sort === 'reversal' ? takenBack(known.line, line) : doubled(known.line, line)
    leaveUnmatched(line, reasonOfLine(line, beside), beside)
  }
  for (const entry of board.entries.filter(isOpen)) {
    const beside = entry.sort === 'reversal' ? entry.entry.reverses : doubled(known.entry, entry)
    leaveUnmatched(entry, reasonOfEntry(board, entry, beside), beside)
  }
}

function isMatched({ outcome }: LineItem | EntryItem): boolean {
  return outcome?.standing === 'matched'
}

function reasonOfLine(line: LineItem, beside: string | null): BreakReason {
  if (line.sort === 'reversal') return 'reversal-unmatched'
  if (line.sort === 'fee' || line.sort === 'interest') return 'fee-or-interest'
  if (beside !== null) return 'duplicate-at-bank'
  return line.isStranger ? 'unknown-beneficiary' : 'missing-in-ledger'
}

function reasonOfEntry({ through, rules }: Board, entry: EntryItem, beside: string | null): BreakReason {
  if (entry.sort !== 'reversal' && beside !== null) return 'duplicate-in-ledger'
  if (through - entry.day <= rules.inTransitDays) return 'in-transit'
  return entry.sort === 'reversal' ? 'reversal-unmatched' : 'late-at-bank'
}

type Item = LineItem | EntryItem

/** The first that was claimed of each reference, amount, side and account. */
function first(...lists: (readonly Item[])[]): Map<string, Item> {
  const found = new Map<string, Item>()
  for (const items of lists)
    for (const item of items) for (const key of keysOf(item, item.flow)) if (!found.has(key)) found.set(key, item)
  return found
}

function keysOf({ amount, account, keys }: Item, flow: string): string[] {
  return keys.map(key => `${flow} ${amount} ${account} ${key}`)
}

/** A reference that comes again after so many days is another payment's. */
const longestDouble = 20

function doubled(known: Map<string, Item>, item: Item): string | null {
  const found = keysOf(item, item.flow).map(key => known.get(key))
  return found.find(other => other !== undefined && Math.abs(other.day - item.day) <= longestDouble)?.id ?? null
}

function takenBack(known: Map<string, Item>, line: LineItem): string | null {
  const found = keysOf(line, line.flow === 'in' ? 'out' : 'in').map(key => known.get(key))
  return found.find(other => other !== undefined && other.day <= line.day)?.id ?? null
}
