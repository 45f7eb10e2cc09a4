import type { CalendarDate } from '../../dates.ts'
import type { Currency } from '../../money.ts'
import type { Claims } from '../accrual/documents.ts'
import type { Decisions, Horizon } from '../accrual/facts.ts'
import type { CreditRule, Movement } from '../accrual/lived.ts'
import type { Holding } from '../lots/lots.ts'
import type { PeriodStatus } from '../rules/terms.ts'
import type { Paid } from './lines.ts'
import type { LockOutcome } from './schema.ts'
import type { Contract, Counted, HeldAccount, Limits } from './standing.ts'

/** What a run computes by, the same for all its savers. */
export type Course = {
  programmeId: string
  runId: string
  month: string
  horizon: Horizon
  valueDate: CalendarDate
  currency: Currency
  rules: readonly CreditRule[]
  limits: Limits | null
}

/** What is known about some savers and whoever lives with them. */
export type Known = {
  movements: ReadonlyMap<string, Movement[]>
  statuses: ReadonlyMap<string, ReadonlyMap<string, PeriodStatus>>
  /** By household the contracts of who lives in it or was counted in it, the oldest first. */
  households: ReadonlyMap<string, Contract[]>
  /** In which household whose money was counted, by what was paid. */
  counted: Counted
  /** By contract. */
  paid: ReadonlyMap<string, Paid[]>
  decisions: Decisions
  /** What proofs have earned, by earlier runs and by what this one has prepared. */
  claims: Claims
  accounts: ReadonlyMap<string, HeldAccount[]>
  locks: ReadonlyMap<string, LockOutcome>
  /** What savers of whom something is to be taken back hold of incentives, and lost: of others nobody asks. */
  holdings: ReadonlyMap<string, Holding>
  /** Of which incentives it was told that they went back with the contract, by saver. */
  toldForfeited: ReadonlyMap<string, ReadonlySet<string>>
}
