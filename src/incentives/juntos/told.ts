import { Readable } from 'node:stream'
import { setImmediate as pause } from 'node:timers/promises'
import { CsvError, parse } from 'csv-parse'
import { Refusal } from '../../refusals.ts'
import { decimalPoint, delimiterOf, rowOfOpenQuote, textOfFile } from '../../savings/sheets/csv.ts'

export const toldFields = ['household', 'bimester', 'status', 'amount', 'firstChildhood', 'secondarySchool'] as const
export type ToldField = (typeof toldFields)[number]

/** A line as somebody wrote it, not yet checked, and where it stands: rows of a file count from its head, which is 1. */
export type Told = { row: number } & Record<ToldField, string>

/** What is wrong with a line: its row, the field when it is one field's fault, and why. Never the value itself. */
export type LineProblem = {
  row: number
  field: ToldField | null
  message: string
  /** The household that no saver lives in, which is told once however many lines are of it. Never told itself. */
  about?: string
}

/** What a file told, and what could not be read of it. */
export type ToldFile = { lines: Told[]; problems: LineProblem[] }

const needed: readonly string[] = ['household', 'bimester', 'status', 'amount']

/** A file is held in memory while it is checked; this many lines are some hundred megabytes. */
export const mostLines = 500_000

/** As much of a file as is read before others have their turn. */
const pieceLength = 131_072

/**
 * Reads a file of households' periods written as CSV: a head with the names of the columns, then a line for each. As with
 * collection sheets, semicolons or tabs with decimal commas, a byte order mark, blank rows, UTF-16 and Windows-1252 are met half-way.
 * @throws Refusal `request-invalid` when it is no such file; what is wrong with a line is among its problems
 */
export async function toldByCsv(bytes: Buffer): Promise<ToldFile> {
  const text = textOfFile(bytes)
  const delimiter = delimiterOf(text)
  const commas = delimiter !== ','
  const options = { bom: true, delimiter, trim: true, info: true }
  const parser = Readable.from(piecesOf(text)).pipe(
    parse({ ...options, relax_column_count: true, skip_empty_lines: true }),
  )
  const file: ToldFile = { lines: [], problems: [] }
  let columns: ToldField[] | undefined
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      const filled = record.findLastIndex(cell => cell !== '') + 1
      if (filled === 0) continue
      if (columns === undefined) {
        columns = columnsOf(record.slice(0, filled), info.lines)
        continue
      }
      if (file.lines.length === mostLines) throw invalid('body', `must have at most ${mostLines} lines`)
      if (filled > columns.length) {
        const message = 'has more cells than the head has columns'
        file.problems.push({ row: info.lines, field: null, message })
      }
      file.lines.push(lineOf(record, columns, info.lines, commas))
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const row = error.code === 'CSV_QUOTE_NOT_CLOSED' ? rowOfOpenQuote(text) : (error.lines ?? 1)
    throw new Refusal('request-invalid', `The CSV cannot be read near row ${row}.`, { cause: error })
  }
  if (columns === undefined) throw invalid('row 1', `must name the columns: ${toldFields.join(', ')}`)
  return file
}

async function* piecesOf(text: string): AsyncGenerator<string, void, undefined> {
  for (let from = 0; from < text.length; from += pieceLength) {
    yield text.slice(from, from + pieceLength)
    await pause()
  }
}

function columnsOf(names: string[], row: number): ToldField[] {
  const known: readonly string[] = toldFields
  const isWrong = names.some((name, place) => !known.includes(name) || names.indexOf(name) !== place)
  const missing = needed.find(name => !names.includes(name))
  if (isWrong || missing !== undefined) {
    throw invalid(`row ${row}`, `columns are ${toldFields.join(', ')}, each once; the last two may be left out`)
  }
  return names as ToldField[]
}

function lineOf(cells: readonly string[], columns: readonly ToldField[], row: number, commas: boolean): Told {
  const cell = (field: ToldField) => cells[columns.indexOf(field)] ?? ''
  const amount = (field: ToldField) => (commas ? decimalPoint(cell(field)) : cell(field))
  return {
    row,
    household: cell('household'),
    bimester: cell('bimester'),
    status: cell('status'),
    amount: amount('amount'),
    firstChildhood: amount('firstChildhood'),
    secondarySchool: amount('secondarySchool'),
  }
}

function invalid(path: string, message: string): Refusal {
  return new Refusal('request-invalid', `${path}: ${message}`, { fields: [{ path, message }] })
}
