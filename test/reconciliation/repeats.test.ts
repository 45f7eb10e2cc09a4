import { expect, test } from 'vitest'
import { type Coming, repeatsOf as repeats, type Said } from '../../src/reconciliation/intake/repeats.ts'
import { type Stretch, stretchesOf } from '../../src/reconciliation/intake/stretches.ts'

/** A stretch from a balance to another, by deposits of five alone unless told otherwise. */
function from(opening: number | null, closing: number | null, more: Partial<Stretch> = {}): Stretch {
  const moved = BigInt((closing ?? 0) - (opening ?? 0))
  const [begun, ended] = [opening, closing].map(at => (at === null ? null : BigInt(at))) as [
    bigint | null,
    bigint | null,
  ]
  return {
    opening: begun,
    closing: ended,
    credits: moved,
    debits: 0n,
    lines: Number(moved) / 5,
    statements: ['a'],
    ...more,
  }
}

const repeatsOf = (...asked: Parameters<typeof repeats>) => repeats(...asked).had

const coming = (stretch: Stretch, isNextTo = false): Coming => ({ ...stretch, isNextTo: () => isNextTo })

/** Deposits of five: so many in what comes, and so many that are had. */
const fives = (times: number, ...had: number[]): Said => ({ moved: 5n, isLoose: true, times, had })

test('lines that say the same are had again where balances say so, and else are payments of their own', () => {
  expect(repeatsOf(coming(from(5, 15)), [from(0, 10)], [fives(2, 2)])).toEqual([[1]])
  expect(repeatsOf(coming(from(10, 15)), [from(0, 10)], [fives(1, 2)])).toEqual([[0]])
  expect(repeatsOf(coming(from(0, 10)), [from(0, 10)], [fives(2, 2)])).toEqual([[2]])
  // Apart by their balances: nothing is the same, unless a reference in both says that a balance is wrong.
  expect(repeatsOf(coming(from(50, 55)), [from(0, 10)], [fives(1, 2)])).toEqual([[0]])
  expect(repeatsOf(coming(from(50, 55)), [from(0, 10)], [{ ...fives(1, 2), isLoose: false }])).toEqual([[1]])
  // Nor where lines do not lead from the one balance to the other.
  expect(repeatsOf(coming(from(50, 60, { credits: 5n })), [from(0, 10)], [fives(2, 2)])).toEqual([[2]])
  expect(repeatsOf(coming(from(50, 60)), [from(0, 10, { credits: 5n })], [fives(2, 2)])).toEqual([[2]])
})

test('without balances lines are had, unless numbers say that one statement follows the other', () => {
  expect(repeatsOf(coming(from(null, null)), [from(0, 10)], [fives(2, 2)])).toEqual([[2]])
  expect(repeatsOf(coming(from(null, null), true), [from(0, 10)], [fives(2, 2)])).toEqual([[0]])
  // What moved nothing on the whole, balances cannot tell; numbers may.
  const back = [fives(1, 1), { ...fives(1, 1), moved: -5n }]
  const idle = from(10, 10, { credits: 5n, debits: 5n, lines: 2 })
  expect(repeatsOf(coming(idle), [idle], back)).toEqual([[1, 1]])
  expect(repeatsOf(coming(idle, true), [idle], back)).toEqual([[0, 0]])
})

test('of payments that are the same to the letter as many are had again as balances say, from the one end or the other', () => {
  // Ten were had, up to 50; from 30 on there come eight.
  expect(repeatsOf(coming(from(30, 70)), [from(0, 50)], [fives(8, 10)])).toEqual([[4]])
  expect(repeatsOf(coming(from(0, 40)), [from(30, 80)], [fives(8, 10)])).toEqual([[2]])
  // Between the two.
  expect(repeatsOf(coming(from(40, 70)), [from(0, 50), from(60, 90)], [fives(6, 10, 6)])).toEqual([[2], [2]])
})

test('a part of what was had is had, whatever came to the same later', () => {
  // The morning again, after a whole day in whose afternoon 5 were taken out.
  const day = from(0, 10, { credits: 15n, debits: 5n, lines: 4 })
  expect(repeatsOf(coming(from(0, 15)), [day], [fives(3, 3)])).toEqual([[3]])
})

test('where two kinds of payments would come to what is left over, nobody can say, and all are taken as had', () => {
  expect(repeatsOf(coming(from(15, 40)), [from(0, 30)], [fives(3, 3), fives(2, 2)])).toEqual([[3, 2]])
  // A reference is one payment's.
  const named = { ...fives(2, 2), isLoose: false }
  expect(repeatsOf(coming(from(15, 40)), [from(0, 30)], [fives(3, 3), named])).toEqual([[1, 2]])
})

const alone = (stretch: Stretch, id: string) => {
  const told = { ...stretch, statements: [id] }
  return { own: told, all: told }
}

test('statements that go on where others end are one stretch, in whatever order they came', () => {
  const parts = [alone(from(0, 10), 'a'), alone(from(10, 30), 'b'), alone(from(30, 35), 'c')]
  for (const order of [parts, [parts[2]!, parts[0]!, parts[1]!], [parts[1]!, parts[2]!, parts[0]!]]) {
    const [whole, ...others] = stretchesOf(order)
    expect([whole!.opening, whole!.closing, whole!.lines, others]).toEqual([0n, 35n, 7, []])
    expect([...whole!.statements].sort()).toEqual(['a', 'b', 'c'])
  }
})

test('what overlaps joins by its own lines, and what lies apart stays apart', () => {
  const overlapping = { own: from(20, 30, { lines: 2, statements: ['b'] }), all: from(10, 30, { statements: ['b'] }) }
  const own = { ...overlapping.own, opening: 10n, credits: 10n }
  const [whole, ...none] = stretchesOf([alone(from(0, 20), 'a'), { ...overlapping, own }])
  expect([whole!.opening, whole!.closing, whole!.credits, none]).toEqual([0n, 30n, 30n, []])
  expect(stretchesOf([alone(from(0, 20), 'a'), alone(from(50, 60), 'b')])).toHaveLength(2)
})

test('of payments that come to nothing, where one statement goes on from another, nobody can say, and the statement says so', () => {
  const idle = from(10, 10, { credits: 5n, debits: 5n, lines: 2 })
  const back = [fives(1, 1), { ...fives(1, 1), moved: -5n }]
  expect(repeats(coming(idle), [idle], back)).toEqual({ had: [[1, 1]], unsure: 2 })
  // What else both say is not among them by the balances; whether these two are, is as unsure.
  const more = from(10, 25, { credits: 20n, debits: 5n, lines: 5 })
  const twins = [fives(1, 1), { ...fives(1, 1), moved: -5n }, { ...fives(1, 1), moved: 7n }]
  expect(repeats(coming(more), [idle], twins)).toEqual({ had: [[0, 0, 0]], unsure: 3 })
  // Numbers tell, and so do references that come once.
  expect(repeats(coming(idle, true), [idle], back)).toEqual({ had: [[0, 0]], unsure: 0 })
  const named = back.map(one => ({ ...one, isLoose: false }))
  expect(repeats(coming(idle), [idle], named)).toEqual({ had: [[1, 1]], unsure: 0 })
  expect(repeats(coming(more), [idle], [...named, twins[2]!])).toEqual({ had: [[1, 1, 0]], unsure: 0 })
  // Deposits alone never come to nothing.
  expect(repeats(coming(from(10, 15)), [from(0, 10)], [fives(1, 2)])).toEqual({ had: [[0]], unsure: 0 })
  // Nor do those that are too few for what went out.
  const uneven = [fives(2, 2), { ...fives(1, 1), moved: -7n }]
  expect(repeats(coming(from(10, 20)), [from(7, 10)], uneven).unsure).toBe(0)
})
