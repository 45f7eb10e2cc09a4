import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { account } from '../../ledger/schema.ts'
import { amount, bytes, oneOf, registration } from '../../savings/columns.ts'
import { partnerInstitution } from '../../savings/reference/schema.ts'
import { bookId } from '../../savings/schema.ts'
import type { Profile } from '../statements/profile-shape.ts'
import { type Balance, type LineDetail, lineStatuses, sides, type Warning } from '../statements/statement.ts'
import type { Verdict } from '../statements/verdict.ts'

/** How an institution writes its statements, revision by revision: a reference table, for its books may share one. */
export const statementProfile = pgTable(
  'statement_profile',
  {
    id: uuid().primaryKey(),
    institutionId: uuid('institution_id')
      .notNull()
      .references(() => partnerInstitution.id),
    code: text().notNull(),
    /** The last one holds; each file says which it was read by. */
    revision: smallint().notNull(),
    profile: jsonb().$type<Profile>().notNull(),
    ...registration,
  },
  t => [
    unique('statement_profile_revision_unique').on(t.institutionId, t.code, t.revision),
    check('statement_profile_revision_positive', sql`${t.revision} > 0`),
  ],
)

/** Of which of the book's ledger accounts the statements of a number speak. */
export const bankAccount = pgTable(
  'bank_account',
  {
    bookId,
    id: uuid().notNull(),
    /** As statements write it, and as it is compared: letters and digits alone. */
    number: text().notNull(),
    numberKey: text('number_key').notNull(),
    accountId: uuid('account_id').notNull(),
    profileCode: text('profile_code'),
    /** How often statements were taken or matched for it: whoever does so raises it, and so waits for whoever is at it. */
    turns: integer().notNull(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'bank_account_pkey', columns: [t.bookId, t.id] }),
    unique('bank_account_number_unique').on(t.bookId, t.numberKey),
    unique('bank_account_account_unique').on(t.bookId, t.accountId),
    foreignKey({
      name: 'bank_account_account_fkey',
      columns: [t.bookId, t.accountId],
      foreignColumns: [account.bookId, account.id],
    }),
    index('bank_account_by_recording').on(t.bookId, t.recordedAt, t.id),
    check('bank_account_number_key_plain', sql`${t.numberKey} ~ '^[0-9A-Z]+$'`),
    check('bank_account_turns_not_negative', sql`${t.turns} >= 0`),
  ],
)

export const fileFormats = ['camt', 'mt940', 'profile'] as const

/** A file as a bank gave it, kept as evidence: its bytes are in pieces beside it. */
export const bankFile = pgTable(
  'bank_file',
  {
    bookId,
    id: uuid().notNull(),
    sha256: bytes('sha256').notNull(),
    size: integer().notNull(),
    pieces: integer().notNull(),
    name: text(),
    mediaType: text('media_type').notNull(),
    format: text({ enum: fileFormats }).notNull(),
    profileId: uuid('profile_id').references(() => statementProfile.id),
    verdict: jsonb().$type<Verdict>(),
    statements: integer().notNull(),
    lines: integer().notNull(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'bank_file_pkey', columns: [t.bookId, t.id] }),
    unique('bank_file_bytes_unique').on(t.bookId, t.sha256),
    index('bank_file_by_recording').on(t.bookId, t.recordedAt, t.id),
    check('bank_file_is_sha256', sql`octet_length(${t.sha256}) = 32`),
    check('bank_file_size_bounded', sql`${t.size} between 1 and 104857600`),
    check('bank_file_format_known', oneOf('format', fileFormats)),
    check('bank_file_profile_reads_it', sql`(${t.profileId} is not null) = (${t.format} = 'profile')`),
    check('bank_file_counts', sql`${t.statements} > 0 and ${t.lines} >= 0`),
  ],
)

/** A piece of a file’s bytes, by its place from 0. */
export const bankFilePiece = pgTable(
  'bank_file_piece',
  {
    bookId,
    fileId: uuid('file_id').notNull(),
    number: integer().notNull(),
    content: bytes('content').notNull(),
  },
  t => [
    primaryKey({ name: 'bank_file_piece_pkey', columns: [t.bookId, t.fileId, t.number] }),
    foreignKey({
      name: 'bank_file_piece_file_fkey',
      columns: [t.bookId, t.fileId],
      foreignColumns: [bankFile.bookId, bankFile.id],
    }),
    check('bank_file_piece_bounded', sql`octet_length(${t.content}) between 1 and 1048576`),
    check('bank_file_piece_number_not_negative', sql`${t.number} >= 0`),
  ],
)

/**
 * What a statement is to those before it. Only what is `taken` counts: a notice proves nothing, a repeated one says nothing
 * new, and of two that bear one number nobody can tell which is right.
 */
export const statementStandings = ['taken', 'notice', 'repeated', 'disputed'] as const

/** One statement of a file. Amounts are as the file gives them, to the last decimal, credit above zero. */
export const bankStatement = pgTable(
  'bank_statement',
  {
    bookId,
    id: uuid().notNull(),
    bankAccountId: uuid('bank_account_id').notNull(),
    fileId: uuid('file_id').notNull(),
    /** Its place in the file, from 1. */
    position: integer().notNull(),
    /** Of its account, when it was taken: of two of one day and without number the one that came first stands first. */
    turn: integer().notNull(),
    standing: text({ enum: statementStandings }).notNull(),
    reference: text(),
    number: text(),
    /** Of the number, where the bank counts; and the page behind it. */
    sequence: bigint({ mode: 'number' }),
    page: integer(),
    currency: text(),
    fromDay: date('from_day').notNull(),
    toDay: date('to_day').notNull(),
    createdAt: text('created_at'),
    opening: numeric(),
    closing: numeric(),
    credits: numeric().notNull(),
    debits: numeric().notNull(),
    /** Closing less opening and lines. */
    residue: numeric(),
    lines: integer().notNull(),
    /** Lines that were had already: of an export that overlaps with what came before. */
    repeated: integer().notNull(),
    /** Lines of another currency, or finer than the currency of the book: they are booked and cannot count. */
    uncounted: integer().notNull(),
    /** Lines that were had or not, without anything that tells; null where there are none. */
    unsure: integer(),
    balances: jsonb().$type<readonly Balance[]>().notNull(),
    warnings: jsonb().$type<readonly Warning[]>().notNull(),
    contentHash: bytes('content_hash').notNull(),
  },
  t => [
    primaryKey({ name: 'bank_statement_pkey', columns: [t.bookId, t.id] }),
    unique('bank_statement_position_unique').on(t.bookId, t.fileId, t.position),
    unique('bank_statement_account_unique').on(t.bookId, t.id, t.bankAccountId),
    foreignKey({
      name: 'bank_statement_account_fkey',
      columns: [t.bookId, t.bankAccountId],
      foreignColumns: [bankAccount.bookId, bankAccount.id],
    }),
    foreignKey({
      name: 'bank_statement_file_fkey',
      columns: [t.bookId, t.fileId],
      foreignColumns: [bankFile.bookId, bankFile.id],
    }),
    index('bank_statement_by_day').on(t.bookId, t.bankAccountId, t.toDay, t.id),
    check('bank_statement_standing_known', oneOf('standing', statementStandings)),
    check('bank_statement_days_in_order', sql`${t.fromDay} <= ${t.toDay}`),
    check(
      'bank_statement_counts',
      sql`${t.repeated} between 0 and ${t.lines} and ${t.uncounted} between 0 and ${t.lines} and ${t.unsure} > 0`,
    ),
    check(
      'bank_statement_residue_is_what_is_left',
      sql`${t.residue} is null or ${t.residue} = ${t.closing} - ${t.opening} - ${t.credits} + ${t.debits}`,
    ),
  ],
)

export const lineStandings = ['new', 'repeated', 'disputed', 'notice'] as const

/** One line of a statement, never altered. */
export const bankLine = pgTable(
  'bank_line',
  {
    bookId,
    statementId: uuid('statement_id').notNull(),
    /** Its place in the statement, from 1. */
    number: integer().notNull(),
    bankAccountId: uuid('bank_account_id').notNull(),
    /** Where it stands in the file. */
    place: text().notNull(),
    standing: text({ enum: lineStandings }).notNull(),
    /** SHA-256 of all that it says; and which of those that say the same it is, from 1. */
    sameAs: bytes('same_as').notNull(),
    occurrence: integer().notNull(),
    amount: numeric().notNull(),
    currency: text().notNull(),
    side: text({ enum: sides }).notNull(),
    /** Minor units by which it moves the account as the bank has it, credit above zero; null of what does not count. */
    moves: amount('moves'),
    status: text({ enum: lineStatuses }).notNull(),
    isReversal: boolean('is_reversal').notNull(),
    bookingDay: date('booking_day'),
    valueDay: date('value_day'),
    /** By its value date, else the day it was booked, else the statement’s last. */
    day: date().notNull(),
    reference: text(),
    endToEndId: text('end_to_end_id'),
    code: text(),
    counterparty: text(),
    counterpartyAccount: text('counterparty_account'),
    text: text().notNull(),
    details: jsonb().$type<readonly LineDetail[]>().notNull(),
  },
  t => [
    primaryKey({ name: 'bank_line_pkey', columns: [t.bookId, t.statementId, t.number] }),
    unique('bank_line_moves_unique').on(t.bookId, t.statementId, t.number, t.moves),
    foreignKey({
      name: 'bank_line_statement_fkey',
      columns: [t.bookId, t.statementId, t.bankAccountId],
      foreignColumns: [bankStatement.bookId, bankStatement.id, bankStatement.bankAccountId],
    }),
    uniqueIndex('bank_line_counted_once')
      .on(t.bookId, t.bankAccountId, t.sameAs, t.occurrence)
      .where(sql`standing = 'new'`),
    index('bank_line_by_content').on(t.bookId, t.bankAccountId, t.sameAs, t.occurrence),
    index('bank_line_by_day').on(t.bookId, t.bankAccountId, t.day, t.statementId, t.number),
    check('bank_line_standing_known', oneOf('standing', lineStandings)),
    check('bank_line_side_known', oneOf('side', sides)),
    check('bank_line_status_known', oneOf('status', lineStatuses)),
    check('bank_line_amount_not_negative', sql`${t.amount} >= 0`),
    check('bank_line_occurrence_positive', sql`${t.occurrence} > 0`),
    check(
      'bank_line_moves_what_it_says',
      sql`${t.moves} is null or (${t.standing} = 'new' and ${t.status} = 'booked' and ${t.moves} <> 0
        and (${t.moves} > 0) = (${t.side} = 'credit'))`,
    ),
  ],
)

/** The day on which the bank booked a line, as far as it says. */
export const bookedOn = sql`coalesce(l.booking_day, l.value_day, l.day)`
