import { sql } from 'drizzle-orm'
import {
  bigint,
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
import { oneOf, registration } from '../../savings/columns.ts'
import { programme } from '../../savings/reference/schema.ts'
import { bookId } from '../../savings/schema.ts'
import { periodStatuses } from '../rules/terms.ts'

const amount = (name: string) => bigint(name, { mode: 'bigint' })

/** One file of households' periods, as it was taken in. */
export const householdPeriodFile = pgTable(
  'household_period_file',
  {
    bookId,
    id: uuid().notNull(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    lines: integer().notNull(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'household_period_file_pkey', columns: [t.bookId, t.id] }),
    index('household_period_file_by_recording').on(t.bookId, t.recordedAt, t.id),
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
    check('household_period_status_known', oneOf('status', periodStatuses)),
    check('household_period_is_bimester', sql`${t.period} ~ '^[0-9]{4}-B[1-6]$'`),
    check(
      'household_period_amounts_not_negative',
      sql`least(${t.amount}, ${t.firstChildhood}, ${t.secondarySchool}) >= 0`,
    ),
  ],
)
