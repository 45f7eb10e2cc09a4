import { sql } from 'drizzle-orm'
import { check, date, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { amount, bytes, instant } from '../db/columns.ts'
import { book } from '../ledger/schema.ts'
import { signingKey } from '../signing/schema.ts'

/** One a day of Lima, signed and never changed: a reference table. All of it is under its signature. */
export const seal = pgTable(
  'seal',
  {
    /** 1, 2, 3 …: each names the one before. */
    number: integer().primaryKey(),
    day: date().notNull(),
    sealedAt: instant('sealed_at').notNull(),
    /** SHA-256 of what was signed as the seal before; none for the first. */
    previous: bytes(),
    /** How many sections there are, and the root of the hash tree over them. */
    sections: integer().notNull(),
    root: bytes().notNull(),
    /** Of the last entry of the office's audit log when it was sealed. */
    officeHash: bytes('office_hash').notNull(),
    /** A compact JWS around the seal. */
    signature: text().notNull(),
    signingKey: text('signing_key')
      .notNull()
      .references(() => signingKey.id),
  },
  t => [
    unique('seal_day_unique').on(t.day),
    check('seal_names_the_one_before', sql`(${t.previous} is null) = (${t.number} = 1)`),
    check('seal_number_positive', sql`${t.number} > 0`),
    check('seal_has_sections', sql`${t.sections} > 0`),
  ],
)

/** What a seal says of a book: where its chains ended that day, and the root over the transactions since its section before. */
export const bookSeal = pgTable(
  'book_seal',
  {
    bookId: uuid('book_id')
      .notNull()
      .references(() => book.id),
    number: integer()
      .notNull()
      .references(() => seal.number),
    /** The transactions after this sequence, and through that. */
    after: amount('after').notNull(),
    through: amount('through').notNull(),
    /** Of the last transaction of the book. */
    hash: bytes().notNull(),
    /** Of the tree whose leaves are the hashes of those transactions. */
    root: bytes().notNull(),
    /** The last event of its register. */
    eventNumber: amount('event_number').notNull(),
    eventHash: bytes('event_hash').notNull(),
    /** The last entry of its audit log when it was sealed: 0 where there is none. */
    auditNumber: amount('audit_number').notNull(),
    auditHash: bytes('audit_hash').notNull(),
  },
  t => [
    primaryKey({ name: 'book_seal_pkey', columns: [t.bookId, t.number] }),
    check('book_seal_audit_number_not_negative', sql`${t.auditNumber} >= 0`),
    check('book_seal_in_order', sql`${t.after} >= 0 and ${t.through} >= ${t.after} and ${t.eventNumber} > 0`),
  ],
)
