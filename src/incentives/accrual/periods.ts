import { addMonths, type CalendarDate, firstDay, lastDay, monthOf } from '../../dates.ts'
import type { Cadence } from '../rules/terms.ts'

/** A stretch of days for which a rule owes something. `key` tells it from the rule's others. */
export type Period = { key: string; from: CalendarDate; to: CalendarDate }

const monthsOf = { monthly: 1, 'two-monthly': 2, quarterly: 3 } as const
/** The cadences that follow the calendar. */
export type Calendar = keyof typeof monthsOf

const letters = { 'two-monthly': 'B', quarterly: 'Q' } as const

/** The calendar's periods as far as they were asked for: the same for everybody, and asked for without end. */
const calendar = new Map<string, Period>()
const following = new Map<Period, Period>()

/** The period of the calendar in which a day lies: `2026-03`, the bimester `2026-B2`, the quarter `2026-Q1`. */
export function periodAt(cadence: Calendar, day: CalendarDate): Period {
  const months = monthsOf[cadence]
  const year = day.slice(0, 4)
  const nth = Math.floor((Number(day.slice(5, 7)) - 1) / months)
  const key = cadence === 'monthly' ? monthOf(day) : `${year}-${letters[cadence]}${nth + 1}`
  const known = calendar.get(key)
  if (known !== undefined) return known
  const first = addMonths(`${year}-01`, nth * months)
  const period = { key, from: firstDay(first), to: lastDay(addMonths(first, months - 1)) }
  calendar.set(key, period)
  return period
}

function periodAfter(cadence: Calendar, period: Period): Period {
  const known = following.get(period)
  if (known !== undefined) return known
  const next = periodAt(cadence, firstDay(addMonths(monthOf(period.to), 1)))
  following.set(period, next)
  return next
}

/** The bimester of a key such as `2026-B1`. */
export function bimesterOf(key: string): Period {
  const [year, nth] = key.split('-B')
  return periodAt('two-monthly', firstDay(addMonths(`${year}-01`, (Number(nth) - 1) * 2)))
}

/** The periods of the calendar that touch the days from `from` to `to`, and are over by `through`. */
export function periodsBetween(
  cadence: Calendar,
  { from, to, through }: { from: CalendarDate; to: CalendarDate; through: CalendarDate },
): Period[] {
  const periods: Period[] = []
  for (let period = periodAt(cadence, from); period.from <= to && period.to <= through; ) {
    periods.push(period)
    period = periodAfter(cadence, period)
  }
  return periods
}

export function isPeriodic(cadence: Cadence): cadence is Calendar {
  return cadence in monthsOf
}
