import { Refusal } from '../../refusals.ts'
import { decimalPoint, type Row, rowsOf, type SheetInFile } from '../../savings/sheets/csv.ts'

const columns = ['bankAccountNumber', 'savingsAccountId', 'rule', 'period', 'amount']

/**
 * Reads a calculation written as CSV: a table whose columns have the names they have in JSON, and above it, if need be, a
 * row with `id`. Spreadsheets are met half-way, as with collection sheets.
 * @throws Refusal `request-invalid` naming the row of the file
 */
export function calculationOfCsv(text: string): SheetInFile {
  const semicolons = /^[^,\n]*;/.test(text)
  const read = rowsOf(text, semicolons ? ';' : ',')
  const start = read.findIndex(({ cells }) => cells.includes('amount'))
  if (start === -1) throw invalid('lines', `no row has the names of the columns: ${columns.join(', ')}`)
  const [head, ...table] = read.slice(start) as [Row, ...Row[]]
  const wrong = head.cells.find((name, place) => !columns.includes(name) || head.cells.indexOf(name) !== place)
  if (wrong !== undefined) throw invalid(`row ${head.number}`, `columns are ${columns.join(', ')}, each once`)
  const rows = new Map([['lines', head.number]])
  const above: Record<string, string> = {}
  for (const { cells, number } of read.slice(0, start)) {
    const [name, id = '', ...more] = cells
    if (name !== 'id' || more.length > 0 || rows.has('id')) {
      throw invalid(`row ${number}`, 'above the table there may be one row, with id and the id')
    }
    rows.set('id', number)
    above.id = id
  }
  const lines = table.map(({ cells, number }, place) => {
    if (cells.length > head.cells.length) {
      throw invalid(`row ${number}`, 'has more cells than the table has columns')
    }
    rows.set(`lines.${place}`, number)
    const filled = head.cells.map((name, at): [string, string] => [name, cells[at] ?? '']).filter(([, cell]) => cell)
    const line = Object.fromEntries(filled)
    return semicolons && line.amount !== undefined ? { ...line, amount: decimalPoint(line.amount) } : line
  })
  return { sheet: { ...above, lines }, rows }
}

function invalid(path: string, message: string): Refusal {
  return new Refusal('request-invalid', `${path}: ${message}`, { fields: [{ path, message }] })
}
