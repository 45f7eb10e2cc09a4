import type { Amount } from '../../money.ts'
import type { Cap } from '../rules/terms.ts'

/** Why nothing, or less than the rate would give, is owed. */
export const reasons = [
  'rule-to-be-set',
  'no-deposit-yet',
  'no-growth',
  'below-minimum-base',
  'below-minimum-balance',
  'purpose-not-covered',
  'evidence-missing',
  'document-used',
  'period-status-unknown',
  'period-not-met',
  'cap-reached',
  'rounds-to-zero',
  'counted-with-household',
  'no-longer-owed',
  'decided-nothing',
  'opened-in-earlier-contract',
  'counted-in-earlier-contract',
  'paid-in-other-contract',
] as const
export type Reason = (typeof reasons)[number]

export const stepNames = [
  'deposits',
  'opening-excluded',
  'withdrawals',
  'transfers',
  'transfers-withdrawn',
  'withdrawn',
  'highest-before',
  'saved-so-far',
  'base',
  'left-by-earlier-contract',
  'base-cap',
  'rate',
  'cap',
  'paid-in-household',
  'paid-in-other-contract',
  'owed',
] as const

/** One line of the arithmetic: an amount in minor units, or the rate. A cap says how much of it was left. */
export type Step = { step: (typeof stepNames)[number]; amount?: Amount; rate?: string; cap?: Cap }
