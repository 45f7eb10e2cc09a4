import type { App } from '../../http/openapi.ts'
import { type Asking, savingsFigures } from './asking.ts'
import { questionFields } from './question.ts'
import { tableRoute, writtenTableRoute } from './table-routes.ts'

/** What savers put in, took out and have, over HTTP. */
export function savingsRoutes(app: App, asking: Asking): void {
  const asked = {
    url: '/v1/statistics/savings',
    fields: questionFields,
    answer: savingsFigures.bind(null, asking),
  }
  tableRoute(app, {
    ...asked,
    operationId: 'getSavings',
    summary: 'Add up savings: deposits, withdrawals, incentives, balances with their deciles, empty accounts',
    description:
      'By month or at a month’s end, by one or two dimensions. Amounts are hidden where the number of those whose they are would be, and balances of months before such a one too (of all months of a place where it is told that it once had nothing), for a balance is the one before and what moved since. A median is of at least twice as many persons as the least count that is shown, deciles of ten times; there are none (null) where persons times months are more than three million.',
  })
  writtenTableRoute(app, {
    ...asked,
    operationId: 'writeSavings',
    bodyId: 'SavingsTableQuestion',
    example: { from: '2026-01', to: '2026-03', format: 'csv' },
  })
}
