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
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { instant, oneOf, registration } from '../../../savings/columns.ts'
import { programme } from '../../../savings/reference/schema.ts'
import { bookId, saver } from '../../../savings/schema.ts'
import { incentiveRule } from '../../rules/schema.ts'
import { exclusionReasons } from './eligible.ts'

/** A draw of prizes in kind among the savers of a programme: its list is frozen first, and its seed given once, later. */
export const draw = pgTable(
  'draw',
  {
    bookId,
    id: uuid().notNull(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    ruleId: uuid('rule_id')
      .notNull()
      .references(() => incentiveRule.id),
    bimester: text().notNull(),
    cutOff: date('cut_off').notNull(),
    /** The last transaction that the list knows. */
    knownThrough: bigint('known_through', { mode: 'bigint' }).notNull(),
    winnersPerDistrict: smallint('winners_per_district').notNull(),
    prize: bigint({ mode: 'bigint' }).notNull(),
    entries: integer().notNull(),
    districts: integer().notNull(),
    excluded: integer().notNull(),
    listSha256: text('list_sha256').notNull(),
    seed: text(),
    seedReference: text('seed_reference'),
    seedDrawnOn: date('seed_drawn_on'),
    seededBy: text('seeded_by'),
    seededAt: instant('seeded_at'),
    ...registration,
  },
  t => [
    primaryKey({ name: 'draw_pkey', columns: [t.bookId, t.id] }),
    unique('draw_one_a_bimester').on(t.bookId, t.programmeId, t.bimester),
    index('draw_by_recording').on(t.bookId, t.recordedAt, t.id),
    check('draw_is_of_bimester', sql`${t.bimester} ~ '^[0-9]{4}-B[1-6]$'`),
    check('draw_has_prizes', sql`${t.winnersPerDistrict} > 0 and ${t.prize} > 0 and ${t.entries} > 0`),
    check('draw_list_is_sha256', sql`${t.listSha256} ~ '^[0-9a-f]{64}$'`),
    check(
      'draw_seed_is_whole',
      sql`num_nulls(${t.seed}, ${t.seedReference}, ${t.seedDrawnOn}, ${t.seededBy}, ${t.seededAt}) in (0, 5)`,
    ),
    check('draw_two_actors', sql`${t.seededBy} <> ${t.actor}`),
    check('draw_list_before_seed', sql`${t.seededAt} >= ${t.recordedAt}`),
  ],
)

/** A chance in a draw: a saver, in the district in which she lived when the list was made. */
export const drawEntry = pgTable(
  'draw_entry',
  {
    bookId,
    drawId: uuid('draw_id').notNull(),
    districtCode: text('district_code').notNull(),
    saverId: uuid('saver_id').notNull(),
  },
  t => [
    primaryKey({ name: 'draw_entry_pkey', columns: [t.bookId, t.drawId, t.districtCode, t.saverId] }),
    unique('draw_entry_saver_unique').on(t.bookId, t.drawId, t.saverId),
    foreignKey({ name: 'draw_entry_draw_fkey', columns: [t.bookId, t.drawId], foreignColumns: [draw.bookId, draw.id] }),
    foreignKey({
      name: 'draw_entry_saver_fkey',
      columns: [t.bookId, t.saverId],
      foreignColumns: [saver.bookId, saver.id],
    }),
    check('draw_entry_district_is_ubigeo', sql`${t.districtCode} ~ '^[0-9]{6}$'`),
  ],
)

/** A saver of the programme who has no chance in a draw, and why. */
export const drawExclusion = pgTable(
  'draw_exclusion',
  {
    bookId,
    drawId: uuid('draw_id').notNull(),
    saverId: uuid('saver_id').notNull(),
    reason: text({ enum: exclusionReasons }).notNull(),
  },
  t => [
    primaryKey({ name: 'draw_exclusion_pkey', columns: [t.bookId, t.drawId, t.saverId] }),
    foreignKey({
      name: 'draw_exclusion_draw_fkey',
      columns: [t.bookId, t.drawId],
      foreignColumns: [draw.bookId, draw.id],
    }),
    check('draw_exclusion_reason_known', oneOf('reason', exclusionReasons)),
  ],
)

/** Where a saver came in her district, and the prize in kind that she was awarded: no account is credited. */
export const drawResult = pgTable(
  'draw_result',
  {
    bookId,
    drawId: uuid('draw_id').notNull(),
    districtCode: text('district_code').notNull(),
    place: integer().notNull(),
    saverId: uuid('saver_id').notNull(),
    /** What the prize is worth; null when she won none. */
    prize: bigint({ mode: 'bigint' }),
  },
  t => [
    primaryKey({ name: 'draw_result_pkey', columns: [t.bookId, t.drawId, t.districtCode, t.place] }),
    foreignKey({
      name: 'draw_result_entry_fkey',
      columns: [t.bookId, t.drawId, t.districtCode, t.saverId],
      foreignColumns: [drawEntry.bookId, drawEntry.drawId, drawEntry.districtCode, drawEntry.saverId],
    }),
    unique('draw_result_saver_unique').on(t.bookId, t.drawId, t.saverId),
    check('draw_result_place_positive', sql`${t.place} > 0`),
    check('draw_result_prize_positive', sql`${t.prize} > 0`),
  ],
)
