import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import { amountText, signedAmountText } from '../../money.ts'
import { reasons, stepNames } from '../accrual/steps.ts'
import { incentiveMoneys } from '../lots/lots.ts'
import { capSchema } from '../rules/terms.ts'

/** Why a line pays nothing, or not yet, beside the reasons of the accrual. */
export const lineReasons = [
  ...reasons,
  'already-paid',
  'no-open-account',
  'BLOCKED_BY_ACCOUNT_LIMIT',
  'nothing-left-to-take-back',
  'contract-forfeited',
  'moved-since-prepared',
  'refused-by-ledger',
  'run-ended',
] as const
export const lineReasonSchema = z.enum(lineReasons).meta({ id: 'IncentiveLineReason' })
export type LineReason = (typeof lineReasons)[number]

export const moneySchema = z.enum(incentiveMoneys).meta({ id: 'IncentiveMoney' })

export const takenFromSchema = z.array(
  z.object({ savingsAccountId: z.uuid(), money: moneySchema, amount: amountText }).meta({ id: 'IncentiveTakenFrom' }),
)

/** How an amount came about: kept with the line, so that it says the same for ever. */
export const explanationSchema = z
  .object({
    from: calendarDate,
    to: calendarDate,
    inputs: z.array(
      z
        .object({ transactionId: z.uuid(), date: calendarDate, amount: signedAmountText })
        .meta({ id: 'IncentiveInput' }),
    ),
    steps: z.array(
      z
        .object({
          step: z.enum(stepNames).meta({ id: 'IncentiveStepName' }),
          amount: signedAmountText.optional(),
          rate: z.string().optional(),
          cap: capSchema.optional(),
        })
        .meta({ id: 'IncentiveStep' }),
    ),
    owed: amountText.describe('For this period, by all that is known'),
    paidBefore: amountText.describe('For this period, by earlier runs'),
    /** Of a clawback: what she no longer holds, which stays owed by her and is looked at again by the next run. */
    notTakenBack: amountText.optional().describe('What she no longer holds of it'),
    takenFrom: takenFromSchema
      .optional()
      .describe(
        'Of a clawback: in which of her accounts she still held it. Of what lies in an account, withdrawals and transfers take first what was credited first; a transfer between her own accounts leaves it what it is',
      ),
    forfeited: amountText.optional().describe('What went back to the funds with a contract that ended before its time'),
    savers: z
      .array(z.uuid())
      .optional()
      .describe('Of a rule that counts households: whose money it was; paid so, it counts in no other for the period'),
    earlier: z
      .uuid()
      .optional()
      .describe(
        'The withdrawal of this programme and book that the same proof was paid for already, or is in this run',
      ),
    limit: z
      .string()
      .meta({ examples: ['mostBalance'] })
      .optional()
      .describe('Which limit of the account it would have broken'),
    refusal: z
      .string()
      .meta({ examples: ['account-blocked'] })
      .optional()
      .describe('The code of what the ledger refused; the next run tries again'),
    decision: z
      .enum(['institution', 'lapsed'])
      .meta({ id: 'IncentiveDecisionStanding' })
      .optional()
      .describe(
        'That the institution’s figure is owed by a recorded decision; or that there was one, and what the rule gives changed since',
      ),
    decisionId: z.uuid().optional(),
    owedByRule: amountText.optional().describe('What the rule itself gives, which the steps tell'),
  })
  .meta({ id: 'IncentiveExplanation' })

export type Explanation = z.output<typeof explanationSchema>
