import { expect, test } from 'vitest'
import type { Gated } from '../../src/reconciliation/intake/gate.ts'
import { areRepeated, type Twin } from '../../src/reconciliation/intake/repeats.ts'

function gated(given: Partial<Gated> = {}): Gated {
  const balances = {
    opening: '10.00',
    closing: '10.00',
    residue: '0.00',
    credits: '0.00',
    debits: '0.00',
    uncounted: 0,
  }
  return { sequence: null, page: null, toDay: '2026-03-02', ...balances, ...given }
}

/** A statement from a balance to another by deposits alone. */
const from = (opening: number, closing: number, more: Partial<Gated> = {}) =>
  gated({ opening: `${opening}.00`, closing: `${closing}.00`, credits: `${closing - opening}.00`, ...more })

const twin: Twin = { content: 0, moved: '5.00', isEarlier: true }
const alone = (before: Gated) => ({ before, after: null })
const is = (...[statement, before, twins]: [Gated, Gated, Twin[]]) => [
  ...areRepeated(statement, alone(before), twins, false),
]

test('lines that say the same are had again where balances say so, and else are payments of their own', () => {
  expect(is(gated({ opening: '5.00' }), gated(), [twin])).toEqual([1])
  expect(is(gated(), gated(), [twin])).toEqual([0])
  expect(is(gated({ opening: '99.00', closing: '104.00' }), gated(), [twin])).toEqual([1])
  // What moved nothing on the whole, balances cannot tell; numbers may.
  const back = [twin, { ...twin, content: 1, moved: '-5.00' }]
  const [first, second] = [gated({ sequence: 1 }), gated({ sequence: 2 })]
  expect(is(gated(), gated(), back)).toEqual([1, 1])
  expect(is(second, first, back)).toEqual([0, 0])
  expect(is(gated({ opening: null }), gated(), [twin])).toEqual([1])
  expect(is({ ...second, opening: null }, first, [twin])).toEqual([0])
  expect([...areRepeated(gated(), { before: null, after: null }, [twin], false)]).toEqual([1])
})

const alike = (count: number, isEarlier: boolean) => Array.from({ length: count }, () => ({ ...twin, isEarlier }))

test('of payments that are the same to the letter as many are had again as balances say, from the one end or the other', () => {
  // Ten were had, up to 50.00; from 30.00 on there come eight.
  expect(is(from(30, 70), from(0, 50), alike(8, true))).toEqual([1, 1, 1, 1, 0, 0, 0, 0])
  const later = areRepeated(from(0, 40), { before: null, after: from(30, 80) }, alike(8, false), false)
  expect([...later]).toEqual([0, 0, 0, 0, 0, 0, 1, 1])
  // Between the two.
  const between = [...alike(3, true), ...alike(3, false)]
  const both = areRepeated(from(40, 70), { before: from(0, 50), after: from(60, 90) }, between, false)
  expect([...both]).toEqual([1, 1, 0, 0, 1, 1])
})

test('what goes on to where another begins is of its own, also when it comes later', () => {
  expect(is(from(0, 20), from(20, 25), [twin])).toEqual([0])
  expect([
    ...areRepeated(from(0, 20), { before: null, after: from(20, 25) }, [{ ...twin, isEarlier: false }], false),
  ]).toEqual([0])
})

test('a part of what was had is had, whatever came to the same later', () => {
  // The morning again, after a whole day in whose afternoon 5.00 were taken out.
  const day = from(0, 10, { credits: '15.00', debits: '5.00' })
  expect(is(from(0, 15), day, alike(3, true))).toEqual([1, 1, 1])
})

test('where two kinds of payments would come to what is left over, nobody can say, and all are taken as had', () => {
  const others = alike(2, true).map(one => ({ ...one, content: 1 }))
  expect(is(from(15, 40), from(0, 30), [...alike(3, true), ...others])).toEqual([1, 1, 1, 1, 1])
})
