import { type CalendarDate, limaDate } from '../dates.ts'
import { mostApart } from '../db/clocks.ts'

/** The order of recording in a book, transactions and events together: nothing is recorded before what was already. */
export type Chronology = {
  /** The latest instant so far, in milliseconds. */
  readonly last: number
  /** As `instantOf`. */
  instantOf(text: string): number
  /** The day it was in Lima; '' when it is no instant. */
  dayOf(instant: number): CalendarDate
  /** Takes the instant as the latest; false when it is none, or lies before the latest. */
  follow(instant: number): boolean
  /** Whether the instant lies further ahead of now than clocks may differ. */
  isAhead(instant: number): boolean
}

/** Milliseconds of a timestamp as PostgreSQL writes it in UTC; NaN when it is no instant. */
export function instantOf(text: string): number {
  return Date.parse(`${text.slice(0, -3).replace(' ', 'T')}Z`)
}

/** Neighbours mostly share their instant, so that the last answers are kept. */
export function startChronology(now?: Date): Chronology {
  const latest = now === undefined ? Number.POSITIVE_INFINITY : now.getTime() + mostApart
  let last = Number.NEGATIVE_INFINITY
  let text = ''
  let instant = Number.NaN
  let dayInstant = Number.NaN
  let day = ''
  return {
    get last() {
      return last
    },
    instantOf(given) {
      if (given !== text) {
        text = given
        instant = instantOf(given)
      }
      return instant
    },
    dayOf(given) {
      if (given !== dayInstant) {
        dayInstant = given
        day = Number.isNaN(given) ? '' : limaDate(new Date(given))
      }
      return day
    },
    follow(given) {
      if (!(given >= last)) return false
      last = given
      return true
    },
    isAhead: given => given > latest,
  }
}
