import { addDays, addMonths, lastDay, type Month, monthOf } from '../../src/dates.ts'
import type { Status, Terms } from '../../src/statistics/definitions/terms.ts'

/** What was done with one woman, in the test's own words: what counting has to come to follows from this alone. */
export type Told = {
  accounts: { id: string; openedOn: string; closedOn?: string; closedAt?: number; at: number }[]
  movements: {
    id: string
    kind: 'deposit' | 'withdrawal' | 'transfer' | 'interest' | 'reversal'
    cents: number
    day: string
    at: number
    reversedAt?: number
  }[]
  homes: { district: string; since: string; at: number }[]
  enrolments: { id: string; programme: string; from: string; to?: string; endedAt?: number; at: number }[]
}

/** The day as many months before the last day of a month: the same number, or the last there is. */
function before(month: Month, months: number): string {
  const [then, number] = [addMonths(month, -months), lastDay(month).slice(8)]
  return lastDay(then).slice(8) < number ? lastDay(then) : `${then}-${number}`
}

/** Where she stands at the end of a month, as known at an instant: by reading everything from the beginning, slowly. */
export function plainStatus(told: Told, terms: Terms, month: Month, knownAt: number): Status | null {
  const end = lastDay(month)
  const accounts = told.accounts.filter(({ at, openedOn }) => at <= knownAt && openedOn <= end)
  if (accounts.length === 0) return null
  const isOpen = accounts.some(
    ({ closedOn, closedAt }) => closedOn === undefined || closedAt! > knownAt || closedOn > end,
  )
  if (!isOpen) return 'CLOSED'
  if (accounts.every(({ openedOn }) => openedOn > before(month, terms.minimumAge))) return 'TOO_NEW'
  const known = told.movements.filter(({ at, day }) => at <= knownAt && day <= end)
  const standing = known.filter(({ kind, reversedAt }) => kind !== 'reversal' && !(reversedAt! <= knownAt))
  const cents = (text: string | null) => (text === null ? 0 : Math.round(Number(text) * 100))
  const { unit, length } = terms.window
  const from = unit === 'months' ? `${addMonths(month, 1 - length)}-01` : addDays(end, 1 - length)
  const operations = standing.filter(
    ({ kind, cents: amount, day }) =>
      day >= from &&
      Math.abs(amount) >= cents(terms.minimumDeposit) &&
      (kind === 'deposit' || (kind === 'withdrawal' && terms.operations === 'DEPOSITS_AND_WITHDRAWALS')),
  )
  const hits = operations.map(({ day }) => monthOf(day))
  if (terms.retention !== null) {
    for (const transfer of standing.filter(({ kind, day }) => kind === 'transfer' && day >= from)) {
      const until = addDays(transfer.day, terms.retention.days)
      if (until > end) continue
      const taken = standing
        .filter(({ kind, day }) => kind === 'withdrawal' && day >= transfer.day && day <= until)
        .reduce((sum, { cents }) => sum - cents, 0)
      if (transfer.cents - taken >= cents(terms.retention.amount)) hits.push(monthOf(transfer.day))
    }
  }
  const count = terms.count === 'months' ? new Set(hits).size : hits.length
  const all = known.reduce((sum, one) => sum + one.cents, 0)
  if (count === 0) return all > 0 ? 'DORMANT' : 'EMPTY'
  const own = all - known.filter(({ kind }) => kind === 'interest').reduce((sum, one) => sum + one.cents, 0)
  const isRecent = terms.recency === null || hits.some(hit => hit > addMonths(month, -terms.recency!))
  const isEnough = terms.minimumBalance === null || own >= cents(terms.minimumBalance)
  return count >= terms.minimumActive && isRecent && isEnough ? 'PERMANENT_ACTIVE' : 'ACTIVE'
}

export function plainDistrict(told: Told, month: Month, knownAt: number): string {
  const homes = told.homes.filter(({ at, since }) => at <= knownAt && since <= lastDay(month))
  return homes.reduce((last, home) => (home.since >= last.since ? home : last)).district
}

export function plainProgramme(told: Told, month: Month, knownAt: number): string {
  const end = lastDay(month)
  const inForce = told.enrolments.filter(
    ({ at, from, to, endedAt }) =>
      at <= knownAt && from <= end && (to === undefined || endedAt! > knownAt || to >= end),
  )
  return inForce.toSorted((a, b) => (a.from < b.from ? -1 : 1))[0]?.programme ?? 'none'
}

/** Whether something was transferred to her in the twelve months that end with the month, and not taken back. */
export function plainJuntos(told: Told, month: Month, knownAt: number): 'yes' | 'no' {
  const paid = told.movements.some(
    ({ kind, day, at, reversedAt }) =>
      kind === 'transfer' &&
      at <= knownAt &&
      !(reversedAt! <= knownAt) &&
      monthOf(day) <= month &&
      monthOf(day) > addMonths(month, -12),
  )
  return paid ? 'yes' : 'no'
}
