import { sql } from 'drizzle-orm'
import { bigint, check, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { bytes, instant, oneOf } from '../savings/columns.ts'
import { bookId } from '../savings/schema.ts'
import { toldKinds } from './kinds.ts'

const number = (name: string) => bigint(name, { mode: 'bigint' })

/**
 * What happened in a book beside its transactions, in the order in which it became so: an outbox, written by `feed_tell` in the
 * database transaction of what it tells, under the lock of the book's head. Nothing of it changes.
 */
export const feedEvent = pgTable(
  'feed_event',
  {
    bookId,
    /** Its place among the events of the book: 1, 2, 3 … without a gap. */
    position: number('position').notNull(),
    /** The book's last sequence then: places it among the transactions. */
    afterSequence: number('after_sequence').notNull(),
    kind: text({ enum: toldKinds }).notNull(),
    subject: uuid().notNull(),
    /** Canonical JSON (RFC 8785). */
    facts: text().notNull(),
    recordedAt: instant('recorded_at').notNull(),
    /** SHA-256 of all the others. */
    hash: bytes('hash').notNull(),
  },
  t => [
    primaryKey({ name: 'feed_event_pkey', columns: [t.bookId, t.position] }),
    unique('feed_event_order_unique').on(t.bookId, t.afterSequence, t.position),
    unique('feed_event_told_once').on(t.bookId, t.kind, t.subject),
    check('feed_event_kind_known', oneOf('kind', toldKinds)),
    check('feed_event_position_positive', sql`${t.position} > 0 and ${t.afterSequence} >= 0`),
  ],
)
