import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Holding, heldOf, holdingOf, type Money, type Moving, sumOf } from '../../src/incentives/lots/lots.ts'

type Leg = { account: string; money: Money; direction: 'debit' | 'credit'; amount: bigint }

let count = 0
function moving(kind: string, legs: Leg[], more: Partial<Moving> = {}): Moving {
  count += 1
  const entries = legs.map(({ account, ...leg }) => ({ ...leg, savingsAccountId: account }))
  const none = { reverses: null, key: null, enrolmentId: null, forfeits: false, on: '2026-01-01' }
  return { sequence: String(count), kind, ...none, ...more, entries }
}

const leg = (account: string, money: Money, direction: Leg['direction'], amount: bigint) => ({
  ...{ account, money, direction, amount },
})
const released = (account: string, direction: Leg['direction'], amount: bigint) =>
  leg(account, 'incentive-released', direction, amount)
const locked = (account: string, direction: Leg['direction'], amount: bigint) =>
  leg(account, 'incentive-locked', direction, amount)

const paid = (key: string, account: string, amount: bigint, money: Money = 'incentive-released', more = {}) =>
  moving('incentive', [leg(account, money, 'credit', amount)], { key, enrolmentId: 'e1', ...more })
const takenOut = (account: string, amount: bigint) => moving('withdrawal', [released(account, 'debit', amount)])
const carried = (from: string, to: string, amount: bigint) =>
  moving('transfer', [released(from, 'debit', amount), released(to, 'credit', amount)])

/** What is held of each incentive: `GROWTH: a released 5, b released 2`. */
const told = (holding: Holding, key: string) =>
  heldOf(holding, key).map(({ savingsAccountId, money, amount }) => [savingsAccountId, money, amount].join(' '))

describe('what a saver holds of an incentive', () => {
  it('is what was credited for it, until she takes out what was credited first', () => {
    const holding = holdingOf([paid('A', 'a', 10n), paid('B', 'a', 6n), takenOut('a', 12n)])
    expect(told(holding, 'A')).toEqual([])
    expect(told(holding, 'B')).toEqual(['a incentive-released 4'])
  })

  it('goes with it into her other account, where it is still the older one', () => {
    const both = [paid('A', 'a', 10n), paid('B', 'b', 6n), carried('a', 'b', 7n)]
    expect(told(holdingOf(both), 'A')).toEqual(['a incentive-released 3', 'b incentive-released 7'])
    const holding = holdingOf([...both, takenOut('b', 9n)])
    expect(told(holding, 'A')).toEqual(['a incentive-released 3'])
    expect(told(holding, 'B')).toEqual(['b incentive-released 4'])
  })

  it('comes back with a withdrawal that is reversed', () => {
    const out = takenOut('a', 12n)
    const back = moving('reversal', [released('a', 'credit', 12n)], { reverses: out.sequence })
    const holding = holdingOf([paid('A', 'a', 10n), paid('B', 'a', 6n), out, paid('C', 'a', 1n), back])
    expect(['A', 'B', 'C'].map(key => sumOf(heldOf(holding, key)))).toEqual([10n, 6n, 1n])
  })

  it('is taken back of that incentive, whatever else lies there and is older', () => {
    const taken = moving('incentive-clawback', [released('a', 'debit', 6n)], { key: 'B', enrolmentId: 'e1' })
    const holding = holdingOf([paid('A', 'a', 10n), paid('B', 'a', 6n), taken])
    expect(['A', 'B'].map(key => sumOf(heldOf(holding, key)))).toEqual([10n, 0n])
  })

  it('of a lock that ends is released or forfeited by contract and by what its rule says', () => {
    const forfeits = { forfeits: true }
    const before = [
      paid('A', 'a', 10n, 'incentive-locked', forfeits),
      paid('K', 'a', 5n, 'incentive-locked'),
      paid('O', 'a', 3n, 'incentive-locked', { enrolmentId: 'e2', ...forfeits }),
    ]
    const freed = moving('incentive-release', [locked('a', 'debit', 5n), released('a', 'credit', 5n)], {
      enrolmentId: 'e1',
    })
    const lost = moving('incentive-forfeiture', [locked('a', 'debit', 10n)], { enrolmentId: 'e1' })
    for (const ends of [
      [freed, lost],
      [lost, freed],
    ]) {
      const holding = holdingOf([...before, ...ends])
      expect(told(holding, 'A')).toEqual([])
      expect(told(holding, 'K')).toEqual(['a incentive-released 5'])
      expect(told(holding, 'O')).toEqual(['a incentive-locked 3'])
      expect([...holding.forfeited]).toEqual([['A', 10n]])
    }
  })
})

const accounts = ['a', 'b', 'c']
const keys = ['A', 'B', 'C', 'D']
type Deed = {
  deed: number
  account: string
  other: string
  key: string
  contract: string
  part: number
  isLocked: boolean
}
const deeds = fc.array(
  fc.record({
    ...{ deed: fc.nat(7), account: fc.constantFrom(...accounts), other: fc.constantFrom(...accounts) },
    ...{ key: fc.constantFrom(...keys), contract: fc.constantFrom('e1', 'e2'), part: fc.integer({ min: 1, max: 100 }) },
    isLocked: fc.boolean(),
  }),
  { maxLength: 40 },
)

/** A life in which no balance is overdrawn, as the ledger sees to it; with the balances at its end. */
function lived(steps: readonly Deed[]): { movings: Moving[]; balances: Map<string, bigint> } {
  const movings: Moving[] = []
  const balances = new Map<string, bigint>()
  const name = (account: string, money: Money) => `${money} ${account}`
  const has = (account: string, money: Money) => balances.get(name(account, money)) ?? 0n
  const undone = new Set<string>()
  const book = (one: Moving) => {
    for (const { savingsAccountId, money, direction, amount } of one.entries) {
      const change = direction === 'credit' ? amount : -amount
      balances.set(name(savingsAccountId, money), has(savingsAccountId, money) + change)
    }
    movings.push(one)
  }
  for (const { deed, account, other, key, contract, part, isLocked } of steps) {
    const money: Money = isLocked ? 'incentive-locked' : 'incentive-released'
    const some = (has(account, money) * BigInt(part)) / 100n
    if (deed <= 2) {
      book(paid(`${key}`, account, BigInt(part), money, { enrolmentId: contract, forfeits: key < 'C' }))
    } else if (some === 0n) continue
    else if (deed === 3 && !isLocked) book(takenOut(account, some))
    else if (deed === 4 && !isLocked && account !== other) book(carried(account, other, some))
    else if (deed === 5) {
      // As a run does it: no more of an incentive than is held of it.
      const held = heldOf(holdingOf(movings), key).find(one => one.savingsAccountId === account && one.money === money)
      if (held === undefined) continue
      const taken = { key, enrolmentId: contract }
      book(moving('incentive-clawback', [leg(account, money, 'debit', held.amount)], taken))
    } else if (deed === 6 && isLocked) {
      const lots = holdingOf(movings).places.find(one => one.savingsAccountId === account && one.money === money)!.lots
      const mine = lots.filter(one => one.enrolmentId === contract)
      const [gone, kept] = [sumOf(mine.filter(one => one.forfeits)), sumOf(mine.filter(one => !one.forfeits))]
      if (gone > 0n) book(moving('incentive-forfeiture', [locked(account, 'debit', gone)], { enrolmentId: contract }))
      const entries = [locked(account, 'debit', kept), released(account, 'credit', kept)]
      if (kept > 0n) book(moving('incentive-release', entries, { enrolmentId: contract }))
    } else if (deed === 7) {
      const out = movings.findLast(one => one.kind === 'withdrawal' && !undone.has(one.sequence))
      if (out === undefined) continue
      undone.add(out.sequence)
      const entries = out.entries.map(one => ({ ...one, account: one.savingsAccountId, direction: 'credit' as const }))
      book(moving('reversal', entries, { reverses: out.sequence }))
    }
  }
  return { movings, balances }
}

describe('whatever was paid, taken out, moved, released, forfeited and taken back', () => {
  it('lots add up to the balance of every place, and are of what was paid, and never more', () => {
    fc.assert(
      fc.property(deeds, steps => {
        const { movings, balances } = lived(steps)
        const { places } = holdingOf(movings)
        const held = new Map(places.map(({ money, savingsAccountId, lots }) => [`${money} ${savingsAccountId}`, lots]))
        for (const [place, balance] of balances) expect(sumOf(held.get(place) ?? [])).toBe(balance)
        for (const key of keys) {
          const came = movings.filter(one => one.kind === 'incentive' && one.key === key).flatMap(one => one.entries)
          const back = movings.filter(one => one.kind === 'incentive-clawback' && one.key === key)
          const most = sumOf(came) - sumOf(back.flatMap(one => one.entries))
          expect(sumOf(heldOf({ places, forfeited: new Map() }, key))).toBeLessThanOrEqual(most)
        }
        expect(places.flatMap(({ lots }) => lots).every(({ key, amount }) => key !== null && amount > 0n)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('what happens in one account changes nothing of another that no money came from', () => {
    fc.assert(
      fc.property(deeds, deeds, (mine, others) => {
        const inOne = (steps: Deed[], account: string) => lived(steps.map(one => ({ ...one, account, other: account })))
        const [here, there] = [inOne(mine, 'a').movings, inOne(others, 'z').movings]
        const mixed = here.flatMap((one, place) => [one, ...there.slice(place, place + 1)])
        const lotsOf = (movings: Moving[]) =>
          holdingOf(movings)
            .places.filter(({ savingsAccountId }) => savingsAccountId === 'a')
            .map(place => ({ ...place, lots: place.lots.map(({ age, ...lot }) => lot) }))
        expect(lotsOf([...mixed, ...there.slice(here.length)])).toEqual(lotsOf(here))
      }),
    )
  })
})
