import { v5 as nameId } from 'uuid'
import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import type { Actor } from '../../http/actor.ts'
import { clientId } from '../../http/idempotency.ts'
import { idText } from '../../ids.ts'
import { bookOf, type Draft, type Ledger, mostDrafts } from '../../ledger/index.ts'
import { amountText, currencySchema, formatAmount, parseAmount, positiveAmountText } from '../../money.ts'
import { refusals } from '../../refusals.ts'
import { fingerprint } from '../registering.ts'
import { interest, period, periodInOrder, periodOrder } from './bank-credits.ts'
import { linesRefused } from './lines-refused.ts'
import { inTermsOf } from './subjects.ts'
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

type Body = z.output<typeof interestListBody> & { id: string }

/**
 * Records the interest that the bank tells of many accounts: one transaction an account, all or none. The list is kept
 * nowhere but in them: each carries the list's id and fingerprint, so that another list under its id is refused.
 * @throws Refusal `lines-refused` with every reason, `id-reused`, `amount-precision`, `overloaded`
 */
export async function recordInterestList(
  ledger: Ledger,
  bookId: string,
  actor: Actor,
  { id, lines, ...common }: Body,
): Promise<z.output<typeof interestListSchema>> {
  const book = await bookOf(ledger.db, bookId)
  const amounts = lines.map(line => formatAmount(parseAmount(line.amount, book.currency), book.currency))
  const bodies = lines.map(({ savingsAccountId }, place) => ({ ...common, savingsAccountId, amount: amounts[place]! }))
  const origin = { interestListId: id, interestListHash: fingerprint({ lines: bodies }).toString('hex') }
  const drafts: Draft[] = bodies.map(body => {
    const draft = interest.draft(book, nameId(body.savingsAccountId, id), body)
    return { ...draft, evidence: { ...draft.evidence, ...origin } }
  })
  const outcomes = await ledger.postList(book.id, drafts, 'atomic', actor.clientId)
  const decided = outcomes.map((outcome, place) => {
    const body = bodies[place]!
    if ('posted' in outcome) return { line: place + 1, body, posted: outcome.posted, refusal: null }
    if (refusals[outcome.refusal.code].retryable) throw outcome.refusal
    const isHarmless = outcome.refusal.code === 'list-refused'
    return { line: place + 1, body, posted: null, refusal: isHarmless ? null : inTermsOf(body, book, outcome.refusal) }
  })
  if (decided.some(line => line.refusal !== null)) throw linesRefused(decided)
  return {
    id,
    valueDate: common.valueDate,
    currency: book.currency,
    total: formatAmount(
      drafts.reduce((sum, draft) => sum + draft.entries[0]!.amount, 0n),
      book.currency,
    ),
    lines: decided.map(({ body: { savingsAccountId, amount }, posted }) => ({
      savingsAccountId,
      amount,
      transactionId: posted!.id,
      sequence: Number(posted!.sequence),
    })),
    replayed: decided.every(({ posted }) => posted!.replayed),
  }
}
