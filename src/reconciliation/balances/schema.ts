import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { accountStatuses } from '../../ledger/schema.ts'
import { savingsAccount } from '../../savings/accounts/schema.ts'
import { amount, bytes, oneOf, registration } from '../../savings/columns.ts'
import { bookId } from '../../savings/schema.ts'
import { type Cause, decimals, encodings, outcomes, strangers } from './outcomes.ts'

/** A bank's list of savers' accounts with their balances at the end of a day, kept as evidence: its bytes are in pieces beside it. */
export const balanceList = pgTable(
  'balance_list',
  {
    bookId,
    id: uuid().notNull(),
    asOf: date('as_of').notNull(),
    sha256: bytes('sha256').notNull(),
    size: integer().notNull(),
    pieces: integer().notNull(),
    name: text(),
    mediaType: text('media_type').notNull(),
    /** How it is read: the mark before decimals, and which letters its bytes are. */
    decimal: text({ enum: decimals }).notNull(),
    encoding: text({ enum: encodings }).notNull(),
    lines: integer().notNull(),
    ...registration,
    /** SHA-256 of all of it: what it has posted carries it, so that the ledger's chain vouches for the list. */
    seal: bytes('seal').notNull(),
  },
  t => [
    primaryKey({ name: 'balance_list_pkey', columns: [t.bookId, t.id] }),
    unique('balance_list_bytes_unique').on(t.bookId, t.asOf, t.sha256, t.decimal, t.encoding),
    index('balance_list_by_recording').on(t.bookId, t.recordedAt, t.id),
    check('balance_list_is_sha256', sql`octet_length(${t.sha256}) = 32`),
    check('balance_list_size_bounded', sql`${t.size} between 1 and 33554432`),
    check('balance_list_decimal_known', oneOf('decimal', decimals)),
    check('balance_list_encoding_known', oneOf('encoding', encodings)),
    check('balance_list_lines_bounded', sql`${t.lines} between 1 and 200000`),
  ],
)

/** A piece of a list's bytes, by its place from 0. */
export const balanceListPiece = pgTable(
  'balance_list_piece',
  {
    bookId,
    listId: uuid('list_id').notNull(),
    number: integer().notNull(),
    content: bytes('content').notNull(),
  },
  t => [
    primaryKey({ name: 'balance_list_piece_pkey', columns: [t.bookId, t.listId, t.number] }),
    foreignKey({
      name: 'balance_list_piece_list_fkey',
      columns: [t.bookId, t.listId],
      foreignColumns: [balanceList.bookId, balanceList.id],
    }),
    check('balance_list_piece_bounded', sql`octet_length(${t.content}) between 1 and 1048576`),
    check('balance_list_piece_number_not_negative', sql`${t.number} >= 0`),
  ],
)

/** A list compared with our balances as they were known at a transaction and an event of the book: for ever the same. */
export const balanceComparison = pgTable(
  'balance_comparison',
  {
    bookId,
    id: uuid().notNull(),
    listId: uuid('list_id').notNull(),
    sequence: bigint({ mode: 'bigint' }).notNull(),
    eventNumber: bigint('event_number', { mode: 'bigint' }).notNull(),
    lines: integer().notNull(),
    /** Accounts of ours: those that were open that day, and those that the bank lists. */
    accounts: integer().notNull(),
    ours: amount('ours').notNull(),
    theirs: amount('theirs').notNull(),
    difference: amount('difference').notNull(),
    ...registration,
    seal: bytes('seal').notNull(),
  },
  t => [
    primaryKey({ name: 'balance_comparison_pkey', columns: [t.bookId, t.id] }),
    unique('balance_comparison_actor_unique').on(t.bookId, t.id, t.listId, t.actor),
    unique('balance_comparison_totals_unique').on(t.bookId, t.id, t.lines, t.ours, t.theirs),
    foreignKey({
      name: 'balance_comparison_list_fkey',
      columns: [t.bookId, t.listId],
      foreignColumns: [balanceList.bookId, balanceList.id],
    }),
    index('balance_comparison_by_list').on(t.bookId, t.listId, t.recordedAt, t.id),
    check('balance_comparison_difference_ties', sql`${t.difference} = ${t.theirs} - ${t.ours}`),
    check('balance_comparison_counts', sql`${t.lines} > 0 and ${t.accounts} between 0 and ${t.lines}`),
  ],
)

/**
 * One line of the bank's beside the account of ours that it is of; after them the accounts that the bank does not list. Each has
 * what all of them come to, which a trigger over the inserted rows adds up, so that none is missing and none joins later.
 */
export const balanceComparisonLine = pgTable(
  'balance_comparison_line',
  {
    bookId,
    comparisonId: uuid('comparison_id').notNull(),
    number: integer().notNull(),
    allLines: integer('all_lines').notNull(),
    allOurs: amount('all_ours').notNull(),
    allTheirs: amount('all_theirs').notNull(),
    /** Where it stands in the file; null of what only we have. */
    row: integer('file_row'),
    // As the bank told it.
    bankAccountNumber: text('bank_account_number'),
    cci: text(),
    told: text(),
    currency: text(),
    theirStatus: text('their_status', { enum: accountStatuses }),
    interest: amount('interest'),
    fees: amount('fees'),
    // What it was found to be.
    outcome: text({ enum: outcomes }).notNull(),
    stranger: text({ enum: strangers }),
    savingsAccountId: uuid('savings_account_id'),
    ours: amount('ours'),
    theirs: amount('theirs'),
    difference: amount('difference').notNull(),
    ourStatus: text('our_status', { enum: accountStatuses }),
    explanations: jsonb().$type<Cause[][]>().notNull(),
  },
  t => [
    primaryKey({ name: 'balance_comparison_line_pkey', columns: [t.bookId, t.comparisonId, t.number] }),
    unique('balance_comparison_line_account_unique').on(t.bookId, t.comparisonId, t.number, t.savingsAccountId),
    foreignKey({
      name: 'balance_comparison_line_comparison_fkey',
      columns: [t.bookId, t.comparisonId, t.allLines, t.allOurs, t.allTheirs],
      foreignColumns: [
        balanceComparison.bookId,
        balanceComparison.id,
        balanceComparison.lines,
        balanceComparison.ours,
        balanceComparison.theirs,
      ],
    }),
    foreignKey({
      name: 'balance_comparison_line_account_fkey',
      columns: [t.bookId, t.savingsAccountId],
      foreignColumns: [savingsAccount.bookId, savingsAccount.id],
    }),
    uniqueIndex('balance_comparison_line_account_once')
      .on(t.bookId, t.comparisonId, t.savingsAccountId)
      .where(sql`outcome not in ('twice', 'currency')`),
    index('balance_comparison_line_by_outcome').on(t.bookId, t.comparisonId, t.outcome, t.number),
    check('balance_comparison_line_outcome_known', oneOf('outcome', outcomes)),
    check('balance_comparison_line_stranger_known', oneOf('stranger', strangers)),
    check('balance_comparison_line_our_status_known', oneOf('our_status', accountStatuses)),
    check('balance_comparison_line_their_status_known', oneOf('their_status', accountStatuses)),
    check(
      'balance_comparison_line_difference_ties',
      sql`${t.difference} = coalesce(${t.theirs}, 0) - coalesce(${t.ours}, 0)`,
    ),
    check(
      'balance_comparison_line_is_what_it_says',
      sql`case ${t.outcome} when 'equal' then ${t.theirs} is not null and ${t.theirs} = ${t.ours}
        and ${t.savingsAccountId} is not null
        when 'status-differs' then ${t.theirs} is not null and ${t.theirs} = ${t.ours} and ${t.theirStatus} <> ${t.ourStatus}
        when 'differs' then ${t.theirs} is not null and ${t.ours} is not null and ${t.theirs} <> ${t.ours}
        when 'only-ours' then ${t.theirs} is null and ${t.ours} is not null
        when 'only-theirs' then ${t.ours} is null and ${t.theirs} is not null and ${t.savingsAccountId} is null
        when 'currency' then ${t.theirs} is null else ${t.theirs} is not null end`,
    ),
    check(
      'balance_comparison_line_stranger_is_only_theirs',
      sql`${t.stranger} is null or ${t.outcome} = 'only-theirs'`,
    ),
    check('balance_comparison_line_told_has_row', sql`(${t.row} is null) = (${t.outcome} = 'only-ours')`),
    check('balance_comparison_line_not_negative', sql`least(${t.interest}, ${t.fees}, 0) >= 0`),
  ],
)
