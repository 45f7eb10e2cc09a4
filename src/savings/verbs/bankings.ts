import { z } from 'zod'
import { idText } from '../../ids.ts'
import { parseAmount } from '../../money.ts'
import { agentCash, bank } from '../chart.ts'
import { evidence, movement, reference, type Verb } from './verb.ts'

const bankingBody = z
  .strictObject({
    ...movement,
    agentId: idText,
    reference: reference.describe('The number of the bank’s slip'),
  })
  .meta({
    id: 'BankingMade',
    examples: [
      {
        id: '0198c5f2-7a10-7c41-8f5e-1b2c3d4e5f63',
        agentId: '0198c5f2-6a00-7b1d-8e2f-0a1b2c3d4e5f',
        amount: '250.00',
        valueDate: '2026-03-16',
        reference: 'OP-004711',
      },
    ],
  })

/** An agent brings the cash she collected to the bank: one slip, however many savers it came from. */
export const banking: Verb<z.output<typeof bankingBody>> = {
  kind: 'banking',
  path: 'bankings',
  operationId: 'recordBanking',
  summary: 'Record that an agent banked her cash',
  description: 'Debits the bank; credits the agent’s cash in transit, which cannot fall below zero.',
  access: ['agent', 'administrator'],
  body: bankingBody,
  refusals: ['agent-not-found'],
  draft(book, id, body) {
    const amount = parseAmount(body.amount, book.currency)
    return {
      id,
      kind: 'banking',
      valueDate: body.valueDate,
      entries: [
        { accountId: bank(book.id), direction: 'debit', amount },
        { accountId: agentCash(book.id, body.agentId), direction: 'credit', amount },
      ],
      evidence: evidence({ agentId: body.agentId, reference: body.reference }),
    }
  },
}
