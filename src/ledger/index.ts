/** The ledger's only door: verbs to write with, views to read by. It has never heard of savers. */
export {
  type Account,
  type AccountChange,
  type AccountOpening,
  accountById,
  accountCodePattern,
  changeAccounts,
  chartOfAccounts,
  normalSide,
  openAccounts,
} from './accounts.ts'
export { auditRoutes } from './audit-routes.ts'
export { readStatement, statementQuery, statementSchema } from './balance-routes.ts'
export { type Balance, type Balances, balancesKnownAt, balancesOf } from './balances.ts'
export {
  type Book,
  type BookHead,
  type BookOpening,
  bookOf,
  type Connection,
  existingBooks,
  headOf,
  openBook,
} from './books.ts'
export { booksOpenedBy, type ChainEnds, chainEndsAt, hashesBetween } from './chain-ends.ts'
export { type Closing, closeMonth, closingsOf } from './closings.ts'
export type { Outcome, Posted } from './decide.ts'
export { contentHash, type Draft, type DraftEntry, kindPattern, largestAmount, mostDrafts } from './draft.ts'
export {
  type Hold,
  type HoldPlacing,
  holdById,
  holdsOf,
  keepHoldsExpired,
  lockHead,
  placeHold,
  releaseHold,
} from './holds.ts'
export { sequenceKnownAt, type Viewpoint } from './knowledge.ts'
export { watchBatches } from './metrics.ts'
export { type Ledger, listModes, openLedger } from './post.ts'
export { type Reversal, reversalDraft, reverse } from './reversals.ts'
export { ledgerRoutes } from './routes.ts'
export {
  type AccountStatus,
  type AccountType,
  accountStatuses,
  accountTypes,
  type Direction,
  directions,
  type Evidence,
} from './schema.ts'
export { type StatementLine, type StatementPlace, statementPage } from './statements.ts'
export { type Entry, type Transaction, transactionById, transactionsAfter } from './transactions.ts'
export { type Known, type TrialBalance, type TrialBalanceLine, trialBalance } from './trial-balance.ts'
export {
  bookCodes,
  type FurtherCheck,
  type Verification,
  type VerificationProgress,
  verifyBook,
  verifyStrays,
  verifyWithin,
} from './verify.ts'
export { type Fault, type FaultList, faultRules } from './verify-faults.ts'
export { verifyGuards } from './verify-guards.ts'
export {
  accountStatusSchema,
  actorShown,
  daysInOrder,
  directionSchema,
  hashText,
  heldMeaning,
  kindShown,
  reasonText,
  sequenceNumber,
  viewpointQuery,
} from './wire.ts'
