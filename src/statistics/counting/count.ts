import { statuses } from '../definitions/terms.ts'
import { type Dimension, type DimensionName, isEnrolled, openDimension } from './dimensions.ts'
import type { Facts } from './facts.ts'
import { eachPerson, type Months, type Person, type Scope, type Span } from './persons.ts'
import { withReversalsThrough } from './reversals.ts'
import type { Rule } from './rule.ts'
import { addRun, noRuns, type Runs, takeMarks } from './runs.ts'
import { absent, openStanding } from './standing.ts'

/** So many counts a month and cell. */
export const width = statuses.length

/**
 * What is known: the last sequence of each book by its id, and the instant up to which registers were recorded (milliseconds).
 * `reversals`: nothing of what was reversed after these sequences, where that is less.
 */
export type Knowledge = {
  through: ReadonlyMap<string, number>
  at: number
  reversals?: ReadonlyMap<string, number>
}

/** Plain values only, so that another thread can be asked. */
export type Question = {
  rule: Rule
  currency: string
  /** Null for all of them. */
  books: ReadonlySet<string> | null
  months: Months
  /** Two at most. */
  by: readonly DimensionName[]
  /** Only those who were in this place of a dimension; of a programme, those enrolled in it, in others too or not. */
  only: readonly { dimension: DimensionName; code: string }[]
  /** Null: all that is known now. Of a book that it does not name nothing is known. */
  knowledge: Knowledge | null
}

/** Counts of one cell: for each month the six statuses, one after the other. */
export type CellCounts = { codes: string[]; counts: Int32Array }

/** Counts every person once a month, in the cell and with the status that she had at its end. */
export function countSavers(facts: Facts, question: Question, persons?: Span): CellCounts[] {
  const scope = scopeOf(facts, question, persons)
  const { length } = scope
  const dimensions = question.by.map(name => openDimension(name, scope))
  const places = dimensions.map(() => noRuns(length))
  const filters = question.only.map(only => openFilter(only, scope))
  const insides = filters.map(() => noRuns(length))
  const standingOf = openStanding(scope, question.rule)
  const cells = openCells(length, dimensions)
  const locate = openLocate(scope)

  eachPerson(scope, person => {
    for (let nth = 0; nth < filters.length; nth++) {
      const inside = insides[nth]!
      locate(inside, filters[nth]!, person)
      if (inside.count === 1 && inside.value[0] === 0) return
    }
    for (let nth = 0; nth < dimensions.length; nth++) locate(places[nth]!, dimensions[nth]!, person)
    cells.add(standingOf(person), places, insides)
  })
  return cells.counts()
}

/** Of all persons, unless some are named. */
export function scopeOf(all: Facts, { currency, books, months, knowledge }: Question, persons?: Span): Scope {
  const facts = knowledge?.reversals === undefined ? all : withReversalsThrough(all, knowledge.reversals)
  const through = Float64Array.from(facts.books.values(), book => {
    if (book.currency !== currency || (books !== null && !books.has(book.id))) return -1
    return knowledge === null ? book.sequence : (knowledge.through.get(book.id) ?? 0)
  })
  const knownAt = knowledge?.at ?? Number.MAX_SAFE_INTEGER
  const length = months.last - months.first + 1
  return { facts, persons: persons ?? { from: 0, until: facts.persons.length }, months, length, through, knownAt }
}

type Placing = Omit<Dimension, 'codes'>

export function openLocate({ length, months }: Scope) {
  const marked = new Int32Array(length)
  return function locate(runs: Runs, { meet, mark, placeAt }: Placing, person: Person): void {
    runs.count = 0
    meet?.(person)
    // Within one month nothing changes, and whoever is not marked is found sooner.
    if (length > 1) mark(person)
    const count = length > 1 ? takeMarks(person.marks, marked) : 1
    for (let nth = 0; nth < count; nth++) {
      const place = marked[nth]!
      addRun(runs, place, placeAt(person, months.first + place))
    }
  }
}

/** A dimension of two places: 1 is inside. */
export function openFilter({ dimension, code }: Question['only'][number], scope: Scope): Placing {
  if (dimension === 'programme') return isEnrolled(scope, code)
  const { codes, placeAt, ...before } = openDimension(dimension, scope)
  const place = codes.indexOf(code)
  return { ...before, placeAt: (person, month) => (placeAt(person, month) === place ? 1 : 0) }
}

/**
 * Counts by cells. What holds for some months is added at the first of them and taken off after the last, so that the sums of
 * these changes are the counts.
 */
function openCells(length: number, dimensions: readonly Dimension[]) {
  const stride = dimensions[1]?.codes.length ?? 1
  const cells = new Map<number, Int32Array>()
  let lastKey = -1
  let lastCell: Int32Array = new Int32Array(0)

  function cellOf(key: number): Int32Array {
    if (key === lastKey) return lastCell
    let cell = cells.get(key)
    if (cell === undefined) {
      cell = new Int32Array((length + 1) * width)
      cells.set(key, cell)
    }
    lastKey = key
    lastCell = cell
    return cell
  }

  function addSpan(key: number, status: number, from: number, until: number): void {
    const cell = cellOf(key)
    cell[from * width + status]! += 1
    cell[until * width + status]! -= 1
  }

  /** Goes through all runs at once: from each place to the next at which one of them changes. */
  function addChanging(all: readonly Runs[], inside: readonly Runs[], places: readonly Runs[], standing: Runs): void {
    const at = all.map(() => 0)
    for (let from = 0; from < length; ) {
      let until = length
      for (const [nth, runs] of all.entries()) {
        while (at[nth]! + 1 < runs.count && runs.from[at[nth]! + 1]! <= from) at[nth]! += 1
        if (at[nth]! + 1 < runs.count) until = Math.min(until, runs.from[at[nth]! + 1]!)
      }
      const value = (runs: Runs) => runs.value[at[all.indexOf(runs)]!]!
      const status = value(standing)
      if (status !== absent && inside.every(runs => value(runs) === 1)) {
        addSpan(
          places.reduce((key, runs) => key * stride + value(runs), 0),
          status,
          from,
          until,
        )
      }
      from = until
    }
  }

  return {
    add(standing: Runs, places: readonly Runs[], insides: readonly Runs[]): void {
      let [key, stays] = [0, true]
      for (const { count, value } of places) {
        key = key * stride + value[0]!
        stays &&= count === 1
      }
      for (const { count } of insides) stays &&= count === 1
      if (!stays) {
        addChanging([standing, ...places, ...insides], insides, places, standing)
        return
      }
      for (let nth = 0; nth < standing.count; nth++) {
        if (standing.value[nth] === absent) continue
        const until = nth + 1 < standing.count ? standing.from[nth + 1]! : length
        addSpan(key, standing.value[nth]!, standing.from[nth]!, until)
      }
    },
    counts(): CellCounts[] {
      return [...cells].map(([key, changes]) => {
        for (let place = width; place < length * width; place++) changes[place]! += changes[place - width]!
        const nths = dimensions.length === 2 ? [Math.floor(key / stride), key % stride] : [key]
        const codes = dimensions.map(({ codes }, nth) => codes[nths[nth]!]!)
        return { codes, counts: changes.slice(0, length * width) }
      })
    },
  }
}
