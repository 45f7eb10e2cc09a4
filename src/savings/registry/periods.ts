import { addDays, addMonths, type CalendarDate, lastDay, monthOf } from '../../dates.ts'
import { Refusal } from '../../refusals.ts'

/** A stretch of days, both ends included; null goes on. */
export type Period = { startsOn: CalendarDate; endsOn: CalendarDate | null }

export function covers(period: Period, day: CalendarDate): boolean {
  return period.startsOn <= day && (period.endsOn === null || period.endsOn >= day)
}

export function overlap(one: Period, other: Period): boolean {
  return covers(one, other.startsOn) || covers(other, one.startsOn)
}

/** The most of `periods` that run on one day of `within`. That is so on its first day, or on a day when one starts. */
export function mostAtOnce(periods: readonly Period[], within: Period): number {
  const days = [within.startsOn, ...periods.map(period => period.startsOn).filter(day => covers(within, day))]
  return Math.max(...days.map(day => periods.filter(period => covers(period, day)).length))
}

/** @throws Refusal `period-not-in-order` */
export function refuseBackwards(startsOn: CalendarDate, endsOn: CalendarDate | null | undefined): void {
  if (endsOn == null || endsOn >= startsOn) return
  const message = `lies before the start, ${startsOn}`
  throw new Refusal('period-not-in-order', `endsOn ${message}`, {
    facts: { startsOn },
    fields: [{ path: 'endsOn', message }],
  })
}

/**
 * What to do with an end that came for something: nothing when it ended on that day already.
 * @returns whether it is a replay.
 * @throws Refusal `already-ended`, `period-not-in-order`
 */
export function isEndedAlready(period: Period, endsOn: CalendarDate): boolean {
  if (period.endsOn === endsOn) return true
  if (period.endsOn !== null) {
    throw new Refusal('already-ended', 'It ended on another day.', { facts: { endsOn: period.endsOn } })
  }
  refuseBackwards(period.startsOn, endsOn)
  return false
}

/** The last day of a contract that begins on `startsOn`: of 48 months from 15 March 2003, 14 March 2007. */
export function contractEnd(startsOn: CalendarDate, months: number): CalendarDate {
  const month = addMonths(monthOf(startsOn), months)
  const day = Number(startsOn.slice(8))
  const last = Number(lastDay(month).slice(8))
  // From the 31st, a month of thirty days is full on its last one.
  return day > last ? lastDay(month) : addDays(`${month}-${startsOn.slice(8)}`, -1)
}
