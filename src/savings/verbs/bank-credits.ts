import { z } from 'zod'
import { monthText } from '../../dates.ts'
import { parseAmount } from '../../money.ts'
import { bank, interestMoney, own } from '../chart.ts'
import { account, evidence, movement, oneAccount, reference, type Settled, sourceCode, type Verb } from './verb.ts'

/** The months that a credit is for, which is not when it was paid: JUNTOS pays two months in arrears. */
export const period = {
  periodFrom: monthText.describe('The first month that it is for'),
  periodTo: monthText.describe('The last month that it is for'),
}

/** YYYY-MM compares as text. */
export function periodInOrder(body: { periodFrom?: string | undefined; periodTo?: string | undefined }): boolean {
  return body.periodFrom === undefined || body.periodTo === undefined || body.periodFrom <= body.periodTo
}

export const periodOrder = { path: ['periodTo'], message: 'must not be before periodFrom' }

const stateTransferBody = z
  .strictObject({
    ...movement,
    valueDate: movement.valueDate.describe('The day on which the bank credited it, in Lima'),
    ...account,
    source: sourceCode.describe('Which transfer: JUNTOS, PENSION-65, CONTIGO, a bonus by its code'),
    ...period,
    reference: reference.optional().describe('The number of the payment roll'),
  })
  .refine(...oneAccount)
  .refine(periodInOrder, periodOrder)
  .meta({
    id: 'StateTransferMade',
    examples: [
      {
        id: '0198c5f2-7a10-7c41-8f5e-1b2c3d4e5f64',
        savingsAccountId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
        amount: '200.00',
        valueDate: '2026-03-05',
        source: 'JUNTOS',
        periodFrom: '2026-01',
        periodTo: '2026-02',
      },
    ],
  })

type StateTransferBody = z.output<typeof stateTransferBody>

/** Money that the state pays into a saver's account. It is hers, and is no deposit of hers. */
export const stateTransfer: Verb<Settled<StateTransferBody>, StateTransferBody> = {
  kind: 'state-transfer',
  path: 'state-transfers',
  operationId: 'recordStateTransfer',
  summary: 'Record a transfer of the state (JUNTOS and others)',
  description: 'Debits the bank; credits the saver’s own money. Source and period are kept as evidence.',
  access: ['bank', 'administrator'],
  body: stateTransferBody,
  refusals: ['savings-account-not-found'],
  draft(book, id, body) {
    const amount = parseAmount(body.amount, book.currency)
    return {
      id,
      kind: 'state-transfer',
      valueDate: body.valueDate,
      entries: [
        { accountId: bank(book.id), direction: 'debit', amount },
        { accountId: own(body.savingsAccountId), direction: 'credit', amount },
      ],
      evidence: evidence({
        savingsAccountId: body.savingsAccountId,
        source: body.source,
        periodFrom: body.periodFrom,
        periodTo: body.periodTo,
        reference: body.reference,
      }),
    }
  },
}

const interestBody = z
  .strictObject({
    ...movement,
    ...account,
    periodFrom: period.periodFrom.optional(),
    periodTo: period.periodTo.optional(),
    reference: reference.optional(),
  })
  .refine(...oneAccount)
  .refine(periodInOrder, periodOrder)
  .meta({
    id: 'InterestTold',
    examples: [
      {
        id: '0198c5f2-7a10-7c41-8f5e-1b2c3d4e5f65',
        savingsAccountId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
        amount: '1.35',
        valueDate: '2026-03-31',
      },
    ],
  })

type InterestBody = z.output<typeof interestBody>

/** Interest as the bank tells it: it is recorded, never computed. */
export const interest: Verb<Settled<InterestBody>, InterestBody> = {
  kind: 'interest',
  path: 'interest',
  operationId: 'recordInterest',
  summary: 'Record interest that the bank credited',
  description: 'Debits the bank; credits the saver’s interest money. For many accounts at once see interest-lists.',
  access: ['bank', 'administrator'],
  body: interestBody,
  refusals: ['savings-account-not-found'],
  draft(book, id, body) {
    const amount = parseAmount(body.amount, book.currency)
    return {
      id,
      kind: 'interest',
      valueDate: body.valueDate,
      entries: [
        { accountId: bank(book.id), direction: 'debit', amount },
        { accountId: interestMoney(body.savingsAccountId), direction: 'credit', amount },
      ],
      evidence: evidence({
        savingsAccountId: body.savingsAccountId,
        periodFrom: body.periodFrom,
        periodTo: body.periodTo,
        reference: body.reference,
      }),
    }
  },
}
