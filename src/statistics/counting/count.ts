import assert from 'node:assert/strict'
import { statuses } from '../definitions/terms.ts'
import { lastDayOf } from './days.ts'
import { type Codes, type DimensionName, isInForce, locate, noCodes, type Person } from './dimensions.ts'
import { type Account, type Book, type Facts, latest, type Saver } from './facts.ts'
import type { Rule } from './rule.ts'
import { absent, emptySheet, fillSheet, type Months, type Sheet } from './standing.ts'

/** So many counts a month and cell. */
export const width = statuses.length

/** What is known: the last sequence of each book by its id, and the instant up to which registers were recorded (milliseconds). */
export type Knowledge = { through: ReadonlyMap<string, number>; at: number }

const knownAtOf = ({ knowledge }: Question) => knowledge?.at ?? Number.POSITIVE_INFINITY

/** Plain values only, so that another thread can be asked. */
export type Question = {
  rule: Rule
  currency: string
  /** Null for all of them. */
  books: ReadonlySet<string> | null
  months: Months
  by: readonly DimensionName[]
  /** Only those who were in this place of a dimension; of a programme, those enrolled in it, in others too or not. */
  only: readonly { dimension: DimensionName; code: string }[]
  /** Null: all that is known now. Of a book that it does not name nothing is known. */
  knowledge: Knowledge | null
}

/** Counts of one cell: for each month the six statuses, one after the other. */
export type CellCounts = { codes: string[]; counts: Int32Array }

/** Counts every person once a month, in the cell and with the status that she had at its end. */
export function countSavers(facts: Facts, question: Question): CellCounts[] {
  const { months, by } = question
  const length = months.last - months.first + 1
  const codes = by.map(noCodes)
  const places = by.map(() => new Int32Array(length))
  const cells = new Map<number, Int32Array>()
  eachPerson(facts, question, (sheet, person) => {
    for (const [nth, name] of by.entries()) locate(name, codes[nth]!, person, atOf(sheet, question), places[nth]!)
    let key = -1
    let cell: Int32Array | undefined
    for (let month = 0; month < length; month++) {
      const status = sheet.status[month]!
      if (status === absent) continue
      const here = keyOf(places, month)
      if (here !== key || cell === undefined) {
        key = here
        cell = cells.get(key) ?? new Int32Array(length * width)
        cells.set(key, cell)
      }
      cell[month * width + status]! += 1
    }
  })
  return [...cells].map(([key, counts]) => ({ codes: codesOf(codes, key), counts }))
}

const stride = 2 ** 20

function keyOf(places: readonly Int32Array[], month: number): number {
  let key = 0
  for (const one of places) key = key * stride + one[month]!
  return key
}

function codesOf(codes: readonly Codes[], key: number): string[] {
  const second = key % stride
  if (codes.length === 0) return []
  if (codes.length === 1) return [codes[0]!.list[key]!]
  assert(codes.length === 2)
  return [codes[0]!.list[(key - second) / stride]!, codes[1]!.list[second]!]
}

/** Fills a sheet for every person that the question is about; months in which she is out of the filter are absent. */
function eachPerson(facts: Facts, question: Question, take: (sheet: Sheet, person: Person) => void): void {
  const { rule, months, knowledge, only } = question
  const knownAt = knownAtOf(question)
  const sheet = emptySheet(months, rule)
  const filters = only.map(({ dimension, code }) => filterOf(dimension, code, months.last - months.first + 1))
  const through = (account: Account) =>
    knowledge === null ? account.book.sequence : (knowledge.through.get(account.book.id) ?? 0)
  for (const savers of personsKnownAt(facts, knownAt)) {
    const accounts = accountsOf(savers, question)
    if (accounts.length === 0) continue
    fillSheet(sheet, accounts, facts.events, rule, through, knownAt)
    const person = { savers: savers.filter(({ book }) => isAsked(book, question)), accounts }
    for (const filter of filters) filter(sheet, person, question)
    take(sheet, person)
  }
}

/** Her accounts, the first opened first. */
function accountsOf(savers: readonly Saver[], question: Question): readonly Account[] {
  const [only] = savers
  if (savers.length === 1 && only!.accounts.length === 1) {
    const [account] = only!.accounts
    return isAsked(only!.book, question) && account!.recordedAt <= knownAtOf(question) ? only!.accounts : []
  }
  return savers
    .flatMap(({ accounts }) => accounts)
    .filter(({ book, recordedAt }) => isAsked(book, question) && recordedAt <= knownAtOf(question))
    .toSorted((a, b) => a.opened - b.opened || (a.id < b.id ? -1 : 1))
}

function isAsked(book: Book, { books, currency }: Question): boolean {
  return book.currency === currency && (books === null || books.has(book.id))
}

/** Savers by the person that they were taken for at the instant. */
function personsKnownAt(facts: Facts, at: number): Iterable<readonly Saver[]> {
  if (facts.foundOut.every(instant => instant <= at)) return facts.persons.values()
  const savers = [...facts.persons.values()].flat()
  return Map.groupBy(savers, ({ versions }) => {
    const known = versions.filter(({ recordedAt }) => recordedAt <= at)
    return (latest(known) ?? versions[0]!).person
  }).values()
}

function atOf(sheet: Sheet, question: Question) {
  const lastJuntos = (month: number) => sheet.lastJuntos[month - sheet.from]!
  return { first: question.months.first, knownAt: knownAtOf(question), lastJuntos }
}

type Filter = (sheet: Sheet, person: Person, question: Question) => void

function filterOf(dimension: DimensionName, code: string, length: number): Filter {
  if (dimension === 'programme') {
    return (sheet, { savers }, question) => {
      const { months } = question
      const enrolments = savers.flatMap(saver => saver.enrolments).filter(({ of }) => of === code)
      for (let month = 0; month < length; month++) {
        const day = lastDayOf[months.first + month]!
        if (!enrolments.some(one => isInForce(one, day, knownAtOf(question)))) sheet.status[month] = absent
      }
    }
  }
  const codes = noCodes()
  const places = new Int32Array(length)
  return (sheet, person, question) => {
    locate(dimension, codes, person, atOf(sheet, question), places)
    for (let month = 0; month < length; month++) {
      if (codes.list[places[month]!] !== code) sheet.status[month] = absent
    }
  }
}
