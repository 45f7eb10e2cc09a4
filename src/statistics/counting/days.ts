import { type CalendarDate, daysBetween, type Month } from '../../dates.ts'

/** Days and months as numbers, for columns: days since 1900-01-01, months since January 1900. */
const firstDay: CalendarDate = '1900-01-01'
const firstYear = 1900

/** Later than any day there is. */
export const never = 2_000_000

export function dayNumber(date: CalendarDate): number {
  return daysBetween(firstDay, date)
}

export function monthNumber(month: Month): number {
  const [year = 0, nth = 1] = month.split('-').map(Number)
  return (year - firstYear) * 12 + nth - 1
}

/** The month of each day from 1900 to 2199, so that a fold over millions of days looks it up. */
export const monthOfDay = new Int16Array(dayNumber('2199-12-31') + 1)

/** The last day of each month. */
export const lastDayOf = new Int32Array(monthNumber('2199-12') + 1)

for (let month = 0, day = 0; month < lastDayOf.length; month++) {
  const days = new Date(Date.UTC(firstYear + Math.floor(month / 12), (month % 12) + 1, 0)).getUTCDate()
  monthOfDay.fill(month, day, day + days)
  day += days
  lastDayOf[month] = day - 1
}

/** Which day of its month a day is, from 1. */
function dayOfMonth(day: number): number {
  return day - (lastDayOf[monthOfDay[day]! - 1] ?? -1)
}

/** Whole years since a day at the end of a month: who is born on 29 February is a year older on 1 March. */
export function yearsAtEnd(month: number, since: number): number {
  const months = month - monthOfDay[since]!
  const isWhole = dayOfMonth(lastDayOf[month]!) >= dayOfMonth(since)
  return Math.floor((months - (isWhole ? 0 : 1)) / 12)
}

/** The day so many months before the end of a month: the same day of that month, or its last. */
export function monthsBefore(month: number, months: number): number {
  const then = month - months
  return Math.min(lastDayOf[then]!, lastDayOf[then - 1]! + dayOfMonth(lastDayOf[month]!))
}
