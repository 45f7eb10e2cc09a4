import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays } from '../../src/dates.ts'
import { covers, mostAtOnce, overlap, type Period } from '../../src/savings/registry/periods.ts'

const january = (first: number, last: number | null): Period => ({
  startsOn: addDays('2026-01-01', first),
  endsOn: last === null ? null : addDays('2026-01-01', last),
})

test.each([
  [january(0, 5), january(5, 9), true, 'both include the day they share'],
  [january(0, 5), january(6, 9), false, 'one ends the day before the other starts'],
  [january(0, null), january(20, null), true, 'neither ends'],
  [january(10, null), january(0, 9), false, 'the second ended before the first began'],
  [january(0, 20), january(5, 6), true, 'one within the other'],
])('%j and %j overlap: %s (%s)', (one, other, expected) => {
  expect(overlap(one, other)).toBe(expected)
  expect(overlap(other, one)).toBe(expected)
})

const period = fc
  .tuple(fc.nat(20), fc.option(fc.nat(10)))
  .map(([first, length]) => january(first, length === null ? null : first + length))

test('the most at once is the most of any day', () => {
  fc.assert(
    fc.property(fc.array(period, { maxLength: 12 }), period, (periods, within) => {
      const days = Array.from({ length: 60 }, (_, day) => addDays('2026-01-01', day)).filter(day => covers(within, day))
      const byDay = Math.max(...days.map(day => periods.filter(one => covers(one, day)).length))
      expect(mostAtOnce(periods, within)).toBe(byDay)
    }),
  )
})
