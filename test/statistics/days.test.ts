import { expect, test } from 'vitest'
import { dayNumber, monthNumber, monthsBefore, yearsAtEnd } from '../../src/statistics/counting/days.ts'

test.each([
  ['2010-12', '1984-12-31', 26],
  ['2010-11', '1984-12-01', 25],
  ['2012-02', '1984-02-29', 28],
  ['2013-02', '1984-02-29', 28],
  ['2013-03', '1984-02-29', 29],
  ['2010-01', '1900-01-31', 110],
])('at the end of %s, who was born on %s is %i', (month, birth, years) => {
  expect(yearsAtEnd(monthNumber(month), dayNumber(birth))).toBe(years)
})

test.each([
  ['2010-12', 12, '2009-12-31'],
  ['2011-02', 12, '2010-02-28'],
  ['2012-02', 12, '2011-02-28'],
  ['2013-02', 12, '2012-02-28'],
  ['2010-08', 6, '2010-02-28'],
  ['2010-08', 0, '2010-08-31'],
])('the day before the end of %s by %i months is %s', (month, months, day) => {
  expect(monthsBefore(monthNumber(month), months)).toBe(dayNumber(day))
})
