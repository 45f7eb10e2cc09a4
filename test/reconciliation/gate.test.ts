import { expect, test } from 'vitest'
import { follows, type Gated, gateBreaks } from '../../src/reconciliation/intake/gate.ts'
import { numberKey, placeOf } from '../../src/reconciliation/intake/numbers.ts'

function gated(given: Partial<Gated> = {}): Gated {
  const balances = {
    opening: '10.00',
    closing: '10.00',
    residue: '0.00',
    credits: '0.00',
    debits: '0.00',
    uncounted: 0,
    unsure: 0,
  }
  return { sequence: null, page: null, toDay: '2026-03-02', ...balances, ...given }
}

const at = (sequence: number, page: number | null = null, toDay = '2026-03-02') => gated({ sequence, page, toDay })

test.each([
  ['the next number', at(2), at(1), true],
  ['the next page', at(1, 2), at(1, 1), true],
  ['the first page of the next number', at(2, 1), at(1, 4), true],
  ['a page left out', at(1, 3), at(1, 1), false],
  ['a number left out', at(3), at(1), false],
  ['an earlier number', at(1), at(2), false],
  ['the first of a year', at(1, null, '2027-01-04'), at(250, null, '2026-12-31'), true],
  ['the first of the same year', at(1, null, '2026-12-31'), at(250, null, '2026-12-30'), false],
])('%s follows, or is a gap', (_, statement, before, isNext) => {
  expect(follows(statement, before)).toBe(isNext)
  expect(gateBreaks(statement, before, '0').map(({ reason }) => reason)).toEqual(isNext ? [] : ['statement-gap'])
})

test('without numbers there is no gap that could be told, but balances tell', () => {
  expect(gateBreaks(gated(), gated(), '0')).toEqual([])
  expect(gateBreaks(gated(), null, '0')).toEqual([])
  const [found] = gateBreaks(gated({ opening: '12.005' }), gated(), '0')
  expect([found!.reason, found!.amount]).toEqual(['statement-opening-differs', '2.005'])
  expect(gateBreaks(gated({ opening: null }), gated(), '0')).toEqual([])
  expect(gateBreaks(gated(), gated({ closing: '13.00' }), '3.00')).toEqual([])
})

test('each thing that is wrong is told by itself', () => {
  const wrong = { ...at(9), residue: '-0.01', uncounted: 2, opening: '9.00' }
  expect(gateBreaks(wrong, at(1), '0').map(({ reason }) => reason)).toEqual([
    'statement-unbalanced',
    'currency',
    'statement-gap',
    'statement-opening-differs',
  ])
})

test.each([
  ['00004/00002', 4, 2],
  ['61', 61, null],
  ['0', null, null],
  ['00000/001', null, null],
  ['STMT-7', null, null],
  [null, null, null],
])('the number %s is told apart', (number, sequence, page) => {
  expect(placeOf(number)).toEqual({ sequence, page })
})

test('numbers of accounts are compared by letters and digits', () => {
  expect(numberKey('191-2345678 0/12')).toBe(numberKey('1912345678012'))
  expect(numberKey('nl26 vayb')).toBe('NL26VAYB')
})
