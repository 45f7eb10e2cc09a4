import { z } from 'zod'
import { idText } from '../../ids.ts'
import { parseAmount } from '../../money.ts'
import { agentCash, bank, own } from '../chart.ts'
import { refuseUnknownSaver } from './subjects.ts'
import { account, evidence, movement, oneAccount, reference, type Settled, type Verb } from './verb.ts'

/** How a deposit came in: cash to an agent in the field, at the institution's counter, or by bank transfer. */
export const depositChannels = ['agent-cash', 'branch', 'transfer'] as const

export const depositBody = z
  .strictObject({
    ...movement,
    ...account,
    channel: z.enum(depositChannels).meta({ id: 'DepositChannel' }),
    agentId: idText.optional().describe('Who took the cash; with agent-cash only'),
    depositorId: idText.optional().describe('The saver who brought it, when she is not the account’s holder'),
    reference: reference.optional().describe('The number of the slip or of the transfer'),
  })
  .refine(...oneAccount)
  .refine(agentGoesWithCash, { path: ['agentId'], message: 'is needed with agent-cash, and with nothing else' })
  .meta({
    id: 'DepositMade',
    examples: [
      {
        id: '0198c5f2-7a10-7c41-8f5e-1b2c3d4e5f60',
        savingsAccountId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
        amount: '12.50',
        valueDate: '2026-03-14',
        channel: 'agent-cash',
        agentId: '0198c5f2-6a00-7b1d-8e2f-0a1b2c3d4e5f',
      },
    ],
  })

type DepositBody = z.output<typeof depositBody>

/** Money that a saver, or somebody for her, puts into her own account. */
export const deposit: Verb<Settled<DepositBody>, DepositBody> = {
  kind: 'deposit',
  path: 'deposits',
  operationId: 'recordDeposit',
  summary: 'Record a deposit',
  description: 'Debits the agent’s cash in transit, or the bank; credits the saver’s own money.',
  access: ['agent', 'administrator'],
  body: depositBody,
  refusals: ['savings-account-not-found', 'agent-not-found', 'saver-not-found'],
  draft(book, id, body) {
    const amount = parseAmount(body.amount, book.currency)
    const received = body.agentId === undefined ? bank(book.id) : agentCash(book.id, body.agentId)
    return {
      id,
      kind: 'deposit',
      valueDate: body.valueDate,
      entries: [
        { accountId: received, direction: 'debit', amount },
        { accountId: own(body.savingsAccountId), direction: 'credit', amount },
      ],
      evidence: evidence({
        savingsAccountId: body.savingsAccountId,
        channel: body.channel,
        agentId: body.agentId,
        depositorId: body.depositorId,
        reference: body.reference,
      }),
    }
  },
  before(db, book, body) {
    return body.depositorId === undefined ? undefined : refuseUnknownSaver(db, book.id, body.depositorId, 'depositorId')
  },
}

/** Cash in the field is always in some agent's bag; money at the bank never is. */
export function agentGoesWithCash(body: { channel: string; agentId?: string | undefined }): boolean {
  return (body.channel === 'agent-cash') === (body.agentId !== undefined)
}
