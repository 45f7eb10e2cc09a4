import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { amount, oneOf, registration } from '../../savings/columns.ts'
import { bookId } from '../../savings/schema.ts'
import { periodStatuses } from '../rules/terms.ts'

/** One file of households' periods, as it was taken in. A period is the household's, whatever programme asks for it. */
export const householdPeriodFile = pgTable(
  'household_period_file',
  {
    bookId,
    id: uuid().notNull(),
    /** Of the bytes of a CSV file, or of the canonical form of the list. */
    sha256: text().notNull(),
    /** Whether it may tell again, and otherwise, what was told before. */
    corrects: boolean().notNull(),
    lines: integer().notNull(),
    /** How many of the lines told something new, and how many corrected something; the rest was known as it is. */
    added: integer().notNull(),
    corrected: integer().notNull(),
    /** How many are of households in which no saver of the book lives, when the file asked to be taken without them; null otherwise. */
    leftOut: integer('left_out'),
    ...registration,
  },
  t => [
    primaryKey({ name: 'household_period_file_pkey', columns: [t.bookId, t.id] }),
    index('household_period_file_by_recording').on(t.bookId, t.recordedAt, t.id),
    check('household_period_file_is_sha256', sql`${t.sha256} ~ '^[0-9a-f]{64}$'`),
    check(
      'household_period_file_lines_add_up',
      sql`least(${t.added}, ${t.corrected}, ${t.leftOut}) >= 0 and ${t.added} + ${t.corrected} + coalesce(${t.leftOut}, 0) <= ${t.lines}`,
    ),
    check('household_period_file_corrects_or_not', sql`${t.corrects} or ${t.corrected} = 0`),
  ],
)

/** Whether a household met what a transfer asks of it in a bimester, and what it was paid for it. */
export const householdPeriod = pgTable(
  'household_period',
  {
    bookId,
    household: text().notNull(),
    /** `2026-B1` is January and February. */
    period: text().notNull(),
    /** 0 as first told; each correction is the next. */
    revision: smallint().notNull(),
    status: text({ enum: periodStatuses }).notNull(),
    amount: amount('amount').notNull(),
    /** Beside the amount: of first childhood, of secondary school. */
    firstChildhood: amount('first_childhood').notNull(),
    secondarySchool: amount('secondary_school').notNull(),
    fileId: uuid('file_id').notNull(),
    /** The row of the file, its head being row 1; of a list its place. */
    line: integer().notNull(),
  },
  t => [
    primaryKey({ name: 'household_period_pkey', columns: [t.bookId, t.household, t.period, t.revision] }),
    foreignKey({
      name: 'household_period_file_fkey',
      columns: [t.bookId, t.fileId],
      foreignColumns: [householdPeriodFile.bookId, householdPeriodFile.id],
    }),
    unique('household_period_line_unique').on(t.bookId, t.fileId, t.line),
    check('household_period_revision_not_negative', sql`${t.revision} >= 0`),
    check('household_period_status_known', oneOf('status', periodStatuses)),
    check('household_period_is_bimester', sql`${t.period} ~ '^[0-9]{4}-B[1-6]$' and ${t.period} >= '2005'`),
    check(
      'household_period_amounts_not_negative',
      sql`least(${t.amount}, ${t.firstChildhood}, ${t.secondarySchool}) >= 0`,
    ),
  ],
)
