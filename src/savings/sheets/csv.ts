import { isUtf8 } from 'node:buffer'
import { CsvError, parse } from 'csv-parse/sync'
import { FlawedItem } from '../../http/items-apart.ts'
import { invalidFields } from '../../http/problems.ts'
import { type FieldProblem, Refusal } from '../../refusals.ts'

/** Columns and fields have the names they have in JSON, so that there is one thing to learn. */
const fields = [
  'id',
  'groupId',
  'groupCode',
  'groupName',
  'agentId',
  'agentCode',
  'meetingDate',
  'cashCount',
  'signedBy.coordinator',
  'signedBy.coordinatorDni',
  'signedBy.agent',
  'signedBy.agentCode',
  'onRefusal',
]

const columns = [
  'line',
  'savingsAccountId',
  'bankAccountNumber',
  'dni',
  'deposit',
  'withdrawal',
  'purpose',
  'depositorId',
  'depositorDni',
]

/** A row of the file; rows are counted from 1 and with the blank ones, as whoever looks at the file counts them. */
export type Row = { cells: string[]; number: number }

/** A sheet as it was read, and in which row each thing stands that a problem may be told of. */
export type SheetInFile = { sheet: Record<string, unknown>; rows: ReadonlyMap<string, number> }

/**
 * The text of a file, whatever the request says of it. A spreadsheet's “Unicode text” is UTF-16. What is neither that nor UTF-8 was
 * saved by a spreadsheet of Windows as plain “CSV”, in Windows-1252; read otherwise, a group called Ñusta would be no group of the
 * book.
 */
export function textOfFile(bytes: Buffer): string {
  const wide = wideEncodingOf(bytes)
  if (wide !== undefined) return new TextDecoder(wide).decode(bytes)
  return isUtf8(bytes) ? bytes.toString('utf8') : new TextDecoder('windows-1252').decode(bytes)
}

/** By the mark at its beginning, or the zero byte that stands beside a first letter. */
function wideEncodingOf([first, second]: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le'
  return (first === 0xfe && second === 0xff) || (first === 0 && second !== 0) ? 'utf-16be' : undefined
}

/** What divides the cells of a file: the first of the three that there is in its first row. */
export function delimiterOf(text: string): ',' | ';' | '\t' {
  const [found] = /[,;\t\n]/.exec(text) ?? []
  return found === ';' || found === '\t' ? found : ','
}

/**
 * Reads a collection sheet written as CSV: a field and its value a row, then a table whose first column is `line`.
 * Spreadsheets are met half-way: semicolons or tabs with decimal commas, a byte order mark, blank rows, empty cells at the end.
 * The shape that comes out is JSON's, and is checked as JSON's is.
 * @throws Refusal `request-invalid` naming the row of the file
 */
export function sheetOfCsv(text: string): SheetInFile {
  const delimiter = delimiterOf(text)
  const read = rowsOf(text, delimiter)
  const commas = delimiter !== ','
  const start = read.findIndex(({ cells }) => cells[0] === 'line')
  if (start === -1) throw invalid('lines', 'no row begins with "line", as the head of the table does')
  const sheet: Record<string, unknown> = {}
  const signedBy: Record<string, unknown> = {}
  const rows = new Map<string, number>()
  const wrong: FieldProblem[] = []
  for (const { cells, number } of read.slice(0, start)) {
    const [name = '', value = ''] = cells
    const flaw = flawOf(cells, rows)
    if (flaw !== undefined) wrong.push({ path: `row ${number}`, message: flaw })
    rows.set(name, number)
    const [outer, inner] = name.split('.')
    const target = inner === undefined ? sheet : signedBy
    if (value !== '') target[inner ?? outer!] = name === 'cashCount' && commas ? decimalPoint(value) : value
  }
  const [head, ...table] = read.slice(start)
  if (!areColumns(head!.cells)) {
    wrong.push({ path: `row ${head!.number}`, message: `columns are ${columns.join(', ')}, each once` })
  }
  if (wrong.length > 0) throw invalidFields(wrong)
  rows.set('lines', head!.number)
  for (const [place, { number }] of table.entries()) rows.set(`lines.${place}`, number)
  return { sheet: { ...sheet, signedBy, lines: linesOf(head!, table, commas) }, rows }
}

/** A refusal of a sheet that came as CSV: it says in which rows of the file the problems lie. */
export function inFile(refusal: Refusal, { rows }: SheetInFile): Refusal {
  const fields = refusal.fields.map(({ path, message }) => ({ path: pathInFile(path, rows), message }))
  const [first] = fields
  const more = fields.length > 1 ? `, and ${fields.length - 1} more` : ''
  const detail = refusal.code === 'request-invalid' && first ? `${first.path}: ${first.message}${more}` : refusal.detail
  return new Refusal(refusal.code, detail, { facts: refusal.facts, fields, cause: refusal })
}

/** `lines.0.deposit` is `row 10, deposit`; what stands in no row, for it is missing, keeps its name. */
function pathInFile(path: string, rows: ReadonlyMap<string, number>): string {
  const [, line, column] = /^(lines\.\d+)(?:\.(.+))?$/.exec(path) ?? []
  const row = rows.get(line ?? path)
  if (row === undefined) return path
  const name = line === undefined ? path : column
  return name === undefined ? `row ${row}` : `row ${row}, ${name}`
}

/** What is wrong with a row above the table; undefined when nothing is. */
function flawOf([name = '', , ...more]: readonly string[], before: ReadonlyMap<string, number>): string | undefined {
  if (!fields.includes(name)) return `a row here begins with one of ${fields.join(', ')}`
  if (more.length > 0) return 'has more than a name and a value'
  return before.has(name) ? `${name} is there twice` : undefined
}

function areColumns(names: readonly string[]): boolean {
  return names.every((name, place) => columns.includes(name) && names.indexOf(name) === place)
}

function linesOf({ cells: names }: Row, rows: Row[], commas: boolean): (Record<string, unknown> | FlawedItem)[] {
  return rows.map(({ cells }) => {
    const line: Record<string, unknown> = {}
    names.forEach((name, place) => {
      const cell = cells[place] ?? ''
      if (cell !== '') line[name] = cellValue(name, cell, commas)
    })
    const tooMany = [{ path: '', message: 'has more cells than the table has columns' }]
    return cells.length > names.length ? new FlawedItem(line, tooMany) : line
  })
}

function cellValue(column: string, cell: string, commas: boolean): unknown {
  if (column === 'line') return /^\d{1,4}$/.test(cell) ? Number(cell) : cell
  return commas && (column === 'deposit' || column === 'withdrawal') ? decimalPoint(cell) : cell
}

/** Where semicolons or tabs divide cells, a comma divides centavos. */
export function decimalPoint(amount: string): string {
  return amount.replace(/^(-?\d+),(\d{1,2})$/, '$1.$2')
}

export function rowsOf(text: string, delimiter: string): Row[] {
  const options = { bom: true, delimiter, trim: true, relax_column_count: true, skip_empty_lines: true, info: true }
  try {
    const records = parse(text, options) as unknown as { record: string[]; info: { lines: number } }[]
    return records
      .map(({ record, info }) => ({ cells: withoutEmptyEnd(record), number: info.lines }))
      .filter(({ cells }) => cells.length > 0)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const row = error.code === 'CSV_QUOTE_NOT_CLOSED' ? rowOfOpenQuote(text) : (error.lines ?? 1)
    throw new Refusal('request-invalid', `The CSV cannot be read near row ${row}.`, { cause: error })
  }
}

/** The reader only says where the file ends, which is where it still looks for the end of the quote. */
export function rowOfOpenQuote(text: string): number {
  return text.split(/\r?\n/).findIndex(row => row.split('"').length % 2 === 0) + 1
}

function withoutEmptyEnd(cells: string[]): string[] {
  const last = cells.findLastIndex(cell => cell !== '')
  return cells.slice(0, last + 1)
}

function invalid(path: string, message: string): Refusal {
  return new Refusal('request-invalid', `${path}: ${message}`, { fields: [{ path, message }] })
}
