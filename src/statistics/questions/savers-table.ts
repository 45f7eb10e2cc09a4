import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import type { Month } from '../../dates.ts'
import { rateOf } from '../../money.ts'
import { type CellCounts, width } from '../counting/count.ts'
import type { DimensionName } from '../counting/dimensions.ts'
import { type Status, statuses } from '../definitions/terms.ts'
import { addUp, type CountCube, cellOf, type Layout, layoutOf, nodeOf } from '../disclosure/cube.ts'
import { grouped } from '../disclosure/dimension.ts'
import { ratioAt } from '../disclosure/figures.ts'
import { type Pattern, suppress } from '../disclosure/suppress.ts'
import { type Column, hidden, type Notes, type Table, total, type Value, type Wording } from '../table.ts'
import { dimensionColumns, eachMonth, monthColumn, refuseTooLarge, treesOf } from './breakdown.ts'
import type { MonthSpan } from './question.ts'

/** The rate's denominator, and what is in it without the numerator: sums of statuses, to be protected like any figure. */
const [denominator, complement] = ['DENOMINATOR', 'COMPLEMENT'] as const
const others: Status[] = ['ACTIVE', 'DORMANT', 'EMPTY']
export const byStatus = grouped('status', statuses, {
  [denominator]: ['PERMANENT_ACTIVE', ...others],
  [complement]: others,
})

/** A column for each sum and status, in the order in which they add up. */
const figures: (Column & { of: string })[] = [
  { name: 'registered', of: total, kind: 'count', title: { es: 'Registradas', en: 'Registered' } },
  {
    name: 'closed',
    of: 'CLOSED',
    kind: 'count',
    title: { es: 'Excluidas: sin cuenta abierta', en: 'Excluded: no account open' },
  },
  {
    name: 'tooNew',
    of: 'TOO_NEW',
    kind: 'count',
    title: { es: 'Excluidas: cuenta demasiado reciente', en: 'Excluded: account too new' },
  },
  { name: 'denominator', of: denominator, kind: 'count', title: { es: 'Denominador', en: 'Denominator' } },
  {
    name: 'permanentActive',
    of: 'PERMANENT_ACTIVE',
    kind: 'count',
    title: { es: 'Ahorradoras activas permanentes (numerador)', en: 'Permanent active savers (numerator)' },
  },
  { name: 'active', of: 'ACTIVE', kind: 'count', title: { es: 'Activas', en: 'Active' } },
  { name: 'dormant', of: 'DORMANT', kind: 'count', title: { es: 'Inactivas con saldo', en: 'Dormant' } },
  { name: 'empty', of: 'EMPTY', kind: 'count', title: { es: 'Inactivas sin saldo', en: 'Empty' } },
]

const rate: Column = {
  name: 'rate',
  kind: 'rate',
  title: { es: 'Tasa (numerador entre denominador)', en: 'Rate (numerator by denominator)' },
}

/** What is told of every count of savers. */
export const saversPopulation: Wording = {
  es:
    'Personas cuya primera cuenta en la moneda se abrió hasta el fin del mes, cada una contada una vez, en el lugar donde estaba entonces. ' +
    'registered = closed + tooNew + denominator; denominator = permanentActive + active + dormant + empty; rate = permanentActive / denominator',
  en:
    'Persons whose first account in the currency was opened on or before the end of the month, each counted once, at the place where she was then. ' +
    'registered = closed + tooNew + denominator; denominator = permanentActive + active + dormant + empty; rate = permanentActive / denominator',
}

/** Counts of a month as a table with all its sums, for each month of those that were counted. */
export function openCubes(layout: Layout, cells: readonly CellCounts[]): (nth: number) => CountCube {
  const places = cells.map(({ codes }) => cellOf(layout, [...codes, total]))
  const offsets = statuses.map(status => byStatus.codes.indexOf(status))
  return nth => {
    const counts = new Int32Array(layout.size)
    for (let cell = 0; cell < cells.length; cell++) {
      const [counted, place] = [cells[cell]!.counts, places[cell]!]
      for (let status = 0; status < width; status++) {
        counts[place + offsets[status]!] = counted[nth * width + status]!
      }
    }
    return addUp(layout, counts)
  }
}

/** The figures of one place, the rate at the end, as far as they are shown; `cell` is that of its registered. */
export function figuresAt(cube: CountCube, pattern: Pattern, k: number, cell: number): Value[] {
  const told: Value[] = []
  for (let nth = 0; nth < figureNodes.length; nth++) {
    const part = cell + figureNodes[nth]!
    told.push(pattern.hidden[part] ? hidden : cube.counts[part]!)
  }
  const of = { dimension: cube.layout.dimensions.length - 1, ...rateParts }
  const ratio = ratioAt(cube, pattern, k, cell, of)
  told.push(ratio === hidden || ratio === null ? ratio : rateOf(ratio.numerator, ratio.denominator))
  return told
}

const figureNodes = figures.map(({ of }) => byStatus.codes.indexOf(of))
const rateParts = { numerator: ['PERMANENT_ACTIVE'], denominator: [denominator] }

/** The columns of these figures. */
export const figureColumns: Column[] = [...figures.map(({ of, ...column }) => column), rate]

/** The codes of a place, in the order of the dimensions. */
export function codesAt(layout: Layout, cell: number): string[] {
  return layout.dimensions.slice(0, -1).map(({ codes }, tree) => codes[nodeOf(layout, cell, tree)]!)
}

/** Says what of a month's table is hidden; nothing of what it shows may be solved for. */
export type Protect = (month: Month, cube: CountCube) => Pattern

function byItself(k: number): Protect {
  return (_, cube) => {
    const pattern = suppress(cube, { k })
    assert(pattern.exposed.length === 0, 'nothing is told that could be solved for')
    return pattern
  }
}

/**
 * Permanent active savers by month: every sum and rate of it protected, zeros shown. Between months others have their turn.
 * @throws Refusal `request-invalid` for too large a table
 */
export async function saversTable(
  cells: readonly CellCounts[],
  {
    by,
    months,
    k,
    notes,
    protect = byItself(k),
  }: { by: readonly DimensionName[]; months: MonthSpan; k: number; notes: Notes; protect?: Protect },
): Promise<Table> {
  const trees = treesOf(by, cells)
  refuseTooLarge(trees, months)
  const layout = layoutOf([...trees, byStatus])
  assert(layout.strides.at(-1) === 1, 'statuses lie beside each other')
  const cubeAt = openCubes(layout, cells)
  const step = byStatus.codes.length
  const places = Array.from({ length: layout.size / step }, (_, place) => codesAt(layout, place * step))
  const rows: Value[][] = []
  for (const [nth, month] of eachMonth(months).entries()) {
    const cube = cubeAt(nth)
    const pattern = protect(month, cube)
    for (const [place, codes] of places.entries()) {
      rows.push([month, ...codes, ...figuresAt(cube, pattern, k, place * step)])
    }
    await setImmediate()
  }
  return {
    name: 'permanent-active-savers',
    title: { es: 'Ahorradoras activas permanentes', en: 'Permanent active savers' },
    columns: [monthColumn, ...dimensionColumns(by), ...figureColumns],
    rows,
    notes,
  }
}
