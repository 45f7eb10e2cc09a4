import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { type Column, type ColumnKind, hidden, type Table, type Value } from '../table.ts'

/** What a file is written in, a piece at a time, so that a table of a million rows is never a text of that size. */
export type Pieces = AsyncIterable<string | Uint8Array>

/**
 * What stands for a hidden figure wherever text can stand: Eurostat's sign for a confidential one. It is no number, so nobody
 * takes it for zero; and not empty, which is a figure that there is nothing to tell of.
 */
export const hiddenMark = ':c'

const dimensionKinds: readonly ColumnKind[] = ['code', 'month', 'day']

export function isDimension(column: Column): boolean {
  return dimensionKinds.includes(column.kind)
}

/** A column with its place in the rows. */
export type Placed = Column & { at: number }

export function dimensionsOf(table: Table): Placed[] {
  return placed(table).filter(isDimension)
}

export function measuresOf(table: Table): Placed[] {
  return placed(table).filter(column => !isDimension(column))
}

/** The column that says when: its months, or else its days. */
export function timeOf(table: Table): Placed | undefined {
  const dimensions = dimensionsOf(table)
  return dimensions.find(column => column.kind === 'month') ?? dimensions.find(column => column.kind === 'day')
}

export function placed(table: Table): Placed[] {
  return table.columns.map((column, at) => ({ ...column, at }))
}

/** The code in a row's dimension; where there is none it is empty. */
export function codeOf(row: readonly Value[], column: Placed): string {
  const value = row[column.at] ?? null
  assert(value !== hidden, 'figures are hidden, never what they are of')
  return value === null ? '' : String(value)
}

/** A row's figure as a decimal text, or that it is hidden, or null. Whatever else stands there is a fault of ours. */
export function figureOf(row: readonly Value[], column: Placed): string | null | typeof hidden {
  const value = row[column.at]
  if (value === null || value === hidden) return value
  if (column.kind === 'count') {
    assert(Number.isSafeInteger(value), `${column.name} is counted`)
    return String(value)
  }
  assert(typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value), `${column.name} is a decimal text`)
  return value
}

/**
 * Joins lines into pieces of some 64 kB: a piece a line would cost more than the lines. Between pieces others have their turn,
 * however fast the reader is.
 */
export async function* pieces(lines: Iterable<string>): Pieces {
  let piece = ''
  for (const line of lines) {
    piece += line
    if (piece.length < 65_536) continue
    yield piece
    piece = ''
    await setImmediate()
  }
  if (piece !== '') yield piece
}
