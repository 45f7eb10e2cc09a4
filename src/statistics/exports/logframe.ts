import assert from 'node:assert/strict'
import { z } from 'zod'
import { byteOrderMark, csvRow, safeText } from '../../csv.ts'
import { type Currency, formatAmount, parseAmount } from '../../money.ts'
import { type FieldProblem, Refusal } from '../../refusals.ts'
import { hidden, type Table, type Value } from '../table.ts'
import type { CsvStyle } from './csv.ts'
import {
  codeOf,
  dimensionsOf,
  figureOf,
  hiddenMark,
  measuresOf,
  type Pieces,
  type Placed,
  pieces,
  timeOf,
} from './figures.ts'

const figure = z.string().regex(/^-?\d+(?:\.\d+)?$/)
const year = z.string().regex(/^\d{4}$/)

/**
 * A row of a logframe as IFAD asks for it, and where in a table its results stand: the measure, and a code for each dimension
 * but time. `result`: the last month told of a year, as of a count of persons, or the sum of the year's months.
 */
const logframeRow = z
  .strictObject({
    indicator: z.string().min(1),
    subRow: z.string(),
    ...{
      measure: z.string(),
      where: z.record(z.string(), z.string()),
      result: z.enum(['last', 'sum']).meta({ id: 'LogframeResult' }),
    },
    ...{ baseline: figure.nullable(), midTerm: figure.nullable(), endTarget: figure.nullable() },
    years: z.array(z.strictObject({ year, target: figure.nullable() }).meta({ id: 'LogframeYear' })).min(1),
    ...{ source: z.string(), frequency: z.string(), responsible: z.string() },
  })
  .meta({ id: 'LogframeRow' })
export const logframe = z.array(logframeRow).min(1).meta({ id: 'Logframe' })
export type Logframe = z.infer<typeof logframe>
type LogframeRow = Logframe[number]

export const logframeColumns = [
  ...['indicator', 'subRow', 'baseline', 'midTerm', 'endTarget', 'year', 'yearTarget', 'yearResult', 'resultAsOf'],
  ...['source', 'frequency', 'responsible', 'definition', 'knownAt'],
] as const

/**
 * The rows of a logframe against their targets, as CSV: a row an indicator's sub-row and year. `resultAsOf` is the last
 * month or day that a result is of, so that an unfinished year shows as one. A hidden result is `:c`, as a sum is that has a
 * hidden part; there is none, and the cell is empty, where the table tells nothing of that year.
 * @throws Refusal `request-invalid` naming each row that does not find just one figure a month
 */
export function writeLogframe(table: Table, rows: Logframe, style: CsvStyle = 'plain'): Pieces {
  const found = rows.map(row => ({ row, results: resultsOf(table, row) }))
  const problems = found.flatMap(({ results }, at) =>
    typeof results === 'string' ? [{ path: String(at), message: results }] : [],
  )
  if (problems.length > 0) throw unfit(problems)
  return pieces(lines(table, found as Found[], style))
}

function unfit(fields: FieldProblem[]): Refusal {
  const all = fields.map(({ path, message }) => `row ${path} ${message}`)
  return new Refusal('request-invalid', `The logframe does not fit the table: ${all.join('; ')}`, { fields })
}

type Result = { asOf: string; figure: string | null | typeof hidden }
type Found = { row: LogframeRow; results: Map<string, Result> }

function* lines(table: Table, found: readonly Found[], style: CsvStyle): Generator<string> {
  const separator = style === 'es-PE' ? ';' : ','
  const number = (value: string | null) => (style === 'es-PE' ? value?.replace('.', ',') : value) ?? ''
  if (style === 'es-PE') yield byteOrderMark
  yield csvRow(logframeColumns, separator)
  for (const { row, results } of found) {
    for (const { year, target } of row.years) {
      const { asOf = '', figure = null } = results.get(year) ?? {}
      const cells = [
        ...[safeText(row.indicator), safeText(row.subRow), number(row.baseline), number(row.midTerm)],
        ...[number(row.endTarget), year, number(target), figure === hidden ? hiddenMark : number(figure), asOf],
        ...[row.source, row.frequency, row.responsible, table.notes.definition ?? '', table.notes.knownAt].map(
          safeText,
        ),
      ]
      yield csvRow(cells, separator)
    }
  }
}

/** Results by year, or what is wrong with the row. */
function resultsOf(table: Table, row: LogframeRow): Map<string, Result> | string {
  const time = timeOf(table)
  const measure = measuresOf(table).find(({ name }) => name === row.measure)
  if (!measure) return `names a measure that the table has not: ${row.measure}`
  if (row.result === 'sum' && measure.kind === 'rate') return `adds up a rate, ${row.measure}`
  const dimensions = dimensionsOf(table).filter(column => column.at !== time?.at)
  const open = dimensions.filter(({ name }) => !Object.hasOwn(row.where, name))
  const unknown = Object.keys(row.where).filter(name => dimensions.every(column => column.name !== name))
  if (open.length > 0) return `does not say which ${open.map(({ name }) => name).join(', ')}`
  if (unknown.length > 0) return `names a dimension that the table has not: ${unknown.join(', ')}`
  const rows = table.rows.filter(cells => dimensions.every(column => codeOf(cells, column) === row.where[column.name]))
  if (rows.length === 0) return 'finds nothing in the table'
  return byYear(table, rows, measure, row.result)
}

function byYear(
  table: Table,
  rows: readonly Value[][],
  measure: Placed,
  how: LogframeRow['result'],
): Map<string, Result> | string {
  const time = timeOf(table)
  const told = rows.map(
    (row): Result => ({
      asOf: time ? codeOf(row, time) : (table.notes.asOf.split('/').at(-1) ?? ''),
      figure: figureOf(row, measure),
    }),
  )
  told.sort((a, b) => (a.asOf < b.asOf ? -1 : 1))
  const twice = told.find(({ asOf }, at) => told[at + 1]?.asOf === asOf)
  if (twice) return `finds more than one figure for ${twice.asOf}`
  const years = Map.groupBy(told, ({ asOf }) => asOf.slice(0, 4))
  return new Map([...years].map(([year, results]) => [year, yearly(table, results, measure, how)]))
}

function yearly(table: Table, results: readonly Result[], measure: Placed, how: LogframeRow['result']): Result {
  const last = results.at(-1)
  assert(last, 'a year is there because something is told of it')
  if (how === 'last') return last
  const figures = results.map(({ figure }) => figure)
  if (figures.includes(hidden)) return { asOf: last.asOf, figure: hidden }
  const some = figures.filter(figure => typeof figure === 'string')
  return { asOf: last.asOf, figure: some.length === 0 ? null : sum(some, measure, table.notes.currency as Currency) }
}

function sum(figures: readonly string[], measure: Placed, currency: Currency): string {
  if (measure.kind === 'count') return String(figures.reduce((all, figure) => all + BigInt(figure), 0n))
  return formatAmount(
    figures.reduce((all, figure) => all + parseAmount(figure, currency), 0n),
    currency,
  )
}
