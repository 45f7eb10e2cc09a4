import { z } from 'zod'

/** What time it is: passed in, so that tests can set it. */
export type Clock = { now(): Date }

export const systemClock: Clock = { now: () => new Date() }

/** A day of the calendar, 'YYYY-MM-DD', without a time or a zone. */
export type CalendarDate = string

/** A month, 'YYYY-MM'. */
export type Month = string

/** Lima is UTC−5 all year round; there has been no daylight saving since 1994. */
const limaOffsetMs = 5 * 60 * 60 * 1000

/** The day it is in Lima at `instant`. */
export function limaDate(instant: Date): CalendarDate {
  return new Date(instant.getTime() - limaOffsetMs).toISOString().slice(0, 10)
}

/** The last millisecond of a day in Lima. */
export function endOfDay(date: CalendarDate): Date {
  return new Date(Date.parse(`${date}T23:59:59.999Z`) + limaOffsetMs)
}

/** Years that a day, a month or an instant may be in: whoever saves was born in them, and PostgreSQL counts on both sides. */
const [firstYear, lastYear] = [1900, 2199]

/** Whether a text is a day of the calendar in those years. Counts days itself: every posting asks. */
export function isCalendarDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(0[1-9]|1[0-2])-(\d{2})$/.exec(text) ?? []
  if (year === undefined || month === undefined || day === undefined) return false
  return isYear(Number(year)) && Number(day) >= 1 && Number(day) <= daysIn(Number(year), Number(month))
}

function isYear(year: number): boolean {
  return year >= firstYear && year <= lastYear
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** The n-th month from `anchor` (n may be negative), computed from the anchor and never step by step. */
export function addMonths(anchor: Month, n: number): Month {
  const [year = 0, month = 1] = anchor.split('-').map(Number)
  const index = year * 12 + (month - 1) + n
  return `${String(Math.floor(index / 12)).padStart(4, '0')}-${String((((index % 12) + 12) % 12) + 1).padStart(2, '0')}`
}

export function monthOf(date: CalendarDate): Month {
  return date.slice(0, 7)
}

export function firstDay(month: Month): CalendarDate {
  return `${month}-01`
}

export function lastDay(month: Month): CalendarDate {
  return addDays(firstDay(addMonths(month, 1)), -1)
}

export function addDays(date: CalendarDate, n: number): CalendarDate {
  const day = new Date(`${date}T00:00:00Z`)
  day.setUTCDate(day.getUTCDate() + n)
  return day.toISOString().slice(0, 10)
}

/** Whole days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: CalendarDate, to: CalendarDate): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000)
}

export const calendarDate = z
  .string()
  .refine(isCalendarDate, `must be a day of the calendar written YYYY-MM-DD, from ${firstYear} to ${lastYear}`)
  .meta({ format: 'date', examples: ['2026-03-31'] })

export const monthText = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/, { error: 'must be a month written YYYY-MM', abort: true })
  .refine(month => isYear(Number(month.slice(0, 4))), `must be from ${firstYear} to ${lastYear}`)
  .meta({ examples: ['2026-03'] })

/**
 * An instant with its offset, RFC 3339, that lies in those years in UTC as well. What travels in cursors is read by it too:
 * whatever instant comes from outside comes through here.
 */
export const instantText = z.iso
  .datetime({ offset: true, error: 'must be an instant with its offset, as 2026-03-31T23:05:00Z', abort: true })
  .refine(text => isYear(new Date(text).getUTCFullYear()), `must be from ${firstYear} to ${lastYear}`)
  .meta({ examples: ['2026-03-31T23:05:00.000Z'] })
