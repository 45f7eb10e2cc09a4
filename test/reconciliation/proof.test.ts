import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays } from '../../src/dates.ts'
import { type Covering, type Facts, type Moved, proofs } from '../../src/reconciliation/proofs/proof.ts'

const first = '2026-03-01'
const day = (place: number) => addDays(first, place)

function moved(place: number, amount: bigint, given: Partial<Moved> = {}): Moved {
  return { day: day(place), isClaimed: false, isAccepted: false, reason: null, count: 1, amount, ...given }
}

/** Statements of a bank that has these lines, each of so many days, one after the other. */
function told(lines: readonly Moved[], lengths: readonly number[], opening = 0n): Covering[] {
  const statements: Covering[] = []
  let [from, balance] = [0, opening]
  for (const length of lengths) {
    const days = new Map<string, bigint>()
    for (let place = from; place < from + length; place++) {
      const sum = lines.filter(line => line.day === day(place)).reduce((all, line) => all + line.amount, 0n)
      days.set(day(place), sum)
    }
    const closing = [...days.values()].reduce((all, amount) => all + amount, balance)
    statements.push({
      id: `${from}`,
      fromDay: day(from),
      toDay: day(from + length - 1),
      opening: balance,
      closing,
      days,
    })
    from += length
    balance = closing
  }
  return statements
}

const amounts = fc.bigInt({ min: -100_000n, max: 100_000n }).filter(amount => amount !== 0n)

test('whatever is on one side only, a bank whose statements hang together leaves nothing over, on any day', () => {
  const some = fc.array(
    fc.record({
      place: fc.nat(20),
      late: fc.integer({ min: -3, max: 5 }),
      amount: amounts,
      where: fc.constantFrom('both', 'bank', 'ledger'),
      suspended: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(some, lengths, (payments, lengths) => {
      const days = lengths.reduce((sum, length) => sum + length, 0)
      const lines = payments
        .filter(({ where }) => where !== 'ledger')
        .map(({ place, late, amount, where }) =>
          moved(Math.min(days - 1, Math.max(0, place + late)), amount, { isClaimed: where === 'both' }),
        )
      const entries = payments
        .filter(({ where }) => where !== 'bank')
        .map(({ place, amount, where }) => moved(place, amount, { isClaimed: where === 'both' }))
      // Told on another day than it is open, as of a month that was closed meanwhile.
      const suspense = payments
        .filter(({ where, suspended }) => where === 'bank' && suspended)
        .map(({ place, amount }) => ({ day: day(place), amount }))
      const facts: Facts = { lines, entries, suspense, underWay: [], statements: told(lines, lengths), causes: [] }
      for (const proof of proofs(facts, first, day(days - 1))) {
        expect([proof.day, proof.status, proof.residue, proof.because]).toEqual([proof.day, 'proved', 0n, []])
        const listed = proof.items.reduce((sum, { amount }) => sum + amount, proof.underWay.amount)
        expect(proof.ledger - proof.suspense + listed).toBe(proof.bank)
      }
      expect(proofs(facts, day(days), day(days))[0]).toMatchObject({ status: 'not-covered', bank: null, residue: null })
    }),
    { numRuns: 200 },
  )
})

test('a residue always has a name', () => {
  const lines = [moved(0, 500n)]
  const none = { underWay: [], entries: [], suspense: [], causes: [] }
  const [late] = proofs({ ...none, lines, statements: told(lines, [1], 200n) }, first, first)
  expect(late).toMatchObject({ status: 'broken', residue: 200n, because: [{ reason: 'statement-gap', amount: 200n }] })
  const [lacking] = proofs({ ...none, lines: [], statements: told(lines, [1]) }, first, first)
  expect(lacking).toMatchObject({ status: 'broken', residue: 500n, because: [{ reason: 'residue', amount: 500n }] })
  const cause = { reason: 'statement-unbalanced' as const, day: first, amount: 500n, detail: 'five more' }
  const [unbalanced] = proofs({ ...none, lines: [], statements: told(lines, [1]), causes: [cause] }, first, first)
  expect(unbalanced!.because.map(({ reason }) => reason)).toEqual(['statement-unbalanced'])
  const [before] = proofs(
    { ...none, lines: [], statements: told(lines, [1]), causes: [{ ...cause, day: day(1) }] },
    first,
    first,
  )
  expect(before!.because.map(({ reason }) => reason)).toEqual(['residue'])
})

test('a statement without a closing balance proves nothing of its days', () => {
  const statements = told([], [3]).map(statement => ({ ...statement, closing: null }))
  const facts: Facts = { lines: [], entries: [], suspense: [], underWay: [], causes: [], statements }
  expect(proofs(facts, first, day(2)).map(({ status }) => status)).toEqual([
    'not-covered',
    'not-covered',
    'not-covered',
  ])
})
