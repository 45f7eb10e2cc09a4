import type { Amount } from '../../money.ts'
import type { Moves } from './moves.ts'
import { type Cause, causes } from './outcomes.ts'

/** What the bank tells of an account besides its balance, and what is known of its movements. */
export type Told = { interest: Amount | null; fees: Amount | null; moves: Moves | undefined }

/**
 * Which causes together make up a difference to the centavo: as few as can. Where different causes would, all of these are told, and
 * nobody is to take one of them for true. Pure.
 */
export function explain(difference: Amount, { interest, fees, moves }: Told): Cause[][] {
  // Of nothing there is no cause, even where two of them would take each other back.
  if (difference === 0n) return []
  const amounts: Record<Cause, readonly Amount[]> = {
    interest: interest === null || interest === 0n ? [] : [interest],
    fees: fees === null || fees === 0n ? [] : [-fees],
    'in-transit': moves?.['in-transit'] ?? [],
    'value-date': moves?.['value-date'] ?? [],
    incentive: moves?.incentive ?? [],
  }
  const possible = causes.filter(cause => amounts[cause].length > 0)
  for (let size = 1; size <= possible.length; size++) {
    const found = sets(possible, size).filter(set => isSum(difference, set, amounts))
    if (found.length > 0) return found
  }
  return []
}

/** The sets of so many of them, in their order. */
function sets(of: readonly Cause[], size: number): Cause[][] {
  if (size === 0) return [[]]
  return of.flatMap((first, place) => sets(of.slice(place + 1), size - 1).map(rest => [first, ...rest]))
}

/** Whether one amount of each comes to the sum. */
function isSum(sum: Amount, [first, ...rest]: readonly Cause[], amounts: Record<Cause, readonly Amount[]>): boolean {
  if (first === undefined) return sum === 0n
  return amounts[first].some(amount => isSum(sum - amount, rest, amounts))
}
