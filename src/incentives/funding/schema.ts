import { sql } from 'drizzle-orm'
import {
  check,
  date,
  foreignKey,
  numeric,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { fund } from '../../savings/accounts/schema.ts'
import { amount, registration } from '../../savings/columns.ts'
import { programme } from '../../savings/reference/schema.ts'
import { bookId } from '../../savings/schema.ts'

/** Which funds pay a programme's incentives in a book, from a day on. */
export const financing = pgTable(
  'financing',
  {
    bookId,
    id: uuid().notNull(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    validFrom: date('valid_from').notNull(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'financing_pkey', columns: [t.bookId, t.id] }),
    unique('financing_one_a_day').on(t.bookId, t.programmeId, t.validFrom),
  ],
)

/** A fund's part in it. The parts of one financing sum to 1. */
export const financingShare = pgTable(
  'financing_share',
  {
    bookId,
    financingId: uuid('financing_id').notNull(),
    place: smallint().notNull(),
    fundId: uuid('fund_id').notNull(),
    budgetCode: text('budget_code').notNull(),
    share: numeric({ precision: 7, scale: 6 }).notNull(),
  },
  t => [
    primaryKey({ name: 'financing_share_pkey', columns: [t.bookId, t.financingId, t.place] }),
    unique('financing_share_fund_unique').on(t.bookId, t.financingId, t.fundId),
    foreignKey({
      name: 'financing_share_financing_fkey',
      columns: [t.bookId, t.financingId],
      foreignColumns: [financing.bookId, financing.id],
    }),
    foreignKey({
      name: 'financing_share_fund_fkey',
      columns: [t.bookId, t.fundId],
      foreignColumns: [fund.bookId, fund.id],
    }),
    check('financing_share_is_a_part', sql`${t.share} > 0 and ${t.share} <= 1`),
  ],
)

/** What the institution lets a basic account hold and take in, from a day on; null: no such limit. */
export const accountLimit = pgTable(
  'account_limit',
  {
    bookId,
    id: uuid().notNull(),
    validFrom: date('valid_from').notNull(),
    mostBalance: amount('most_balance'),
    mostADay: amount('most_a_day'),
    mostAMonth: amount('most_a_month'),
    ...registration,
  },
  t => [
    primaryKey({ name: 'account_limit_pkey', columns: [t.bookId, t.id] }),
    unique('account_limit_one_a_day').on(t.bookId, t.validFrom),
    check('account_limit_positive', sql`least(${t.mostBalance}, ${t.mostADay}, ${t.mostAMonth}) > 0`),
  ],
)
