import { type Status, statuses } from '../definitions/terms.ts'
import { lastDayOf, monthOfDay, monthsBefore } from './days.ts'
import { deposit, juntos, otherTransfer, placesOf, withdrawal } from './events.ts'
import { markDay, type Person, type Scope } from './persons.ts'
import type { Rule } from './rule.ts'
import { addRun, type Marks, mark, noRuns, type Runs, takeMarks } from './runs.ts'

/** Statuses by their place in the list, which is their order of precedence. */
const place = (status: Status) => statuses.indexOf(status)
const [closed, tooNew, permanentActive] = [place('CLOSED'), place('TOO_NEW'), place('PERMANENT_ACTIVE')]
const [active, dormant, empty] = [place('ACTIVE'), place('DORMANT'), place('EMPTY')]

/** Of somebody who was not registered yet. */
export const absent = 255

/**
 * Says where persons stand, by months in which that changes. Each entry of hers is added where it begins to count and taken
 * off where it ceases to, and only months with such a change, or a boundary of hers, are looked at: the sums of all changes
 * until a month are what the definition compares.
 */
export function openStanding(scope: Scope, rule: Rule): (person: Person) => Runs {
  const { facts, months, length, through, knownAt } = scope
  const { first } = months
  const { events } = facts
  const { book, opened, closed: closedOn, closedRecordedAt } = facts.accounts.columns
  const { window, recency, countsMonths } = rule

  // By months asked for: changes of what qualifies in the window, of what is recent, and of money in minor units.
  const changes = { active: new Int32Array(length), recent: new Int32Array(length) }
  const money = { own: new Float64Array(length), all: new Float64Array(length) }
  // By months from the first that a window reaches: whose operation it was that last counted there, the month itself once.
  const seen = new Int32Array(length + window)
  let who = 0
  const runs = noRuns(length)
  const marked = new Int32Array(length)

  /** Adds an account's entries, as far as they were known. What many are asked for is at hand in the loop. */
  function addEntries(account: number, marks: Marks): void {
    const { day, amount, what, sequence, reversedBy, start, tail, next, sorted } = events
    const { own, all } = money
    const known = through[book[account]!]!
    const last = start[account + 1] ?? 0
    let listed = tail[account] ?? -1
    let place = start[account] ?? 0
    while (place < last || listed !== -1) {
      let here = place++
      if (here >= last) {
        here = listed
        listed = next[listed - sorted]!
      }
      if (sequence[here]! > known) continue
      const on = day[here]!
      const month = monthOfDay[on]! - first
      if (month >= length) continue
      const from = Math.max(month, 0)
      const kind = what[here]!
      const sum = amount[here]!
      mark(marks, from)
      all[from]! += sum
      if (kind >= 16) continue
      own[from]! += sum
      if (!qualifies(kind, sum, rule) || reversedBy[here]! <= known) continue
      if (rule.days !== null) addSpan(changes.active, marks, from, monthOfDay[on + rule.days]! - first)
      else if (month + window > 0) addOperation(month, marks)
    }
  }

  function addOperation(month: number, marks: Marks): void {
    const isFirst = seen[month + window] !== who
    const from = Math.max(month, 0)
    seen[month + window] = who
    if (isFirst || !countsMonths) addSpan(changes.active, marks, from, month + window)
    if (isFirst && recency !== null) addSpan(changes.recent, marks, from, month + recency)
  }

  /** Adds one from a month on until another, as far as these are asked for. */
  function addSpan(column: Int32Array, marks: Marks, from: number, until: number): void {
    if (until <= from || from >= length) return
    column[from]! += 1
    mark(marks, from)
    if (until >= length) return
    column[until]! -= 1
    mark(marks, until)
  }

  /** Adds months that count for what of a transfer was kept, each from when that is known: the earliest known first. */
  function addRetained({ accounts, count, marks }: Person, retention: { amount: number; days: number }): void {
    const kept = [...accounts.subarray(0, count)].flatMap(account => keptOf(account, retention))
    for (const { day: from, known } of kept.sort((one, other) => one.known - other.known)) {
      const month = monthOfDay[from]! - first
      const since = Math.max(0, monthOfDay[known]! - first)
      if (month >= length || month + window <= 0 || (countsMonths && seen[month + window] === who)) continue
      seen[month + window] = who
      addSpan(changes.active, marks, since, month + window)
      if (recency !== null) addSpan(changes.recent, marks, since, month + recency)
    }
  }

  /**
   * Transfers of which so much is still held so many days later: known from that day. What is withdrawn within the days is
   * taken from the transfer first.
   */
  function keptOf(account: number, { amount: least, days }: { amount: number; days: number }) {
    const { day, amount, what, sequence, reversedBy } = events
    const known = through[book[account]!]!
    const standing = placesOf(events, account).filter(
      place => sequence[place]! <= known && reversedBy[place]! > known && what[place]! < 16,
    )
    return standing.flatMap(place => {
      if (what[place] !== juntos && what[place] !== otherTransfer) return []
      const [from, to] = [day[place]!, day[place]! + days]
      const taken = standing.filter(one => what[one] === withdrawal && day[one]! >= from && day[one]! <= to)
      const left = taken.reduce((rest, one) => rest + amount[one]!, amount[place]!)
      return left < least ? [] : [{ day: from, known: to }]
    })
  }

  /** An account is open until its last day, as far as that was known. */
  function isAnyOpen({ accounts, count }: Person, month: number): boolean {
    const day = lastDayOf[month]!
    for (const account of accounts.subarray(0, count)) {
      if (opened[account]! <= day && (closedOn[account]! > day || closedRecordedAt[account]! > knownAt)) return true
    }
    return false
  }

  /** Her boundaries: when she was registered first and when that is old enough, by months asked for, and any closing. */
  function addBoundaries(person: Person): { registered: number; aged: number; mayClose: boolean } {
    const { accounts, count, marks } = person
    const since = opened[accounts[0]!]!
    const registered = monthOfDay[since]! - first
    const isLater = since > monthsBefore(first + registered + rule.minimumAge, rule.minimumAge)
    const aged = registered + rule.minimumAge + (isLater ? 1 : 0)
    mark(marks, registered)
    mark(marks, aged)
    let mayClose = false
    for (let nth = 0; nth < count; nth++) {
      const account = accounts[nth]!
      if (closedRecordedAt[account]! > knownAt) continue
      mayClose = true
      markDay(person, scope, closedOn[account]!)
    }
    if (mayClose) for (const account of accounts.subarray(0, count)) markDay(person, scope, opened[account]!)
    return { registered, aged, mayClose }
  }

  return function standingOf(person) {
    who += 1
    for (let nth = 0; nth < person.count; nth++) addEntries(person.accounts[nth]!, person.marks)
    if (rule.retention !== null) addRetained(person, rule.retention)
    const { registered, aged, mayClose } = addBoundaries(person)
    const count = takeMarks(person.marks, marked)
    let [inWindow, recent, own, all] = [0, 0, 0, 0]
    runs.count = 0
    for (let nth = 0; nth < count; nth++) {
      const place = marked[nth]!
      inWindow += changes.active[place]!
      recent += changes.recent[place]!
      own += money.own[place]!
      all += money.all[place]!
      changes.active[place] = 0
      changes.recent[place] = 0
      money.own[place] = 0
      money.all[place] = 0
      let status = empty
      if (place < registered) status = absent
      else if (mayClose && !isAnyOpen(person, first + place)) status = closed
      else if (place < aged) status = tooNew
      else if (inWindow > 0) {
        const isPermanent =
          inWindow >= rule.minimumActive &&
          (recency === null || recent > 0) &&
          (rule.minimumBalance === null || own >= rule.minimumBalance)
        status = isPermanent ? permanentActive : active
      } else if (all > 0) status = dormant
      addRun(runs, place, status)
    }
    return runs
  }
}

/** Whether an entry of her own money is an operation that the definition takes. */
export function qualifies(what: number, amount: number, rule: Rule): boolean {
  if (what === deposit) return amount >= rule.leastOperation
  return what === withdrawal && rule.withdrawalsQualify && -amount >= rule.leastOperation
}
