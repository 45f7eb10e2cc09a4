import { lastDayOf } from './days.ts'
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

export const ageBands = ['under-18', '18-29', '30-44', '45-59', '60-and-over', untold] as const

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

/** Says for each month asked for at which place of the dimension she was: `places` has one for each. */
export function locate(
  name: DimensionName,
  codes: Codes,
  { savers, accounts }: Person,
  { first, knownAt, lastJuntos }: { first: number; knownAt: number; lastJuntos: (month: number) => number },
  places: Int32Array,
): void {
  const home = homeOf(savers, accounts)
  const version = (day: number) => versionAt(home.versions, day, knownAt)
  const latest = version(Number.POSITIVE_INFINITY)
  function each(codeAt: (day: number, month: number) => string): void {
    for (let place = 0; place < places.length; place++) {
      places[place] = placeOf(codes, codeAt(lastDayOf[first + place]!, first + place))
    }
  }
  function always(code: string): void {
    places.fill(placeOf(codes, code))
  }
  function district(digits: number): void {
    if (home.versions.length === 1) always(latest.district.slice(0, digits))
    else each(day => version(day).district.slice(0, digits))
  }
  const fill: Record<DimensionName, () => void> = {
    department: () => district(2),
    province: () => district(4),
    district: () => district(6),
    programme: () => each(day => firstInForce(savers, 'enrolments', day, knownAt)?.of ?? none),
    cohort: () => each(day => firstInForce(savers, 'enrolments', day, knownAt)?.cohort ?? none),
    group: () => each(day => firstInForce(savers, 'memberships', day, knownAt)?.of ?? none),
    institution: () => each(day => institutionAt(accounts, day, knownAt)),
    age: () => (latest.birth === null ? always(untold) : each(day => ageBand(latest.birth!, day))),
    sex: () => always(latest.female ? 'female' : 'male'),
    motherTongue: () => always(latest.tongue ?? untold),
    juntos: () => each((_, month) => (lastJuntos(month) > month - 12 ? 'yes' : 'no')),
  }
  fill[name]()
}

/** The registration at the institution of her first account tells who she is. */
function homeOf(savers: readonly Saver[], accounts: readonly Account[]): Saver {
  const [first] = accounts
  return savers.find(saver => saver.accounts.includes(first!)) ?? savers[0]!
}

/** What was told last; but where she lives is what was told of the latest day until then. */
export function versionAt(versions: readonly Version[], day: number, knownAt: number): Version {
  let told = versions[0]!
  let living = versions[0]!
  for (const version of versions) {
    if (version.recordedAt > knownAt) break
    told = version
    if (version.since <= day && version.since >= living.since) living = version
  }
  return told === living ? told : { ...told, district: living.district }
}

/** Of the times in force on the day the one that began first. */
export function firstInForce(
  savers: readonly Saver[],
  list: 'enrolments' | 'memberships',
  day: number,
  knownAt: number,
): Period | undefined {
  let first: Period | undefined
  for (const saver of savers) {
    for (const period of saver[list]) {
      if (!isInForce(period, day, knownAt)) continue
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

function institutionAt(accounts: readonly Account[], day: number, knownAt: number): string {
  let last: Account | undefined
  for (const account of accounts) {
    if (account.opened > day) continue
    if (account.closed > day || account.closedRecordedAt > knownAt) return account.book.institution
    if (last === undefined || account.closed >= last.closed) last = account
  }
  return last?.book.institution ?? none
}

/** Whole years on the day; who is born on 29 February is a year older on 1 March. */
function ageBand(birth: number, day: number): string {
  const years = yearsBetween(birth, day)
  if (years < 18) return ageBands[0]
  if (years < 30) return ageBands[1]
  if (years < 45) return ageBands[2]
  return years < 60 ? ageBands[3] : ageBands[4]
}

const msADay = 86_400_000
const epoch = Date.UTC(1900, 0, 1)

function yearsBetween(from: number, to: number): number {
  const [a, b] = [new Date(epoch + from * msADay), new Date(epoch + to * msADay)]
  const hadBirthday =
    b.getUTCMonth() > a.getUTCMonth() || (b.getUTCMonth() === a.getUTCMonth() && b.getUTCDate() >= a.getUTCDate())
  return b.getUTCFullYear() - a.getUTCFullYear() - (hadBirthday ? 0 : 1)
}
