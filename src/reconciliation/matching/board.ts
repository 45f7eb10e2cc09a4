import assert from 'node:assert/strict'
import { type CalendarDate, daysBetween } from '../../dates.ts'
import type { Amount } from '../../money.ts'
import type {
  Ambiguity,
  BreakReason,
  Entry,
  Flow,
  Grouping,
  Line,
  Match,
  Outcome,
  Question,
  Suggestion,
} from './items.ts'
import { plainWords, referenceKeys, referencesInText } from './references.ts'
import type { MatchingRules } from './rules.ts'

/** What a line is of: it decides which entries it may be. */
export type LineSort = 'plain' | 'fee' | 'interest' | 'reversal'

type Facts = {
  id: string /** Its place in an order that depends on nothing but what is given. */
  place: number
  day: number
  flow: Flow
  amount: Amount
  account: string | null
  keys: readonly string[]
  outcome: Outcome | null
}

export type LineItem = Facts & {
  line: Line
  sort: LineSort
  /** Paid to an account that is none of ours. */
  isStranger: boolean
  /** References that its text may hold. */
  textKeys: readonly string[]
  /** Whether a reference of it is one of an entry or a grouping that was open: then no amount may tell against it. */
  isReferred: boolean
}

export type EntryItem = Facts & { entry: Entry; sort: Exclude<LineSort, 'fee'>; isReferred: boolean }

export type Bundle = { grouping: Grouping; keys: readonly string[]; entries: EntryItem[] }

/** What is being decided. Rules claim on it; nothing that has an outcome is ever looked at again. */
export type Board = {
  rules: MatchingRules
  through: number
  lines: readonly LineItem[]
  entries: readonly EntryItem[]
  bundles: readonly Bundle[]
  claimed: { lines: readonly LineItem[]; entries: readonly EntryItem[] }
  matches: Match[]
  suggestions: Suggestion[]
  ambiguities: Ambiguity[]
}

export function openBoard(question: Question, rules: MatchingRules): Board {
  const dayOf = dayNumbers()
  const lineItem = lineItems(question, rules, dayOf)
  const entryItem = entryItems(rules, dayOf)
  const lines = inOrder(question.lines, byId).map(lineItem)
  const entries = inOrder(question.entries, bySequence).map(entryItem)
  for (const items of [lines, entries])
    assert(new Set(items.map(({ id }) => id)).size === items.length, 'ids are unique')
  return {
    rules,
    through: dayOf(question.through),
    lines,
    entries,
    bundles: bundlesOf(question.groupings, entries),
    claimed: {
      lines: inOrder(question.claimed.lines, byId).map(lineItem),
      entries: inOrder(question.claimed.entries, bySequence).map(entryItem),
    },
    matches: [],
    suggestions: [],
    ambiguities: [],
  }
}

function inOrder<Given>(given: readonly Given[], order: (one: Given, other: Given) => number): Given[] {
  return given.toSorted(order)
}

function byId(one: { id: string }, other: { id: string }): number {
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0
}

function bySequence(one: Entry, other: Entry): number {
  return one.sequence < other.sequence ? -1 : one.sequence > other.sequence ? 1 : byId(one, other)
}

/** Days as numbers, each reckoned once. */
function dayNumbers(): (day: CalendarDate) => number {
  const known = new Map<CalendarDate, number>()
  return day => {
    const number = known.get(day) ?? daysBetween('2000-01-01', day)
    known.set(day, number)
    return number
  }
}

function lineItems({ accounts }: Question, rules: MatchingRules, dayOf: (day: CalendarDate) => number) {
  const sortOf = sorting(rules)
  return (line: Line, place: number): LineItem => {
    assert(line.amount > 0n, 'a line is of more than nothing')
    // A batch of one is that one.
    const [part] = line.parts.length === 1 ? line.parts : []
    const number = line.counterpartAccount ?? part?.counterpartAccount ?? null
    const isOurs = number !== null && accounts.has(number)
    const isStranger = number !== null && !isOurs && line.flow === 'out'
    return {
      ...{ id: line.id, place, day: dayOf(line.day), flow: line.flow, amount: line.amount, outcome: null },
      line,
      sort: sortOf(line),
      isStranger,
      // Who pays in may do so from anywhere; whom we pay has an account that we know.
      account: isOurs || isStranger ? number : null,
      keys: referenceKeys([...line.references, ...(part?.references ?? [])]),
      textKeys: referencesInText(line.text, rules.leastReferenceInText),
      isReferred: false,
    }
  }
}

function sorting({ fees, interest }: MatchingRules): (line: Line) => LineSort {
  const [feeCodes, feeWords] = [new Set(fees.codes), new Set(fees.words)]
  const [interestCodes, interestWords] = [new Set(interest.codes), new Set(interest.words)]
  return line => {
    if (line.isReversal) return 'reversal'
    const codes = line.code?.split('/') ?? []
    const words = plainWords(line.text)
    if (codes.some(code => feeCodes.has(code)) || words.some(word => feeWords.has(word))) return 'fee'
    if (codes.some(code => interestCodes.has(code)) || words.some(word => interestWords.has(word))) return 'interest'
    return 'plain'
  }
}

function entryItems({ interest }: MatchingRules, dayOf: (day: CalendarDate) => number) {
  return (entry: Entry, place: number): EntryItem => {
    assert(entry.amount > 0n, 'an entry is of more than nothing')
    return {
      ...{ id: entry.id, place, day: dayOf(entry.valueDate), flow: entry.flow, amount: entry.amount, outcome: null },
      entry,
      sort: entry.reverses !== null ? 'reversal' : interest.kinds.includes(entry.kind) ? 'interest' : 'plain',
      account: entry.counterpartAccount,
      keys: referenceKeys(entry.references),
      isReferred: false,
    }
  }
}

function bundlesOf(groupings: readonly Grouping[], entries: readonly EntryItem[]): Bundle[] {
  const bundles = new Map<string, Bundle>()
  for (const grouping of inOrder(groupings, byId))
    bundles.set(grouping.id, { grouping, keys: referenceKeys([grouping.id, ...grouping.references]), entries: [] })
  for (const item of entries) {
    for (const id of new Set(item.entry.groupings)) {
      const bundle = bundles.get(id)
      assert(bundle !== undefined, 'an entry belongs to groupings that are told')
      bundle.entries.push(item)
    }
  }
  return [...bundles.values()].filter(bundle => bundle.entries.length > 0)
}

/** Whether a line may be an entry by what it is: a fee is none of ours, and a reversal takes something back. */
export function fits(line: LineItem, entry: EntryItem): boolean {
  return line.sort === 'plain' || line.sort === entry.sort
}

/** Whether accounts do not speak against it. */
export function agrees(line: LineItem, entry: EntryItem): boolean {
  return line.account === null || entry.account === null || line.account === entry.account
}

export function isOpen(item: LineItem | EntryItem): boolean {
  return item.outcome === null
}

export function isWithin(line: LineItem, entry: EntryItem, window: { before: number; after: number }): boolean {
  const days = line.day - entry.day
  return days >= -window.before && days <= window.after
}

/** What comes in less what goes out. */
export function net(items: Iterable<LineItem | EntryItem>): Amount {
  let sum = 0n
  for (const { flow, amount } of items) sum += flow === 'in' ? amount : -amount
  return sum
}

/** Claims lines and entries as the same money: each but once, and nothing left over. */
export function claim(board: Board, rule: string, lines: LineItem[], entries: EntryItem[], reasons: string[]): void {
  assert([...lines, ...entries].every(isOpen), 'nothing is claimed twice')
  assert(net(lines) === net(entries), 'what is claimed is the same money')
  const match: Match = { rule, ...idsOf(lines, entries), reasons }
  board.matches.push(match)
  for (const item of [...lines, ...entries]) item.outcome = { standing: 'matched', match }
}

/** What a difference is called: one that a person may adjust is a residue. */
export function differenceReason(
  { rules }: Board,
  lines: Iterable<LineItem>,
  entries: Iterable<EntryItem>,
): 'residue' | 'amount-differs' {
  const [difference, tolerance] = [net(lines) - net(entries), BigInt(rules.tolerance)]
  return difference <= tolerance && -difference <= tolerance ? 'residue' : 'amount-differs'
}

/** Asks a person whether open lines and entries are the same money. */
export function suggest(
  board: Board,
  given: { reason: BreakReason; score: number; reasons: string[] },
  lines: LineItem[],
  entries: EntryItem[],
): void {
  assert([...lines, ...entries].every(isOpen), 'what is suggested is open')
  const adjustment = net(lines) - net(entries)
  const suggestion: Suggestion = { ...given, ...idsOf(lines, entries), adjustment }
  board.suggestions.push(suggestion)
  for (const item of [...lines, ...entries]) item.outcome = { standing: 'suggested', reason: given.reason, suggestion }
}

export function leaveAmbiguous(board: Board, lines: LineItem[], entries: EntryItem[]): void {
  const ambiguity: Ambiguity = idsOf(lines, entries)
  board.ambiguities.push(ambiguity)
  for (const item of [...lines, ...entries]) item.outcome = { standing: 'ambiguous', reason: 'ambiguous', ambiguity }
}

export function leaveUnmatched(item: LineItem | EntryItem, reason: BreakReason, beside: string | null = null): void {
  item.outcome = { standing: 'unmatched', reason, beside }
}

function idsOf(lines: LineItem[], entries: EntryItem[]): { lines: string[]; entries: string[] } {
  return {
    lines: lines.toSorted((one, other) => one.place - other.place).map(({ id }) => id),
    entries: entries.toSorted((one, other) => one.place - other.place).map(({ id }) => id),
  }
}
