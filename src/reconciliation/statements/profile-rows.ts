import { pipeline, Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { linesOf, type TextLine } from './lines.ts'
import type { Column, Profile } from './profile-shape.ts'
import { FileFault } from './statement.ts'

/** A row of the file that is not blank, with the line on which it ends. */
export type Row = { line: number; cells: readonly string[] }

/** A cell, and what to call its place. */
export type Cell = { text: string; where: string }

const longestRecord = 64 * 1024
const pieceSize = 64 * 1024

/**
 * The rows of a file that are not blank; of a fixed width each is one cell.
 * @throws FileFault of a quote that does not end, and of what is no text in the profile's encoding
 */
export async function* rowsOf(bytes: AsyncIterable<Uint8Array>, profile: Profile): AsyncGenerator<Row> {
  const lines = linesOf(bytes, profile.encoding)
  if (profile.layout.kind === 'delimited') yield* recordsOf(lines, profile.layout.delimiter)
  else for await (const { number, text } of lines) if (text.trim() !== '') yield { line: number, cells: [text] }
}

/** The rows of delimited lines that are not blank, each with the line on which it ends. @throws FileFault of a quote that does not end */
export async function* recordsOf(lines: AsyncIterable<TextLine>, delimiter: string): AsyncGenerator<Row> {
  let last = 0
  const parser = parse({
    delimiter,
    info: true,
    record_delimiter: '\n',
    relax_column_count: true,
    skip_empty_lines: false,
    max_record_size: longestRecord,
    on_record(row, { lines }) {
      last = lines
      return row
    },
  })
  // What goes wrong before the parser is told to whoever reads from it.
  pipeline(Readable.from(textsOf(lines)), parser, () => {})
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      const cells = record.map(cell => cell.trim())
      if (cells.some(cell => cell !== '')) yield { line: info.lines, cells }
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause
    // The row begins below the last that ended: where its quote stands.
    throw new FileFault(`line ${last + 1}`, `this is no CSV: ${cause.message}`, cause)
  }
}

/** Lines in pieces: a parser that is handed them one by one spends its time on being handed them. */
async function* textsOf(lines: AsyncIterable<TextLine>): AsyncGenerator<string> {
  let piece = ''
  for await (const { text } of lines) {
    piece += `${text}\n`
    if (piece.length < pieceSize) continue
    yield piece
    piece = ''
  }
  yield piece
}

/** Where the columns that a profile names are, by the header's row; without a header nowhere. */
export type Header = ReadonlyMap<string, number>

/** @throws FileFault when two columns have one name, or one that the profile reads is missing */
export function headerOf(row: Row, wanted: readonly Column[]): Header {
  const names = row.cells.map(folded)
  const header = new Map<string, number>()
  for (const column of wanted) {
    if (!('name' in column)) continue
    const called = folded(column.name)
    const place = names.indexOf(called)
    if (place === -1) throw new FileFault(`line ${row.line}`, `there is no column ${JSON.stringify(column.name)}`)
    if (names.includes(called, place + 1))
      throw new FileFault(`line ${row.line}`, `there are several columns ${JSON.stringify(column.name)}`)
    header.set(column.name, place)
  }
  return header
}

function folded(name: string): string {
  return name.normalize('NFC').toLowerCase().replaceAll(/\s+/g, ' ').trim()
}

/** A cell of a row; one that the row is too short for is blank. */
export function cellOf(row: Row, column: Column, header: Header): Cell {
  if ('from' in column) {
    const text = (row.cells[0] ?? '').slice(column.from - 1, column.from - 1 + column.length).trim()
    return { text, where: `line ${row.line}, column ${column.from}` }
  }
  const place = 'place' in column ? column.place - 1 : header.get(column.name)!
  const called = 'name' in column ? ` (${column.name})` : ''
  return { text: row.cells[place] ?? '', where: `line ${row.line}, column ${place + 1}${called}` }
}
