import type { CalendarDate } from '../../dates.ts'
import type { Amount } from '../../money.ts'
import type { CreditTerms } from '../rules/terms.ts'
import type { Accrual } from './accrual.ts'
import { basisOf, type Life, lifeOf } from './basis.ts'
import type { CreditRule, Lived } from './lived.ts'
import { isPeriodic, type Period } from './periods.ts'

/** A contract that a saver had before, with all that it is owed. */
export type Earlier = { contract: Lived['contract']; accruals: readonly Accrual[] }

/** Since when a saver had contracts within a period, and how much was counted of it for those before the one in question. */
export type Before = { from: CalendarDate; counted: Amount }

/** What earlier contracts that ran in a period of the calendar counted for it; undefined when there are none. */
export function countedBefore(
  earlier: readonly Earlier[],
  { id, terms }: CreditRule,
  period: Period,
): Before | undefined {
  if (!isPeriodic(terms.cadence)) return undefined
  const within = earlier.filter(({ contract }) => contract.to >= period.from)
  const [first] = within
  if (first === undefined) return undefined
  const same = within.flatMap(({ accruals }) =>
    accruals.filter(({ ruleId, period: key }) => ruleId === id && key === period.key),
  )
  return { from: first.contract.from, counted: same.reduce((sum, { counted }) => sum + (counted ?? 0n), 0n) }
}

/**
 * What contracts before left to count for a period. The period is the calendar's and the money one saver's: all of them
 * together count no more than one would that ran through, so that what went out in one and came back in the next, or
 * between them, is not matched for it. Pure.
 */
export function leftBy(
  { from, counted }: Before,
  { movements }: Lived,
  { contract, through, opening }: Life,
  terms: CreditTerms,
  period: Period,
): Amount {
  const together = lifeOf({ contract: { from, to: contract.to }, movements, openedOn: opening }, through)
  const within = together.hers.filter(({ date }) => date >= period.from && date <= period.to)
  const left = basisOf(together, terms, within, period).base - counted
  return left > 0n ? left : 0n
}
