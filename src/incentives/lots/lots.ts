import type { CalendarDate } from '../../dates.ts'
import { type Amount, least } from '../../money.ts'

/** The moneys of a savings account that incentives are paid into: until the contract is over, or hers at once. */
export const incentiveMoneys = ['incentive-locked', 'incentive-released'] as const
export type Money = (typeof incentiveMoneys)[number]

/** One of a saver's moneys of incentives. */
export type Place = { savingsAccountId: string; money: Money }

/** What is left in one place of what was credited for one incentive at once. */
export type Lot = {
  /** The incentive: its `onceKey`; null of money that no incentive brought. */
  key: string | null
  enrolmentId: string | null
  /** Whether it goes back to the funds when the contract ends before its time. */
  forfeits: boolean
  on: CalendarDate
  /** Its place among all that was credited to her: the least is the oldest. */
  age: number
  amount: Amount
}

/** A transaction, as far as it moved a saver's money of incentives, in any of her accounts. */
export type Moving = {
  sequence: string
  reverses: string | null
  kind: string
  on: CalendarDate
  /** Of an incentive and of what is taken back of one. */
  key: string | null
  /** Of these, and of the end of a lock. */
  enrolmentId: string | null
  forfeits: boolean
  entries: readonly (Place & { direction: 'debit' | 'credit'; amount: Amount })[]
}

/** What a saver holds of incentives, and what she lost of them. */
export type Holding = {
  /** In each place, the oldest first. */
  places: readonly (Place & { lots: readonly Lot[] })[]
  /** What went back to the funds with a contract that ended before its time, by the incentive. */
  forfeited: ReadonlyMap<string, Amount>
}

/**
 * What a saver still holds of each incentive, and where, from all that moved, in the order in which it was recorded. What is
 * credited is a lot. Whatever leaves an account takes the lot that was credited first; between two accounts of hers it
 * stays that lot; a lock that ends takes the contract's, a clawback its incentive's; and what comes back with a
 * withdrawal that is reversed is what that had taken. Pure; whatever it is given, lots add up to balances.
 */
export function holdingOf(movings: readonly Moving[]): Holding {
  const places = new Map<string, Place & { lots: Lot[] }>()
  const forfeited = new Map<string, Amount>()
  const left = new Map<string, Lot[]>()
  movings.forEach((moving, age) => {
    const { kind, key, enrolmentId, forfeits, on, sequence, reverses, entries } = moving
    const taken = entries
      .filter(({ direction }) => direction === 'debit')
      .flatMap(entry => takeLots(placeOf(entry).lots, entry.amount, rankOf(moving)))
    if (kind === 'incentive-forfeiture') {
      for (const lot of taken) {
        if (lot.key !== null) forfeited.set(lot.key, (forfeited.get(lot.key) ?? 0n) + lot.amount)
      }
    }
    const back = reverses === null ? [] : (left.get(reverses) ?? []).map(lot => ({ ...lot }))
    const moved = [...taken, ...back]
    for (const { direction, amount, ...place } of entries) {
      if (direction === 'debit') continue
      const lots = takeLots(moved, amount, () => 0)
      const rest = amount - sumOf(lots)
      const own =
        kind === 'incentive' ? { key, enrolmentId, forfeits } : { key: null, enrolmentId: null, forfeits: false }
      if (rest > 0n) lots.push({ ...own, on, age, amount: rest })
      const there = placeOf(place)
      there.lots = [...there.lots, ...lots].sort((one, other) => one.age - other.age)
    }
    left.set(sequence, moved)
  })
  const inOrder = [...places.values()].sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))
  return { places: inOrder.filter(({ lots }) => lots.length > 0), forfeited }

  function placeOf({ savingsAccountId, money }: Place) {
    const name = nameOf({ savingsAccountId, money })
    const known = places.get(name) ?? { savingsAccountId, money, lots: [] }
    places.set(name, known)
    return known
  }
}

/** What a saver holds of one incentive, by place: what is locked first. */
export function heldOf({ places }: Holding, key: string): (Place & { amount: Amount })[] {
  return places
    .map(({ lots, ...place }) => ({ ...place, amount: sumOf(lots.filter(lot => lot.key === key)) }))
    .filter(({ amount }) => amount > 0n)
}

export const sumOf = (lots: readonly Pick<Lot, 'amount'>[]): Amount =>
  lots.reduce((sum, { amount }) => sum + amount, 0n)

const nameOf = ({ money, savingsAccountId }: Place) => `${money} ${savingsAccountId}`

/** Which lots a transaction takes first, of those that lie where it takes: the least rank, and in it the oldest. */
function rankOf({ kind, key, enrolmentId }: Moving): (lot: Lot) => number {
  if (kind === 'incentive-clawback') return lot => (lot.key === key ? 0 : 1)
  const gone = kind === 'incentive-forfeiture'
  if (!gone && kind !== 'incentive-release') return () => 0
  return lot => (lot.enrolmentId !== enrolmentId ? 2 : lot.forfeits === gone ? 0 : 1)
}

/** Takes an amount out of lots, as far as there is as much, and answers what it took, the oldest first. */
function takeLots(lots: Lot[], amount: Amount, rank: (lot: Lot) => number): Lot[] {
  const taken: Lot[] = []
  let wanted = amount
  for (const lot of lots.toSorted((one, other) => rank(one) - rank(other))) {
    const part = least(lot.amount, wanted)
    if (part === 0n) continue
    taken.push({ ...lot, amount: part })
    lot.amount -= part
    wanted -= part
  }
  lots.splice(0, lots.length, ...lots.filter(lot => lot.amount > 0n))
  return taken.sort((one, other) => one.age - other.age)
}
