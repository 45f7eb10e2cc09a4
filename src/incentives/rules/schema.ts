import { sql } from 'drizzle-orm'
import { check, date, jsonb, pgTable, smallint, text, unique, uuid } from 'drizzle-orm/pg-core'
import { currency } from '../../ledger/schema.ts'
import { registration } from '../../savings/columns.ts'
import { programme } from '../../savings/reference/schema.ts'
import type { Origin } from './presets.ts'
import type { Terms } from './terms.ts'

// Reference table: the same for every book.

/** One version of a rule. Its terms never change: another version follows it. */
export const incentiveRule = pgTable(
  'incentive_rule',
  {
    id: uuid().primaryKey(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    code: text().notNull(),
    version: smallint().notNull(),
    /** Of its code among the programme's: caps over all rules count in this order. */
    place: smallint().notNull(),
    title: text().notNull(),
    currency: currency().notNull(),
    terms: jsonb().$type<Terms>().notNull(),
    origins: jsonb().$type<Origin[]>().notNull(),
    validFrom: date('valid_from').notNull(),
    /** The last day on which it holds; set once, when it ends or when another version follows. */
    validTo: date('valid_to'),
    ...registration,
  },
  t => [
    unique('incentive_rule_version_unique').on(t.programmeId, t.code, t.version),
    check('incentive_rule_version_positive', sql`${t.version} > 0`),
    check('incentive_rule_dates_in_order', sql`${t.validTo} is null or ${t.validTo} >= ${t.validFrom}`),
  ],
)
