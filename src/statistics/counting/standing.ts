import { type Status, statuses } from '../definitions/terms.ts'
import { lastDayOf, monthOfDay, monthsBefore } from './days.ts'
import { deposit, type Events, juntos, otherTransfer, placesOf, withdrawal } from './events.ts'
import type { Account } from './facts.ts'
import type { Rule } from './rule.ts'

/** Statuses by their place in the list, which is their order of precedence. */
const place = (status: Status) => statuses.indexOf(status)
const [closed, tooNew, permanentActive] = [place('CLOSED'), place('TOO_NEW'), place('PERMANENT_ACTIVE')]
const [active, dormant, empty] = [place('ACTIVE'), place('DORMANT'), place('EMPTY')]

/** Of somebody who was not registered yet. */
export const absent = 255

/** Later than any month. */
const unkept = 1_000_000

/** Months are numbers; the fold looks at each person for all of them at once. */
export type Months = { first: number; last: number }

/**
 * One person's months, filled anew for each: what she did in them, and what she had at their ends. `own` and `all` are minor
 * units; `operations` is of whatever qualifies, and `active` of the window that ends with the month.
 */
export type Sheet = {
  /** The first month of the columns: as many before the first asked for as the window looks back. */
  from: number
  length: number
  operations: Int32Array
  /** From which month on it is known that a transfer of this one was kept. */
  keptFrom: Int32Array
  active: Int32Array
  own: Float64Array
  all: Float64Array
  /** The last month in which an operation qualified, as seen from each. */
  lastActive: Int32Array
  /** The last month of a transfer by JUNTOS, as seen from each. */
  lastJuntos: Int32Array
  status: Uint8Array
}

export function emptySheet({ first, last }: Months, rule: Rule): Sheet {
  const back = Math.max(rule.window, 12)
  const length = last - first + 1 + back
  const column = () => new Int32Array(length)
  return {
    ...{
      from: first - back,
      length,
      operations: column(),
      keptFrom: column(),
      active: column(),
      lastActive: column(),
      lastJuntos: column(),
    },
    ...{ own: new Float64Array(length), all: new Float64Array(length), status: new Uint8Array(last - first + 1) },
  }
}

/** What of an account's entries was known: up to this sequence of its book. */
export type Known = (account: Account) => number

/** Fills the sheet with all that her accounts tell, as far as it was known, and with her status in each month. */
export function fillSheet(
  sheet: Sheet,
  accounts: readonly Account[],
  events: Events,
  rule: Rule,
  knownThrough: Known,
  knownAt: number,
): void {
  sheet.operations.fill(0)
  sheet.keptFrom.fill(unkept)
  sheet.active.fill(0)
  sheet.own.fill(0)
  sheet.all.fill(0)
  sheet.lastJuntos.fill(-1)
  for (const account of accounts) {
    const through = knownThrough(account)
    const last = events.start[account.index + 1] ?? 0
    for (let place = events.start[account.index] ?? 0; place < last; place++) fill(sheet, events, place, rule, through)
    const tail = events.tail.size === 0 ? undefined : events.tail.get(account.index)
    if (tail !== undefined) for (const place of tail) fill(sheet, events, place, rule, through)
    if (rule.retention !== null) fillRetained(sheet, account, events, rule.retention, through)
  }
  addUp(sheet, rule)
  judge(sheet, accounts, rule, knownAt)
}

function fill(sheet: Sheet, events: Events, place: number, rule: Rule, through: number): void {
  if (events.sequence[place]! > through) return
  const day = events.day[place]!
  const at = monthOfDay[day]! - sheet.from
  if (at >= sheet.length) return
  const amount = events.amount[place]!
  const what = events.what[place]!
  const month = Math.max(at, 0)
  sheet.all[month]! += amount
  if (what >= 16) return
  sheet.own[month]! += amount
  if (at < 0 || events.reversedBy[place]! <= through) return
  if (what === juntos) sheet.lastJuntos[at] = sheet.from + at
  if (!qualifies(what, amount, rule)) return
  if (rule.days === null) sheet.operations[at]! += 1
  else countByDays(sheet, at, day, rule.days)
}

/** Whether an entry of her own money is an operation that the definition takes. Nothing reversed gets here. */
function qualifies(what: number, amount: number, rule: Rule): boolean {
  if (what === deposit) return amount >= rule.leastOperation
  return what === withdrawal && rule.withdrawalsQualify && -amount >= rule.leastOperation
}

/** A window of days ends with a month: the operation is in those of this month and of the next ones that reach back to it. */
function countByDays(sheet: Sheet, at: number, day: number, days: number): void {
  for (let month = at; month < sheet.length && lastDayOf[sheet.from + month]! - days < day; month++) {
    sheet.active[month]! += 1
  }
}

/**
 * A month counts as well when so much of a transfer credited in it is still held so many days later; known from the month in
 * which that day lies. What is withdrawn within the days is taken from the transfer first.
 */
function fillRetained(
  sheet: Sheet,
  account: Account,
  events: Events,
  retention: { amount: number; days: number },
  through: number,
): void {
  const places = placesOf(events, account.index).filter(
    place => events.sequence[place]! <= through && events.reversedBy[place]! > through && events.what[place]! < 16,
  )
  for (const place of places) {
    const what = events.what[place]!
    if (what !== juntos && what !== otherTransfer) continue
    const [from, to] = [events.day[place]!, events.day[place]! + retention.days]
    const at = monthOfDay[from]! - sheet.from
    if (at < 0 || at >= sheet.length || to > lastDayOf[sheet.from + sheet.length - 1]!) continue
    const taken = places.filter(
      one => events.what[one] === withdrawal && events.day[one]! >= from && events.day[one]! <= to,
    )
    const left = taken.reduce((rest, one) => rest + events.amount[one]!, events.amount[place]!)
    if (left < retention.amount) continue
    sheet.keptFrom[at] = Math.min(sheet.keptFrom[at]!, monthOfDay[to]! - sheet.from)
  }
}

function addUp(sheet: Sheet, rule: Rule): void {
  let [own, all, inWindow, lastActive, lastJuntos] = [0, 0, 0, -1, -1]
  for (let month = 0; month < sheet.length; month++) {
    own += sheet.own[month]!
    all += sheet.all[month]!
    sheet.own[month] = own
    sheet.all[month] = all
    lastJuntos = Math.max(lastJuntos, sheet.lastJuntos[month]!)
    sheet.lastJuntos[month] = lastJuntos
    if (rule.days !== null) continue
    if (rule.retention !== null) {
      lookBack(sheet, month, rule)
      continue
    }
    const here = sheet.operations[month]!
    if (here > 0) lastActive = sheet.from + month
    inWindow += rule.countsMonths ? Math.min(here, 1) : here
    const left = month >= rule.window ? sheet.operations[month - rule.window]! : 0
    inWindow -= rule.countsMonths ? Math.min(left, 1) : left
    sheet.active[month] = inWindow
    sheet.lastActive[month] = lastActive
  }
}

/** The window of one month, month by month: what is known of a transfer differs by the month that looks. */
function lookBack(sheet: Sheet, month: number, rule: Rule): void {
  sheet.active[month] = 0
  sheet.lastActive[month] = -1
  for (let one = Math.max(0, month - rule.window + 1); one <= month; one++) {
    const kept = sheet.keptFrom[one]! <= month ? 1 : 0
    const here = rule.countsMonths ? Math.min(1, sheet.operations[one]! + kept) : sheet.operations[one]! + kept
    if (here === 0) continue
    sheet.active[month]! += here
    sheet.lastActive[month] = sheet.from + one
  }
}

function judge(sheet: Sheet, accounts: readonly Account[], rule: Rule, knownAt: number): void {
  let firstOpened = Number.POSITIVE_INFINITY
  for (const account of accounts) firstOpened = Math.min(firstOpened, account.opened)
  const skipped = sheet.length - sheet.status.length
  for (let place = 0; place < sheet.status.length; place++) {
    const month = place + skipped
    const lastDay = lastDayOf[sheet.from + month]!
    sheet.status[place] =
      firstOpened > lastDay
        ? absent
        : !isAnyOpen(accounts, lastDay, knownAt)
          ? closed
          : firstOpened > monthsBefore(sheet.from + month, rule.minimumAge)
            ? tooNew
            : standing(sheet, month, rule)
  }
}

function standing(sheet: Sheet, month: number, rule: Rule): number {
  const operations = sheet.active[month]!
  if (operations === 0) return sheet.all[month]! > 0 ? dormant : empty
  const isPermanent =
    operations >= rule.minimumActive &&
    (rule.recency === null || sheet.lastActive[month]! > sheet.from + month - rule.recency) &&
    (rule.minimumBalance === null || sheet.own[month]! >= rule.minimumBalance)
  return isPermanent ? permanentActive : active
}

/** An account is open until its last day, as far as that was known. */
function isAnyOpen(accounts: readonly Account[], day: number, knownAt: number): boolean {
  for (const { opened, closed, closedRecordedAt } of accounts) {
    if (opened <= day && (closed > day || closedRecordedAt > knownAt)) return true
  }
  return false
}
