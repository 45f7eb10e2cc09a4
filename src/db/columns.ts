import { sql } from 'drizzle-orm'
import { bigint, customType, timestamp } from 'drizzle-orm/pg-core'

export const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' })

/** Minor units of the book's currency, or a number that counts without an end. */
export const amount = (name: string) => bigint(name, { mode: 'bigint' })

export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 })

export const oneOf = (column: string, values: readonly string[]) =>
  sql.raw(`${column} in (${values.map(value => `'${value}'`).join(', ')})`)
