import { sql } from 'drizzle-orm'
import { foreignKey, index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { bookId, saver } from '../../savings/schema.ts'
import { incentiveRule } from '../rules/schema.ts'

/**
 * In which household a saver's money was counted for a period when it was paid; null: alone. The key is what keeps it from
 * earning in two, whatever the register says of her later.
 */
export const incentiveCounted = pgTable(
  'incentive_counted',
  {
    bookId,
    saverId: uuid('saver_id').notNull(),
    ruleId: uuid('rule_id')
      .notNull()
      .references(() => incentiveRule.id),
    period: text().notNull(),
    household: text(),
  },
  t => [
    primaryKey({ name: 'incentive_counted_pkey', columns: [t.bookId, t.saverId, t.ruleId, t.period] }),
    foreignKey({
      name: 'incentive_counted_saver_fkey',
      columns: [t.bookId, t.saverId],
      foreignColumns: [saver.bookId, saver.id],
    }),
    index('incentive_counted_by_household').on(t.bookId, t.household).where(sql`household is not null`),
  ],
)
