import { date, text } from 'drizzle-orm/pg-core'
import { bytes, instant } from '../db/columns.ts'

export { amount, bytes, instant, oneOf } from '../db/columns.ts'

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
