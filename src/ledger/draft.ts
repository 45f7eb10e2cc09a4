import { hash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { CalendarDate } from '../dates.ts'
import type { Amount } from '../money.ts'
import { Refusal } from '../refusals.ts'
import type { Direction, Evidence } from './schema.ts'

/** One leg of a draft: `amount` in minor units of the book's currency, more than zero. */
export type DraftEntry = { accountId: string; direction: Direction; amount: Amount }

/** What a transaction reverses: its id, which the content hash covers, and its sequence, which the database links by. */
export type Reversed = { id: string; sequence: bigint }

/** A transaction not yet posted. */
export type Draft = {
  id: string
  kind: string
  valueDate: CalendarDate
  entries: readonly DraftEntry[]
  reason?: string
  evidence?: Evidence
  reverses?: Reversed
  /** The hold that this transaction captures. */
  holdId?: string
}

export const mostEntries = 1000

/** As many drafts as one batch takes, and one list may have. */
export const mostDrafts = 1000

/** As many entries as drafts that are decided together may have: a book waits for as long as they take. */
export const mostEntriesTogether = 10_000

export function entriesOf(drafts: Iterable<Pick<Draft, 'entries'>>): number {
  let sum = 0
  for (const { entries } of drafts) sum += entries.length
  return sum
}

/** The largest amount of one entry, in minor units: 13 digits before the point and two after. */
export const largestAmount = 999_999_999_999_999n

export const kindPattern = /^[a-z][a-z-]{0,39}$/

/** Kinds that only the ledger's own verbs may give. */
export const ownKinds = ['reversal', 'adjustment'] as const

/**
 * Checks what can be known of a draft without its book: at least two entries, positive amounts, debits = credits.
 * @throws Refusal `draft-invalid`
 */
export function checkDraft(draft: Draft): void {
  if (!kindPattern.test(draft.kind)) throw invalid('kind', 'The kind is lower-case words joined by hyphens.')
  if (draft.entries.length < 2) throw invalid('entries', 'A transaction has at least two entries.')
  if (draft.entries.length > mostEntries) throw invalid('entries', `A transaction has at most ${mostEntries} entries.`)
  if (draft.kind === 'adjustment' && !draft.reason) throw invalid('reason', 'An adjustment needs a reason.')
  let sum = 0n
  for (const { direction, amount } of draft.entries) {
    if (amount <= 0n || amount > largestAmount)
      throw invalid('entries', 'Each amount is more than zero and has at most 15 digits.')
    sum += direction === 'debit' ? amount : -amount
  }
  if (sum !== 0n) throw invalid('entries', 'Debits and credits differ.')
}

function invalid(path: string, message: string): Refusal {
  return new Refusal('draft-invalid', message, { fields: [{ path, message }] })
}

/** Half of a surrogate pair, which canonical JSON refuses, or a NUL, which PostgreSQL does. */
function unstorable(cause?: unknown): Refusal {
  const message = 'Text must be Unicode without NUL characters.'
  return new Refusal('draft-invalid', message, { fields: [{ path: 'evidence', message }], cause })
}

/** A NUL as JSON writes it, and not a backslash before the letters `u0000`, which is written as two. */
const escapedNul = /(?<!\\)(?:\\\\)*\\u0000/

/**
 * A draft's content in canonical form (RFC 8785). It names the book, so that a transaction cannot be moved to another.
 * @throws Refusal `draft-invalid` when a text is not well-formed Unicode or holds a NUL, which PostgreSQL cannot keep
 */
export function contentOf(bookId: string, draft: Draft): string {
  const { id, kind, valueDate, reason, reverses, holdId } = draft
  // Every posting makes one, and so does verifying it: written out in the order of names, it costs a fifth of sorting them.
  // Ids, days, directions and amounts hold nothing to escape.
  let entries = ''
  for (const { accountId, direction, amount } of draft.entries) {
    if (entries !== '') entries += ','
    entries += `{"account":"${accountId}","amount":"${amount}","direction":"${direction}"}`
  }
  let text = `{"book":"${bookId}","entries":[${entries}],"evidence":${canonical(draft.evidence ?? {})}`
  if (holdId !== undefined) text += `,"hold":"${holdId}"`
  text += `,"id":"${id}","kind":${canonical(kind)}`
  if (reason !== undefined) text += `,"reason":${canonical(reason)}`
  if (reverses !== undefined) text += `,"reverses":"${reverses.id}"`
  text += `,"valueDate":"${valueDate}"}`
  if (text.includes('\\u0000') && escapedNul.test(text)) throw unstorable()
  return text
}

function canonical(value: Evidence | string): string {
  try {
    return canonicalize(value) as string
  } catch (cause) {
    throw unstorable(cause)
  }
}

/** SHA-256 of a draft's canonical content: the fingerprint of its id, and what the chain covers. */
export function contentHash(bookId: string, draft: Draft): Buffer {
  return Buffer.from(hash('sha256', contentOf(bookId, draft), 'hex'), 'hex')
}
