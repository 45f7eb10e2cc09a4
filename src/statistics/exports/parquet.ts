import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { ByteWriter, type ColumnSource, ParquetWriter, type SchemaElement } from 'hyparquet-writer'
import { type Currency, currencyDecimals } from '../../money.ts'
import { hidden, type Table, type Value } from '../table.ts'
import { codeOf, dimensionsOf, figureOf, measuresOf, type Pieces, type Placed } from './figures.ts'

/** Rows made into columns at once: more would take longer than others should wait, fewer make a larger file. */
const groupRows = 20_000

/** The digits that a decimal in eight bytes has for certain: enough for a hundred times what Peru earns in a year. */
const precision = 18

type Field = { element: SchemaElement; cellOf: (row: readonly Value[]) => string | number | bigint | boolean | null }

/**
 * A table as Parquet. Codes and months are strings, days dates, counts INT64, amounts and rates DECIMAL, never doubles. Beside
 * each figure stands a boolean `<name>_hidden`: a null is hidden where it is true, else there is nothing to tell. Titles and
 * notes are in the file's metadata, under `qullqi`.
 */
export async function* writeParquet(table: Table): Pieces {
  const fields = [...dimensionsOf(table).map(dimension), ...measuresOf(table).flatMap(column => measure(table, column))]
  const bytes = new ByteWriter()
  const { rows, ...about } = table
  const schema = [{ name: 'table', num_children: fields.length }, ...fields.map(field => field.element)]
  const kvMetadata = [{ key: 'qullqi', value: JSON.stringify(about) }]
  const writer = new ParquetWriter({ writer: bytes, schema, kvMetadata, createdBy: 'qullqi' })
  for (let start = 0; start < rows.length; start += groupRows) {
    const group = rows.slice(start, start + groupRows)
    const columnData = fields.map(
      ({ element, cellOf }): ColumnSource => ({ name: element.name, data: group.map(cellOf) }),
    )
    await writer.write({ columnData, rowGroupSize: groupRows })
    yield taken(bytes)
    await setImmediate()
  }
  await writer.finish()
  yield taken(bytes)
}

/** What was written since, and its place free for what comes; offsets go on counting. */
function taken(bytes: ByteWriter): Uint8Array {
  const written = bytes.getBytes().slice()
  bytes.index = 0
  return written
}

function dimension(column: Placed): Field {
  const { name } = column
  const optional = { name, repetition_type: 'OPTIONAL' } as const
  if (column.kind === 'day') {
    return {
      element: { ...optional, type: 'INT32', converted_type: 'DATE' },
      cellOf: row => (row[column.at] === null ? null : Date.parse(`${codeOf(row, column)}T00:00:00Z`) / 86_400_000),
    }
  }
  return {
    element: { ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8' },
    cellOf: row => (row[column.at] === null ? null : codeOf(row, column)),
  }
}

function measure(table: Table, column: Placed): Field[] {
  const { name } = column
  const optional = { name, repetition_type: 'OPTIONAL', type: 'INT64' } as const
  const scale = column.kind === 'count' ? 0 : scaleOf(table, column)
  return [
    {
      element: column.kind === 'count' ? optional : { ...optional, converted_type: 'DECIMAL', precision, scale },
      cellOf: row => {
        const figure = figureOf(row, column)
        return figure === hidden || figure === null ? null : unscaled(figure, scale)
      },
    },
    {
      element: { name: `${name}_hidden`, repetition_type: 'REQUIRED', type: 'BOOLEAN' },
      cellOf: row => row[column.at] === hidden,
    },
  ]
}

/** Decimals of a column: those of its currency or, of rates, four; more if a figure has more. */
function scaleOf(table: Table, column: Placed): number {
  const usual = column.kind === 'rate' ? 4 : (currencyDecimals[table.notes.currency as Currency] ?? 2)
  return table.rows.reduce((most, row) => {
    const figure = figureOf(row, column)
    return typeof figure === 'string' ? Math.max(most, figure.split('.')[1]?.length ?? 0) : most
  }, usual)
}

function unscaled(figure: string, scale: number): bigint {
  const [whole = '', fraction = ''] = figure.split('.')
  const value = BigInt(whole + fraction.padEnd(scale, '0'))
  assert(
    value < 10n ** BigInt(precision) && value > -(10n ** BigInt(precision)),
    'the figure has its place in 18 digits',
  )
  return value
}
