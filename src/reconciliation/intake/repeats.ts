import { difference, isZero, openSum, signOf, unitsOf } from '../statements/decimals.ts'
import { follows, type Gated } from './gate.ts'

/** A line of a statement that comes in and says to the letter what one says that is had, and is on a day that both statements cover. */
export type Twin = {
  /** What it says, by number. */
  content: number
  /** By how much it moves the account. */
  moved: string
  /** Whether the statement that had it stands before this one, or after it. */
  isEarlier: boolean
}

/** The statements beside the one that comes in: the last that stands before it, and the first that stands after it. */
export type Neighbours = { before: Gated | null; after: Gated | null }

/**
 * Which twins are the same payments, told again by an export that overlaps, by their places among them; the others are payments
 * of their own that happen to say the same. Balances decide where there are any: what two statements share is what the one ends
 * later than the other begins. Whatever they do not tell is taken to be the same, and a break says that it does not add up.
 */
export function areRepeated(
  statement: Gated,
  { before, after }: Neighbours,
  twins: readonly Twin[],
  hasOthers: boolean,
): Uint8Array {
  const isRepeated = new Uint8Array(twins.length)
  const [earlier, later] = [true, false].map(isEarlier =>
    twins.flatMap((twin, place) => (twin.isEarlier === isEarlier ? [place] : [])),
  )
  // Payments of their own come after what was had before, and before what was had after.
  const sides = [
    { places: earlier!.reverse(), first: before, second: statement, beside: before },
    { places: later!, first: statement, second: after, beside: after },
  ]
  for (const { places, first, second, beside } of sides) {
    if (first === null || second === null || beside === null) for (const place of places) isRepeated[place] = 1
    else {
      const isWithin = !hasOthers && mayHold(beside, statement)
      for (const place of sharedOf(twins, places, first, second, isWithin)) isRepeated[place] = 1
    }
  }
  return isRepeated
}

/** Which twins two statements share; those that are not stand first among the places that say the same. */
function sharedOf(
  twins: readonly Twin[],
  places: readonly number[],
  first: Gated,
  second: Gated,
  isWithin: boolean,
): readonly number[] {
  if (first.closing === null || second.opening === null) return follows(second, first) ? [] : places
  const shared = difference(first.closing, second.opening)
  if (isZero(shared) && follows(second, first)) return []
  const sum = openSum()
  for (const place of places) sum.add(twins[place]!.moved)
  if (isZero(difference(sum.text(), shared))) return places
  // The one goes on where the other ends; of those of one day without a number, what came later may be the earlier one.
  if (isZero(shared) || goesOn(second, first)) return []
  if (isWithin) return places
  return withoutOwn(twins, places, difference(sum.text(), shared))
}

function goesOn({ closing }: Gated, { opening }: Gated): boolean {
  return closing !== null && opening !== null && isZero(difference(closing, opening))
}

/** Whether by its balances all of a statement may be within another: as a part of its day, or one day of its month. */
function mayHold(other: Gated, { opening, closing }: Gated): boolean {
  if (other.opening === null || opening === null || closing === null) return true
  const above = (amount: string) => signOf(difference(amount, difference(other.opening!, other.debits))) >= 0
  const below = (amount: string) => signOf(difference(difference(amount, other.opening!), other.credits)) <= 0
  return [opening, closing].every(amount => above(amount) && below(amount))
}

/** The places without the payments of their own: so many of lines that say the same as come to the excess, if that tells which. */
function withoutOwn(twins: readonly Twin[], places: readonly number[], excess: string): readonly number[] {
  const alike = [...Map.groupBy(places, place => twins[place]!.content).values()].flatMap(its => {
    const times = timesIn(twins[its[0]!]!.moved, excess)
    return its.length > 1 && times !== null && times <= its.length ? [{ its, times }] : []
  })
  const [only, ...others] = alike
  if (only === undefined || others.length > 0) return places
  const own = new Set(only.its.slice(0, only.times))
  return places.filter(place => !own.has(place))
}

/** How often an amount is in another, a whole number from 1; null when it is not. */
function timesIn(amount: string, whole: string): number | null {
  const [part, all] = unitsOf(amount, whole)
  if (part === 0n || all % part !== 0n || all / part < 1n) return null
  return Number(all / part)
}
