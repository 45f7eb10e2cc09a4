import { hidden, type Table, type Value } from '../table.ts'
import { codeOf, figureOf, hiddenMark, isDimension, type Pieces, type Placed, pieces, placed } from './figures.ts'

type Row = Record<string, string | number | null>

/** A table as the JSON that is written of it. */
export type TableJson = Omit<Table, 'rows'> & { hidden: string; rows: Row[] }

/**
 * A table as JSON: its name, titles, columns and notes, and a row an object. Counts are numbers; amounts and rates are texts,
 * so that no reader makes doubles of them; a hidden figure is the text `:c`, one that there is nothing to tell of is null.
 */
export function writeJson(table: Table): Pieces {
  return pieces(lines(table))
}

function* lines(table: Table): Generator<string> {
  const { rows, ...about } = table
  const columns = placed(table)
  const open = JSON.stringify({ ...about, hidden: hiddenMark }).slice(0, -1)
  yield `${open},"rows":[`
  const names = columns.map(({ name }, at) => `${at === 0 ? '{' : ','}${JSON.stringify(name)}:`)
  for (let at = 0; at < rows.length; at++) yield (at === 0 ? '\n' : ',\n') + lineOf(rows[at]!, columns, names)
  yield ']}\n'
}

/** What `JSON.stringify` writes of the row's object, without making a hundred thousand objects for it. */
function lineOf(row: readonly Value[], columns: readonly Placed[], names: readonly string[]): string {
  let line = columns.length === 0 ? '{' : ''
  for (let at = 0; at < columns.length; at++) line += names[at]! + JSON.stringify(told(row, columns[at]!))
  return `${line}}`
}

function objectOf(row: readonly Value[], columns: readonly Placed[]): Row {
  return Object.fromEntries(columns.map(column => [column.name, told(row, column)]))
}

/** What `writeJson` writes, not as a text. */
export function jsonOf(table: Table): TableJson {
  const columns = placed(table)
  return { ...table, hidden: hiddenMark, rows: table.rows.map(row => objectOf(row, columns)) }
}

/** The table that `jsonOf` made it of. */
export function tableOf({ hidden: mark, rows, ...about }: TableJson): Table {
  const read = (row: Row, column: Placed): Value => {
    const value = row[column.name] ?? null
    return value === mark && !isDimension(column) ? hidden : value
  }
  const columns = placed({ ...about, rows: [] })
  return { ...about, rows: rows.map(row => columns.map(column => read(row, column))) }
}

function told(row: readonly Value[], column: Placed): string | number | null {
  if (isDimension(column)) return row[column.at] === null ? null : codeOf(row, column)
  const figure = figureOf(row, column)
  if (figure === hidden) return hiddenMark
  return column.kind === 'count' && figure !== null ? Number(figure) : figure
}
