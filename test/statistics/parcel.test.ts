import { expect, test } from 'vitest'
import { onlyOne, packed, unpacked } from '../../src/statistics/parcel.ts'

test.each([
  ['rows with numbers', [row(['a', 'b'], 1, 2), row(['c'], 3, 4), row([], 5, 6)]],
  ['numbers of other lengths', [{ months: Float64Array.of(0.5) }, { months: new Float64Array() }]],
  ['rows without numbers', [{ codes: ['a'], persons: 2 }]],
  ['rows that have lists of numbers', [{ balances: [Float64Array.of(1), Float64Array.of()] }, { balances: null }]],
  ['what has columns and rows itself', { columns: [{ name: 'x' }], rows: [[1]] }],
  ['no rows', []],
  ['nothing', null],
])('what arrives is what was passed on: %s', (_, piece) => {
  expect(onlyOne(packed([piece]))).toEqual(piece)
})

test('pieces arrive in their order, and a parcel is opened once', () => {
  const parcel = packed([[row(['a'], 1)], 'two', [row(['b'], 2)]])
  expect([...unpacked(parcel)]).toEqual([[row(['a'], 1)], 'two', [row(['b'], 2)]])
  expect([...unpacked(parcel)]).toEqual([])
})

function row(codes: string[], ...counts: number[]) {
  return { codes, counts: Int32Array.from(counts), event: codes.length > 1 }
}
