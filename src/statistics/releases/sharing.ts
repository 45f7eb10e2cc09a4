import type { DimensionName } from '../counting/dimensions.ts'
import type { Definition } from '../definitions/definitions.ts'
import { type Layout, nodeOf } from '../disclosure/cube.ts'
import { byStatus } from '../questions/savers-table.ts'
import { total } from '../table.ts'
import type { CutOff } from './asked.ts'

/** What a table is of, as far as it tells which of its figures another table has too. */
export type Subject = {
  by: readonly DimensionName[]
  only: readonly { dimension: DimensionName; code: string }[]
  definition: Definition
  layout: Layout
}

/** Whether two tables are the same one, by whatever definition, for whatever months. */
export function isSameTable(one: Pick<Subject, 'by' | 'only'>, other: Pick<Subject, 'by' | 'only'>): boolean {
  return JSON.stringify([one.by, one.only]) === JSON.stringify([other.by, other.only])
}

/** Whether two releases are of the same books: of all there are, or of the same ones. */
export function isSameReach(one: Pick<CutOff, 'everyBook' | 'books'>, other: Pick<CutOff, 'everyBook' | 'books'>) {
  if (one.everyBook && other.everyBook) return true
  const ids = ({ books }: Pick<CutOff, 'books'>) =>
    books
      .map(({ id }) => id)
      .toSorted()
      .join()
  return ids(one) === ids(other)
}

/** Cells of a table that are figures of another table as well: the same persons, counted for the same thing. */
export function sharedCells(table: Subject, other: Subject): [cell: number, ofOther: number][] {
  const statuses = [...byStatus.codes.keys()].filter(status =>
    isSameStatus(byStatus.codes[status]!, table.definition, other.definition),
  )
  const places = placesOf(other)
  return [...placesOf(table)].flatMap(([place, cell]) => {
    const there = places.get(place)
    return there === undefined ? [] : statuses.map((status): [number, number] => [cell + status, there + status])
  })
}

/** Who is registered, and who closed, is no matter of definition; who is too new is one of the age that it asks for. */
function isSameStatus(code: string, one: Definition, other: Definition): boolean {
  if (code === total || code === 'CLOSED') return true
  if (code === 'TOO_NEW' || code === 'DENOMINATOR') return one.terms.minimumAge === other.terms.minimumAge
  return one.reference === other.reference
}

/** Each row's place, said alike by filter and by breakdown, and its first cell. */
function placesOf({ layout, by, only }: Subject): Map<string, number> {
  const places = new Map<string, number>()
  for (let cell = 0; cell < layout.size; cell += byStatus.codes.length) {
    const codes = by.map((dimension, at) => ({
      dimension: dimension as string,
      code: layout.dimensions[at]!.codes[nodeOf(layout, cell, at)]!,
    }))
    // To be enrolled in a programme, in others too or not, is another thing than to be counted in it.
    const filters = only.map(({ dimension, code }) => ({
      dimension: dimension === 'programme' ? 'enrolled' : dimension,
      code,
    }))
    const conditions = [...filters, ...codes.filter(({ code }) => code !== total)]
    const told = new Set(narrowest(conditions).map(({ dimension, code }) => `${dimension}=${code}`))
    places.set([...told].sort().join('&'), cell)
  }
  return places
}

type Condition = { dimension: string; code: string }

const levels = ['department', 'province', 'district']

/** Of places one in the other only the inner one, whichever level it was asked by. */
function narrowest(conditions: readonly Condition[]): Condition[] {
  const territories = conditions.filter(({ dimension }) => levels.includes(dimension)).map(({ code }) => code)
  const inner = territories.filter(code => !territories.some(other => other !== code && other.startsWith(code)))
  const others = conditions.filter(({ dimension }) => !levels.includes(dimension))
  return [...others, ...inner.map(code => ({ dimension: 'place', code }))]
}
