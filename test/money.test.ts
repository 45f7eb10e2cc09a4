import { expect, test } from 'vitest'
import { formatAmount, parseAmount, share } from '../src/money.ts'

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
