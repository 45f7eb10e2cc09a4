import type { CalendarDate } from '../../dates.ts'
import type { Amount } from '../../money.ts'

/** What comes into our account at the bank, and what goes out of it. The bank credits what we debit, so neither word is used here. */
export const flows = ['in', 'out'] as const
export type Flow = (typeof flows)[number]

/** One payment of a line that the bank booked for several. */
export type LinePart = {
  /** Null where the file does not tell it. */
  amount: Amount | null
  references: readonly string[]
  counterpartAccount: string | null
}

/** A booked line of a statement, more than zero, in the book's currency. */
export type Line = {
  /** Of the line for ever: what is decided depends on ids, and not on the order in which lines come. */
  id: string
  flow: Flow
  amount: Amount
  /** By the bank's value date, else the day it was booked. */
  day: CalendarDate
  /** The bank's own, and the payer's or ours. */
  references: readonly string[]
  text: string
  code: string | null
  counterpartAccount: string | null
  isReversal: boolean
  parts: readonly LinePart[]
}

/** An entry of ours on the bank's account that no line was claimed for yet. */
export type Entry = {
  id: string
  sequence: bigint
  flow: Flow
  amount: Amount
  valueDate: CalendarDate
  references: readonly string[]
  /** Of its transaction. */
  kind: string
  /** What it belongs to, by the ids of groupings. */
  groupings: readonly string[]
  counterpartAccount: string | null
  /** The entry that it takes back. */
  reverses: string | null
}

/** What a bank may book as one line. */
export const groupingKinds = [
  'batch',
  'collection-sheet',
  'banking',
  'disbursement',
  'interest-list',
  'payment-roll',
  'savings-group',
] as const
export type GroupingKind = (typeof groupingKinds)[number]

export type Grouping = { id: string; kind: GroupingKind; references: readonly string[] }

export const matchingReasons = [
  'missing-in-ledger',
  'in-transit',
  'late-at-bank',
  'amount-differs',
  'date-out-of-window',
  'reference-differs',
  'ambiguous',
  'duplicate-at-bank',
  'duplicate-in-ledger',
  'reversal-unmatched',
  'wrong-account',
  'unknown-beneficiary',
  'fee-or-interest',
  'residue',
] as const
export type BreakReason = (typeof matchingReasons)[number]

/** That lines and entries are the same money: what comes in and goes out of both is equal. One side may be empty, when the other comes to nothing. */
export type Match = {
  rule: string
  lines: readonly string[]
  entries: readonly string[]
  reasons: readonly string[]
}

/** What a person is asked: whether lines and entries are the same money, although something differs. */
export type Suggestion = {
  reason: BreakReason
  /** From 1 to 99: it orders suggestions and promises nothing. */
  score: number
  lines: readonly string[]
  entries: readonly string[]
  reasons: readonly string[]
  /** By how much the lines bring in more than the entries: what would have to be adjusted. */
  adjustment: Amount
}

/** Lines and entries of which nobody can tell which goes with which. */
export type Ambiguity = { lines: readonly string[]; entries: readonly string[] }

export type Outcome =
  | { standing: 'matched'; match: Match }
  | { standing: 'suggested'; reason: BreakReason; suggestion: Suggestion }
  | { standing: 'ambiguous'; reason: 'ambiguous'; ambiguity: Ambiguity }
  | { standing: 'unmatched'; reason: BreakReason /** What it doubles, or takes back. */; beside: string | null }

export type Question = {
  lines: readonly Line[]
  entries: readonly Entry[]
  groupings: readonly Grouping[]
  /** What was claimed before, as far as it may be doubled or taken back now. */
  claimed: { lines: readonly Line[]; entries: readonly Entry[] }
  /** The numbers of all accounts that are ours to pay to. */
  accounts: ReadonlySet<string>
  /** The last day that the bank's statements cover. */
  through: CalendarDate
}

export type Decision = {
  matches: readonly Match[]
  suggestions: readonly Suggestion[]
  ambiguities: readonly Ambiguity[]
  /** Of each line and of each entry, by its id. */
  lines: ReadonlyMap<string, Outcome>
  entries: ReadonlyMap<string, Outcome>
}
