import { Refusal } from '../../refusals.ts'
import { decimalPoint, delimiterOf, type Row, rowsOf } from '../../savings/sheets/csv.ts'

const columns = ['bankAccountNumber', 'savingsAccountId', 'enrolmentId', 'rule', 'period', 'amount']

/** What a file says above its table, and the lines of the table as they were written, each with its row. */
export type CalculationInFile = { above: { id?: string }; lines: { row: number; cells: Record<string, string> }[] }

/**
 * Reads a calculation written as CSV: a table whose columns have the names they have in JSON, and above it, if need be, a
 * row with `id`. Spreadsheets are met half-way, as with collection sheets.
 * @throws Refusal `request-invalid` naming the row of the file when it is no such file
 */
export function calculationOfCsv(text: string): CalculationInFile {
  const delimiter = delimiterOf(text)
  const read = rowsOf(text, delimiter)
  const start = read.findIndex(({ cells }) => cells.includes('amount'))
  if (start === -1) throw invalid('row 1', `no row has the names of the columns: ${columns.join(', ')}`)
  const [head, ...table] = read.slice(start) as [Row, ...Row[]]
  const wrong = head.cells.find((name, place) => !columns.includes(name) || head.cells.indexOf(name) !== place)
  if (wrong !== undefined) throw invalid(`row ${head.number}`, `columns are ${columns.join(', ')}, each once`)
  const above: { id?: string } = {}
  for (const { cells, number } of read.slice(0, start)) {
    const [name, id = '', ...more] = cells
    if (name !== 'id' || more.length > 0 || above.id !== undefined) {
      throw invalid(`row ${number}`, 'above the table there may be one row, with id and the id')
    }
    above.id = id
  }
  const lines = table.map(({ cells, number }) => {
    const names = cells.map((cell, at): [string, string] => [head.cells[at] ?? 'more', cell]).filter(([, cell]) => cell)
    const line: Record<string, string> = Object.fromEntries(names)
    if (delimiter !== ',' && line.amount !== undefined) line.amount = decimalPoint(line.amount)
    return { row: number, cells: line }
  })
  return { above, lines }
}

function invalid(path: string, message: string): Refusal {
  return new Refusal('request-invalid', `${path}: ${message}`, { fields: [{ path, message }] })
}
