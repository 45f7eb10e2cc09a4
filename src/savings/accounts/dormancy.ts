import { addDays, type CalendarDate } from '../../dates.ts'
import { numberInQuery } from '../../http/pages.ts'

/** Days without a deposit after which an account sleeps, unless the question says otherwise. */
const usualDays = 180

export const dormantAfterDays = numberInQuery(1, 3650)
  .default(usualDays)
  .describe(`Days without a deposit of its holder after which an account counts as dormant, ${usualDays} unless told`)

/**
 * Dormancy is computed, never set. An account sleeps when its holder's last deposit, or its opening when she made none,
 * lies more than `days` before `day`. Incentives, interest and transfers of the state do not wake it.
 */
export function isDormant(
  account: { openedOn: CalendarDate; lastDepositOn: CalendarDate | null; status: string },
  days: number,
  day: CalendarDate,
): boolean {
  return account.status !== 'closed' && (account.lastDepositOn ?? account.openedOn) < dormantBefore(days, day)
}

/** The first day on which a deposit keeps an account awake until `day`. */
export function dormantBefore(days: number, day: CalendarDate): CalendarDate {
  return addDays(day, -days)
}
