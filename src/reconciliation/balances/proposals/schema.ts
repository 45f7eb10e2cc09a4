import { sql } from 'drizzle-orm'
import { check, foreignKey, index, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { transaction } from '../../../ledger/schema.ts'
import { amount, bytes, oneOf, registration } from '../../../savings/columns.ts'
import { bookId } from '../../../savings/schema.ts'
import { proposable } from '../outcomes.ts'
import { balanceComparison, balanceComparisonLine, balanceList } from '../schema.ts'
import type { Chosen } from './choice.ts'

/**
 * Interest or fees that a bank's list tells of an account and that make up what we differ by: to be posted when somebody else has
 * approved it. One of each kind for an account and a list, whichever comparison found it first.
 */
export const balanceProposal = pgTable(
  'balance_proposal',
  {
    bookId,
    listId: uuid('list_id').notNull(),
    savingsAccountId: uuid('savings_account_id').notNull(),
    kind: text({ enum: proposable }).notNull(),
    comparisonId: uuid('comparison_id').notNull(),
    number: integer().notNull(),
    amount: amount('amount').notNull(),
    /** Whoever had the list compared. */
    proposedBy: text('proposed_by').notNull(),
  },
  t => [
    primaryKey({ name: 'balance_proposal_pkey', columns: [t.bookId, t.listId, t.savingsAccountId, t.kind] }),
    unique('balance_proposal_maker_unique').on(t.bookId, t.listId, t.savingsAccountId, t.kind, t.proposedBy),
    foreignKey({
      name: 'balance_proposal_comparison_fkey',
      columns: [t.bookId, t.comparisonId, t.listId, t.proposedBy],
      foreignColumns: [
        balanceComparison.bookId,
        balanceComparison.id,
        balanceComparison.listId,
        balanceComparison.actor,
      ],
    }),
    foreignKey({
      name: 'balance_proposal_line_fkey',
      columns: [t.bookId, t.comparisonId, t.number, t.savingsAccountId],
      foreignColumns: [
        balanceComparisonLine.bookId,
        balanceComparisonLine.comparisonId,
        balanceComparisonLine.number,
        balanceComparisonLine.savingsAccountId,
      ],
    }),
    check('balance_proposal_kind_known', oneOf('kind', proposable)),
    check('balance_proposal_amount_positive', sql`${t.amount} > 0`),
  ],
)

export const decisionOutcomes = ['approved', 'rejected'] as const
export type DecisionOutcome = (typeof decisionOutcomes)[number]

/** That proposals of a list were approved or rejected. */
export const balanceDecision = pgTable(
  'balance_decision',
  {
    bookId,
    id: uuid().notNull(),
    listId: uuid('list_id').notNull(),
    outcome: text({ enum: decisionOutcomes }).notNull(),
    chosen: jsonb().$type<Chosen>().notNull(),
    reason: text(),
    proposals: integer().notNull(),
    ...registration,
    seal: bytes('seal').notNull(),
  },
  t => [
    primaryKey({ name: 'balance_decision_pkey', columns: [t.bookId, t.id] }),
    unique('balance_decision_outcome_unique').on(t.bookId, t.id, t.listId, t.outcome, t.actor),
    foreignKey({
      name: 'balance_decision_list_fkey',
      columns: [t.bookId, t.listId],
      foreignColumns: [balanceList.bookId, balanceList.id],
    }),
    check('balance_decision_outcome_known', oneOf('outcome', decisionOutcomes)),
    check('balance_decision_decides', sql`${t.proposals} between 1 and 1000`),
    check('balance_decision_no_has_reason', sql`${t.outcome} = 'approved' or ${t.reason} is not null`),
  ],
)

/** What became of a proposal: once, by another than whoever made it, and posted where it was approved. */
export const balanceDecided = pgTable(
  'balance_decided',
  {
    bookId,
    listId: uuid('list_id').notNull(),
    savingsAccountId: uuid('savings_account_id').notNull(),
    kind: text({ enum: proposable }).notNull(),
    decisionId: uuid('decision_id').notNull(),
    outcome: text({ enum: decisionOutcomes }).notNull(),
    proposedBy: text('proposed_by').notNull(),
    decidedBy: text('decided_by').notNull(),
    transactionId: uuid('transaction_id'),
  },
  t => [
    primaryKey({ name: 'balance_decided_pkey', columns: [t.bookId, t.listId, t.savingsAccountId, t.kind] }),
    unique('balance_decided_transaction_unique').on(t.bookId, t.transactionId),
    foreignKey({
      name: 'balance_decided_proposal_fkey',
      columns: [t.bookId, t.listId, t.savingsAccountId, t.kind, t.proposedBy],
      foreignColumns: [
        balanceProposal.bookId,
        balanceProposal.listId,
        balanceProposal.savingsAccountId,
        balanceProposal.kind,
        balanceProposal.proposedBy,
      ],
    }),
    foreignKey({
      name: 'balance_decided_decision_fkey',
      columns: [t.bookId, t.decisionId, t.listId, t.outcome, t.decidedBy],
      foreignColumns: [
        balanceDecision.bookId,
        balanceDecision.id,
        balanceDecision.listId,
        balanceDecision.outcome,
        balanceDecision.actor,
      ],
    }),
    foreignKey({
      name: 'balance_decided_transaction_fkey',
      columns: [t.bookId, t.transactionId],
      foreignColumns: [transaction.bookId, transaction.id],
    }),
    index('balance_decided_by_decision').on(t.bookId, t.decisionId),
    check('balance_decided_two_actors', sql`${t.decidedBy} <> ${t.proposedBy}`),
    check('balance_decided_approved_is_posted', sql`(${t.transactionId} is not null) = (${t.outcome} = 'approved')`),
  ],
)
