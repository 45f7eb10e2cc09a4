/**
 * What is done about a break: it is the same money after all; what the ledger lacks is posted; what is wrong in it is
 * reversed; a small difference is booked; or it stays as it is.
 */
export const resolutionKinds = ['match', 'post', 'reverse', 'adjust', 'accept'] as const
export type ResolutionKind = (typeof resolutionKinds)[number]

/** What became of a proposal. */
export const outcomes = ['approved', 'rejected', 'withdrawn'] as const
export type Outcome = (typeof outcomes)[number]

/** A movement of money to be posted: by one of savings' verbs, or between the bank and an account of fees or income. */
export type Posting = { verb: string; body: Record<string, unknown> }

/** What is proposed, whole: whatever the breaks were of when it was, by the ids of lines and entries, and what is to be posted. */
export type Content = {
  question: string | null
  lines: readonly string[]
  entries: readonly string[]
  postings: readonly Posting[]
  /** Ids of transactions to be reversed. */
  transactions: readonly string[]
  /** Of reversals and of an adjustment. */
  valueDate: string | null
  /** The account of fees or income that takes the difference. */
  accountId: string | null
}
