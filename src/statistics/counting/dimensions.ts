import { lastDayOf, yearsAtEnd } from './days.ts'
import type { Account, Period, Saver, Version } from './facts.ts'

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

const ageBands = ['under-18', '18-29', '30-44', '45-59', '60-and-over'] as const

/** A person as she was known: her savers' registrations, and their accounts, the first opened first. */
export type Person = { savers: readonly Saver[]; accounts: readonly Account[] }

/** Codes as numbers, in the order in which they were met. */
export type Codes = { list: string[]; places: Map<string, number> }

export function noCodes(): Codes {
  return { list: [], places: new Map() }
}

function placeOf(codes: Codes, code: string): number {
  const known = codes.places.get(code)
  if (known !== undefined) return known
  codes.list.push(code)
  codes.places.set(code, codes.list.length - 1)
  return codes.list.length - 1
}

/** What a dimension is asked by: its months, what was known, and the last month of a transfer by JUNTOS as seen from each. */
type Asked = { first: number; knownAt: number; lastJuntos: (month: number) => number }

type CodeAt = (person: Person, home: Saver, month: number, asked: Asked) => string

const codeAt: Record<DimensionName, CodeAt> = {
  department: (_, home, month, { knownAt }) => districtAt(home, month, knownAt).slice(0, 2),
  province: (_, home, month, { knownAt }) => districtAt(home, month, knownAt).slice(0, 4),
  district: (_, home, month, { knownAt }) => districtAt(home, month, knownAt),
  programme: ({ savers }, _, month, { knownAt }) => firstInForce(savers, 'enrolments', month, knownAt)?.of ?? none,
  cohort: ({ savers }, _, month, { knownAt }) => firstInForce(savers, 'enrolments', month, knownAt)?.cohort ?? none,
  group: ({ savers }, _, month, { knownAt }) => firstInForce(savers, 'memberships', month, knownAt)?.of ?? none,
  institution: ({ accounts }, _, month, { knownAt }) => institutionAt(accounts, month, knownAt),
  age: (_, home, month, { knownAt }) => ageBandAt(toldOf(home, knownAt).birth, month),
  sex: (_, home, __, { knownAt }) => (toldOf(home, knownAt).female ? 'female' : 'male'),
  motherTongue: (_, home, __, { knownAt }) => toldOf(home, knownAt).tongue ?? untold,
  juntos: (_, __, month, { lastJuntos }) => (lastJuntos(month) > month - 12 ? 'yes' : 'no'),
}

/** Dimensions in which a person of one version stays where she is. */
const steady: ReadonlySet<DimensionName> = new Set(['department', 'province', 'district', 'sex', 'motherTongue'])

/** Says for each month asked for at which place of the dimension she was: `places` has one for each. */
export function locate(name: DimensionName, codes: Codes, person: Person, asked: Asked, places: Int32Array): void {
  const home = homeOf(person)
  const code = codeAt[name]
  if (home.versions.length === 1 && steady.has(name)) {
    places.fill(placeOf(codes, code(person, home, asked.first, asked)))
    return
  }
  for (let place = 0; place < places.length; place++) {
    places[place] = placeOf(codes, code(person, home, asked.first + place, asked))
  }
}

/** The registration at the institution of her first account tells who she is. */
function homeOf({ savers, accounts }: Person): Saver {
  return savers.length === 1 ? savers[0]! : savers.find(saver => saver.accounts.includes(accounts[0]!))!
}

/** What was told of her last. */
function toldOf({ versions }: Saver, knownAt: number): Version {
  return versions.findLast(({ recordedAt }) => recordedAt <= knownAt) ?? versions[0]!
}

/** Where she lives is what was told of the latest day until then; of two tellings of a day the later holds. */
function districtAt({ versions }: Saver, month: number, knownAt: number): string {
  let living = versions[0]!
  for (const version of versions) {
    if (version.recordedAt > knownAt) break
    if (version.since <= lastDayOf[month]! && version.since >= living.since) living = version
  }
  return living.district
}

/** Of the times in force on the day the one that began first. */
function firstInForce(
  savers: readonly Saver[],
  list: 'enrolments' | 'memberships',
  month: number,
  knownAt: number,
): Period | undefined {
  let first: Period | undefined
  for (const saver of savers) {
    for (const period of saver[list]) {
      if (!isInForce(period, lastDayOf[month]!, knownAt)) continue
      if (first === undefined || period.from < first.from || (period.from === first.from && period.id < first.id)) {
        first = period
      }
    }
  }
  return first
}

export function isInForce(period: Period, day: number, knownAt: number): boolean {
  if (period.recordedAt > knownAt || period.from > day) return false
  return period.endRecordedAt > knownAt || (period.to >= day && !period.mistaken)
}

function institutionAt(accounts: readonly Account[], month: number, knownAt: number): string {
  const day = lastDayOf[month]!
  let last: Account | undefined
  for (const account of accounts) {
    if (account.opened > day) continue
    if (account.closed > day || account.closedRecordedAt > knownAt) return account.book.institution
    if (last === undefined || account.closed >= last.closed) last = account
  }
  return last?.book.institution ?? none
}

function ageBandAt(birth: number | null, month: number): string {
  if (birth === null) return untold
  const years = yearsAtEnd(month, birth)
  if (years < 18) return ageBands[0]
  if (years < 30) return ageBands[1]
  if (years < 45) return ageBands[2]
  return years < 60 ? ageBands[3] : ageBands[4]
}
