import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  date,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { entry } from '../../ledger/schema.ts'
import { amount, instant, oneOf } from '../../savings/columns.ts'
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
    check('reconciliation_break_ends_later', sql`${t.endedAt} >= ${t.openedAt}`),
  ],
)
