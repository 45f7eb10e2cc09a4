import assert from 'node:assert/strict'
import { z } from 'zod'
import { monthText } from '../../dates.ts'
import type { CellCounts } from '../counting/count.ts'
import type { Counter } from '../counting/counter.ts'
import type { Definition } from '../definitions/definitions.ts'
import { type CountCube, layoutOf } from '../disclosure/cube.ts'
import { laidOut } from '../disclosure/earlier.ts'
import type { Pattern } from '../disclosure/suppress.ts'
import { type Asked, askCounter } from '../questions/ask.ts'
import { treesOf } from '../questions/breakdown.ts'
import type { Knowledge } from '../questions/knowledge.ts'
import { monthsBetween } from '../questions/question.ts'
import { byStatus, codesAt, figureColumns, figuresAt, openCubes } from '../questions/savers-table.ts'
import { hidden, type Value } from '../table.ts'
import { tableName } from './asked.ts'
import { type CountedTable, layoutOfCounted, withLeaves } from './counted.ts'

/** Why a figure is another: what changed, in the order in which it is changed to find out. */
export const causes = ['definition', 'register', 'late-sync', 'reversal', 'software', 'unexplained'] as const

export type Cause = (typeof causes)[number]

const figure = z.union([z.string(), z.int()]).nullable()

export const differenceSchema = z
  .object({
    table: tableName,
    month: monthText.meta({ examples: ['2026-03'] }),
    place: z
      .record(z.string(), z.string())
      .describe('The row’s codes, by the names of their columns')
      .meta({ examples: [{ department: '08' }] }),
    figure: z.string().meta({ examples: ['permanentActive'] }),
    was: figure.meta({ examples: [57] }),
    is: figure.meta({ examples: [61] }),
    causes: z
      .array(
        z
          .enum(causes)
          .meta({ id: 'ReleaseCause' })
          .describe(
            '`definition`: another one counts; `register`: enrolments, corrections and closings recorded since; `late-sync`: money recorded since; `reversal`: what was reversed since; `software`: the rest, where another version of the software counted; `unexplained`: the rest, where the same did',
          ),
      )
      .describe('Each of which, by itself, changes the figure; together they are all of the difference'),
  })
  .meta({ id: 'ReleaseDifference' })

export type Difference = z.output<typeof differenceSchema>

/** One side of a comparison: a table of a release, and what that release knew. */
export type Side = {
  counted: CountedTable
  k: number
  definition: Definition
  books: Asked['books']
  knowledge: Knowledge
  /** Which version of the software counted it. */
  software: string
}

/**
 * The figures of a table that are others than in an earlier release, as far as both show them, each with its causes: the
 * table is counted again and again from what the one release knew to what the other knows, one thing changed at a time.
 */
export async function differencesOf(
  counter: Counter,
  currency: Asked['currency'],
  was: Side,
  is: Side,
): Promise<Difference[]> {
  const months = [...is.counted.months.keys()].filter(month => was.counted.months.has(month)).toSorted()
  const [first, last] = [months[0], months.at(-1)]
  if (first === undefined || last === undefined) return []
  const { name, by, only } = is.counted
  assert(monthsBetween(first, last) === months.length - 1, 'both are of months that follow each other')
  const recount = (terms: Definition['terms'], books: Asked['books'], knowledge: Knowledge) =>
    askCounter(counter, 'savers', { terms, currency, books, months: { first, last }, by, only, knowledge })
  const then = await recount(was.definition.terms, was.books, was.knowledge)
  const isSame = was.definition.reference === is.definition.reference
  const defined = isSame ? then : await recount(is.definition.terms, was.books, was.knowledge)
  const { at, sequences } = is.knowledge
  const reversals = was.knowledge.sequences
  const registered = await recount(is.definition.terms, is.books, { at, sequences: reversals })
  const posted = await recount(is.definition.terms, is.books, { at, sequences, reversals })
  const reversed = await recount(is.definition.terms, is.books, is.knowledge)
  const isSameSoftware = was.software === is.software

  const leaves = [was, is].map(({ counted }) => counted.leaves)
  const all = withLeaves([then, defined, registered, posted, reversed].flat(), leaves, 0)
  const layout = layoutOf([...treesOf(by, all), byStatus])
  const [wasLayout, isLayout] = [layoutOfCounted(was.counted), layoutOfCounted(is.counted)]
  const steps = [then, defined, registered, posted, reversed].map((cells: CellCounts[]) => openCubes(layout, cells))
  const nothingHidden: Pattern = { hidden: new Uint8Array(layout.size), exposed: [] }
  return months.flatMap((month, nth) => {
    const before = laidOut(was.counted.months.get(month)!, wasLayout, layout)
    const after = laidOut(is.counted.months.get(month)!, isLayout, layout)
    const cubeOf = (counts: Int32Array): CountCube => ({ layout, counts })
    const told = (counts: Int32Array, cell: number) => figuresAt(cubeOf(counts), nothingHidden, 0, cell)
    const counts = [before.counts, ...steps.map(cubeAt => cubeAt(nth).counts), after.counts]
    const found: Difference[] = []
    for (let cell = 0; cell < layout.size; cell += byStatus.codes.length) {
      const [old, now] = [
        figuresAt(cubeOf(before.counts), { hidden: before.hidden, exposed: [] }, was.k, cell),
        figuresAt(cubeOf(after.counts), { hidden: after.hidden, exposed: [] }, is.k, cell),
      ]
      const walk = counts.map(one => told(one, cell))
      const place = Object.fromEntries(codesAt(layout, cell).map((code, at) => [by[at]!, code]))
      for (const [at, { name: figure }] of figureColumns.entries()) {
        const one = old[at]!
        const other = now[at]!
        if (one === hidden || other === hidden || one === other) continue
        const causes = causesOf(
          walk.map(values => values[at]!),
          isSameSoftware,
        )
        found.push({ table: name, month, place, figure, was: one, is: other, causes })
      }
    }
    return found
  })
}

/**
 * A figure as it was published; counted again as it was known then; by the new definition; with the new register; with what
 * was posted since; with what was reversed since; and as it is published. Where the first two differ, or the last two, nothing
 * that was recorded explains it: what was not yet written when the first was counted, or was changed behind the service's back,
 * looks alike, so it is given to neither.
 */
export function causesOf(walk: readonly Value[], isSameSoftware: boolean): Cause[] {
  const [published, then, defined, registered, posted, reversed, now] = walk
  const isLeft = published !== then || reversed !== now
  const found: Record<Cause, boolean> = {
    definition: then !== defined,
    register: defined !== registered,
    'late-sync': registered !== posted,
    reversal: posted !== reversed,
    software: isLeft && !isSameSoftware,
    unexplained: isLeft && isSameSoftware,
  }
  return causes.filter(cause => found[cause])
}
