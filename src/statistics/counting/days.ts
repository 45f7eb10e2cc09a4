import { addDays, type CalendarDate, daysBetween, type Month } from '../../dates.ts'

/** Days and months as numbers, for columns: days since 1900-01-01, months since January 1900. */
const firstDay: CalendarDate = '1900-01-01'
const firstYear = 1900

/** Later than any day there is. */
export const never = 2_000_000

export function dayNumber(date: CalendarDate): number {
  return daysBetween(firstDay, date)
}

export function dateOf(day: number): CalendarDate {
  return addDays(firstDay, day)
}

export function monthNumber(month: Month): number {
  const [year = 0, nth = 1] = month.split('-').map(Number)
  return (year - firstYear) * 12 + nth - 1
}

export function monthText(month: number): Month {
  return `${firstYear + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`
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

/** The day so many months before the end of a month: the same day of that month, or its last. */
export function monthsBefore(month: number, months: number): number {
  const then = month - months
  const dayOfMonth = lastDayOf[month]! - lastDayOf[month - 1]!
  return Math.min(lastDayOf[then]!, lastDayOf[then - 1]! + dayOfMonth)
}
