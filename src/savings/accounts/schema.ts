import { sql } from 'drizzle-orm'
import {
  bigint,
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
import { accountStatuses, transaction } from '../../ledger/schema.ts'
import { bytes, oneOf, registration } from '../columns.ts'
import { agent, bookId, organisation, saver, savingsGroup } from '../schema.ts'

export const holderKinds = ['saver', 'group', 'organisation'] as const

/** What a collection sheet asks for when one of its lines is refused. */
export const onRefusalChoices = ['refuse-sheet', 'post-without'] as const

/**
 * A holder's account at the institution. Its money is in four ledger accounts, whose ids are computed from its own; the
 * ledger knows whether they are open, blocked or closed.
 */
export const savingsAccount = pgTable(
  'savings_account',
  {
    bookId,
    id: uuid().notNull(),
    holderKind: text('holder_kind', { enum: holderKinds }).notNull(),
    saverId: uuid('saver_id'),
    groupId: uuid('group_id'),
    organisationId: uuid('organisation_id'),
    bankAccountNumber: text('bank_account_number'),
    /** Twenty digits; kept as given even when its check digits fail, which is a warning. */
    cci: text(),
    cciValid: boolean('cci_valid'),
    openedOn: date('opened_on').notNull(),
    /** The agent who opened it; null when it was opened at a branch. */
    agentId: uuid('agent_id'),
    ownAccountId: uuid('own_account_id').notNull(),
    incentiveLockedAccountId: uuid('incentive_locked_account_id').notNull(),
    incentiveReleasedAccountId: uuid('incentive_released_account_id').notNull(),
    interestAccountId: uuid('interest_account_id').notNull(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'savings_account_pkey', columns: [t.bookId, t.id] }),
    /** However it is written: `numberKey` makes the same of it. */
    uniqueIndex('savings_account_bank_account_number_unique').on(
      t.bookId,
      sql`upper(replace(${t.bankAccountNumber}, '-', ''))`,
    ),
    unique('savings_account_own_account_unique').on(t.bookId, t.ownAccountId),
    foreignKey({
      name: 'savings_account_saver_fkey',
      columns: [t.bookId, t.saverId],
      foreignColumns: [saver.bookId, saver.id],
    }),
    foreignKey({
      name: 'savings_account_group_fkey',
      columns: [t.bookId, t.groupId],
      foreignColumns: [savingsGroup.bookId, savingsGroup.id],
    }),
    foreignKey({
      name: 'savings_account_organisation_fkey',
      columns: [t.bookId, t.organisationId],
      foreignColumns: [organisation.bookId, organisation.id],
    }),
    foreignKey({
      name: 'savings_account_agent_fkey',
      columns: [t.bookId, t.agentId],
      foreignColumns: [agent.bookId, agent.id],
    }),
    index('savings_account_by_saver').on(t.bookId, t.saverId, t.openedOn, t.id),
    index('savings_account_by_recording').on(t.bookId, t.recordedAt, t.id),
    check(
      'savings_account_has_one_holder',
      sql`case ${t.holderKind} when 'saver' then ${t.saverId} when 'group' then ${t.groupId} when 'organisation' then ${t.organisationId} end is not null
        and num_nonnulls(${t.saverId}, ${t.groupId}, ${t.organisationId}) = 1`,
    ),
  ],
)

/** That a savings account was blocked, opened again or closed: when, by whom and why. It is never changed. */
export const savingsAccountStatusChange = pgTable(
  'savings_account_status_change',
  {
    bookId,
    id: uuid().notNull(),
    savingsAccountId: uuid('savings_account_id').notNull(),
    status: text({ enum: accountStatuses }).notNull(),
    reason: text().notNull(),
    closedOn: date('closed_on'),
    ...registration,
  },
  t => [
    primaryKey({ name: 'savings_account_status_change_pkey', columns: [t.bookId, t.id] }),
    foreignKey({
      name: 'savings_account_status_change_account_fkey',
      columns: [t.bookId, t.savingsAccountId],
      foreignColumns: [savingsAccount.bookId, savingsAccount.id],
    }),
    index('savings_account_status_change_by_account').on(t.bookId, t.savingsAccountId, t.recordedAt, t.id),
    index('savings_account_status_change_by_recording').on(t.bookId, t.recordedAt),
    check('savings_account_status_change_status_known', oneOf('status', accountStatuses)),
    check('savings_account_status_change_has_reason', sql`${t.reason} <> ''`),
    check('savings_account_status_change_closing_has_day', sql`(${t.status} = 'closed') = (${t.closedOn} is not null)`),
  ],
)

/** What incentives, transfers and prizes are paid from. */
export const fund = pgTable(
  'fund',
  {
    bookId,
    id: uuid().notNull(),
    code: text().notNull(),
    name: text().notNull(),
    fundingSource: text('funding_source').notNull(),
    openedOn: date('opened_on').notNull(),
    accountId: uuid('account_id').notNull(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'fund_pkey', columns: [t.bookId, t.id] }),
    unique('fund_code_unique').on(t.bookId, t.code),
    index('fund_by_recording').on(t.bookId, t.recordedAt, t.id),
  ],
)

/** One meeting's deposits and withdrawals as they were handed in, and what became of them. */
export const collectionSheet = pgTable(
  'collection_sheet',
  {
    bookId,
    id: uuid().notNull(),
    groupId: uuid('group_id').notNull(),
    agentId: uuid('agent_id').notNull(),
    /** The coordinator who signed it. */
    coordinatorId: uuid('coordinator_id').notNull(),
    meetingDate: date('meeting_date').notNull(),
    /** Minor units that came in, less what was paid out; negative when more was paid out. */
    cashCount: bigint('cash_count', { mode: 'bigint' }).notNull(),
    onRefusal: text('on_refusal', { enum: onRefusalChoices }).notNull(),
    lineCount: smallint('line_count').notNull(),
    /** Of the sheet word for word; `content_hash` is of whom it was found to name. */
    writtenHash: bytes('written_hash').notNull(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'collection_sheet_pkey', columns: [t.bookId, t.id] }),
    unique('collection_sheet_line_count_unique').on(t.bookId, t.id, t.lineCount),
    unique('collection_sheet_once').on(t.bookId, t.groupId, t.meetingDate, t.contentHash),
    foreignKey({
      name: 'collection_sheet_group_fkey',
      columns: [t.bookId, t.groupId],
      foreignColumns: [savingsGroup.bookId, savingsGroup.id],
    }),
    foreignKey({
      name: 'collection_sheet_agent_fkey',
      columns: [t.bookId, t.agentId],
      foreignColumns: [agent.bookId, agent.id],
    }),
    foreignKey({
      name: 'collection_sheet_coordinator_fkey',
      columns: [t.bookId, t.coordinatorId],
      foreignColumns: [saver.bookId, saver.id],
    }),
    index('collection_sheet_by_recording').on(t.bookId, t.recordedAt, t.id),
    index('collection_sheet_by_group').on(t.bookId, t.groupId, t.meetingDate, t.id),
    check('collection_sheet_on_refusal_known', oneOf('on_refusal', onRefusalChoices)),
    check('collection_sheet_line_count_positive', sql`${t.lineCount} > 0`),
  ],
)

/**
 * A line names an account as it was written, which may be none of ours: no foreign key, so that a refused line is kept.
 * Lines take the positions 1 to the sheet's count, and a trigger has them come in one statement: none can join later.
 */
export const collectionSheetLine = pgTable(
  'collection_sheet_line',
  {
    bookId,
    sheetId: uuid('sheet_id').notNull(),
    /** Its place on the sheet, from 1. */
    position: smallint().notNull(),
    /** How many the sheet has. */
    lineCount: smallint('line_count').notNull(),
    /** Its number, as it was written. */
    line: smallint().notNull(),
    savingsAccountId: uuid('savings_account_id'),
    bankAccountNumber: text('bank_account_number'),
    deposit: bigint({ mode: 'bigint' }),
    withdrawal: bigint({ mode: 'bigint' }),
    depositorId: uuid('depositor_id'),
    purpose: text(),
    depositTransactionId: uuid('deposit_transaction_id'),
    withdrawalTransactionId: uuid('withdrawal_transaction_id'),
    /** The code of the refusal; null when the line was posted. */
    refusal: text(),
  },
  t => [
    primaryKey({ name: 'collection_sheet_line_pkey', columns: [t.bookId, t.sheetId, t.line] }),
    unique('collection_sheet_line_position_unique').on(t.bookId, t.sheetId, t.position),
    foreignKey({
      name: 'collection_sheet_line_sheet_fkey',
      columns: [t.bookId, t.sheetId, t.lineCount],
      foreignColumns: [collectionSheet.bookId, collectionSheet.id, collectionSheet.lineCount],
    }),
    foreignKey({
      name: 'collection_sheet_line_deposit_fkey',
      columns: [t.bookId, t.depositTransactionId],
      foreignColumns: [transaction.bookId, transaction.id],
    }),
    foreignKey({
      name: 'collection_sheet_line_withdrawal_fkey',
      columns: [t.bookId, t.withdrawalTransactionId],
      foreignColumns: [transaction.bookId, transaction.id],
    }),
    check('collection_sheet_line_positive', sql`${t.line} > 0`),
    check('collection_sheet_line_position_within_count', sql`${t.position} between 1 and ${t.lineCount}`),
    check('collection_sheet_line_amounts_positive', sql`${t.deposit} > 0 and ${t.withdrawal} > 0`),
    check(
      'collection_sheet_line_posted_or_refused',
      sql`(${t.depositTransactionId} is not null) = (${t.refusal} is null and ${t.deposit} is not null)
        and (${t.withdrawalTransactionId} is not null) = (${t.refusal} is null and ${t.withdrawal} is not null)`,
    ),
  ],
)
