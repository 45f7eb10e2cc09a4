import type { Terms } from './terms.ts'

/**
 * The definitions that ship. `PAS-v1` is this project's, of a published rule (SIERRA SUR II: at least 4 operations a year) and
 * of choices that each have a reason: months and not operations, so that four slips in a day are one; recency, for
 * "permanent"; S/10, below which the IEP study took a woman not to save; a year's age, for full exposure.
 */
const pas: Terms = {
  window: { unit: 'months', length: 12 },
  operations: 'DEPOSITS',
  minimumDeposit: '1.00',
  count: 'months',
  minimumActive: 4,
  recency: 6,
  minimumBalance: '10.00',
  minimumAge: 12,
  retention: null,
}

/** Anything she did, however small, and nothing asked but that. */
const anyOperation: Terms = {
  ...pas,
  operations: 'DEPOSITS_AND_WITHDRAWALS',
  minimumDeposit: null,
  count: 'operations',
  minimumActive: 1,
  recency: null,
  minimumBalance: null,
  minimumAge: 0,
}

type Preset = { name: string; title: string; source: string; terms: Terms }

/** As migrations/0024_definition_guards.sql registers them. */
export const presets: readonly [Preset, ...Preset[]] = [
  {
    name: 'PAS-v1',
    title: 'Permanent active savers',
    source: 'This project; 4 operations a year from SIERRA SUR II, S/10 from the IEP study',
    terms: pas,
  },
  {
    name: 'SIERRA-SUR-4-OPS',
    title: 'At least four operations a year',
    source: 'SIERRA SUR II, to the letter',
    terms: { ...anyOperation, minimumActive: 4, minimumAge: 12 },
  },
  {
    name: 'FINDEX-ACTIVE-12M',
    title: 'Any deposit or withdrawal in twelve months',
    source: 'Global Findex: an account is inactive without a deposit or withdrawal in the past 12 months',
    terms: anyOperation,
  },
  {
    name: 'ACTIVE-90D',
    title: 'Any deposit or withdrawal in ninety days',
    source: 'Active customers as operators of mobile money count them (90 days)',
    terms: { ...anyOperation, window: { unit: 'days', length: 90 } },
  },
]
