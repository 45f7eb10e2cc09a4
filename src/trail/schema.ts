import { sql } from 'drizzle-orm'
import { check, index, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { amount, bytes, instant, oneOf } from '../db/columns.ts'

/** What an entry tells of: rows that were written, or persons whose names were handed out. */
export const auditActions = ['insert', 'update', 'identity-read'] as const

export type AuditAction = (typeof auditActions)[number]

/** Where stands what belongs to no book: keys, institutions, programmes. It is the id of no book. */
export const office = '00000000-0000-0000-0000-000000000000'

const told = {
  action: text({ enum: auditActions }).notNull(),
  /** The client that did it; null where nobody asked: the service by itself, or a migration. */
  actor: text(),
  requestId: text('request_id'),
  /** A table, or the operation that read. */
  subject: text().notNull(),
  /** Of the rows, as their primary key has them without the book; or the ids of those that were read. */
  keys: text().array().notNull(),
  /** What each content begins with before it is hashed, so that nobody can try names until one fits. Never handed out. */
  salt: bytes().notNull(),
  /** SHA-256 of each row as it then was; none of a reading. */
  contents: bytes().array().notNull(),
}

/** Written by triggers in the database transaction of what it tells, and soon moved to its place in the chain. */
export const auditPending = pgTable(
  'audit_pending',
  {
    bookId: uuid('book_id').notNull(),
    id: uuid().notNull(),
    /** To the microsecond, by the clock of the database: of two writings of a row the second waited for the first. */
    at: timestamp({ withTimezone: true }).notNull(),
    ...told,
  },
  t => [
    primaryKey({ name: 'audit_pending_pkey', columns: [t.bookId, t.id] }),
    check('audit_pending_action_known', oneOf('action', auditActions)),
  ],
)

/** The audit log: one chain a book, and one of the office. Nothing of it changes. */
export const auditEntry = pgTable(
  'audit_entry',
  {
    bookId: uuid('book_id').notNull(),
    /** 1, 2, 3 … without a gap. */
    number: amount('number').notNull(),
    at: instant('at').notNull(),
    ...told,
    /** SHA-256 of the hash before and all the others but the salt. */
    hash: bytes().notNull(),
  },
  t => [
    primaryKey({ name: 'audit_entry_pkey', columns: [t.bookId, t.number] }),
    index('audit_entry_subject_index').on(t.bookId, t.subject, t.number),
    check('audit_entry_action_known', oneOf('action', auditActions)),
    check('audit_entry_number_positive', sql`${t.number} > 0`),
  ],
)

/** Where a chain ends. Whoever links entries holds it. */
export const auditHead = pgTable('audit_head', {
  bookId: uuid('book_id').primaryKey(),
  number: amount('number').notNull(),
  hash: bytes().notNull(),
})
