import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  date,
  foreignKey,
  index,
  integer,
  type PgColumn,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { roles } from '../../http/actor.ts'
import { entry } from '../../ledger/schema.ts'
import { amount, instant, oneOf, registration } from '../../savings/columns.ts'
import { bookId } from '../../savings/schema.ts'
import { bankAccount, bankLine, bankStatement } from '../intake/schema.ts'
import { breakReasons } from './reasons.ts'

/**
 * That bank and ledger do not agree in something, and why: of a statement, of a line or of an entry. It is never deleted: it
 * ends when it is found no more.
 */
export const reconciliationBreak = pgTable(
  'reconciliation_break',
  {
    bookId,
    id: uuid().notNull(),
    /** Itself; or, when it came in the place of one of the same subject, that one's: owner, comments and proposals are the origin's. */
    origin: uuid().notNull(),
    bankAccountId: uuid('bank_account_id').notNull(),
    reason: text({ enum: breakReasons }).notNull(),
    /** What it is of: a statement and its reason, a line, or an entry. Of each there is one at a time. */
    subject: text().notNull(),
    statementId: uuid('statement_id'),
    line: integer(),
    sequence: bigint({ mode: 'bigint' }),
    position: smallint(),
    /** Minor units by which the bank has more than the ledger because of it; null where that cannot be said. */
    amount: amount('amount'),
    /** Since when it is one: its age is reckoned from there. */
    day: date().notNull(),
    detail: text().notNull(),
    /** What is to be decided together, and from 1 to 99 how likely it is; null of what stands alone. */
    question: uuid(),
    score: smallint(),
    openedAt: instant('opened_at').notNull(),
    endedAt: instant('ended_at'),
  },
  t => [
    primaryKey({ name: 'reconciliation_break_pkey', columns: [t.bookId, t.id] }),
    unique('reconciliation_break_origin_unique').on(t.bookId, t.id, t.origin),
    foreignKey({
      name: 'reconciliation_break_origin_fkey',
      columns: [t.bookId, t.origin],
      foreignColumns: [t.bookId, t.id],
    }),
    foreignKey({
      name: 'reconciliation_break_account_fkey',
      columns: [t.bookId, t.bankAccountId],
      foreignColumns: [bankAccount.bookId, bankAccount.id],
    }),
    foreignKey({
      name: 'reconciliation_break_statement_fkey',
      columns: [t.bookId, t.statementId],
      foreignColumns: [bankStatement.bookId, bankStatement.id],
    }),
    foreignKey({
      name: 'reconciliation_break_line_fkey',
      columns: [t.bookId, t.statementId, t.line],
      foreignColumns: [bankLine.bookId, bankLine.statementId, bankLine.number],
    }),
    foreignKey({
      name: 'reconciliation_break_entry_fkey',
      columns: [t.bookId, t.sequence, t.position],
      foreignColumns: [entry.bookId, entry.sequence, entry.position],
    }),
    uniqueIndex('reconciliation_break_open_once').on(t.bookId, t.bankAccountId, t.subject).where(sql`ended_at is null`),
    // However many lines and entries there are, what is open of one is found at once.
    index('reconciliation_break_open_line').on(t.bookId, t.statementId, t.line).where(sql`ended_at is null`),
    index('reconciliation_break_open_entry').on(t.bookId, t.sequence, t.position).where(sql`ended_at is null`),
    index('reconciliation_break_by_day').on(t.bookId, t.bankAccountId, t.day, t.subject, t.id),
    check('reconciliation_break_reason_known', oneOf('reason', breakReasons)),
    check(
      'reconciliation_break_is_of_one_thing',
      sql`(${t.sequence} is null) = (${t.position} is null) and (${t.sequence} is null) <> (${t.statementId} is null)
        and (${t.line} is null or ${t.statementId} is not null)`,
    ),
    check(
      'reconciliation_break_score_within',
      sql`${t.score} is null or (${t.score} between 1 and 99 and ${t.question} is not null)`,
    ),
    index('reconciliation_break_by_question').on(t.bookId, t.question),
    index('reconciliation_break_by_origin').on(t.bookId, t.origin),
    check('reconciliation_break_ends_later', sql`${t.endedAt} >= ${t.openedAt}`),
  ],
)

/** What somebody says of a break: kept with its origin, and never altered. */
export const breakComment = pgTable(
  'break_comment',
  {
    bookId,
    id: uuid().notNull(),
    origin: uuid().notNull(),
    role: text({ enum: roles }).notNull(),
    text: text().notNull(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'break_comment_pkey', columns: [t.bookId, t.id] }),
    ofOrigin('break_comment', t),
    index('break_comment_by_recording').on(t.bookId, t.origin, t.recordedAt, t.id),
    check('break_comment_role_known', oneOf('role', roles)),
    check('break_comment_says_something', sql`length(${t.text}) between 1 and 2000`),
  ],
)

/** Who is to see to a break, told again and again: the last one holds. */
export const breakOwner = pgTable(
  'break_owner',
  {
    bookId,
    id: uuid().notNull(),
    origin: uuid().notNull(),
    /** Its place among those of the break, from 1. */
    number: integer().notNull(),
    /** A client of the service; null when nobody is to. */
    owner: uuid(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'break_owner_pkey', columns: [t.bookId, t.id] }),
    unique('break_owner_number_unique').on(t.bookId, t.origin, t.number),
    ofOrigin('break_owner', t),
    check('break_owner_number_positive', sql`${t.number} > 0`),
  ],
)

/** The key to a break that is an origin, and none that came in another's place. */
export function ofOrigin(name: string, { bookId, origin }: { bookId: PgColumn; origin: PgColumn }) {
  const { bookId: book, id, origin: first } = reconciliationBreak
  return foreignKey({
    name: `${name}_origin_fkey`,
    columns: [bookId, origin, origin],
    foreignColumns: [book, id, first],
  })
}
