import { sql } from 'drizzle-orm'
import { bigint, customType, date, text, timestamp } from 'drizzle-orm/pg-core'

export const bytes = customType<{ data: Buffer }>({ dataType: () => 'bytea' })

/** Minor units of the book's currency. */
export const amount = (name: string) => bigint(name, { mode: 'bigint' })

export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 })

export const oneOf = (column: string, values: readonly string[]) =>
  sql.raw(`${column} in (${values.map(value => `'${value}'`).join(', ')})`)

/** Of every registration: when we knew, who asked, and the fingerprint that tells a replay from another use of its id. */
export const registration = {
  recordedAt: instant('recorded_at').notNull(),
  actor: text().notNull(),
  contentHash: bytes('content_hash').notNull(),
}

/** Ends a period that began with a registration; the first end stays. */
export const ending = {
  endsOn: date('ends_on'),
  endRecordedAt: instant('end_recorded_at'),
  endActor: text('end_actor'),
}
