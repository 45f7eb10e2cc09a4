import { sql } from 'drizzle-orm'
import {
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { fund, savingsAccount } from '../../savings/accounts/schema.ts'
import { amount, instant, oneOf, registration } from '../../savings/columns.ts'
import { programme } from '../../savings/reference/schema.ts'
import { bookId, enrolment, saver } from '../../savings/schema.ts'
import { financing } from '../funding/schema.ts'
import { incentiveMoneys } from '../lots/lots.ts'
import { incentiveRule } from '../rules/schema.ts'
import type { Explanation } from './explanation.ts'

export const runStatuses = ['preparing', 'prepared', 'posting', 'stopped', 'posted', 'cancelled'] as const
export type RunStatus = (typeof runStatuses)[number]

/** Computing and paying what a programme owes by the end of a month. */
export const incentiveRun = pgTable(
  'incentive_run',
  {
    bookId,
    id: uuid().notNull(),
    programmeId: uuid('programme_id')
      .notNull()
      .references(() => programme.id),
    month: text().notNull(),
    valueDate: date('value_date').notNull(),
    financingId: uuid('financing_id').notNull(),
    status: text({ enum: runStatuses }).notNull(),
    /** What the book had recorded when it was prepared: later transactions wait for the next run. */
    cutoff: amount('cutoff').notNull(),
    /** The last saver whose lines were made; null before the first. */
    preparedThrough: uuid('prepared_through'),
    lines: integer().notNull(),
    savers: integer().notNull(),
    /** The last line that was seen to. */
    postedThrough: integer('posted_through').notNull(),
    /** What was divided among its financing's funds so far: where the next payment goes on. */
    sharedOut: amount('shared_out').notNull().default(sql`0`),
    /** What was given back so far, by the financing that had paid it. */
    sharedBack: jsonb('shared_back').$type<Record<string, string>>().notNull().default(sql`'{}'`),
    /** Who decided to pay from an institution's calculation or from ours: none of them approves. */
    deciders: text().array().notNull().default(sql`'{}'`),
    approvedBy: text('approved_by'),
    approvedAt: instant('approved_at'),
    /** Why posting came to a stop before its end: it goes on, or is ended, when somebody has looked. */
    stopReason: text('stop_reason'),
    /** What was in each of its funds when it was approved, in minor units. */
    fundsBefore: jsonb('funds_before').$type<Record<string, string>>(),
    endedAt: instant('ended_at'),
    ...registration,
  },
  t => [
    primaryKey({ name: 'incentive_run_pkey', columns: [t.bookId, t.id] }),
    foreignKey({
      name: 'incentive_run_financing_fkey',
      columns: [t.bookId, t.financingId],
      foreignColumns: [financing.bookId, financing.id],
    }),
    uniqueIndex('incentive_run_one_open')
      .on(t.bookId, t.programmeId)
      .where(sql`status in ('preparing', 'prepared', 'posting', 'stopped')`),
    index('incentive_run_by_recording').on(t.bookId, t.recordedAt, t.id),
    check('incentive_run_status_known', oneOf('status', runStatuses)),
    check(
      'incentive_run_is_approved_to_post',
      sql`(${t.status} in ('posting', 'stopped', 'posted')) = (${t.approvedBy} is not null and ${t.approvedAt} is not null)`,
    ),
    check('incentive_run_stops_for_a_reason', sql`(${t.status} = 'stopped') = (${t.stopReason} is not null)`),
    check('incentive_run_two_actors', sql`${t.approvedBy} is null or ${t.approvedBy} <> ${t.actor}`),
    check('incentive_run_shared_out_not_negative', sql`${t.sharedOut} >= 0`),
    check(
      'incentive_run_deciders_do_not_approve',
      sql`${t.approvedBy} is null or ${t.approvedBy} <> all (${t.deciders})`,
    ),
  ],
)

export type RunRow = typeof incentiveRun.$inferSelect

export const lineOutcomes = ['due', 'posted', 'blocked', 'refused', 'nothing'] as const
export type LineOutcome = (typeof lineOutcomes)[number]

/** What a run found for one contract of a saver, rule and period. */
export const incentiveRunLine = pgTable(
  'incentive_run_line',
  {
    bookId,
    runId: uuid('run_id').notNull(),
    number: integer().notNull(),
    saverId: uuid('saver_id').notNull(),
    enrolmentId: uuid('enrolment_id').notNull(),
    ruleId: uuid('rule_id')
      .notNull()
      .references(() => incentiveRule.id),
    period: text().notNull(),
    revision: smallint().notNull(),
    savingsAccountId: uuid('savings_account_id'),
    money: text({ enum: incentiveMoneys }),
    /** Of a rule that counts households: the one that is paid by this line. */
    household: text(),
    /** How many others of the household were paid for the period before her. */
    turn: smallint().notNull(),
    /** What the run changes: a payment, or a clawback, which is negative. */
    amount: amount('amount').notNull(),
    outcome: text({ enum: lineOutcomes }).notNull(),
    reason: text(),
    explanation: jsonb().$type<Explanation>().notNull(),
    /** The decision that changed the line last. Its table is the calculations', which refers to runs: the key between is in SQL. */
    decisionId: uuid('decision_id'),
    /** Of the first payment for a withdrawal: its proof, and how many other withdrawals were paid by it before. */
    document: text(),
    documentUse: smallint('document_use'),
    /** Of a payment that was posted: what was divided among the funds before it. */
    sharedFrom: amount('shared_from'),
  },
  t => [
    primaryKey({ name: 'incentive_run_line_pkey', columns: [t.bookId, t.runId, t.number] }),
    unique('incentive_run_line_unique').on(t.bookId, t.runId, t.saverId, t.enrolmentId, t.ruleId, t.period),
    foreignKey({
      name: 'incentive_run_line_run_fkey',
      columns: [t.bookId, t.runId],
      foreignColumns: [incentiveRun.bookId, incentiveRun.id],
    }),
    index('incentive_run_line_by_document').on(t.bookId, t.document).where(sql`document is not null`),
    check('incentive_run_line_outcome_known', oneOf('outcome', lineOutcomes)),
    check('incentive_run_line_nothing_is_zero', sql`(${t.outcome} = 'nothing') = (${t.amount} = 0)`),
    check(
      'incentive_run_line_shared_when_paid',
      sql`(${t.sharedFrom} is not null) = (${t.outcome} = 'posted' and ${t.amount} > 0)`,
    ),
  ],
)

/**
 * What was paid to a saver by a contract for a rule and a period: revision 0, and after it the differences. The key is what
 * keeps it from being paid twice, whoever runs what at the same time.
 */
export const incentive = pgTable(
  'incentive',
  {
    bookId,
    saverId: uuid('saver_id').notNull(),
    ruleId: uuid('rule_id')
      .notNull()
      .references(() => incentiveRule.id),
    period: text().notNull(),
    revision: smallint().notNull(),
    /** The revision that it follows: null for the payment, and there is no difference without one before it. */
    follows: smallint(),
    enrolmentId: uuid('enrolment_id').notNull(),
    savingsAccountId: uuid('savings_account_id').notNull(),
    money: text({ enum: incentiveMoneys }).notNull(),
    amount: amount('amount').notNull(),
    household: text(),
    /** Only when what one was paid came back is another of the household paid: each in her turn. */
    turn: smallint().notNull(),
    runId: uuid('run_id').notNull(),
    line: integer().notNull(),
    transactionId: uuid('transaction_id').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    document: text(),
    documentUse: smallint('document_use'),
  },
  t => [
    primaryKey({
      name: 'incentive_pkey',
      columns: [t.bookId, t.saverId, t.enrolmentId, t.ruleId, t.period, t.revision],
    }),
    unique('incentive_transaction_unique').on(t.bookId, t.transactionId),
    unique('incentive_line_unique').on(t.bookId, t.runId, t.line),
    foreignKey({
      name: 'incentive_follows_fkey',
      columns: [t.bookId, t.saverId, t.enrolmentId, t.ruleId, t.period, t.follows],
      foreignColumns: [t.bookId, t.saverId, t.enrolmentId, t.ruleId, t.period, t.revision],
    }),
    foreignKey({
      name: 'incentive_saver_fkey',
      columns: [t.bookId, t.saverId],
      foreignColumns: [saver.bookId, saver.id],
    }),
    foreignKey({
      name: 'incentive_enrolment_fkey',
      columns: [t.bookId, t.enrolmentId],
      foreignColumns: [enrolment.bookId, enrolment.id],
    }),
    foreignKey({
      name: 'incentive_savings_account_fkey',
      columns: [t.bookId, t.savingsAccountId],
      foreignColumns: [savingsAccount.bookId, savingsAccount.id],
    }),
    foreignKey({
      name: 'incentive_run_fkey',
      columns: [t.bookId, t.runId, t.line],
      foreignColumns: [incentiveRunLine.bookId, incentiveRunLine.runId, incentiveRunLine.number],
    }),
    uniqueIndex('incentive_household_unique')
      .on(t.bookId, t.household, t.ruleId, t.period, t.turn, t.revision)
      .where(sql`household is not null`),
    // A proof earns once by a rule: again only after what it had earned was taken back.
    uniqueIndex('incentive_document_unique')
      .on(t.bookId, t.document, t.ruleId, t.documentUse)
      .where(sql`document is not null`),
    index('incentive_by_enrolment').on(t.bookId, t.enrolmentId, t.recordedAt),
    check(
      'incentive_follows_the_one_before',
      sql`${t.revision} >= 0 and coalesce(${t.follows}, -1) = ${t.revision} - 1`,
    ),
    check('incentive_turn_is_a_households', sql`${t.turn} >= 0 and (${t.turn} = 0 or ${t.household} is not null)`),
    check('incentive_not_zero', sql`${t.amount} <> 0 and (${t.revision} > 0 or ${t.amount} > 0)`),
  ],
)

/** What each fund paid of an incentive, or got back of it. */
export const incentiveShare = pgTable(
  'incentive_share',
  {
    bookId,
    transactionId: uuid('transaction_id').notNull(),
    fundId: uuid('fund_id').notNull(),
    amount: amount('amount').notNull(),
  },
  t => [
    primaryKey({ name: 'incentive_share_pkey', columns: [t.bookId, t.transactionId, t.fundId] }),
    foreignKey({
      name: 'incentive_share_fund_fkey',
      columns: [t.bookId, t.fundId],
      foreignColumns: [fund.bookId, fund.id],
    }),
    index('incentive_share_by_fund').on(t.bookId, t.fundId, t.transactionId),
    check('incentive_share_not_zero', sql`${t.amount} <> 0`),
  ],
)

export const lockOutcomes = ['released', 'forfeited'] as const
export type LockOutcome = (typeof lockOutcomes)[number]

/**
 * That locked incentives of a contract came free, or went back to the funds. Numbered, for what a run pays into the lock
 * at that very moment is seen to after it.
 */
export const lockEnd = pgTable(
  'lock_end',
  {
    bookId,
    enrolmentId: uuid('enrolment_id').notNull(),
    savingsAccountId: uuid('savings_account_id').notNull(),
    outcome: text({ enum: lockOutcomes }).notNull(),
    number: smallint().notNull(),
    amount: amount('amount').notNull(),
    endedOn: date('ended_on').notNull(),
    transactionId: uuid('transaction_id').notNull(),
    recordedAt: instant('recorded_at').notNull(),
    actor: text().notNull(),
  },
  t => [
    primaryKey({ name: 'lock_end_pkey', columns: [t.bookId, t.enrolmentId, t.savingsAccountId, t.outcome, t.number] }),
    unique('lock_end_transaction_unique').on(t.bookId, t.transactionId),
    foreignKey({
      name: 'lock_end_enrolment_fkey',
      columns: [t.bookId, t.enrolmentId],
      foreignColumns: [enrolment.bookId, enrolment.id],
    }),
    foreignKey({
      name: 'lock_end_savings_account_fkey',
      columns: [t.bookId, t.savingsAccountId],
      foreignColumns: [savingsAccount.bookId, savingsAccount.id],
    }),
    check('lock_end_outcome_known', oneOf('outcome', lockOutcomes)),
    check('lock_end_amount_positive', sql`${t.amount} > 0`),
  ],
)
