import type { Month } from '../../dates.ts'
import { Refusal } from '../../refusals.ts'
import type { Counter } from '../counting/counter.ts'
import type { Definition } from '../definitions/definitions.ts'
import { type CountCube, type Layout, layoutOf } from '../disclosure/cube.ts'
import { type Earlier, laidOut } from '../disclosure/earlier.ts'
import { type Pattern, suppress } from '../disclosure/suppress.ts'
import { type Asked, askCounter } from '../questions/ask.ts'
import { eachMonth, refuseTooLarge, treesOf } from '../questions/breakdown.ts'
import type { MonthSpan } from '../questions/question.ts'
import { byStatus, type Protect, saversTable } from '../questions/savers-table.ts'
import type { Notes, Table } from '../table.ts'
import { type CountedTable, layoutOfCounted, leavesOf, withLeaves } from './counted.ts'
import { isSameTable, type Subject, sharedCells } from './sharing.ts'
import { tellingPair } from './telling.ts'

/** A table to be frozen: what the counter is asked, and what is told of it. */
export type ToFreeze = { name: string; asked: Asked & { months: MonthSpan }; notes: Notes }

/** A table that a release before published, of the same books and currency. The oldest come first. */
export type Published = CountedTable & { definition: Definition }

export type Frozen = { table: Table; counted: CountedTable }

type Context = { counter: Counter; k: number; definition: Definition; published: readonly Published[] }

/** Another table's cells that this table has too; `hiddenIn` is what it hides of its own, null while that is not known. */
type Neighbour = { cells: [cell: number, ofOther: number][]; hiddenIn: (month: Month) => Uint8Array | null | undefined }

/**
 * Counts tables and hides what has to be hidden in view of all that was published before, and of each other.
 * @throws Refusal `request-invalid` for too large a table, or one that is there twice; `release-discloses`
 */
export async function freezeTables(context: Context, tables: readonly ToFreeze[]): Promise<Frozen[]> {
  const { counter, k, definition, published } = context
  const counted = []
  for (const { name, asked, notes } of tables) {
    const { by, only, months } = asked
    const before = published.filter(one => isSameTable(one, asked))
    const cells = withLeaves(
      await askCounter(counter, 'savers', asked),
      before.map(({ leaves }) => leaves),
      months.length,
    )
    const trees = treesOf(by, cells)
    refuseTooLarge(trees, months)
    const layout = layoutOf([...trees, byStatus])
    counted.push({ name, by, only, definition, layout, cells, months, notes, before: before.map(laidOutBy(layout)) })
  }
  refuseTwice(counted)
  const frozen: Frozen[] = []
  for (const one of counted) {
    const { name, by, only, layout, cells, months, notes, before } = one
    const siblings = counted
      .filter(other => other !== one)
      .map((other): Neighbour => {
        const isOf = new Set(eachMonth(other.months))
        return { cells: sharedCells(one, other), hiddenIn: month => (isOf.has(month) ? null : undefined) }
      })
    const others = published
      .filter(other => !isSameTable(other, one))
      .map((other): Neighbour => {
        const subject: Subject = { ...other, layout: layoutOfCounted(other) }
        return { cells: sharedCells(one, subject), hiddenIn: month => other.months.get(month)?.hidden }
      })
    const kept = new Map<Month, Earlier>()
    const protect = openProtect({ name, k, layout, before, neighbours: [...siblings, ...others] })
    const table = await saversTable(cells, {
      ...{ by, months, k, notes },
      protect: (month, cube) => {
        const pattern = protect(month, cube)
        kept.set(month, { counts: cube.counts, hidden: pattern.hidden })
        return pattern
      },
    })
    const leaves = layout.dimensions.slice(0, -1).map(leavesOf)
    frozen.push({ table, counted: { name, by, only, leaves, months: kept } })
  }
  const told = (table: CountedTable, of: Definition) => ({ ...table, definition: of, layout: layoutOfCounted(table) })
  const telling = tellingPair(
    frozen.map(({ counted }) => told(counted, definition)),
    published.map(one => told(one, one.definition)),
    k,
  )
  if (telling !== null) refuseTelling(telling.table.name, telling.month)
  return frozen
}

function refuseTelling(name: string, month: Month): never {
  throw new Refusal(
    'release-discloses',
    `${name} for ${month}, beside the other tables of this release and of those before it, would tell what is hidden, or of a few persons. Leave it out, or ask for less detail.`,
    { facts: { table: name, month } },
  )
}

/** The months of a table that was published, as they lie among the codes that there are now. */
function laidOutBy(layout: Layout) {
  return (table: Published): ((month: Month) => Earlier | undefined) => {
    const then = layoutOfCounted(table)
    return month => {
      const one = table.months.get(month)
      return one && laidOut(one, then, layout)
    }
  }
}

function refuseTwice(tables: readonly (Subject & { name: string; months: MonthSpan })[]): void {
  for (const [at, one] of tables.entries()) {
    const months = new Set(eachMonth(one.months))
    const twin = tables.slice(0, at).find(other => {
      return isSameTable(one, other) && eachMonth(other.months).some(month => months.has(month))
    })
    if (twin === undefined) continue
    const message = `is ${twin.name} again, for the same months`
    const fields = [{ path: `tables.${at}`, message }]
    throw new Refusal('request-invalid', `tables.${at} ${message}`, { fields })
  }
}

type Protecting = {
  name: string
  k: number
  layout: Layout
  before: readonly ((month: Month) => Earlier | undefined)[]
  neighbours: readonly Neighbour[]
}

function openProtect({ name, k, layout, before, neighbours }: Protecting): Protect {
  return (month: Month, cube: CountCube): Pattern => {
    const shared = new Uint8Array(layout.size)
    const hiddenElsewhere: number[] = []
    for (const { cells, hiddenIn } of neighbours) {
      const hidden = hiddenIn(month)
      if (hidden === undefined) continue
      for (const [cell, ofOther] of cells) {
        shared[cell] = 1
        if (hidden?.[ofOther]) hiddenElsewhere.push(cell)
      }
    }
    // What another release hides would be told by showing it here, and to hide it in both is not proved to be enough.
    if (hiddenElsewhere.length > 0) refuseTelling(name, month)
    const earlier = withoutRepetitions(before.flatMap(at => at(month) ?? []))
    const pattern = suppress(cube, { k, earlier, ...(shared.includes(1) && { shared }) })
    if (pattern.exposed.length > 0) refuseTelling(name, month)
    return pattern
  }
}

/** Releases that tell what the one before them told tell nothing, and cost as much as others. */
function withoutRepetitions(earlier: readonly Earlier[]): Earlier[] {
  const isSame = (one: Earlier, other: Earlier | undefined) =>
    other !== undefined &&
    one.counts.every((count, cell) => count === other.counts[cell] && one.hidden[cell] === other.hidden[cell])
  return earlier.filter((one, at) => !isSame(one, earlier[at - 1]))
}
