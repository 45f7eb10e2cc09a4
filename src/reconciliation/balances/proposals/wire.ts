import { z } from 'zod'
import { instantText } from '../../../dates.ts'
import { clientId } from '../../../http/idempotency.ts'
import { idText } from '../../../ids.ts'
import { actorShown, reasonText } from '../../../ledger/index.ts'
import { amountText } from '../../../money.ts'
import { proposable } from '../outcomes.ts'
import { decisionOutcomes } from './schema.ts'

export const kindSchema = z.enum(proposable).meta({ id: 'BalanceProposalKind' })
const outcomeSchema = z.enum(decisionOutcomes).meta({ id: 'BalanceDecisionOutcome' })

export const proposalStatuses = ['waiting', ...decisionOutcomes] as const
export type ProposalStatus = (typeof proposalStatuses)[number]
export const statusSchema = z.enum(proposalStatuses).meta({ id: 'BalanceProposalStatus' })

/** As many proposals as one decision is about: the book waits while they are posted. */
export const mostDecided = 1000

const accountIds = z.array(idText).max(mostDecided)

export const decisionBody = z
  .strictObject({
    id: clientId,
    outcome: outcomeSchema,
    kind: kindSchema.optional().describe('Only those of this kind'),
    accounts: z
      .union([z.literal('waiting'), accountIds.min(1)])
      .describe(
        `Savings accounts; or all proposals that are \`waiting\`, ${mostDecided} at a time, but for \`except\``,
      ),
    except: accountIds.default([]).describe('Savings accounts that are left to wait'),
    reason: reasonText.optional().describe('Needed to reject; kept for ever: no names and no document numbers'),
  })
  .refine(({ outcome, reason }) => outcome === 'approved' || reason !== undefined, {
    path: ['reason'],
    message: 'is needed to reject',
  })
  .refine(({ accounts, except }) => accounts === 'waiting' || except.length === 0, {
    path: ['except'],
    message: 'goes with all that wait only',
  })
  .meta({
    id: 'BalanceDecisionTaken',
    examples: [
      {
        id: '0198c5f2-6c50-7b1d-8e2f-0a1b2c3d4e5f',
        outcome: 'approved',
        kind: 'interest',
        accounts: 'waiting',
        except: ['0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11'],
      },
    ],
  })

export type DecisionBody = z.output<typeof decisionBody>

const decisionShown = z
  .object({
    id: z.uuid(),
    by: actorShown.describe('The client that decided'),
    reason: z
      .string()
      .nullable()
      .meta({ examples: [null] }),
    decidedAt: instantText,
  })
  .meta({ id: 'BalanceProposalDecision' })

export const proposalSchema = z
  .object({
    savingsAccountId: z.uuid(),
    bankAccountNumber: z
      .string()
      .nullable()
      .meta({ examples: ['110-01-2345678'] }),
    kind: kindSchema,
    amount: amountText,
    status: statusSchema,
    comparisonId: z.uuid().describe('The comparison that found it'),
    line: z.int().describe('Number of its line there'),
    proposedBy: actorShown.describe('The client that had the list compared'),
    decision: decisionShown.nullable(),
    transactionId: z
      .uuid()
      .nullable()
      .describe('What it posted')
      .meta({ examples: [null] }),
  })
  .meta({ id: 'BalanceProposal' })

export const decidedSchema = z
  .object({
    id: z.uuid(),
    listId: z.uuid(),
    outcome: outcomeSchema,
    proposals: z.int().describe('How many it decided'),
    waiting: z.int().describe('How many of the list wait now'),
    decidedAt: instantText,
    replayed: z.boolean(),
  })
  .meta({ id: 'DecidedBalanceProposals' })
