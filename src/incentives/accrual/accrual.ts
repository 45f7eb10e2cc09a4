import type { CalendarDate } from '../../dates.ts'
import type { Amount } from '../../money.ts'
import type { Reason, Step } from './steps.ts'

/** That another amount is owed for a period than the rule gives: as long as the rule gives what it gave then. */
export type Decision = { id: string; ruled: Amount; owed: Amount }

export const keyOf = ({ ruleId, period }: { ruleId: string; period: string }) => `${ruleId} ${period}`

/** What is paid once: by one contract, under a rule, for a period. */
export const onceKey = (one: { enrolmentId: string; ruleId: string; period: string }) =>
  `${one.enrolmentId} ${keyOf(one)}`

/** What a rule owes for one period, with all that it follows from. */
export type Accrual = {
  ruleId: string
  /** `once`, a period of the calendar, or the id of the withdrawal. */
  period: string
  from: CalendarDate
  to: CalendarDate
  amount: Amount
  reason: Reason | null
  steps: Step[]
  inputs: { transactionId: string; date: CalendarDate; effect: Amount }[]
  /** The proof that it is owed by, and how many withdrawals were paid by it before. */
  document?: { key: string; uses: number }
  /** The withdrawal that the same proof has earned for already. */
  earlier?: string
  /** How much of the basis it is a part of. */
  counted?: Amount
  /** Of a rule that counts households: whose money is counted together. */
  savers?: string[]
  /** Which decision there is, what the rule itself gives, and whether the decision stands. */
  decision?: { id: string; ruled: Amount; stands: boolean }
}
