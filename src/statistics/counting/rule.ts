import { type Currency, parseAmount } from '../../money.ts'
import type { Terms } from '../definitions/terms.ts'

/** Terms as the fold compares with: minor units as integers, which are exact up to 2^53. */
export type Rule = {
  days: number | null
  window: number
  countsMonths: boolean
  withdrawalsQualify: boolean
  leastOperation: number
  minimumActive: number
  recency: number | null
  minimumBalance: number | null
  minimumAge: number
  retention: { amount: number; days: number } | null
}

export function ruleOf(terms: Terms, currency: Currency): Rule {
  const minor = (text: string) => Number(parseAmount(text, currency))
  const { window, retention } = terms
  return {
    days: window.unit === 'days' ? window.length : null,
    window: window.unit === 'months' ? window.length : Math.ceil(window.length / 28) + 1,
    countsMonths: terms.count === 'months',
    withdrawalsQualify: terms.operations === 'DEPOSITS_AND_WITHDRAWALS',
    leastOperation: terms.minimumDeposit === null ? 0 : minor(terms.minimumDeposit),
    minimumActive: terms.minimumActive,
    recency: terms.recency,
    minimumBalance: terms.minimumBalance === null ? null : minor(terms.minimumBalance),
    minimumAge: terms.minimumAge,
    retention: retention === null ? null : { amount: minor(retention.amount), days: retention.days },
  }
}
