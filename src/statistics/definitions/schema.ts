import { sql } from 'drizzle-orm'
import { check, foreignKey, jsonb, pgTable, smallint, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { registration } from '../../savings/columns.ts'
import type { Terms } from './terms.ts'

// Reference table: the same for every book.

/** One version of a way to count savers. Nothing of it ever changes: another version follows it. */
export const definition = pgTable(
  'definition',
  {
    id: uuid().primaryKey(),
    name: text().notNull(),
    version: smallint().notNull(),
    /** The version before; null for the first. */
    follows: smallint(),
    title: text().notNull(),
    /** Where its terms come from. */
    source: text().notNull(),
    terms: jsonb().$type<Terms>().notNull(),
    ...registration,
  },
  t => [
    unique('definition_version_unique').on(t.name, t.version),
    uniqueIndex('definition_name_unlike_others').on(sql`lower(${t.name})`, t.version),
    check(
      'definition_shipped_has_no_more',
      sql`${t.version} = 1 or lower(${t.name}) not in ('pas-v1', 'sierra-sur-4-ops', 'findex-active-12m', 'active-90d')`,
    ),
    foreignKey({
      name: 'definition_follows_fkey',
      columns: [t.name, t.follows],
      foreignColumns: [t.name, t.version],
    }),
    check('definition_version_positive', sql`${t.version} > 0`),
    check('definition_follows_the_one_before', sql`${t.follows} is not distinct from nullif(${t.version} - 1, 0)`),
  ],
)
