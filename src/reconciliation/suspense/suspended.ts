import { addDays, type CalendarDate } from '../../dates.ts'
import type { Amount } from '../../money.ts'

/** What is in suspense of one day, in minor units, neither below nothing. */
export type Suspended = { day: CalendarDate; receipts: Amount; payments: Amount }

/** On which days the ledger takes a posting. */
export type OpenDays = { first: CalendarDate; last: CalendarDate; closedThrough: CalendarDate | null }

/**
 * By what the suspense of each day has to change so that it comes to what is open now. What changes of a closed month is told
 * on the first day that is open, and what is dated ahead of today, today.
 */
export function changesOf(standing: readonly Suspended[], open: readonly Suspended[], days: OpenDays): Suspended[] {
  const changes = new Map<CalendarDate, Suspended>()
  for (const [list, sign] of [
    [open, 1n],
    [standing, -1n],
  ] as const)
    for (const { day: given, receipts, payments } of list) {
      const day = within(given, days)
      const { receipts: in_, payments: out } = changes.get(day) ?? { receipts: 0n, payments: 0n }
      changes.set(day, { day, receipts: in_ + sign * receipts, payments: out + sign * payments })
    }
  return [...changes.values()]
    .filter(({ receipts, payments }) => receipts !== 0n || payments !== 0n)
    .sort((one, other) => (one.day < other.day ? -1 : 1))
}

function within(day: CalendarDate, { first, last, closedThrough }: OpenDays): CalendarDate {
  const from = closedThrough !== null && closedThrough >= first ? addDays(closedThrough, 1) : first
  return day < from ? from : day > last ? last : day
}
