import { CsvError, parse } from 'csv-parse/sync'
import { Refusal } from '../../refusals.ts'

/** Columns and fields have the names they have in JSON, so that there is one thing to learn. */
const fields = [
  'id',
  'groupId',
  'agentId',
  'meetingDate',
  'cashCount',
  'signedBy.coordinator',
  'signedBy.agent',
  'onRefusal',
]

const columns = ['line', 'savingsAccountId', 'bankAccountNumber', 'deposit', 'withdrawal', 'purpose', 'depositorId']

type Row = { cells: string[]; number: number }

/**
 * Reads a collection sheet written as CSV: a field and its value a row, then a table whose first column is `line`.
 * Spreadsheets are met half-way: semicolons with decimal commas, a byte order mark, blank rows, empty cells at the end.
 * The shape that comes out is JSON's, and is checked as JSON's is.
 * @throws Refusal `request-invalid` naming the row of the file
 */
export function sheetOfCsv(text: string): Record<string, unknown> {
  const semicolons = /^[^,\n]*;/.test(text)
  const rows = rowsOf(text, semicolons ? ';' : ',')
  const start = rows.findIndex(({ cells }) => cells[0] === 'line')
  if (start === -1) throw invalid('lines', 'no row begins with "line", as the head of the table does')
  const sheet: Record<string, unknown> = {}
  const signedBy: Record<string, unknown> = {}
  for (const { cells, number } of rows.slice(0, start)) {
    const [name = '', value = '', ...more] = cells
    if (!fields.includes(name)) throw invalid(`row ${number}`, `a row here begins with one of ${fields.join(', ')}`)
    if (more.length > 0) throw invalid(`row ${number}`, 'has more than a name and a value')
    const [outer, inner] = name.split('.')
    const target = inner === undefined ? sheet : signedBy
    const key = inner ?? outer!
    if (key in target) throw invalid(`row ${number}`, `${name} is there twice`)
    if (value !== '') target[key] = name === 'cashCount' && semicolons ? decimalPoint(value) : value
  }
  return { ...sheet, signedBy, lines: linesOf(rows.slice(start), semicolons) }
}

function linesOf([head, ...rows]: Row[], semicolons: boolean): Record<string, unknown>[] {
  const names = head!.cells
  const unknown = names.find((name, place) => !columns.includes(name) || names.indexOf(name) !== place)
  if (unknown !== undefined) throw invalid(`row ${head!.number}`, `columns are ${columns.join(', ')}, each once`)
  return rows.map(({ cells, number }) => {
    if (cells.length > names.length) throw invalid(`row ${number}`, 'has more cells than the table has columns')
    const line: Record<string, unknown> = {}
    names.forEach((name, place) => {
      const cell = cells[place] ?? ''
      if (cell !== '') line[name] = cellValue(name, cell, semicolons)
    })
    return line
  })
}

function cellValue(column: string, cell: string, semicolons: boolean): unknown {
  if (column === 'line') return /^\d{1,4}$/.test(cell) ? Number(cell) : cell
  return semicolons && (column === 'deposit' || column === 'withdrawal') ? decimalPoint(cell) : cell
}

/** Where semicolons divide cells, a comma divides centavos. */
function decimalPoint(amount: string): string {
  return amount.replace(/^(-?\d+),(\d{1,2})$/, '$1.$2')
}

function rowsOf(text: string, delimiter: string): Row[] {
  const options = { bom: true, delimiter, trim: true, relax_column_count: true, skip_empty_lines: true, info: true }
  try {
    const records = parse(text, options) as unknown as { record: string[]; info: { lines: number } }[]
    return records
      .map(({ record, info }) => ({ cells: withoutEmptyEnd(record), number: info.lines }))
      .filter(({ cells }) => cells.length > 0)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new Refusal('request-invalid', `The CSV cannot be read near row ${error.lines ?? 1}.`, { cause: error })
  }
}

function withoutEmptyEnd(cells: string[]): string[] {
  const last = cells.findLastIndex(cell => cell !== '')
  return cells.slice(0, last + 1)
}

function invalid(path: string, message: string): Refusal {
  return new Refusal('request-invalid', `${path}: ${message}`, { fields: [{ path, message }] })
}
