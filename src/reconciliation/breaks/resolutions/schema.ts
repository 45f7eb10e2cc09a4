import { sql } from 'drizzle-orm'
import { check, foreignKey, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { amount, oneOf, registration } from '../../../savings/columns.ts'
import { bookId } from '../../../savings/schema.ts'
import { bankAccount } from '../../intake/schema.ts'
import { matchingRun } from '../../matching/schema.ts'
import { ofOrigin, reconciliationBreak } from '../schema.ts'
import { type Content, outcomes, resolutionKinds } from './content.ts'

/** What somebody proposes to do about breaks. It never changes: it is decided once, by another, or withdrawn. */
export const breakResolution = pgTable(
  'break_resolution',
  {
    bookId,
    id: uuid().notNull(),
    bankAccountId: uuid('bank_account_id').notNull(),
    kind: text({ enum: resolutionKinds }).notNull(),
    reason: text().notNull(),
    content: jsonb().$type<Content>().notNull(),
    /** Of an adjustment: by how much the bank has more, and the run whose rules allow for it. */
    difference: amount('difference'),
    tolerance: amount('tolerance'),
    runId: uuid('run_id'),
    ...registration,
  },
  t => [
    primaryKey({ name: 'break_resolution_pkey', columns: [t.bookId, t.id] }),
    unique('break_resolution_actor_unique').on(t.bookId, t.id, t.bankAccountId, t.actor),
    unique('break_resolution_kind_unique').on(t.bookId, t.id, t.kind),
    foreignKey({
      name: 'break_resolution_account_fkey',
      columns: [t.bookId, t.bankAccountId],
      foreignColumns: [bankAccount.bookId, bankAccount.id],
    }),
    foreignKey({
      name: 'break_resolution_run_fkey',
      columns: [t.bookId, t.runId, t.bankAccountId, t.tolerance],
      foreignColumns: [matchingRun.bookId, matchingRun.id, matchingRun.bankAccountId, matchingRun.tolerance],
    }),
    index('break_resolution_by_recording').on(t.bookId, t.bankAccountId, t.recordedAt, t.id),
    check('break_resolution_kind_known', oneOf('kind', resolutionKinds)),
    check('break_resolution_has_reason', sql`length(${t.reason}) between 1 and 500`),
    check(
      'break_resolution_adjusts_within_tolerance',
      sql`num_nonnulls(${t.difference}, ${t.tolerance}, ${t.runId}) = case ${t.kind} when 'adjust' then 3 else 0 end
        and (${t.difference} is null or (abs(${t.difference}) between 1 and ${t.tolerance}))`,
    ),
  ],
)

/** That a proposal was approved, rejected or withdrawn: once, and never altered. */
export const resolutionDecision = pgTable(
  'resolution_decision',
  {
    bookId,
    resolutionId: uuid('resolution_id').notNull(),
    id: uuid().notNull(),
    bankAccountId: uuid('bank_account_id').notNull(),
    outcome: text({ enum: outcomes }).notNull(),
    /** Who proposed it, repeated here, for the database too has to know that another approved it. */
    proposedBy: text('proposed_by').notNull(),
    /** The resolution, when it is approved: what carries it out refers to that. */
    approved: uuid(),
    reason: text(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'resolution_decision_pkey', columns: [t.bookId, t.resolutionId] }),
    unique('resolution_decision_id_unique').on(t.bookId, t.id),
    unique('resolution_decision_approved_unique').on(t.bookId, t.approved, t.bankAccountId),
    foreignKey({
      name: 'resolution_decision_resolution_fkey',
      columns: [t.bookId, t.resolutionId, t.bankAccountId, t.proposedBy],
      foreignColumns: [
        breakResolution.bookId,
        breakResolution.id,
        breakResolution.bankAccountId,
        breakResolution.actor,
      ],
    }),
    check('resolution_decision_outcome_known', oneOf('outcome', outcomes)),
    check('resolution_decision_two_actors', sql`(${t.actor} = ${t.proposedBy}) = (${t.outcome} = 'withdrawn')`),
    check(
      'resolution_decision_approved_is_it',
      sql`case ${t.outcome} when 'approved' then ${t.approved} is not null and ${t.approved} = ${t.resolutionId} else ${t.approved} is null end`,
    ),
    check('resolution_decision_no_has_reason', sql`${t.outcome} = 'approved' or ${t.reason} is not null`),
  ],
)

/**
 * A break that a proposal is about. Of each break there is one after the other: the next follows the one before it, which was
 * decided. So none has two that wait.
 */
export const resolutionBreak = pgTable(
  'resolution_break',
  {
    bookId,
    resolutionId: uuid('resolution_id').notNull(),
    origin: uuid().notNull(),
    /** As it was found when it was proposed. */
    breakId: uuid('break_id').notNull(),
    turn: integer().notNull(),
    previousTurn: integer('previous_turn'),
    follows: uuid(),
  },
  t => [
    primaryKey({ name: 'resolution_break_pkey', columns: [t.bookId, t.resolutionId, t.origin] }),
    unique('resolution_break_turn_unique').on(t.bookId, t.origin, t.turn),
    unique('resolution_break_follows_unique').on(t.bookId, t.origin, t.turn, t.resolutionId),
    ofOrigin('resolution_break', t),
    foreignKey({
      name: 'resolution_break_break_fkey',
      columns: [t.bookId, t.breakId, t.origin],
      foreignColumns: [reconciliationBreak.bookId, reconciliationBreak.id, reconciliationBreak.origin],
    }),
    foreignKey({
      name: 'resolution_break_resolution_fkey',
      columns: [t.bookId, t.resolutionId],
      foreignColumns: [breakResolution.bookId, breakResolution.id],
    }),
    foreignKey({
      name: 'resolution_break_previous_fkey',
      columns: [t.bookId, t.origin, t.previousTurn, t.follows],
      foreignColumns: [t.bookId, t.origin, t.turn, t.resolutionId],
    }),
    foreignKey({
      name: 'resolution_break_follows_decided_fkey',
      columns: [t.bookId, t.follows],
      foreignColumns: [resolutionDecision.bookId, resolutionDecision.resolutionId],
    }),
    check(
      'resolution_break_follows_the_one_before',
      sql`case ${t.turn} when 1 then num_nonnulls(${t.previousTurn}, ${t.follows}) = 0
        else num_nonnulls(${t.previousTurn}, ${t.follows}) = 2 and ${t.previousTurn} = ${t.turn} - 1 and ${t.turn} > 1 end`,
    ),
  ],
)

/** A break that stays as it is: open, but of no further work, for as long as it is found just so. */
export const acceptedBreak = pgTable(
  'accepted_break',
  {
    bookId,
    breakId: uuid('break_id').notNull(),
    resolutionId: uuid('resolution_id').notNull(),
    bankAccountId: uuid('bank_account_id').notNull(),
    /** Always `accept`. */
    kind: text().notNull(),
  },
  t => [
    primaryKey({ name: 'accepted_break_pkey', columns: [t.bookId, t.breakId] }),
    foreignKey({
      name: 'accepted_break_break_fkey',
      columns: [t.bookId, t.breakId],
      foreignColumns: [reconciliationBreak.bookId, reconciliationBreak.id],
    }),
    foreignKey({
      name: 'accepted_break_approved_fkey',
      columns: [t.bookId, t.resolutionId, t.bankAccountId],
      foreignColumns: [resolutionDecision.bookId, resolutionDecision.approved, resolutionDecision.bankAccountId],
    }),
    foreignKey({
      name: 'accepted_break_kind_fkey',
      columns: [t.bookId, t.resolutionId, t.kind],
      foreignColumns: [breakResolution.bookId, breakResolution.id, breakResolution.kind],
    }),
    index('accepted_break_by_resolution').on(t.bookId, t.resolutionId),
    check('accepted_break_is_accepted', sql`${t.kind} = 'accept'`),
  ],
)
