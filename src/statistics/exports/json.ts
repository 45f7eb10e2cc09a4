import { hidden, type Table, type Value } from '../table.ts'
import { codeOf, figureOf, hiddenMark, isDimension, type Pieces, type Placed, pieces } from './figures.ts'

/**
 * A table as JSON: its name, titles, columns and notes, and a row an object. Counts are numbers; amounts and rates are texts,
 * so that no reader makes doubles of them; a hidden figure is the text `:c`, one that there is nothing to tell of is null.
 */
export function writeJson(table: Table): Pieces {
  return pieces(lines(table))
}

function* lines(table: Table): Generator<string> {
  const { rows, ...about } = table
  const columns = table.columns.map((column, at) => ({ ...column, at }))
  const open = JSON.stringify({ ...about, hidden: hiddenMark }).slice(0, -1)
  yield `${open},"rows":[`
  for (const [at, row] of rows.entries()) yield `${at === 0 ? '\n' : ',\n'}${JSON.stringify(objectOf(row, columns))}`
  yield ']}\n'
}

function objectOf(row: readonly Value[], columns: readonly Placed[]): Record<string, string | number | null> {
  return Object.fromEntries(columns.map(column => [column.name, told(row, column)]))
}

function told(row: readonly Value[], column: Placed): string | number | null {
  if (isDimension(column)) return row[column.at] === null ? null : codeOf(row, column)
  const figure = figureOf(row, column)
  if (figure === hidden) return hiddenMark
  return column.kind === 'count' && figure !== null ? Number(figure) : figure
}
