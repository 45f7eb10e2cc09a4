import { withRoom } from './columns.ts'
import { monthOfDay } from './days.ts'
import type { Facts } from './facts.ts'
import { isBefore } from './ids.ts'
import { type Marks, mark, noMarks } from './runs.ts'

/** Months are numbers; the fold looks at each person for all of them at once. */
export type Months = { first: number; last: number }

/** From a number on, until before another. */
export type Span = { from: number; until: number }

/** What is asked of whom: which books, and how much of them was known. */
export type Scope = {
  facts: Facts
  /** Which of the persons, for a fold may be shared out. */
  persons: Span
  months: Months
  length: number
  /** Up to which sequence each book was known, by its number; negative when it is not asked about. */
  through: Float64Array
  /** Up to which instant registers were known. */
  knownAt: number
}

/** Who is looked at, one person after the other in the same place. */
export type Person = {
  /** The first of her savers, and the next of each; among them those of books that are not asked about. */
  saver: number
  next: Int32Array
  /** The saver of her first account: the registration there tells who she is. */
  home: number
  /** Her accounts that were known, the first opened first; `count` of them. */
  accounts: Int32Array
  count: number
  /** Months in which something may change with her. */
  marks: Marks
}

/** Marks the month at whose end a day has come, of those asked for. */
export function markDay({ marks }: Person, { months }: Scope, day: number): void {
  if (day >= 0 && day < monthOfDay.length) mark(marks, monthOfDay[day]! - months.first)
}

/** Shows every person of the scope who has an account that is asked about. */
export function eachPerson(scope: Scope, take: (person: Person) => void): void {
  const { facts, through, knownAt } = scope
  const { saver, next } = saversKnownAt(scope)
  const { account: accountOf } = facts.savers.columns
  const { book, saver: saverOf, next: nextAccount, recordedAt } = facts.accounts.columns
  const person: Person = {
    saver: -1,
    next,
    home: -1,
    accounts: new Int32Array(16),
    count: 0,
    marks: noMarks(scope.length),
  }
  for (let one = scope.persons.from; one < scope.persons.until; one++) {
    let count = 0
    for (let her = saver[one]!; her !== -1; her = next[her]!) {
      for (let account = accountOf[her]!; account !== -1; account = nextAccount[account]!) {
        if (through[book[account]!]! < 0 || recordedAt[account]! > knownAt) continue
        if (count === person.accounts.length) person.accounts = withRoom(person.accounts, count + 1)
        person.accounts[count++] = account
      }
    }
    if (count === 0) continue
    if (count > 1) sortByOpening(facts, person.accounts.subarray(0, count))
    person.count = count
    person.saver = saver[one]!
    person.home = saverOf[person.accounts[0]!]!
    take(person)
  }
}

function sortByOpening({ accounts: { ids, columns } }: Facts, accounts: Int32Array): void {
  accounts.sort((a, b) => columns.opened[a]! - columns.opened[b]! || (isBefore(ids, a, b) ? -1 : 1))
}

/** Savers by the person that they were taken for at the instant: the first of each person, and the next of each saver. */
function saversKnownAt({ facts, knownAt }: Scope): { saver: Int32Array; next: Int32Array } {
  const { persons, savers } = facts
  if (facts.foundOutAt <= knownAt) return { saver: persons.columns.saver, next: savers.columns.next }
  const saver = new Int32Array(persons.length).fill(-1)
  const next = new Int32Array(savers.length)
  for (let one = 0; one < savers.length; one++) {
    const person = facts.versions.columns.person[versionKnownAt(facts, one, knownAt)]!
    next[one] = saver[person]!
    saver[person] = one
  }
  return { saver, next }
}

/** What was told of her last; before anything was, what was told first. */
export function versionKnownAt({ savers, versions }: Facts, saver: number, knownAt: number): number {
  const { next, recordedAt } = versions.columns
  let known = savers.columns.version[saver]!
  for (let one = next[known]!; one !== -1; one = next[one]!) if (recordedAt[one]! <= knownAt) known = one
  return known
}
