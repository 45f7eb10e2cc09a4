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
  const places = placesOf(other)
  return [...placesOf(table)].flatMap(([place, { cell }]) => {
    const there = places.get(place)
    return there === undefined ? [] : inStatuses(table, other, cell, there.cell)
  })
}

/**
 * Cells of a table with the cells of another whose persons are among theirs: without those that one of the two has both of, for
 * each table is protected by itself.
 */
export function widerCells(table: Subject, other: Subject): [cell: number, within: number][] {
  const [places, others] = [placesOf(table), placesOf(other)]
  return [...others].flatMap(([place, { cell: inner, wider }]) =>
    places.has(place)
      ? []
      : wider().flatMap(around => {
          const outer = others.has(around) ? undefined : places.get(around)
          return outer === undefined ? [] : inStatuses(table, other, outer.cell, inner)
        }),
  )
}

/** A figure, and figures of other tables of which nobody is in two, all within it. */
export type Parts = { cell: number; parts: { table: number; cell: number }[] }

/** What tables that are filtered to a part of a table's persons take away from its cells. */
export function partsOf(table: Subject, others: readonly Subject[]): Parts[] {
  const places = placesOf(table)
  const found = new Map<string, Map<string, { table: number; cell: number }>>()
  for (const [at, other] of others.entries())
    for (const [key, { cell, conditions }] of placesOf(other))
      for (const filter of places.has(key) ? [] : conditionsOf(other.only)) {
        if (!conditions.includes(filter)) continue
        const rest = conditions.filter(one => one !== filter)
        for (const base of [keyOf(rest), ...levelsAbove(filter).map(level => keyOf([...rest, level]))]) {
          if (!places.has(base)) continue
          const parts = found.get(base) ?? new Map()
          found.set(base, parts.set(filter, { table: at, cell }))
        }
      }
  return [...found].flatMap(([base, all]) =>
    [...byKind(all).values()].flatMap(apart =>
      [...byStatus.codes.keys()].flatMap(status => {
        const parts = [...apart.values()]
          .filter(part => statusesOf(table, others[part.table]!).includes(status))
          .map(part => ({ ...part, cell: part.cell + status }))
        return parts.length < 2 ? [] : [{ cell: places.get(base)!.cell + status, parts }]
      }),
    ),
  )
}

/** Parts by what they are parted by; of places one in another only the outer one. */
function byKind<Part>(parts: ReadonlyMap<string, Part>): Map<string, Map<string, Part>> {
  const kinds = new Map<string, Map<string, Part>>()
  for (const [condition, part] of parts) {
    if (levelsAbove(condition).some(level => parts.has(level))) continue
    const kind = condition.slice(0, condition.indexOf('='))
    kinds.set(kind, (kinds.get(kind) ?? new Map()).set(condition, part))
  }
  return kinds
}

function inStatuses(table: Subject, other: Subject, cell: number, ofOther: number): [number, number][] {
  return statusesOf(table, other).map(status => [cell + status, ofOther + status])
}

function statusesOf(table: Subject, other: Subject): number[] {
  return [...byStatus.codes.keys()].filter(status =>
    isSameStatus(byStatus.codes[status]!, table.definition, other.definition),
  )
}

/** Who is registered, and who closed, is no matter of definition; who is too new is one of the age that it asks for. */
function isSameStatus(code: string, one: Definition, other: Definition): boolean {
  if (code === total || code === 'CLOSED') return true
  if (code === 'TOO_NEW' || code === 'DENOMINATOR') return one.terms.minimumAge === other.terms.minimumAge
  return one.reference === other.reference
}

/** Who a row is of, said alike by filter and by breakdown, its first cell, and the rows that all of these would be in too. */
type Place = { conditions: readonly string[]; cell: number; wider: () => readonly string[] }

const known = new WeakMap<Layout, Map<string, Map<string, Place>>>()

function placesOf({ layout, by, only }: Subject): Map<string, Place> {
  const ofLayout = known.get(layout) ?? new Map<string, Map<string, Place>>()
  known.set(layout, ofLayout)
  const filters = conditionsOf(only)
  const asked = JSON.stringify([by, filters])
  const before = ofLayout.get(asked)
  if (before !== undefined) return before
  const places = new Map<string, Place>()
  for (let cell = 0; cell < layout.size; cell += byStatus.codes.length) {
    const codes = by.flatMap((dimension, at) => {
      const code = layout.dimensions[at]!.codes[nodeOf(layout, cell, at)]!
      return code === total ? [] : [conditionOf(dimension, code)]
    })
    const conditions = narrowest([...filters, ...codes])
    let around: readonly string[] | undefined
    places.set(keyOf(conditions), { conditions, cell, wider: () => (around ??= widerThan(conditions)) })
  }
  ofLayout.set(asked, places)
  return places
}

function keyOf(conditions: readonly string[]): string {
  return JSON.stringify(conditions.toSorted())
}

const levels = ['department', 'province', 'district']

/** A place is one whichever level it was asked by. */
function conditionOf(dimension: string, code: string): string {
  return `${levels.includes(dimension) ? 'place' : dimension}=${code}`
}

/** To be enrolled in a programme, in others too or not, is another thing than to be counted in it. */
function conditionsOf(only: Subject['only']): string[] {
  return only.map(({ dimension, code }) => conditionOf(dimension === 'programme' ? 'enrolled' : dimension, code))
}

/** What somebody fulfils who fulfils a condition: the places around hers, or that she is enrolled where she is counted. */
function levelsAbove(condition: string): string[] {
  const [, place, programme] = /^(?:place=(\d+)|programme=(.*))$/s.exec(condition) ?? []
  if (programme !== undefined) return [`enrolled=${programme}`]
  return place === undefined
    ? []
    : [2, 4].filter(digits => digits < place.length).map(digits => `place=${place.slice(0, digits)}`)
}

/** Without what follows from the others. */
function narrowest(conditions: readonly string[]): string[] {
  const implied = new Set(conditions.flatMap(levelsAbove))
  return [...new Set(conditions)].filter(condition => !implied.has(condition))
}

/** Whoever fulfils these conditions fulfils those, which are fewer or wider. */
function widerThan(conditions: readonly string[]): string[] {
  let wider: string[][] = [[]]
  for (const condition of conditions)
    wider = wider.flatMap(some => [some, ...[condition, ...levelsAbove(condition)].map(one => [...some, one])])
  const own = keyOf(conditions)
  return [...new Set(wider.map(keyOf))].filter(key => key !== own)
}
