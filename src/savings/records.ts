import { getTableColumns, getTableName } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Evidence } from '../ledger/index.ts'
import { fingerprint } from './registering.ts'

/** A row as texts by the names of its fields, without what is null: the same whoever reads it. */
export type Texts = Record<string, string>

/** The row of a table as texts. */
export function textsOf<Table extends PgTable>(table: Table, row: Table['$inferSelect']): Texts {
  const texts: Texts = {}
  for (const field of Object.keys(getTableColumns(table))) {
    const value = (row as Record<string, unknown>)[field]
    if (value !== null && value !== undefined) texts[field] = textOf(value)
  }
  return texts
}

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value)
}

/** The fields of a table in order, and the SQL that reads each as the text that `textsOf` makes of it. */
export function textColumns(table: PgTable, alias: string): { fields: string[]; sql: string } {
  const columns = Object.entries(getTableColumns(table))
  return { fields: columns.map(([field]) => field), sql: columns.map(([, column]) => asText(column, alias)).join(', ') }
}

function asText(column: PgColumn, alias: string): string {
  const name = `${alias}.${column.name}`
  const type = column.getSQLType()
  if (type === 'bytea') return `encode(${name}, 'hex')`
  if (type.startsWith('timestamp')) return `to_char(${name} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
  return `${name}::text`
}

/** A row read by `textColumns`. */
export function textsRead(fields: readonly string[], values: readonly (string | null)[]): Texts {
  const texts: Texts = {}
  fields.forEach((field, place) => {
    const value = values[place]
    if (value !== null && value !== undefined) texts[field] = value
  })
  return texts
}

/**
 * What the opening of a row's account says of the row in the ledger's register, whose chain nobody can change unseen: with
 * every field of it, so that a verification finds whatever was changed. What it names besides is for people who read it.
 */
export function recordEvidence<Table extends PgTable>(
  table: Table,
  id: string,
  row: Table['$inferSelect'],
  named: Texts = {},
): Evidence {
  return { ...named, hash: fingerprint(textsOf(table, row)).toString('hex'), id, table: getTableName(table) }
}
