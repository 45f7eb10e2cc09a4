import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { savingsAccount } from '../../savings/accounts/schema.ts'
import { amount, oneOf, registration } from '../../savings/columns.ts'
import { bookId, enrolment, saver } from '../../savings/schema.ts'
import { incentiveRule } from '../rules/schema.ts'
import { incentiveRun } from '../runs/schema.ts'
import type { ReadingName } from './readings.ts'

/** An institution's own calculation of what a run pays, as it was handed in. */
export const incentiveCalculation = pgTable(
  'incentive_calculation',
  {
    bookId,
    id: uuid().notNull(),
    runId: uuid('run_id').notNull(),
    /** As many as the institution told; what only we have is numbered after them. */
    lines: integer().notNull(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'incentive_calculation_pkey', columns: [t.bookId, t.id] }),
    unique('incentive_calculation_run_unique').on(t.bookId, t.id, t.runId),
    foreignKey({
      name: 'incentive_calculation_run_fkey',
      columns: [t.bookId, t.runId],
      foreignColumns: [incentiveRun.bookId, incentiveRun.id],
    }),
    index('incentive_calculation_by_run').on(t.bookId, t.runId, t.recordedAt, t.id),
    check('incentive_calculation_not_empty', sql`${t.lines} > 0`),
  ],
)

export const comparisons = ['equal', 'differs', 'only-ours', 'only-theirs'] as const
export type Comparison = (typeof comparisons)[number]

/** Why nobody can be paid what only the institution has. */
export const strangers = ['no-contract', 'no-such-period', 'nothing-owed'] as const
export type Stranger = (typeof strangers)[number]

/** One figure of theirs beside ours, both of all that is owed for the period. */
export const incentiveCalculationLine = pgTable(
  'incentive_calculation_line',
  {
    bookId,
    calculationId: uuid('calculation_id').notNull(),
    number: integer().notNull(),
    /** As they were told; of what only we have, the account that the run pays. */
    savingsAccountId: uuid('savings_account_id'),
    bankAccountNumber: text('bank_account_number'),
    rule: text().notNull(),
    told: text().notNull(),
    theirs: amount('theirs'),
    // What it was found to be.
    comparison: text({ enum: comparisons }).notNull(),
    saverId: uuid('saver_id').notNull(),
    /** Null where only they have it: by no contract of hers. */
    enrolmentId: uuid('enrolment_id'),
    ruleId: uuid('rule_id').references(() => incentiveRule.id),
    period: text().notNull(),
    ours: amount('ours'),
    paidBefore: amount('paid_before').notNull(),
    reason: text(),
    stranger: text({ enum: strangers }),
    readings: jsonb().$type<ReadingName[][]>().notNull(),
  },
  t => [
    primaryKey({ name: 'incentive_calculation_line_pkey', columns: [t.bookId, t.calculationId, t.number] }),
    unique('incentive_calculation_line_unique')
      .on(t.bookId, t.calculationId, t.saverId, t.enrolmentId, t.rule, t.period)
      .nullsNotDistinct(),
    foreignKey({
      name: 'incentive_calculation_line_calculation_fkey',
      columns: [t.bookId, t.calculationId],
      foreignColumns: [incentiveCalculation.bookId, incentiveCalculation.id],
    }),
    foreignKey({
      name: 'incentive_calculation_line_saver_fkey',
      columns: [t.bookId, t.saverId],
      foreignColumns: [saver.bookId, saver.id],
    }),
    foreignKey({
      name: 'incentive_calculation_line_enrolment_fkey',
      columns: [t.bookId, t.enrolmentId],
      foreignColumns: [enrolment.bookId, enrolment.id],
    }),
    foreignKey({
      name: 'incentive_calculation_line_account_fkey',
      columns: [t.bookId, t.savingsAccountId],
      foreignColumns: [savingsAccount.bookId, savingsAccount.id],
    }),
    check('incentive_calculation_line_comparison_known', oneOf('comparison', comparisons)),
    check('incentive_calculation_line_stranger_known', oneOf('stranger', strangers)),
    check(
      'incentive_calculation_line_is_what_it_says',
      sql`case ${t.comparison} when 'equal' then ${t.theirs} = ${t.ours} when 'differs' then ${t.theirs} <> ${t.ours}
        when 'only-ours' then ${t.theirs} is null and ${t.ours} is not null else ${t.ours} is null and ${t.theirs} is not null end`,
    ),
    check(
      'incentive_calculation_line_stranger_is_only_theirs',
      sql`(${t.stranger} is not null) = (${t.comparison} = 'only-theirs')`,
    ),
    check('incentive_calculation_line_not_negative', sql`least(${t.theirs}, ${t.ours}, 0) >= 0`),
  ],
)

export const payables = ['ours', 'theirs'] as const

/** From whose calculation a run pays, and why: for all lines that differ, or for some. */
export const incentiveDecision = pgTable(
  'incentive_decision',
  {
    bookId,
    id: uuid().notNull(),
    calculationId: uuid('calculation_id').notNull(),
    runId: uuid('run_id').notNull(),
    pay: text({ enum: payables }).notNull(),
    /** Whether it was for the whole run, or for lines that it named. */
    whole: boolean().notNull(),
    reason: text().notNull(),
    lines: integer().notNull(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'incentive_decision_pkey', columns: [t.bookId, t.id] }),
    foreignKey({
      name: 'incentive_decision_calculation_fkey',
      columns: [t.bookId, t.calculationId, t.runId],
      foreignColumns: [incentiveCalculation.bookId, incentiveCalculation.id, incentiveCalculation.runId],
    }),
    index('incentive_decision_by_calculation').on(t.bookId, t.calculationId, t.recordedAt, t.id),
    check('incentive_decision_pay_known', oneOf('pay', payables)),
  ],
)

/** What is owed by a decision to a saver by a contract for a rule and a period; the last revision holds. */
export const incentiveDecided = pgTable(
  'incentive_decided',
  {
    bookId,
    saverId: uuid('saver_id').notNull(),
    enrolmentId: uuid('enrolment_id').notNull(),
    ruleId: uuid('rule_id')
      .notNull()
      .references(() => incentiveRule.id),
    period: text().notNull(),
    revision: smallint().notNull(),
    decisionId: uuid('decision_id').notNull(),
    calculationId: uuid('calculation_id').notNull(),
    number: integer().notNull(),
    /** What the rule gave when it was decided: when it gives another amount, the decision holds no more. */
    ruled: amount('ruled').notNull(),
    owed: amount('owed').notNull(),
  },
  t => [
    primaryKey({
      name: 'incentive_decided_pkey',
      columns: [t.bookId, t.saverId, t.enrolmentId, t.ruleId, t.period, t.revision],
    }),
    unique('incentive_decided_line_unique').on(t.bookId, t.decisionId, t.number),
    foreignKey({
      name: 'incentive_decided_decision_fkey',
      columns: [t.bookId, t.decisionId],
      foreignColumns: [incentiveDecision.bookId, incentiveDecision.id],
    }),
    foreignKey({
      name: 'incentive_decided_line_fkey',
      columns: [t.bookId, t.calculationId, t.number],
      foreignColumns: [
        incentiveCalculationLine.bookId,
        incentiveCalculationLine.calculationId,
        incentiveCalculationLine.number,
      ],
    }),
    check('incentive_decided_not_negative', sql`least(${t.ruled}, ${t.owed}) >= 0`),
    check('incentive_decided_revision_not_negative', sql`${t.revision} >= 0`),
  ],
)
