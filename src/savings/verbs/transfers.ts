import { z } from 'zod'
import { idText } from '../../ids.ts'
import { parseAmount } from '../../money.ts'
import { moneyAccount } from '../chart.ts'
import { refuseDifferentHolders } from './subjects.ts'
import { evidence, movement, reference, type Verb } from './verb.ts'
import { money } from './withdrawals.ts'

const transferBody = z
  .strictObject({
    ...movement,
    fromSavingsAccountId: idText,
    toSavingsAccountId: idText,
    money,
    reference: reference.optional(),
  })
  .refine(body => body.fromSavingsAccountId !== body.toSavingsAccountId, {
    path: ['toSavingsAccountId'],
    message: 'must be another account',
  })
  .meta({
    id: 'TransferMade',
    examples: [
      {
        id: '0198c5f2-7a10-7c41-8f5e-1b2c3d4e5f62',
        fromSavingsAccountId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
        toSavingsAccountId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e12',
        amount: '20.00',
        valueDate: '2026-03-21',
      },
    ],
  })

/** Money that stays with its holder and changes the account: what it was (own, released, interest), it remains. */
export const transfer: Verb<z.output<typeof transferBody>> = {
  kind: 'transfer',
  path: 'transfers',
  operationId: 'recordTransfer',
  summary: 'Move money between two accounts of one holder',
  description: 'Both accounts are of the same saver, group or organisation, in one book.',
  access: ['agent', 'administrator'],
  body: transferBody,
  refusals: ['savings-account-not-found', 'holders-differ'],
  draft(book, id, body) {
    const amount = parseAmount(body.amount, book.currency)
    return {
      id,
      kind: 'transfer',
      valueDate: body.valueDate,
      entries: [
        { accountId: moneyAccount(body.fromSavingsAccountId, body.money), direction: 'debit', amount },
        { accountId: moneyAccount(body.toSavingsAccountId, body.money), direction: 'credit', amount },
      ],
      evidence: evidence({
        fromSavingsAccountId: body.fromSavingsAccountId,
        toSavingsAccountId: body.toSavingsAccountId,
        money: body.money,
        reference: body.reference,
      }),
    }
  },
  before(db, book, body) {
    return refuseDifferentHolders(db, book.id, body.fromSavingsAccountId, body.toSavingsAccountId)
  },
}
