import { z } from 'zod'
import { idText } from '../../ids.ts'
import { parseAmount } from '../../money.ts'
import { agentCash, bank, moneyAccount } from '../chart.ts'
import { agentGoesWithCash } from './deposits.ts'
import { account, evidence, movement, oneAccount, reference, type Settled, type Verb } from './verb.ts'

/** What a withdrawal is for, as the programmes' rules ask it. */
export const withdrawalPurposes = ['education', 'child-health', 'own-health', 'business', 'household', 'other'] as const

export const withdrawalPurpose = z.enum(withdrawalPurposes).meta({ id: 'WithdrawalPurpose' })

/** How a withdrawal is paid: out of an agent's bag, or by the institution. */
export const withdrawalChannels = ['agent-cash', 'branch'] as const

/** The moneys of a savings account that its holder may take. Locked incentives are not hers yet. */
export const takeableMoneys = ['own', 'incentive-released', 'interest'] as const

export const money = z
  .enum(takeableMoneys)
  .meta({ id: 'TakeableMoney' })
  .default('own')
  .describe('Which of the account’s moneys: saved by her, incentives released to her, or interest')

const withdrawalBody = z
  .strictObject({
    ...movement,
    ...account,
    money,
    purpose: withdrawalPurpose,
    channel: z.enum(withdrawalChannels).meta({ id: 'WithdrawalChannel' }),
    agentId: idText.optional().describe('Who paid it out; with agent-cash only'),
    reference: reference.optional().describe('The number of the slip, or of the proof of the purpose'),
    documentSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits in lower case')
      .optional()
      .describe('SHA-256 of the document that proves the purpose, which stays with you'),
  })
  .refine(...oneAccount)
  .refine(agentGoesWithCash, { path: ['agentId'], message: 'is needed with agent-cash, and with nothing else' })
  .meta({
    id: 'WithdrawalMade',
    examples: [
      {
        id: '0198c5f2-7a10-7c41-8f5e-1b2c3d4e5f61',
        savingsAccountId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
        amount: '5.00',
        valueDate: '2026-03-20',
        purpose: 'education',
        channel: 'branch',
      },
    ],
  })

type WithdrawalBody = z.output<typeof withdrawalBody>

/** Money that a saver takes out of her account. */
export const withdrawal: Verb<Settled<WithdrawalBody>, WithdrawalBody> = {
  kind: 'withdrawal',
  path: 'withdrawals',
  operationId: 'recordWithdrawal',
  summary: 'Record a withdrawal',
  description: 'Debits the saver’s money; credits the bank, or the cash of the agent who paid it out.',
  access: ['agent', 'administrator'],
  body: withdrawalBody,
  refusals: ['savings-account-not-found', 'agent-not-found'],
  draft(book, id, body) {
    const amount = parseAmount(body.amount, book.currency)
    const paid = body.agentId === undefined ? bank(book.id) : agentCash(book.id, body.agentId)
    return {
      id,
      kind: 'withdrawal',
      valueDate: body.valueDate,
      entries: [
        { accountId: moneyAccount(body.savingsAccountId, body.money), direction: 'debit', amount },
        { accountId: paid, direction: 'credit', amount },
      ],
      evidence: evidence({
        savingsAccountId: body.savingsAccountId,
        money: body.money,
        purpose: body.purpose,
        channel: body.channel,
        agentId: body.agentId,
        reference: body.reference,
        documentSha256: body.documentSha256,
      }),
    }
  },
}
