import { statuses } from '../definitions/terms.ts'
import { openFilter, openLocate, type Question, scopeOf } from './count.ts'
import { monthOfDay } from './days.ts'
import { openDimension } from './dimensions.ts'
import { eachPlace } from './events.ts'
import type { Facts } from './facts.ts'
import { eachPerson, type Person, type Scope, type Span } from './persons.ts'
import { noRuns, valueAt } from './runs.ts'
import { openStanding, qualifies } from './standing.ts'

const permanentActive = statuses.indexOf('PERMANENT_ACTIVE')

/** How many stayed permanent active so many months after the first; `event`: and then were it no more, else were last seen. */
export type Stay = { codes: string[]; months: number; event: boolean; persons: number }

/**
 * The first time that each person was permanent active, from the month in which it began. Who was so in the first month that
 * is asked about is left out, for nobody knows since when. She is where she was when it began.
 */
export function countStays(facts: Facts, question: Question, persons?: Span): Stay[] {
  const scope = scopeOf(facts, question, persons)
  const { length } = scope
  const dimensions = question.by.map(name => openDimension(name, scope))
  const filters = question.only.map(only => openFilter(only, scope))
  const runs = noRuns(length)
  const locate = openLocate(scope)
  const standingOf = openStanding(scope, question.rule)
  const stays = new Map<string, Stay>()

  eachPerson(scope, person => {
    const { count, from, value } = standingOf(person)
    const nth = value.subarray(0, count).indexOf(permanentActive)
    if (nth === -1 || from[nth] === 0) return
    const began = from[nth]!
    const ended = nth + 1 < count ? from[nth + 1]! : null
    for (const filter of filters) {
      locate(runs, filter, person)
      if (valueAt(runs, began) !== 1) return
    }
    const codes = dimensions.map(dimension => {
      locate(runs, dimension, person)
      return dimension.codes[valueAt(runs, began)]!
    })
    const stay = { codes, months: (ended ?? length - 1) - began, event: ended !== null, persons: 0 }
    const key = JSON.stringify(stay)
    const known = stays.get(key) ?? stay
    known.persons += 1
    stays.set(key, known)
  })
  return [...stays.values()]
}

/** Of a cohort, by whole months since enrolment: how many were enrolled so long ago, and what they did in that month. */
export type CohortMonths = {
  codes: [string]
  enrolled: Float64Array
  saved: Float64Array
  permanentActive: Float64Array
}

/**
 * Follows each person from her first enrolment that was known (in the programme, if one is asked for), whether it ended or
 * not. Enrolments of before the first month are left out.
 */
export function followCohorts(facts: Facts, question: Question, persons?: Span): CohortMonths[] {
  const scope = scopeOf(facts, question, persons)
  const { length, months } = scope
  const programme = question.only.find(({ dimension }) => dimension === 'programme')?.code
  const filters = question.only
    .filter(({ dimension }) => dimension !== 'programme')
    .map(only => openFilter(only, scope))
  const inside = noRuns(length)
  const locate = openLocate(scope)
  const standingOf = openStanding(scope, question.rule)
  const savedIn = openSaving(scope, question)
  const cohorts = new Map<number, CohortMonths>()
  const column = () => new Float64Array(length)

  eachPerson(scope, person => {
    const enrolment = firstEnrolment(scope, person, programme)
    if (enrolment === -1) return
    const { from, cohort: cohortOf } = facts.enrolments.columns
    const began = monthOfDay[from[enrolment]!]! - months.first
    if (began < 0 || began >= length) return
    for (const filter of filters) {
      locate(inside, filter, person)
      if (valueAt(inside, began) !== 1) return
    }
    const number = cohortOf[enrolment]!
    const none: CohortMonths = {
      codes: [facts.codes.cohort.list[number]!],
      ...{ enrolled: column(), saved: column(), permanentActive: column() },
    }
    const cohort = cohorts.get(number) ?? none
    cohorts.set(number, cohort)
    const standing = standingOf(person)
    const saved = savedIn(person)
    for (let month = began; month < length; month++) {
      cohort.enrolled[month - began]! += 1
      if (saved[month] === 1) cohort.saved[month - began]! += 1
      if (valueAt(standing, month) === permanentActive) cohort.permanentActive[month - began]! += 1
    }
  })
  return [...cohorts.values()]
}

function firstEnrolment({ facts, through, knownAt }: Scope, person: Person, programme: string | undefined): number {
  const { next, of, from, mistaken, recordedAt, endRecordedAt } = facts.enrolments.columns
  const { book, enrolment: first } = facts.savers.columns
  const asked = programme === undefined ? null : (facts.codes.programme.places.get(programme) ?? -1)
  let earliest = -1
  for (let her = person.saver; her !== -1; her = person.next[her]!) {
    if (through[book[her]!]! < 0) continue
    for (let one = first[her]!; one !== -1; one = next[one]!) {
      if (recordedAt[one]! > knownAt || (mistaken[one] === 1 && endRecordedAt[one]! <= knownAt)) continue
      if (asked !== null && of[one] !== asked) continue
      if (earliest === -1 || from[one]! < from[earliest]!) earliest = one
    }
  }
  return earliest
}

/** Says in which months a person had an operation that the definition takes; filled anew for each. */
function openSaving({ facts, months, length, through }: Scope, { rule }: Question): (person: Person) => Uint8Array {
  const { events } = facts
  const saved = new Uint8Array(length)
  return function savedIn({ accounts, count }) {
    saved.fill(0)
    for (const account of accounts.subarray(0, count)) {
      const known = through[facts.accounts.columns.book[account]!]!
      eachPlace(events, account, place => {
        const month = monthOfDay[events.day[place]!]! - months.first
        if (month < 0 || month >= length || events.sequence[place]! > known) return
        if (events.reversedBy[place]! <= known) return
        if (qualifies(events.what[place]!, events.amount[place]!, rule)) saved[month] = 1
      })
    }
    return saved
  }
}
