import { withdrawalPurposes } from '../../savings/verbs/withdrawals.ts'
import type { CreditRule } from '../accrual/lived.ts'
import type { Cap, CreditTerms } from '../rules/terms.ts'

/** How an institution may have read a rule otherwise; or what else its figure may be. */
export const readingNames = [
  'gross-deposits',
  'net-growth',
  'high-water-mark',
  'without-cap',
  'without-base-cap',
  'without-minimum-balance',
  'without-minimum-base',
  'opening-counted',
  'opening-not-counted',
  'any-period-status',
  'any-purpose',
  'without-evidence',
  'each-saver-by-herself',
  'rounded-half-up',
  'rounded-down',
  'rounded-up',
  'only-the-difference',
  'without-the-decision',
] as const
export type ReadingName = (typeof readingNames)[number]

/** The rule as it would be read: of one respect, so that two of different respects go together. */
export type Reading = { names: ReadingName[]; rule: CreditRule }
type Change = { name: ReadingName; respect: string; read: (rule: CreditRule) => CreditRule }

const growth: readonly CreditTerms['basis'][] = ['NET_GROWTH', 'GROSS_DEPOSITS', 'HIGH_WATER_MARK', 'RETAINED_TRANSFER']
const basisNames = {
  GROSS_DEPOSITS: 'gross-deposits',
  NET_GROWTH: 'net-growth',
  HIGH_WATER_MARK: 'high-water-mark',
} as const

/** The changes of terms that would make a difference in this rule, those of the basis first, of rounding last. */
function changesOf({ terms }: CreditRule): Change[] {
  const changes: Change[] = []
  const add = (name: ReadingName, respect: string, changed: Partial<CreditTerms>) =>
    changes.push({ name, respect, read: rule => ({ ...rule, terms: { ...rule.terms, ...changed } }) })
  if (growth.includes(terms.basis)) {
    for (const basis of ['GROSS_DEPOSITS', 'NET_GROWTH', 'HIGH_WATER_MARK'] as const) {
      if (basis !== terms.basis) add(basisNames[basis], 'basis', { basis })
    }
    const name = terms.openingCounts ? 'opening-not-counted' : 'opening-counted'
    add(name, 'opening', { openingCounts: !terms.openingCounts })
  }
  if (terms.caps.length > 0) add('without-cap', 'cap', { caps: [] as Cap[] })
  if (terms.baseCap !== undefined) add('without-base-cap', 'base-cap', { baseCap: undefined })
  if (terms.minimumBalance !== undefined) add('without-minimum-balance', 'balance', { minimumBalance: undefined })
  if (terms.minimumBase !== undefined) add('without-minimum-base', 'base', { minimumBase: undefined })
  if (terms.periodStatuses !== undefined) add('any-period-status', 'status', { periodStatuses: undefined })
  if (terms.purposes !== undefined) add('any-purpose', 'purpose', { purposes: [...withdrawalPurposes] })
  if (terms.evidence !== 'none') add('without-evidence', 'evidence', { evidence: 'none' })
  if (terms.unit === 'household') add('each-saver-by-herself', 'unit', { unit: 'saver' })
  for (const rounding of ['half-up', 'down', 'up'] as const) {
    changes.push({ name: `rounded-${rounding}`, respect: 'rounding', read: rule => ({ ...rule, rounding }) })
  }
  return changes
}

/** The rule read otherwise in one respect. */
export function readingsOf(rule: CreditRule): Reading[] {
  return changesOf(rule).map(({ name, read }) => ({ names: [name], rule: read(rule) }))
}

/** The rule read otherwise in two respects at once; rounding is not one of them, for nearly any figure is near another. */
export function pairedReadingsOf(rule: CreditRule): Reading[] {
  const changes = changesOf(rule).filter(({ respect }) => respect !== 'rounding')
  return changes.flatMap((first, place) =>
    changes
      .slice(place + 1)
      .filter(({ respect }) => respect !== first.respect)
      .map(second => ({ names: [first.name, second.name], rule: second.read(first.read(rule)) })),
  )
}
