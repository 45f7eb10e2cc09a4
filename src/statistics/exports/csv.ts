import { byteOrderMark, csvRow, safeText } from '../../csv.ts'
import { hidden, type Notes, type Table, type Value } from '../table.ts'
import { codeOf, figureOf, hiddenMark, isDimension, type Pieces, type Placed, pieces } from './figures.ts'

/** `es-PE`: as spreadsheets set to Peru's Spanish read it, with semicolons, decimal commas and the mark that tells them UTF-8. */
export type CsvStyle = 'plain' | 'es-PE'

/**
 * A table as CSV by RFC 4180, a row a line. After its own columns stand those of `noteColumns`, the same in each row, so that
 * a file that has lost its company still says what it counts. A hidden figure is `:c`, one that there is nothing to tell of is
 * empty, and zero is 0. A text that a spreadsheet would take for a formula begins with `'`.
 */
export function writeCsv(table: Table, style: CsvStyle = 'plain'): Pieces {
  return pieces(lines(table, style))
}

export const noteColumns = ['definition', 'currency', 'asOf', 'knownAt', 'suppression'] as const
export type NoteColumn = (typeof noteColumns)[number]

/** Which notes a table's file repeats: not those of which the table has a column of its own. */
export function noteColumnsOf(table: Table): NoteColumn[] {
  return noteColumns.filter(name => table.columns.every(column => column.name !== name))
}

function* lines(table: Table, style: CsvStyle): Generator<string> {
  const separator = style === 'es-PE' ? ';' : ','
  const columns = table.columns.map((column, at) => ({ ...column, at }))
  const names = noteColumnsOf(table)
  const notes = names.map(name => safeText(noteText(table.notes, name)))
  if (style === 'es-PE') yield byteOrderMark
  yield csvRow([...columns.map(column => column.name), ...names], separator)
  for (const row of table.rows) {
    yield csvRow([...columns.map(column => cellOf(row, column, style)), ...notes], separator)
  }
}

function cellOf(row: readonly Value[], column: Placed, style: CsvStyle): string {
  if (isDimension(column)) return safeText(codeOf(row, column))
  const figure = figureOf(row, column)
  if (figure === hidden) return hiddenMark
  return (style === 'es-PE' ? figure?.replace('.', ',') : figure) ?? ''
}

function noteText(notes: Notes, name: NoteColumn): string {
  if (name !== 'suppression') return notes[name] ?? ''
  if (!notes.suppression) return 'none'
  return `${notes.suppression.profile} (k=${notes.suppression.k}): hidden figures are written ${hiddenMark}`
}
