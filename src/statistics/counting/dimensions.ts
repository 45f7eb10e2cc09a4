import { lastDayOf, monthOfDay, yearsAtEnd } from './days.ts'
import { eachPlace, juntos } from './events.ts'
import { type Codes, type Facts, noCodes, type Periods, placeOf } from './facts.ts'
import { isBefore } from './ids.ts'
import { markDay, type Person, type Scope, versionKnownAt } from './persons.ts'
import { mark } from './runs.ts'

/** By what counts are broken down. In each dimension everybody is in exactly one place at the end of a month. */
export const dimensionNames = [
  'department',
  'province',
  'district',
  'programme',
  'cohort',
  'institution',
  'group',
  'age',
  'sex',
  'motherTongue',
  'juntos',
] as const

export type DimensionName = (typeof dimensionNames)[number]

/** Codes in place of what nobody told. */
export const [none, untold] = ['none', 'not-told'] as const

export const ageBands = ['under-18', '18-29', '30-44', '45-59', '60-and-over'] as const
const bandYears = [18, 30, 45, 60] as const

/** How a dimension is read: a person is met, marked where her place in it may change, if that is asked, and then told it month by month. */
export type Dimension = {
  codes: readonly string[]
  /** Gathers what all months of hers are told by. */
  meet?(person: Person): void
  mark(person: Person): void
  /** The place of her code at the end of a month. */
  placeAt(person: Person, month: number): number
}

const open: Record<DimensionName, (scope: Scope) => Dimension> = {
  department: scope => territory(scope, 2),
  province: scope => territory(scope, 4),
  district: scope => territory(scope, 6),
  programme: scope => firstPeriod(scope, 'enrolments', 'of', scope.facts.codes.programme),
  cohort: scope => firstPeriod(scope, 'enrolments', 'cohort', scope.facts.codes.cohort),
  group: scope => firstPeriod(scope, 'memberships', 'of', scope.facts.codes.group),
  institution,
  age,
  sex: scope => told(scope, ['male', 'female'], version => scope.facts.versions.columns.female[version]!),
  motherTongue(scope) {
    const { codes, versions } = scope.facts
    const { tongue } = versions.columns
    return told(scope, [...codes.tongue.list, untold], version =>
      tongue[version] === -1 ? codes.tongue.list.length : tongue[version]!,
    )
  },
  juntos: transfers,
}

export function openDimension(name: DimensionName, scope: Scope): Dimension {
  return open[name](scope)
}

/** What was told of her last holds for all months. */
function told({ facts, knownAt }: Scope, codes: readonly string[], placeOfVersion: (version: number) => number) {
  return {
    codes,
    mark() {},
    placeAt: ({ home }: Person) => placeOfVersion(versionKnownAt(facts, home, knownAt)),
  }
}

/** Where she lives is what was told of the latest day until then; of two tellings of a day the later holds. */
function territory(scope: Scope, digits: number): Dimension {
  const { facts, knownAt } = scope
  const codes = noCodes()
  const places = Int32Array.from(facts.codes.district.list, code => placeOf(codes, code.slice(0, digits)))
  const { next, since, district, recordedAt } = facts.versions.columns
  const first = facts.savers.columns.version
  return {
    codes: codes.list,
    mark(person) {
      for (let one = next[first[person.home]!]!; one !== -1; one = next[one]!) markDay(person, scope, since[one]!)
    },
    placeAt({ home }, month) {
      let living = first[home]!
      for (let one = living; one !== -1 && recordedAt[one]! <= knownAt; one = next[one]!) {
        if (since[one]! <= lastDayOf[month]! && since[one]! >= since[living]!) living = one
      }
      return places[district[living]!]!
    },
  }
}

/** Of the times in force on the last day the one that began first. */
function firstPeriod(
  scope: Scope,
  name: 'enrolments' | 'memberships',
  column: 'of' | 'cohort',
  { list }: Codes,
): Dimension {
  const periods = scope.facts[name]
  const { next, from, [column]: place } = periods.columns
  const first = firstOf(scope.facts, name)
  const { book, through } = { book: scope.facts.savers.columns.book, through: scope.through }
  return {
    codes: [...list, none],
    mark: person => markPeriods(scope, name, person),
    placeAt({ saver, next: nextSaver }, month) {
      let earliest = -1
      for (let her = saver; her !== -1; her = nextSaver[her]!) {
        if (through[book[her]!]! < 0) continue
        for (let one = first[her]!; one !== -1; one = next[one]!) {
          if (!isInForce(periods, one, lastDayOf[month]!, scope.knownAt)) continue
          const isEarlier = earliest === -1 || from[one]! < from[earliest]!
          if (isEarlier || (from[one] === from[earliest] && isBefore(periods.ids, one, earliest))) earliest = one
        }
      }
      return earliest === -1 ? list.length : place[earliest]!
    },
  }
}

/** Whether she is in a programme at the end of a month, in others too or not: in place 1. */
export function isEnrolled(scope: Scope, code: string): Omit<Dimension, 'codes'> {
  const { facts, through, knownAt } = scope
  const { next, of } = facts.enrolments.columns
  const { book, enrolment: first } = facts.savers.columns
  const programme = facts.codes.programme.places.get(code) ?? -1
  return {
    mark: person => markPeriods(scope, 'enrolments', person),
    placeAt({ saver, next: nextSaver }, month) {
      for (let her = saver; her !== -1; her = nextSaver[her]!) {
        if (through[book[her]!]! < 0) continue
        for (let one = first[her]!; one !== -1; one = next[one]!) {
          if (of[one] === programme && isInForce(facts.enrolments, one, lastDayOf[month]!, knownAt)) return 1
        }
      }
      return 0
    },
  }
}

function firstOf({ savers }: Facts, name: 'enrolments' | 'memberships'): Int32Array {
  return name === 'enrolments' ? savers.columns.enrolment : savers.columns.membership
}

function markPeriods(scope: Scope, name: 'enrolments' | 'memberships', person: Person): void {
  const { next, from, to } = scope.facts[name].columns
  const first = firstOf(scope.facts, name)
  for (let her = person.saver; her !== -1; her = person.next[her]!) {
    for (let one = first[her]!; one !== -1; one = next[one]!) {
      markDay(person, scope, from[one]!)
      // On its last day it is in force still, so that the month before may be the one that changes or the one after.
      markDay(person, scope, to[one]!)
      markDay(person, scope, to[one]! + 1)
    }
  }
}

function isInForce({ columns }: Periods, one: number, day: number, knownAt: number): boolean {
  if (columns.recordedAt[one]! > knownAt || columns.from[one]! > day) return false
  return columns.endRecordedAt[one]! > knownAt || (columns.to[one]! >= day && columns.mistaken[one] === 0)
}

/** The institution of her first account that is open; when none is, of the last closed. */
function institution(scope: Scope): Dimension {
  const { facts, knownAt } = scope
  const codes = noCodes()
  const places = Int32Array.from(facts.books.values(), book => placeOf(codes, book.institution))
  const { book, opened, closed, closedRecordedAt } = facts.accounts.columns
  return {
    codes: [...codes.list, none],
    mark(person) {
      for (const account of person.accounts.subarray(0, person.count)) {
        markDay(person, scope, opened[account]!)
        markDay(person, scope, closed[account]!)
      }
    },
    placeAt({ accounts, count }, month) {
      const day = lastDayOf[month]!
      let last = -1
      for (const account of accounts.subarray(0, count)) {
        if (opened[account]! > day) continue
        if (closed[account]! > day || closedRecordedAt[account]! > knownAt) return places[book[account]!]!
        if (last === -1 || closed[account]! >= closed[last]!) last = account
      }
      return last === -1 ? codes.list.length : places[book[last]!]!
    },
  }
}

function age({ facts, months, knownAt }: Scope): Dimension {
  const { birth } = facts.versions.columns
  return {
    codes: [...ageBands, untold],
    mark({ home, marks }) {
      const born = monthOfDay[birth[versionKnownAt(facts, home, knownAt)]!]
      if (born === undefined) return
      for (const years of bandYears) {
        mark(marks, born + years * 12 - months.first)
        // Who was born on 29 February is a year older a month later, mostly.
        mark(marks, born + years * 12 + 1 - months.first)
      }
    },
    placeAt({ home }, month) {
      const born = birth[versionKnownAt(facts, home, knownAt)]!
      if (born >= monthOfDay.length) return ageBands.length
      const years = yearsAtEnd(month, born)
      const band = bandYears.findIndex(limit => years < limit)
      return band === -1 ? bandYears.length : band
    },
  }
}

/** Whether JUNTOS paid her something, that was not reversed, in the twelve months that end with the month. */
function transfers(scope: Scope): Dimension {
  const { facts, months, through } = scope
  const { events } = facts
  const { book } = facts.accounts.columns
  let paid: number[] = []
  return {
    codes: ['no', 'yes'],
    meet({ accounts, count }) {
      paid = []
      for (const account of accounts.subarray(0, count)) {
        const known = through[book[account]!]!
        eachPlace(events, account, place => {
          if (events.what[place] !== juntos) return
          if (events.sequence[place]! > known || events.reversedBy[place]! <= known) return
          paid.push(monthOfDay[events.day[place]!]!)
        })
      }
    },
    mark({ marks }) {
      for (const month of paid) {
        mark(marks, month - months.first)
        mark(marks, month + 12 - months.first)
      }
    },
    placeAt: (_, month) => (paid.some(one => one <= month && one > month - 12) ? 1 : 0),
  }
}
