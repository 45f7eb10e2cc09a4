import { z } from 'zod'
import { idText } from '../../ids.ts'
import { parseAmount } from '../../money.ts'
import { bank, fundMoney } from '../chart.ts'
import { evidence, movement, reference, sourceCode, type Verb } from './verb.ts'

const fundReceiptBody = z
  .strictObject({
    ...movement,
    fundId: idText,
    source: sourceCode.optional().describe('Who paid it in, when it is not the fund’s own source'),
    reference: reference.describe('The number of the transfer or of its authorisation'),
  })
  .meta({
    id: 'FundReceiptMade',
    examples: [
      {
        id: '0198c5f2-7a10-7c41-8f5e-1b2c3d4e5f66',
        fundId: '0198c5f2-6b00-7b1d-8e2f-0a1b2c3d4e5f',
        amount: '50000.00',
        valueDate: '2026-01-15',
        reference: 'SIAF-2026-00171',
      },
    ],
  })

/** Money that a funding source pays into a fund, from which incentives, transfers and prizes are then paid. */
export const fundReceipt: Verb<z.output<typeof fundReceiptBody>> = {
  kind: 'fund-receipt',
  path: 'fund-receipts',
  operationId: 'recordFundReceipt',
  summary: 'Record money paid into a fund',
  description: 'Debits the bank; credits the fund.',
  access: ['administrator'],
  body: fundReceiptBody,
  refusals: ['fund-not-found'],
  draft(book, id, body) {
    const amount = parseAmount(body.amount, book.currency)
    return {
      id,
      kind: 'fund-receipt',
      valueDate: body.valueDate,
      entries: [
        { accountId: bank(book.id), direction: 'debit', amount },
        { accountId: fundMoney(body.fundId), direction: 'credit', amount },
      ],
      evidence: evidence({ fundId: body.fundId, source: body.source, reference: body.reference }),
    }
  },
}
