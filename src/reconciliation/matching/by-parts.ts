import type { Amount } from '../../money.ts'
import { type Board, claim, type EntryItem, isOpen, type LineItem, suggest } from './board.ts'
import { type DayIndex, dayIndex } from './day-index.ts'
import type { Flow, LinePart } from './items.ts'
import { referenceKeys } from './references.ts'
import type { RuleBy } from './rules.ts'

type Part = { day: number; flow: Flow; amount: Amount; keys: readonly string[]; account: string | null }
type Known = { entries: DayIndex<EntryItem>; parts: DayIndex<Part> }

/**
 * Claims a line that the bank booked for several payments and tells one by one: when each of them is an entry by its reference,
 * or by its account, and by nothing else's.
 */
export function matchByParts(board: Board, rule: RuleBy<'parts'>): void {
  const partsOf = new Map<LineItem, Part[]>()
  for (const line of board.lines) {
    const parts = isOpen(line) ? toldParts(line) : null
    if (parts !== null) partsOf.set(line, parts)
  }
  if (partsOf.size === 0) return
  const known = knownOf(board, partsOf)
  for (const [line, parts] of partsOf) {
    const found = parts.map(part => entryOf(known, rule, part)).filter(entry => entry !== null)
    const isDistinct = new Set(found).size === found.length
    if (!isDistinct || !found.every(isOpen) || found.length * 2 < parts.length) continue
    const reasons = [`each of ${parts.length} payments that the bank tells of is an entry`]
    if (found.length === parts.length) claim(board, rule.name, [line], found, reasons)
    else suggest(board, { reason: 'residue', score: 70, reasons: [lacking(parts, found)] }, [line], found)
  }
}

function lacking(parts: Part[], found: EntryItem[]): string {
  return `of ${parts.length} payments that the bank tells of, ${parts.length - found.length} are no entry`
}

/** The payments of a line, when all have an amount and come to the line's. */
function toldParts(line: LineItem): Part[] | null {
  const { parts } = line.line
  if (parts.length < 2 || line.sort === 'reversal') return null
  const told = parts.flatMap(part =>
    part.amount === null || part.amount <= 0n ? [] : [partOf(line, part, part.amount)],
  )
  const sum = told.reduce((total, { amount }) => total + amount, 0n)
  return told.length === parts.length && sum === line.amount ? told : null
}

function partOf({ day, flow }: LineItem, part: LinePart, amount: Amount): Part {
  return { day, flow, amount, keys: referenceKeys(part.references), account: part.counterpartAccount }
}

function knownOf(board: Board, partsOf: ReadonlyMap<LineItem, Part[]>): Known {
  const known: Known = { entries: dayIndex(), parts: dayIndex() }
  for (const entry of board.entries) {
    if (isOpen(entry)) for (const key of keysOf(entry)) known.entries.add(key, entry)
  }
  for (const line of board.lines) {
    for (const part of partsOf.get(line) ?? [line]) for (const key of keysOf(part)) known.parts.add(key, part)
  }
  return known
}

function keysOf({ flow, amount, keys, account }: Part | EntryItem | LineItem): string[] {
  return [
    ...keys.map(key => `${flow} ${amount} reference ${key}`),
    ...(account === null ? [] : [`${flow} ${amount} account ${account}`]),
  ]
}

/** The entry that a payment is, when it is the only one both ways by the first of its keys that tells any. */
function entryOf({ entries, parts }: Known, { window }: RuleBy<'parts'>, part: Part): EntryItem | null {
  for (const key of keysOf(part)) {
    const { list, from, to } = entries.within(key, part.day - window.after, part.day + window.before)
    if (from === to) continue
    const entry = list[from]!
    const rivals = parts.within(key, entry.day - window.before, entry.day + window.after)
    const isOnly = to - from === 1 && rivals.to - rivals.from === 1
    return isOnly && (part.account === null || entry.account === null || part.account === entry.account) ? entry : null
  }
  return null
}
