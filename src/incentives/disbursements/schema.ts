import { sql } from 'drizzle-orm'
import {
  check,
  date,
  foreignKey,
  index,
  integer,
  type PgTableExtraConfigValue,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { fund } from '../../savings/accounts/schema.ts'
import { amount, oneOf, registration } from '../../savings/columns.ts'
import { bookId, savingsGroup } from '../../savings/schema.ts'
import { incentiveRun, incentiveRunLine } from '../runs/schema.ts'

export const paperKinds = ['request', 'authorisation'] as const
export type PaperKind = (typeof paperKinds)[number]

/** The last number given to a kind of paper in a year: whoever takes the next waits here, and a number not used goes back. */
export const paperCounter = pgTable(
  'paper_counter',
  { bookId, kind: text({ enum: paperKinds }).notNull(), year: smallint().notNull(), last: integer().notNull() },
  t => [
    primaryKey({ name: 'paper_counter_pkey', columns: [t.bookId, t.kind, t.year] }),
    check('paper_counter_kind_known', oneOf('kind', paperKinds)),
    check('paper_counter_positive', sql`${t.last} > 0`),
  ],
)

export const requestStatuses = ['requested', 'authorised', 'paid', 'cancelled'] as const
export type RequestStatus = (typeof requestStatuses)[number]

/** A numbered request that a fund's part of what a run pays by a rule be disbursed. It never changes; steps are added to it. */
export const disbursementRequest = pgTable(
  'disbursement_request',
  {
    bookId,
    id: uuid().notNull(),
    runId: uuid('run_id').notNull(),
    ruleCode: text('rule_code').notNull(),
    fundId: uuid('fund_id').notNull(),
    budgetCode: text('budget_code').notNull(),
    year: smallint().notNull(),
    number: integer().notNull(),
    /** The number before it in its year: so the database keeps numbers without a gap, for nothing is deleted. */
    follows: integer(),
    requestedOn: date('requested_on').notNull(),
    savers: integer().notNull(),
    transactions: integer().notNull(),
    amount: amount('amount').notNull(),
    /** The cancelled request in whose place it came: one is in force at a time. */
    replaces: uuid(),
    /** Always `cancelled`, so that nothing else is replaced. */
    replacedStatus: text('replaced_status'),
    ...registration,
  },
  // It and its steps refer to each other, which types cannot be told from.
  (t): PgTableExtraConfigValue[] => [
    primaryKey({ name: 'disbursement_request_pkey', columns: [t.bookId, t.id] }),
    unique('disbursement_request_number_unique').on(t.bookId, t.year, t.number),
    unique('disbursement_request_actor_unique').on(t.bookId, t.id, t.actor),
    unique('disbursement_request_total_unique').on(t.bookId, t.id, t.amount, t.transactions),
    unique('disbursement_request_replaced_once').on(t.bookId, t.replaces),
    uniqueIndex('disbursement_request_one_in_force')
      .on(t.bookId, t.runId, t.ruleCode, t.fundId)
      .where(sql`replaces is null`),
    foreignKey({
      name: 'disbursement_request_follows_fkey',
      columns: [t.bookId, t.year, t.follows],
      foreignColumns: [t.bookId, t.year, t.number],
    }),
    foreignKey({
      name: 'disbursement_request_run_fkey',
      columns: [t.bookId, t.runId],
      foreignColumns: [incentiveRun.bookId, incentiveRun.id],
    }),
    foreignKey({
      name: 'disbursement_request_fund_fkey',
      columns: [t.bookId, t.fundId],
      foreignColumns: [fund.bookId, fund.id],
    }),
    foreignKey({
      name: 'disbursement_request_replaces_fkey',
      columns: [t.bookId, t.replaces, t.replacedStatus],
      foreignColumns: [disbursementStep.bookId, disbursementStep.requestId, disbursementStep.status],
    }),
    check(
      'disbursement_request_follows_the_one_before',
      sql`case ${t.number} when 1 then ${t.follows} is null else ${t.follows} is not null and ${t.follows} = ${t.number} - 1 end`,
    ),
    check('disbursement_request_number_positive', sql`${t.number} > 0`),
    check('disbursement_request_year_is_its_day', sql`${t.year} = extract(year from ${t.requestedOn})`),
    check(
      'disbursement_request_not_empty',
      sql`${t.amount} > 0 and ${t.savers} > 0 and ${t.transactions} >= ${t.savers}`,
    ),
    check(
      'disbursement_request_replaces_a_cancelled_one',
      sql`(${t.replaces} is null) = (${t.replacedStatus} is null) and (${t.replacedStatus} is null or ${t.replacedStatus} = 'cancelled')`,
    ),
  ],
)

/** What a request asks for one savings group; or for savers of no group. */
export const disbursementLine = pgTable(
  'disbursement_line',
  {
    bookId,
    requestId: uuid('request_id').notNull(),
    number: integer().notNull(),
    groupId: uuid('group_id'),
    savers: integer().notNull(),
    transactions: integer().notNull(),
    amount: amount('amount').notNull(),
  },
  t => [
    primaryKey({ name: 'disbursement_line_pkey', columns: [t.bookId, t.requestId, t.number] }),
    // The request comes last: else, without statistics, the index is taken for the line of each item, and read through.
    unique('disbursement_line_group_unique').on(t.bookId, t.groupId, t.requestId).nullsNotDistinct(),
    foreignKey({
      name: 'disbursement_line_request_fkey',
      columns: [t.bookId, t.requestId],
      foreignColumns: [disbursementRequest.bookId, disbursementRequest.id],
    }),
    foreignKey({
      name: 'disbursement_line_group_fkey',
      columns: [t.bookId, t.groupId],
      foreignColumns: [savingsGroup.bookId, savingsGroup.id],
    }),
    check(
      'disbursement_line_not_empty',
      sql`${t.number} > 0 and ${t.amount} > 0 and ${t.savers} > 0 and ${t.transactions} >= ${t.savers}`,
    ),
  ],
)

/** What is behind a line of a request: each payment of the run, with the fund's part of it. */
export const disbursementItem = pgTable(
  'disbursement_item',
  {
    bookId,
    requestId: uuid('request_id').notNull(),
    runLine: integer('run_line').notNull(),
    runId: uuid('run_id').notNull(),
    line: integer().notNull(),
    amount: amount('amount').notNull(),
  },
  t => [
    primaryKey({ name: 'disbursement_item_pkey', columns: [t.bookId, t.requestId, t.runLine] }),
    foreignKey({
      name: 'disbursement_item_line_fkey',
      columns: [t.bookId, t.requestId, t.line],
      foreignColumns: [disbursementLine.bookId, disbursementLine.requestId, disbursementLine.number],
    }),
    foreignKey({
      name: 'disbursement_item_run_line_fkey',
      columns: [t.bookId, t.runId, t.runLine],
      foreignColumns: [incentiveRunLine.bookId, incentiveRunLine.runId, incentiveRunLine.number],
    }),
    index('disbursement_item_by_line').on(t.bookId, t.requestId, t.line, t.runLine),
    check('disbursement_item_amount_positive', sql`${t.amount} > 0`),
  ],
)

/**
 * Each status that a request came to, once, with what it follows. Two steps never follow the same one, so that a request
 * is not both paid and cancelled, whoever does what at the same time.
 */
export const disbursementStep = pgTable(
  'disbursement_step',
  {
    bookId,
    requestId: uuid('request_id').notNull(),
    status: text({ enum: requestStatuses }).notNull(),
    id: uuid().notNull(),
    follows: text({ enum: requestStatuses }),
    followsOn: date('follows_on'),
    /** Who made the request, repeated here, for the database too has to know that another authorised it. */
    requestedBy: text('requested_by').notNull(),
    /** The day on its paper. */
    day: date('day').notNull(),
    reference: text(),
    /** Of a payment: what the ledger's entries of the run's transactions came to, and where they stand. */
    ledgerAmount: amount('ledger_amount'),
    ledgerTransactions: integer('ledger_transactions'),
    firstSequence: amount('first_sequence'),
    lastSequence: amount('last_sequence'),
    ...registration,
  },
  t => [
    primaryKey({ name: 'disbursement_step_pkey', columns: [t.bookId, t.requestId, t.status] }),
    unique('disbursement_step_id_unique').on(t.bookId, t.id),
    unique('disbursement_step_followed_once').on(t.bookId, t.requestId, t.follows),
    unique('disbursement_step_day_unique').on(t.bookId, t.requestId, t.status, t.day),
    foreignKey({
      name: 'disbursement_step_requested_by_fkey',
      columns: [t.bookId, t.requestId, t.requestedBy],
      foreignColumns: [disbursementRequest.bookId, disbursementRequest.id, disbursementRequest.actor],
    }),
    foreignKey({
      name: 'disbursement_step_follows_fkey',
      columns: [t.bookId, t.requestId, t.follows, t.followsOn],
      foreignColumns: [t.bookId, t.requestId, t.status, t.day],
    }),
    foreignKey({
      name: 'disbursement_step_ledger_fkey',
      columns: [t.bookId, t.requestId, t.ledgerAmount, t.ledgerTransactions],
      foreignColumns: [
        disbursementRequest.bookId,
        disbursementRequest.id,
        disbursementRequest.amount,
        disbursementRequest.transactions,
      ],
    }),
    check('disbursement_step_status_known', oneOf('status', requestStatuses)),
    check(
      'disbursement_step_in_order',
      sql`case ${t.status}
        when 'requested' then ${t.follows} is null and ${t.followsOn} is null and ${t.reference} is null
        else ${t.follows} is not null and ${t.followsOn} is not null and ${t.day} >= ${t.followsOn} and ${t.reference} is not null end
        and case ${t.status} when 'authorised' then ${t.follows} = 'requested' when 'paid' then ${t.follows} = 'authorised'
          when 'cancelled' then ${t.follows} in ('requested', 'authorised') else true end`,
    ),
    check('disbursement_step_two_actors', sql`${t.status} <> 'authorised' or ${t.actor} <> ${t.requestedBy}`),
    check(
      'disbursement_step_paid_is_in_ledger',
      sql`num_nulls(${t.ledgerAmount}, ${t.ledgerTransactions}, ${t.firstSequence}, ${t.lastSequence}) = case ${t.status} when 'paid' then 0 else 4 end`,
    ),
    check('disbursement_step_sequences_in_order', sql`${t.firstSequence} <= ${t.lastSequence}`),
  ],
)

/** That one line's money may be transferred: made with the request's authorisation, one a line. */
export const transferAuthorisation = pgTable(
  'transfer_authorisation',
  {
    bookId,
    requestId: uuid('request_id').notNull(),
    line: integer().notNull(),
    /** Always `authorised`: there is none before that. */
    status: text().notNull(),
    year: smallint().notNull(),
    number: integer().notNull(),
    follows: integer(),
    reference: text().notNull(),
  },
  t => [
    primaryKey({ name: 'transfer_authorisation_pkey', columns: [t.bookId, t.requestId, t.line] }),
    unique('transfer_authorisation_number_unique').on(t.bookId, t.year, t.number),
    foreignKey({
      name: 'transfer_authorisation_follows_fkey',
      columns: [t.bookId, t.year, t.follows],
      foreignColumns: [t.bookId, t.year, t.number],
    }),
    foreignKey({
      name: 'transfer_authorisation_line_fkey',
      columns: [t.bookId, t.requestId, t.line],
      foreignColumns: [disbursementLine.bookId, disbursementLine.requestId, disbursementLine.number],
    }),
    foreignKey({
      name: 'transfer_authorisation_step_fkey',
      columns: [t.bookId, t.requestId, t.status],
      foreignColumns: [disbursementStep.bookId, disbursementStep.requestId, disbursementStep.status],
    }),
    check('transfer_authorisation_is_authorised', sql`${t.status} = 'authorised'`),
    check(
      'transfer_authorisation_follows_the_one_before',
      sql`case ${t.number} when 1 then ${t.follows} is null else ${t.follows} is not null and ${t.follows} = ${t.number} - 1 end`,
    ),
    check('transfer_authorisation_number_positive', sql`${t.number} > 0`),
  ],
)
