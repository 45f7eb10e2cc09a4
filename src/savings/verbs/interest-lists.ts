import assert from 'node:assert/strict'
import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import { clientId } from '../../http/idempotency.ts'
import { idText, nameId } from '../../ids.ts'
import { bookOf, type Draft, mostDrafts } from '../../ledger/index.ts'
import { amountText, currencySchema, formatAmount, parseAmount, positiveAmountText } from '../../money.ts'
import { fingerprint } from '../registering.ts'
import type { RegistryVerb } from '../registry/verb.ts'
import { interest, period, periodInOrder, periodOrder } from './bank-credits.ts'
import { linesRefused, reasonIn } from './lines-refused.ts'
import { movement, reference } from './verb.ts'

export const interestListBody = z
  .strictObject({
    id: clientId,
    valueDate: movement.valueDate,
    periodFrom: period.periodFrom.optional(),
    periodTo: period.periodTo.optional(),
    reference: reference.optional(),
    lines: z
      .array(z.strictObject({ savingsAccountId: idText, amount: positiveAmountText }).meta({ id: 'InterestLine' }))
      .min(1)
      .max(mostDrafts),
  })
  .refine(periodInOrder, periodOrder)
  .refine(list => new Set(list.lines.map(line => line.savingsAccountId)).size === list.lines.length, {
    path: ['lines'],
    message: 'must each be of an account of their own',
  })
  .meta({
    id: 'InterestListTold',
    examples: [
      {
        id: '0198c5f2-7a10-7c41-8f5e-1b2c3d4e5f68',
        valueDate: '2026-03-31',
        periodFrom: '2026-01',
        periodTo: '2026-03',
        lines: [
          { savingsAccountId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11', amount: '1.35' },
          { savingsAccountId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e12', amount: '0.82' },
        ],
      },
    ],
  })

export const interestListSchema = z
  .object({
    id: z.uuid(),
    valueDate: calendarDate,
    currency: currencySchema,
    total: amountText,
    lines: z.array(
      z
        .object({
          savingsAccountId: z.uuid(),
          amount: amountText,
          transactionId: z.uuid(),
          sequence: z.int(),
        })
        .meta({ id: 'InterestRecorded' }),
    ),
    replayed: z.boolean(),
  })
  .meta({ id: 'InterestListRecorded' })

/**
 * Records the interest that the bank tells of many accounts: one transaction an account, all or none. The list is kept
 * nowhere but in them: each carries the list's id and fingerprint, so that another list under its id is refused.
 */
export const interestList: RegistryVerb<z.output<typeof interestListBody>, z.output<typeof interestListSchema>> = {
  type: 'interest-list',
  path: 'interest-lists',
  tag: 'Movements',
  operationId: 'recordInterestList',
  summary: 'Record the interest that the bank credited to many accounts',
  description: 'All or none; `facts.lines` says every reason. Each account gets a transaction of its own.',
  access: interest.access,
  body: interestListBody,
  answer: interestListSchema,
  identified: true,
  refusals: ['id-reused', 'lines-refused', 'amount-precision', 'overloaded'],
  async run({ ledger }, bookId, actor, { id, lines, ...common }) {
    const book = await bookOf(ledger.db, bookId)
    const amount = (text: string) => formatAmount(parseAmount(text, book.currency), book.currency)
    const bodies = lines.map(line => ({ ...common, ...line, amount: amount(line.amount) }))
    const origin = { interestListId: id, interestListHash: fingerprint({ lines: bodies }).toString('hex') }
    const drafts: Draft[] = bodies.map(body => {
      const draft = interest.draft(book, nameId(body.savingsAccountId, id), body)
      return { ...draft, evidence: { ...draft.evidence, ...origin } }
    })
    const outcomes = await ledger.postList(book.id, drafts, 'atomic', actor.clientId)
    const decided = outcomes.map((outcome, place) => ({
      line: place + 1,
      refusal: 'posted' in outcome ? null : reasonIn(outcome.refusal, bodies[place]!, book),
    }))
    if (decided.some(line => line.refusal !== null)) throw linesRefused(decided)
    const posted = outcomes.map(outcome => {
      assert('posted' in outcome, 'a list without a reason against it is posted')
      return outcome.posted
    })
    const total = drafts.reduce((sum, draft) => sum + draft.entries[0]!.amount, 0n)
    return {
      id,
      valueDate: common.valueDate,
      currency: book.currency,
      total: formatAmount(total, book.currency),
      lines: bodies.map(({ savingsAccountId, amount }, place) => ({
        savingsAccountId,
        amount,
        transactionId: posted[place]!.id,
        sequence: Number(posted[place]!.sequence),
      })),
      replayed: posted.every(({ replayed }) => replayed),
    }
  },
}
