import { expect, test } from 'vitest'
import { cellOf, cubeOf, layoutOf } from '../../../src/statistics/disclosure/cube.ts'
import { flat } from '../../../src/statistics/disclosure/dimension.ts'
import { hiddenAmounts, ratioAt, sumAt } from '../../../src/statistics/disclosure/figures.ts'
import { suppress } from '../../../src/statistics/disclosure/suppress.ts'
import { hidden } from '../../../src/statistics/table.ts'

const statuses = ['PERMANENT_ACTIVE', 'ACTIVE', 'DORMANT', 'CLOSED']
const layout = layoutOf([flat('department', ['08', '21', '24']), flat('status', statuses)])
const status = 1

function cubeOfRows(rows: Record<string, number[]>) {
  return cubeOf(
    layout,
    Object.entries(rows).flatMap(([place, counts]) =>
      counts.map((count, at) => [[place, statuses[at]!], count] as const),
    ),
  )
}

test('a sum is shown where all its parts are', () => {
  const cube = cubeOfRows({ '08': [20, 3, 10, 40], '21': [30, 20, 10, 90], '24': [60, 60, 60, 60] })
  const pattern = suppress(cube, { k: 5 })
  const sum = (place: string, codes: string[]) =>
    sumAt(cube, pattern, cellOf(layout, [place, '_T']), { dimension: status, codes })
  expect(sum('24', ['PERMANENT_ACTIVE', 'ACTIVE', 'DORMANT'])).toBe(180)
  expect(sum('08', ['PERMANENT_ACTIVE', 'CLOSED'])).toBe(60)
  expect(sum('08', ['PERMANENT_ACTIVE', 'ACTIVE', 'DORMANT'])).toBe(hidden)
  expect(sum('21', ['PERMANENT_ACTIVE', 'ACTIVE', 'DORMANT'])).toBe(hidden)
})

test.each([
  ['all parts shown', [20, 30, 10, 40], { numerator: 20, denominator: 60 }],
  ['nobody in it', [0, 30, 10, 40], { numerator: 0, denominator: 40 }],
  ['of nobody', [0, 0, 0, 40], null],
  ['few in it', [3, 30, 10, 40], hidden],
  ['few not in it', [20, 3, 0, 40], hidden],
  ['few in all', [2, 1, 0, 40], hidden],
] as const)('a rate with %s', (_, counts, expected) => {
  const cube = cubeOfRows({ '08': [...counts], '21': [30, 20, 10, 90], '24': [60, 60, 60, 60] })
  const of = {
    dimension: status,
    numerator: ['PERMANENT_ACTIVE'],
    denominator: ['PERMANENT_ACTIVE', 'ACTIVE', 'DORMANT'],
  }
  expect(ratioAt(cube, suppress(cube, { k: 5 }), 5, cellOf(layout, ['08', '_T']), of)).toEqual(expected)
})

test('a rate is hidden by its complement even if nothing else is', () => {
  const cube = cubeOfRows({ '08': [20, 0, 23, 40] })
  const shown = { hidden: new Uint8Array(layout.size), exposed: [] }
  const of = { dimension: status, numerator: ['PERMANENT_ACTIVE'], denominator: ['DORMANT'] }
  expect(ratioAt(cube, shown, 5, cellOf(layout, ['08', '_T']), of)).toBe(hidden)
})

test('an amount is hidden where its persons are, or those whose money it is', () => {
  const persons = suppress(cubeOfRows({ '08': [3, 30, 30, 30], '21': [30, 30, 30, 30] }), { k: 5 })
  const depositors = suppress(cubeOfRows({ '08': [3, 30, 30, 30], '21': [30, 30, 30, 2], '24': [0, 0, 0, 7] }), {
    k: 5,
  })
  const amounts = hiddenAmounts(persons, depositors)
  expect(persons.hidden[cellOf(layout, ['21', 'CLOSED'])]).toBe(0)
  expect(amounts[cellOf(layout, ['21', 'CLOSED'])]).toBe(1)
  expect([...amounts.keys()].filter(cell => persons.hidden[cell] && !amounts[cell])).toEqual([])
})
