import { matchingReasons } from '../matching/items.ts'

/** What a statement may be as a whole that keeps it from proving anything. */
export const statementReasons = [
  'statement-number-reused',
  'statement-gap',
  'statement-opening-differs',
  'statement-unbalanced',
  'statement-overlap-unclear',
  'currency',
] as const
export type StatementReason = (typeof statementReasons)[number]

/** Why bank and ledger do not agree: a closed list, and one reason each. */
export const breakReasons = [...matchingReasons, ...statementReasons] as const
export type BreakReason = (typeof breakReasons)[number]
