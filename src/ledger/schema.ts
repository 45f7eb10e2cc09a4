import { sql } from 'drizzle-orm'
import {
  check,
  date,
  foreignKey,
  index,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { amount, bytes, instant } from '../db/columns.ts'
import { currencies } from '../money.ts'

export const accountTypes = ['asset', 'liability', 'equity', 'income', 'expense'] as const
export type AccountType = (typeof accountTypes)[number]

export const directions = ['debit', 'credit'] as const
export type Direction = (typeof directions)[number]

export const accountStatuses = ['open', 'blocked', 'closed'] as const
export type AccountStatus = (typeof accountStatuses)[number]

export const holdStatuses = ['placed', 'captured', 'released', 'expired'] as const
export type HoldStatus = (typeof holdStatuses)[number]

/** What a book's register records beside its transactions, so that accounts, holds and closings are chained as well. */
export const eventKinds = [
  'book-opened',
  'account-opened',
  'account-changed',
  'hold-placed',
  'hold-captured',
  'hold-released',
  'hold-expired',
  'month-closed',
  'instant-settled',
] as const
export type EventKind = (typeof eventKinds)[number]

// Closed sets are types in PostgreSQL too: unlike a check, a type costs a posting nothing.
export const accountType = pgEnum('account_type', accountTypes)
export const direction = pgEnum('direction', directions)
export const accountStatus = pgEnum('account_status', accountStatuses)
export const holdStatus = pgEnum('hold_status', holdStatuses)
export const eventKind = pgEnum('event_kind', eventKinds)
export const currency = pgEnum('currency', currencies)

/** Reference table: the books there are. All else about a book is keyed by `book_id`. */
export const book = pgTable(
  'book',
  {
    id: uuid().primaryKey(),
    code: text().notNull(),
    name: text().notNull(),
    currency: currency().notNull(),
    /** No month before it is closed, unless money came earlier. */
    openedOn: date('opened_on').notNull(),
  },
  t => [unique('book_code_unique').on(t.code)],
)

/** The ends of a book's two chains. Whoever writes to a book locks this row first. */
export const bookHead = pgTable('book_head', {
  bookId: uuid('book_id')
    .primaryKey()
    .references(() => book.id),
  sequence: amount('sequence').notNull(),
  hash: bytes('hash').notNull(),
  recordedAt: instant('recorded_at').notNull(),
  eventNumber: amount('event_number').notNull(),
  eventHash: bytes('event_hash').notNull(),
  /** The last day of the last closed month; value dates up to it are refused. */
  closedThrough: date('closed_through'),
  /** The last transaction that `account_day` holds. */
  daysThrough: amount('days_through').notNull(),
  /** When the next placed hold expires, so that posting need not look. */
  nextExpiry: instant('next_expiry'),
})

export const account = pgTable(
  'account',
  {
    bookId: uuid('book_id')
      .notNull()
      .references(() => book.id),
    id: uuid().notNull(),
    code: text().notNull(),
    name: text().notNull(),
    type: accountType().notNull(),
    normal: direction().notNull(),
    /** The least its available balance may be, in minor units; null: no floor. */
    floor: amount('floor'),
    status: accountStatus().notNull(),
    openedOn: date('opened_on').notNull(),
    closedOn: date('closed_on'),
    openedEvent: amount('opened_event').notNull(),
    debits: amount('debits').notNull().default(sql`0`),
    credits: amount('credits').notNull().default(sql`0`),
    held: amount('held').notNull().default(sql`0`),
  },
  t => [
    primaryKey({ name: 'account_pkey', columns: [t.bookId, t.id] }),
    unique('account_code_unique').on(t.bookId, t.code),
    check('account_totals_not_negative', sql`${t.debits} >= 0 and ${t.credits} >= 0 and ${t.held} >= 0`),
    check(
      'account_available_above_floor',
      sql`${t.floor} is null or case ${t.normal} when 'debit' then ${t.debits} - ${t.credits} else ${t.credits} - ${t.debits} end - ${t.held} >= ${t.floor}`,
    ),
    check('account_closed_is_empty', sql`${t.status} <> 'closed' or (${t.debits} = ${t.credits} and ${t.held} = 0)`),
  ],
)

export const transaction = pgTable(
  'transaction',
  {
    /** Its entries' accounts are of a book that exists, and so is it: no foreign key of its own. */
    bookId: uuid('book_id').notNull(),
    sequence: amount('sequence').notNull(),
    id: uuid().notNull(),
    kind: text().notNull(),
    valueDate: date('value_date').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    actor: text().notNull(),
    reason: text(),
    evidence: jsonb().$type<Evidence>().notNull(),
    /** The sequence of the transaction that this one reverses. */
    reverses: amount('reverses'),
    holdId: uuid('hold_id'),
    /** SHA-256 of the draft in canonical form; also the fingerprint of its id. */
    contentHash: bytes('content_hash').notNull(),
    /** SHA-256 of previous hash, sequence, recorded at, content hash and actor. */
    hash: bytes('hash').notNull(),
    /** Always 1: with its foreign key, no transaction is without entries. */
    firstEntry: smallint('first_entry').notNull().default(1),
  },
  t => [
    primaryKey({ name: 'transaction_pkey', columns: [t.bookId, t.sequence] }),
    unique('transaction_id_unique').on(t.bookId, t.id),
    unique('transaction_reversed_once').on(t.bookId, t.reverses),
    foreignKey({
      name: 'transaction_reverses_fkey',
      columns: [t.bookId, t.reverses],
      foreignColumns: [t.bookId, t.sequence],
    }),
    foreignKey({
      name: 'transaction_hold_fkey',
      columns: [t.bookId, t.holdId],
      foreignColumns: [hold.bookId, hold.id],
    }),
    check('transaction_first_entry_is_one', sql`${t.firstEntry} = 1`),
    check('transaction_adjustment_has_reason', sql`${t.kind} <> 'adjustment' or ${t.reason} is not null`),
  ],
)

export const entry = pgTable(
  'entry',
  {
    bookId: uuid('book_id').notNull(),
    sequence: amount('sequence').notNull(),
    position: smallint().notNull(),
    accountId: uuid('account_id').notNull(),
    direction: direction().notNull(),
    amount: amount('amount').notNull(),
    /** Its transaction's, so that an account's statement is one index range. */
    valueDate: date('value_date').notNull(),
    /** The account's totals after this entry, in the order of recording: what was known then is one look-up. */
    debitsAfter: amount('debits_after').notNull(),
    creditsAfter: amount('credits_after').notNull(),
  },
  t => [
    primaryKey({ name: 'entry_pkey', columns: [t.bookId, t.sequence, t.position] }),
    foreignKey({
      name: 'entry_transaction_fkey',
      columns: [t.bookId, t.sequence],
      foreignColumns: [transaction.bookId, transaction.sequence],
    }),
    foreignKey({
      name: 'entry_account_fkey',
      columns: [t.bookId, t.accountId],
      foreignColumns: [account.bookId, account.id],
    }),
    index('entry_by_recording').on(t.bookId, t.accountId, t.sequence, t.position),
    index('entry_by_value_date').on(t.bookId, t.accountId, t.valueDate, t.sequence, t.position),
    check('entry_amount_positive', sql`${t.amount} > 0`),
  ],
)

/**
 * Totals of an account's entries by value date, so that a balance as of any day adds days and not entries. Posting brings
 * them up to date every few hundred transactions; `book_head.days_through` says how far. Read the view
 * `account_day_to_date`, which adds the entries since.
 */
export const accountDay = pgTable(
  'account_day',
  {
    bookId: uuid('book_id').notNull(),
    accountId: uuid('account_id').notNull(),
    valueDate: date('value_date').notNull(),
    debits: amount('debits').notNull(),
    credits: amount('credits').notNull(),
  },
  t => [primaryKey({ name: 'account_day_pkey', columns: [t.bookId, t.accountId, t.valueDate] })],
)

export const hold = pgTable(
  'hold',
  {
    bookId: uuid('book_id').notNull(),
    id: uuid().notNull(),
    accountId: uuid('account_id').notNull(),
    amount: amount('amount').notNull(),
    captured: amount('captured').notNull().default(sql`0`),
    status: holdStatus().notNull(),
    placedEvent: amount('placed_event').notNull(),
    expiresAt: instant('expires_at'),
    endedAt: instant('ended_at'),
  },
  t => [
    primaryKey({ name: 'hold_pkey', columns: [t.bookId, t.id] }),
    foreignKey({
      name: 'hold_account_fkey',
      columns: [t.bookId, t.accountId],
      foreignColumns: [account.bookId, account.id],
    }),
    index('hold_placed').on(t.bookId, t.accountId, t.expiresAt).where(sql`status = 'placed'`),
    check('hold_amount_positive', sql`${t.amount} > 0`),
    check(
      'hold_captured_within_amount',
      sql`case ${t.status} when 'captured' then ${t.captured} between 1 and ${t.amount} else ${t.captured} = 0 end`,
    ),
  ],
)

/** The register: everything but postings that changed a book, gapless and chained, in the words it was decided by. */
export const event = pgTable(
  'event',
  {
    bookId: uuid('book_id')
      .notNull()
      .references(() => book.id),
    number: amount('number').notNull(),
    kind: eventKind().notNull(),
    /** The account, hold or book it is about. */
    subject: uuid().notNull(),
    /** The book's last sequence when it happened: places the event among the transactions. */
    afterSequence: amount('after_sequence').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    actor: text().notNull(),
    /** Canonical JSON (RFC 8785), kept to the letter because the chain covers it. */
    content: text().notNull(),
    hash: bytes('hash').notNull(),
  },
  t => [
    primaryKey({ name: 'event_pkey', columns: [t.bookId, t.number] }),
    index('event_by_subject').on(t.bookId, t.subject, t.number),
  ],
)

/** What a transaction rests on: references, channel, purpose. Ids and codes, never a name or a document number. */
export type Evidence = { [key: string]: string | number | boolean | null | Evidence | string[] }
