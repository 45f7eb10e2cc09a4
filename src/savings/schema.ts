import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  date,
  foreignKey,
  index,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { book } from '../ledger/schema.ts'
import { bytes, ending, oneOf, registration } from './columns.ts'
import { partnerInstitution, programme, territory } from './reference/schema.ts'

export const sexes = ['female', 'male'] as const

export const organisationKinds = ['community', 'association', 'committee', 'other'] as const

export const enrolmentEndReasons = ['completed', 'withdrew', 'moved', 'died', 'entered-by-mistake'] as const

// Book tables: everything is keyed by its book first.

/** What a book is beside its ledger: whose money it keeps. */
export const savingsBook = pgTable(
  'savings_book',
  {
    bookId: uuid('book_id')
      .notNull()
      .references(() => book.id),
    institutionId: uuid('institution_id')
      .notNull()
      .references(() => partnerInstitution.id),
    openedOn: date('opened_on').notNull(),
    ...registration,
  },
  t => [primaryKey({ name: 'savings_book_pkey', columns: [t.bookId] })],
)

export const bookId = uuid('book_id')
  .notNull()
  .references(() => savingsBook.bookId)

export const agent = pgTable(
  'agent',
  {
    bookId,
    id: uuid().notNull(),
    code: text().notNull(),
    name: text().notNull(),
    startsOn: date('starts_on').notNull(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'agent_pkey', columns: [t.bookId, t.id] }),
    unique('agent_code_unique').on(t.bookId, t.code),
    index('agent_by_recording').on(t.bookId, t.recordedAt, t.id),
  ],
)

/** A person in one book. The same person in another book has the same `person`, and nothing else in common. */
export const saver = pgTable(
  'saver',
  {
    bookId,
    id: uuid().notNull(),
    /** HMAC-SHA256 of the DNI by the identity key, or of her id as long as her DNI is not known. */
    person: bytes('person').notNull(),
    identified: boolean().notNull(),
    givenNames: text('given_names').notNull(),
    familyNames: text('family_names').notNull(),
    sex: text({ enum: sexes }).notNull(),
    birthDate: date('birth_date'),
    districtCode: text('district_code')
      .notNull()
      .references(() => territory.code),
    motherTongue: text('mother_tongue'),
    motherTongueConsentedOn: date('mother_tongue_consented_on'),
    householdReference: text('household_reference'),
    registeredOn: date('registered_on').notNull(),
    agentId: uuid('agent_id'),
    ...registration,
  },
  t => [
    primaryKey({ name: 'saver_pkey', columns: [t.bookId, t.id] }),
    unique('saver_person_unique').on(t.bookId, t.person),
    foreignKey({
      name: 'saver_agent_fkey',
      columns: [t.bookId, t.agentId],
      foreignColumns: [agent.bookId, agent.id],
    }),
    index('saver_by_recording').on(t.bookId, t.recordedAt, t.id),
    index('saver_by_household').on(t.bookId, t.householdReference).where(sql`household_reference is not null`),
    check('saver_sex_known', oneOf('sex', sexes)),
    check('saver_person_is_sha256', sql`length(${t.person}) = 32`),
    // Which language somebody learnt at home tells her ethnic origin: kept with her consent or not at all.
    check(
      'saver_mother_tongue_is_consented',
      sql`(${t.motherTongue} is null) = (${t.motherTongueConsentedOn} is null)`,
    ),
  ],
)

export type SaverRow = typeof saver.$inferSelect

export const savingsGroup = pgTable(
  'savings_group',
  {
    bookId,
    id: uuid().notNull(),
    code: text().notNull(),
    name: text().notNull(),
    districtCode: text('district_code')
      .notNull()
      .references(() => territory.code),
    meetingPlace: text('meeting_place'),
    formedOn: date('formed_on').notNull(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'savings_group_pkey', columns: [t.bookId, t.id] }),
    unique('savings_group_code_unique').on(t.bookId, t.code),
    index('savings_group_by_recording').on(t.bookId, t.recordedAt, t.id),
  ],
)

/** A saver's time in a group: one group at a time, and once at most without an end. */
export const membership = pgTable(
  'membership',
  {
    bookId,
    id: uuid().notNull(),
    groupId: uuid('group_id').notNull(),
    saverId: uuid('saver_id').notNull(),
    startsOn: date('starts_on').notNull(),
    ...ending,
    ...registration,
  },
  t => [
    primaryKey({ name: 'membership_pkey', columns: [t.bookId, t.id] }),
    foreignKey({
      name: 'membership_group_fkey',
      columns: [t.bookId, t.groupId],
      foreignColumns: [savingsGroup.bookId, savingsGroup.id],
    }),
    foreignKey({
      name: 'membership_saver_fkey',
      columns: [t.bookId, t.saverId],
      foreignColumns: [saver.bookId, saver.id],
    }),
    unique('membership_one_start_a_day').on(t.bookId, t.saverId, t.startsOn),
    uniqueIndex('membership_one_open').on(t.bookId, t.saverId).where(sql`ends_on is null`),
    index('membership_by_group').on(t.bookId, t.groupId, t.startsOn, t.id),
    index('membership_by_recording').on(t.bookId, t.recordedAt),
    index('membership_by_end').on(t.bookId, t.endRecordedAt).where(sql`end_recorded_at is not null`),
    check('membership_dates_in_order', sql`${t.endsOn} is null or ${t.endsOn} >= ${t.startsOn}`),
  ],
)

/** A member's time as coordinator of her group. */
export const coordination = pgTable(
  'coordination',
  {
    bookId,
    id: uuid().notNull(),
    groupId: uuid('group_id').notNull(),
    saverId: uuid('saver_id').notNull(),
    startsOn: date('starts_on').notNull(),
    ...ending,
    ...registration,
  },
  t => [
    primaryKey({ name: 'coordination_pkey', columns: [t.bookId, t.id] }),
    foreignKey({
      name: 'coordination_group_fkey',
      columns: [t.bookId, t.groupId],
      foreignColumns: [savingsGroup.bookId, savingsGroup.id],
    }),
    foreignKey({
      name: 'coordination_saver_fkey',
      columns: [t.bookId, t.saverId],
      foreignColumns: [saver.bookId, saver.id],
    }),
    unique('coordination_one_start_a_day').on(t.bookId, t.groupId, t.startsOn),
    uniqueIndex('coordination_one_open').on(t.bookId, t.groupId).where(sql`ends_on is null`),
    check('coordination_dates_in_order', sql`${t.endsOn} is null or ${t.endsOn} >= ${t.startsOn}`),
  ],
)

/** A community, a producers' association or another body that holds an account. */
export const organisation = pgTable(
  'organisation',
  {
    bookId,
    id: uuid().notNull(),
    name: text().notNull(),
    kind: text({ enum: organisationKinds }).notNull(),
    ruc: text(),
    districtCode: text('district_code')
      .notNull()
      .references(() => territory.code),
    registeredOn: date('registered_on').notNull(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'organisation_pkey', columns: [t.bookId, t.id] }),
    unique('organisation_ruc_unique').on(t.bookId, t.ruc),
    index('organisation_by_recording').on(t.bookId, t.recordedAt, t.id),
    check('organisation_kind_known', oneOf('kind', organisationKinds)),
  ],
)

/** A saver's contract in a programme: one at a time in each. */
export const enrolment = pgTable(
  'enrolment',
  {
    bookId,
    id: uuid().notNull(),
    saverId: uuid('saver_id').notNull(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    startsOn: date('starts_on').notNull(),
    contractMonths: smallint('contract_months').notNull(),
    cohort: text().notNull(),
    endReason: text('end_reason', { enum: enrolmentEndReasons }),
    ...ending,
    ...registration,
  },
  t => [
    primaryKey({ name: 'enrolment_pkey', columns: [t.bookId, t.id] }),
    foreignKey({
      name: 'enrolment_saver_fkey',
      columns: [t.bookId, t.saverId],
      foreignColumns: [saver.bookId, saver.id],
    }),
    uniqueIndex('enrolment_one_open').on(t.bookId, t.saverId, t.programmeId).where(sql`ends_on is null`),
    index('enrolment_by_saver').on(t.bookId, t.saverId, t.startsOn, t.id),
    index('enrolment_by_recording').on(t.bookId, t.recordedAt, t.id),
    index('enrolment_by_end').on(t.bookId, t.endRecordedAt).where(sql`end_recorded_at is not null`),
    check('enrolment_contract_months_positive', sql`${t.contractMonths} > 0`),
    check('enrolment_dates_in_order', sql`${t.endsOn} is null or ${t.endsOn} >= ${t.startsOn}`),
    check('enrolment_end_reason_known', oneOf('end_reason', enrolmentEndReasons)),
    check(
      'enrolment_completed_at_its_end',
      sql`${t.endReason} is distinct from 'completed' or ${t.endsOn} >= date_trunc('month', ${t.startsOn} + make_interval(months => ${t.contractMonths}) - interval '1 day')`,
    ),
    check('enrolment_end_has_reason', sql`(${t.endsOn} is null) = (${t.endReason} is null)`),
  ],
)
