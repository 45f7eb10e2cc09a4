import { sql } from 'drizzle-orm'
import { check, date, foreignKey, index, pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core'
import { bytes, instant, oneOf, registration } from '../columns.ts'
import { territory } from '../reference/schema.ts'
import { bookId, saver, sexes } from '../schema.ts'

/**
 * What savers are counted by, as it was told each time: statistics as known at an instant, and as of a day, read it here.
 * Of two versions the later one holds, but where she lives goes by `since`: from that day on. Number 0 is from ever.
 */
export const saverVersion = pgTable(
  'saver_version',
  {
    bookId,
    saverId: uuid('saver_id').notNull(),
    number: smallint().notNull(),
    /** Who she was taken for: another when her DNI was learnt. */
    person: bytes('person').notNull(),
    since: date(),
    districtCode: text('district_code')
      .notNull()
      .references(() => territory.code),
    sex: text({ enum: sexes }).notNull(),
    birthDate: date('birth_date'),
    /** Null in each of her versions when she withdraws her consent. */
    motherTongue: text('mother_tongue'),
    recordedAt: instant('recorded_at').notNull(),
  },
  t => [
    primaryKey({ name: 'saver_version_pkey', columns: [t.bookId, t.saverId, t.number] }),
    foreignKey({
      name: 'saver_version_saver_fkey',
      columns: [t.bookId, t.saverId],
      foreignColumns: [saver.bookId, saver.id],
    }),
    index('saver_version_by_recording').on(t.bookId, t.recordedAt, t.saverId, t.number),
    check('saver_version_number_not_negative', sql`${t.number} >= 0`),
    check('saver_version_first_is_from_ever', sql`${t.number} > 0 or ${t.since} is null`),
    check('saver_version_sex_known', oneOf('sex', sexes)),
  ],
)

/** That something about a saver was corrected: when, by whom, which fields. Names that stood before are not kept. */
export const saverCorrection = pgTable(
  'saver_correction',
  {
    bookId,
    id: uuid().notNull(),
    saverId: uuid('saver_id').notNull(),
    reason: text().notNull(),
    fields: text().array().notNull(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'saver_correction_pkey', columns: [t.bookId, t.id] }),
    foreignKey({
      name: 'saver_correction_saver_fkey',
      columns: [t.bookId, t.saverId],
      foreignColumns: [saver.bookId, saver.id],
    }),
    index('saver_correction_by_saver').on(t.bookId, t.saverId, t.recordedAt, t.id),
    index('saver_correction_by_recording').on(t.bookId, t.recordedAt),
  ],
)
