import { z } from 'zod'
import { calendarDate } from '../dates.ts'
import { answerMade, clientId, made, requestId } from '../http/idempotency.ts'
import type { App } from '../http/openapi.ts'
import { cursor, cutPage, pageOf, pageQuery } from '../http/pages.ts'
import { problems } from '../http/problems.ts'
import { idText } from '../ids.ts'
import { bookOf } from './books.ts'
import { draftBody, draftOf, notByHand, type Others } from './draft-body.ts'
import type { Ledger } from './post.ts'
import { reverse } from './reversals.ts'
import { transactionById, transactionsAfter } from './transactions.ts'
import {
  bookParams,
  daysInOrder,
  evidenceBody,
  kindText,
  postedAnswer,
  postedSchema,
  reasonText,
  transactionAnswer,
  transactionSchema,
} from './wire.ts'

const reversalBody = z
  .strictObject({
    id: clientId,
    valueDate: calendarDate.describe('Of the reversal itself; not before that of what it reverses'),
    reason: reasonText,
    evidence: evidenceBody.optional(),
  })
  .meta({
    id: 'Reversal',
    examples: [{ id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e14', valueDate: '2026-04-02', reason: 'entered twice' }],
  })

const postingProblems = [
  'draft-invalid',
  'account-not-found',
  'account-blocked',
  'account-closed',
  'account-not-effective',
  'account-total-too-large',
  'balance-below-floor',
  'value-date-in-future',
  'month-closed',
  'id-reused',
  'amount-precision',
  'hold-not-found',
  'hold-not-placed',
  'hold-not-captured',
  'hold-exceeded',
  'overloaded',
] as const

const place = cursor(z.strictObject({ sequence: z.string().regex(/^\d{1,18}$/) }))
const transactionParams = bookParams.extend({ transactionId: idText })
const readers = ['bank', 'auditor', 'administrator'] as const

export function transactionRoutes(app: App, ledger: Ledger, others: Others): void {
  const { db } = ledger
  app.route({
    method: 'POST',
    url: '/v1/books/:bookId/transactions',
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'postTransaction',
      tags: ['Ledger'],
      summary: 'Post a transaction of two or more entries',
      description:
        'By hand, for what no verb says. Accounts of incentives, of funds and of what is set aside move by their own verbs only, whatever the kind, and also when a hold is captured.',
      params: bookParams,
      body: draftBody,
      response: { ...made(postedSchema), ...problems(...postingProblems, 'account-not-by-hand') },
    },
    handler: async (request, reply) => {
      const { bookId } = request.params
      const { currency } = await bookOf(db, bookId)
      const draft = draftOf(requestId(request, request.body.id), request.body, currency, others)
      const [refusal] = await notByHand(ledger, bookId, [draft], others)
      if (refusal !== undefined) throw refusal
      return answerMade(reply, postedAnswer(draft, await ledger.post(bookId, draft, request.actor.clientId)))
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/transactions',
    config: { access: readers },
    schema: {
      operationId: 'listTransactions',
      tags: ['Ledger'],
      summary: 'Read the journal in the order of recording',
      params: bookParams,
      querystring: z
        .strictObject({
          ...pageQuery,
          kind: kindText.optional(),
          from: calendarDate.optional().describe('Value dates from this day'),
          to: calendarDate.optional().describe('Value dates to this day'),
        })
        .refine(daysInOrder, { path: ['to'], message: 'lies before `from`' }),
      response: { 200: pageOf(transactionSchema, 'TransactionPage') },
    },
    handler: async request => {
      const { bookId } = request.params
      const { after, limit, kind, from, to } = request.query
      const { currency } = await bookOf(db, bookId)
      const afterSequence = BigInt(place.read(after)?.sequence ?? 0)
      const rows = await transactionsAfter(db, bookId, { afterSequence, limit: limit + 1, kind, from, to })
      return cutPage(rows, limit, {
        cursor: place,
        placeOf: ({ sequence }) => ({ sequence: sequence.toString() }),
        itemOf: transaction => transactionAnswer(transaction, currency),
      })
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/transactions/:transactionId',
    config: { access: readers },
    schema: {
      operationId: 'getTransaction',
      tags: ['Ledger'],
      summary: 'Read one transaction',
      params: transactionParams,
      response: { 200: transactionSchema, ...problems('transaction-not-found') },
    },
    handler: async request => {
      const { bookId, transactionId } = request.params
      const { currency } = await bookOf(db, bookId)
      return transactionAnswer(await transactionById(db, bookId, transactionId), currency)
    },
  })

  app.route({
    method: 'POST',
    url: '/v1/books/:bookId/transactions/:transactionId/reversal',
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'reverseTransaction',
      tags: ['Ledger'],
      summary: 'Take a transaction back whole, once',
      description: 'Posts its mirror with a value date of its own. Both then name each other.',
      params: transactionParams,
      body: reversalBody,
      response: {
        ...made(postedSchema),
        ...problems(
          ...postingProblems,
          'transaction-not-found',
          'transaction-already-reversed',
          'reversal-not-reversible',
          'value-date-before-original',
        ),
      },
    },
    handler: async (request, reply) => {
      const { bookId, transactionId } = request.params
      const { valueDate, reason, evidence } = request.body
      const reversal = {
        id: requestId(request, request.body.id),
        reverses: transactionId,
        valueDate,
        reason,
        ...(evidence === undefined ? {} : { evidence }),
      }
      const posted = await reverse(ledger, bookId, reversal, request.actor.clientId, others.irreversibleKinds)
      return answerMade(reply, postedAnswer({ kind: 'reversal', valueDate }, posted))
    },
  })
}
