import { z } from 'zod'
import { amountText } from '../../money.ts'

/** Where a registered woman stands at the end of a month: the first that is true of her. They exclude each other. */
export const statuses = ['CLOSED', 'TOO_NEW', 'PERMANENT_ACTIVE', 'ACTIVE', 'DORMANT', 'EMPTY'] as const

export type Status = (typeof statuses)[number]

/** What qualifies: deposits of hers, or withdrawals as well. */
const operationModes = ['DEPOSITS', 'DEPOSITS_AND_WITHDRAWALS'] as const

const months = z.int().min(1).max(120)

/** How a definition counts. Amounts are of the currency that is asked about. */
export const termsSchema = z
  .strictObject({
    window: z
      .strictObject({ unit: z.enum(['months', 'days']).meta({ id: 'WindowUnit' }), length: z.int().min(1).max(3660) })
      .describe('How far back from the end of the month it looks; the month itself is one of the months')
      .meta({ id: 'StatisticsWindow' }),
    operations: z.enum(operationModes).meta({ id: 'OperationMode' }),
    minimumDeposit: amountText.nullable().describe('The least that an operation has to be to qualify; null: anything'),
    count: z
      .enum(['months', 'operations'])
      .meta({ id: 'OperationCounting' })
      .describe('Whether different calendar months with an operation are counted, or operations'),
    minimumActive: z.int().min(1).max(1000).describe('How many of them make a permanent active saver'),
    recency: months.nullable().describe('The last one lies in the last so many months; null: anywhere in the window'),
    minimumBalance: amountText.nullable().describe('The least own money at the end of the month; null: none is asked'),
    minimumAge: z
      .int()
      .min(0)
      .max(120)
      .describe('Whole months since her first account was opened; younger is TOO_NEW, outside the denominator'),
    retention: z
      .strictObject({ amount: amountText, days: z.int().min(1).max(365) })
      .meta({ id: 'RetentionTerms' })
      .nullable()
      .describe(
        'A month counts as well when so much of a transfer of the state credited in it was not withdrawn within so many days after',
      ),
  })
  .refine(({ window, count }) => window.unit === 'months' || count === 'operations', {
    path: ['count'],
    message: 'must be "operations" for a window of days',
  })
  .refine(({ window, recency }) => recency === null || (window.unit === 'months' && recency <= window.length), {
    path: ['recency'],
    message: 'must be null for a window of days, and within a window of months',
  })
  .refine(({ window, count, minimumActive }) => count === 'operations' || minimumActive <= window.length, {
    path: ['minimumActive'],
    message: 'must be no more than there are months in the window, or nobody could ever meet it',
  })
  .refine(({ window, retention }) => retention === null || window.unit === 'months', {
    path: ['retention'],
    message: 'must be null for a window of days',
  })
  .refine(({ window }) => window.unit === 'days' || window.length <= 120, {
    path: ['window', 'length'],
    message: 'must be 120 months at most',
  })
  .meta({ id: 'DefinitionTerms' })

export type Terms = z.output<typeof termsSchema>
