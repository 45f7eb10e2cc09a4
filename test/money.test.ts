import { expect, test } from 'vitest'
import { decileOf, formatAmount, meanOf, parseAmount, rateOf, roundedRate, share } from '../src/money.ts'

test.each([
  ['12.50', 'PEN', 1250n],
  ['12.5', 'PEN', 1250n],
  ['12', 'PEN', 1200n],
  ['0.01', 'USD', 1n],
  ['9999999999999.99', 'PEN', 999_999_999_999_999n],
  ['12.00', 'CLP', 12n],
] as const)('%s %s is %d minor units', (text, currency, amount) => {
  expect(parseAmount(text, currency)).toBe(amount)
})

test('more decimals than the currency has are refused and not rounded', () => {
  expect(() => parseAmount('12.50', 'CLP')).toThrow(expect.objectContaining({ code: 'amount-precision' }))
})

test.each([
  [0n, 'PEN', '0.00'],
  [5n, 'PEN', '0.05'],
  [-1250n, 'PEN', '-12.50'],
  [12n, 'CLP', '12'],
] as const)('%d in %s is written %s', (amount, currency, text) => {
  expect(formatAmount(amount, currency)).toBe(text)
})

test.each([
  [10n, '0.25', 2n],
  [14n, '0.25', 4n],
  [50n, '0.25', 12n],
  [1000n, '0.125', 125n],
  [999_999_999_999_999n, '1', 999_999_999_999_999n],
] as const)('%d at %s is %d: half to the even, once', (amount, rate, shared) => {
  expect(share(amount, rate)).toBe(shared)
})

test('a rate has four digits, rounded half to even', () => {
  expect([rateOf(0, 7), rateOf(7, 7), rateOf(1, 3), rateOf(2, 3)]).toEqual(['0.0000', '1.0000', '0.3333', '0.6667'])
  expect([rateOf(1, 20_000), rateOf(3, 20_000), rateOf(19_999, 20_000)]).toEqual(['0.0000', '0.0002', '1.0000'])
})

test('a decile lies between two amounts in proportion, and a mean is rounded half to even', () => {
  expect([decileOf([5], 9), decileOf([0, 10, 20], 5), decileOf([0, 1], 5), decileOf([0, 0, 0, 20], 1)]).toEqual([
    5n,
    10n,
    0n,
    0n,
  ])
  expect([decileOf([0, 10, 20, 30, 100], 9), meanOf(5n, 2), meanOf(7n, 2), meanOf(-10n, 3)]).toEqual([72n, 2n, 4n, -3n])
  expect([roundedRate(0.66666), roundedRate(1), roundedRate(0)]).toEqual(['0.6667', '1.0000', '0.0000'])
})
