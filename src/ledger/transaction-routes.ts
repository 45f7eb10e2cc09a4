import { z } from 'zod'
import { calendarDate } from '../dates.ts'
import { answerMade, clientId, made, requestId } from '../http/idempotency.ts'
import type { App } from '../http/openapi.ts'
import { cursor, cutPage, pageOf, pageQuery } from '../http/pages.ts'
import { problemOf, problemSchema, problems } from '../http/problems.ts'
import { idText } from '../ids.ts'
import { type Currency, parseAmount } from '../money.ts'
import { Refusal } from '../refusals.ts'
import { bookOf } from './books.ts'
import { type Draft, mostEntries, ownKinds } from './draft.ts'
import { type Ledger, listModes, mostDrafts } from './post.ts'
import { reverse } from './reversals.ts'
import { transactionById, transactionsAfter } from './transactions.ts'
import {
  bookParams,
  daysInOrder,
  entryBody,
  evidenceBody,
  kindText,
  postedAnswer,
  postedSchema,
  reasonText,
  transactionAnswer,
  transactionSchema,
} from './wire.ts'

const draftFields = {
  kind: kindText
    .default('transaction')
    .describe('What it is. `adjustment` needs a reason; kinds of other verbs are theirs'),
  valueDate: calendarDate.describe('When the money moved; not in the future, not in a closed month'),
  entries: z
    .array(entryBody)
    .min(2)
    .max(mostEntries)
    .describe('Debits and credits, equal in sum. Their order counts: in another order they are other content'),
  reason: reasonText.optional(),
  evidence: evidenceBody.optional(),
  holdId: idText.optional().describe('A hold that this captures: it may take less than was held, and ends the hold'),
}

const example = {
  id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
  kind: 'opening-balance',
  valueDate: '2026-03-31',
  entries: [
    { accountId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e12', direction: 'debit', amount: '250.00' },
    { accountId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e13', direction: 'credit', amount: '250.00' },
  ],
}

const draftBody = z.strictObject({ id: clientId, ...draftFields }).meta({ id: 'Draft', examples: [example] })

const listMode = z.enum(listModes).meta({ id: 'ListMode' })

const listBody = z
  .strictObject({
    mode: listMode.describe('atomic: all or none; independent: each for itself'),
    drafts: z
      .array(z.strictObject({ id: idText, ...draftFields }).meta({ id: 'ListedDraft' }))
      .min(1)
      .max(mostDrafts),
  })
  .meta({ id: 'DraftList', examples: [{ mode: 'atomic', drafts: [example] }] })

const outcomeSchema = z
  .object({
    mode: listMode,
    posted: z.int().describe('How many of the list this request posted'),
    replayed: z.int().describe('How many an earlier request had posted'),
    refused: z.int(),
    outcomes: z
      .array(
        z
          .object({
            id: z.uuid(),
            transaction: postedSchema.optional(),
            problem: problemSchema.optional(),
          })
          .meta({ id: 'ListedOutcome' }),
      )
      .describe('In the order of the drafts: each has its transaction or its problem'),
  })
  .meta({ id: 'DraftListOutcome' })

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

type DraftBody = Omit<z.infer<typeof draftBody>, 'id'>

const place = cursor(z.strictObject({ sequence: z.string().regex(/^\d{1,18}$/) }))
const transactionParams = bookParams.extend({ transactionId: idText })
const readers = ['bank', 'auditor', 'administrator'] as const

/** Of other parts' kinds: what is posted by their verbs only, and what is not taken back by hand. */
type OthersKinds = { reservedKinds: readonly string[]; irreversibleKinds: readonly string[] }

export function transactionRoutes(app: App, ledger: Ledger, others: OthersKinds): void {
  const { db } = ledger
  const reserved = new Set<string>([...ownKinds, ...others.reservedKinds].filter(kind => kind !== 'adjustment'))

  function draftOf(id: string, body: DraftBody, currency: Currency): Draft {
    if (reserved.has(body.kind)) {
      const message = `${body.kind} is made by its own verb only`
      throw new Refusal('draft-invalid', `The kind ${message}.`, { fields: [{ path: 'kind', message }] })
    }
    return {
      id,
      kind: body.kind,
      valueDate: body.valueDate,
      entries: body.entries.map(entry => ({ ...entry, amount: parseAmount(entry.amount, currency) })),
      ...(body.reason === undefined ? {} : { reason: body.reason }),
      ...(body.evidence === undefined ? {} : { evidence: body.evidence }),
      ...(body.holdId === undefined ? {} : { holdId: body.holdId }),
    }
  }

  app.route({
    method: 'POST',
    url: '/v1/books/:bookId/transactions',
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'postTransaction',
      tags: ['Ledger'],
      summary: 'Post a transaction of two or more entries',
      params: bookParams,
      body: draftBody,
      response: { ...made(postedSchema), ...problems(...postingProblems) },
    },
    handler: async (request, reply) => {
      const { bookId } = request.params
      const { currency } = await bookOf(db, bookId)
      const draft = draftOf(requestId(request, request.body.id), request.body, currency)
      return answerMade(reply, postedAnswer(draft, await ledger.post(bookId, draft, request.actor.clientId)))
    },
  })

  app.route({
    method: 'POST',
    url: '/v1/books/:bookId/transaction-lists',
    config: { access: ['administrator'] },
    schema: {
      operationId: 'postTransactionList',
      tags: ['Ledger'],
      summary: `Post a list of up to ${mostDrafts} transactions`,
      description:
        'Answers 200 when the list was decided, with an outcome for each draft. An atomic list with one refusal posts nothing: the others answer `list-refused`. Sending the list again is safe: what was posted is a replay, and what was refused is decided anew, so of an independent list it may be posted then.',
      params: bookParams,
      body: listBody,
      response: { 200: outcomeSchema, ...problems('list-refused', 'overloaded') },
    },
    handler: async request => {
      const { bookId } = request.params
      const { mode, drafts: bodies } = request.body
      const { currency } = await bookOf(db, bookId)
      const drafts = bodies.map((body, index) => {
        try {
          return draftOf(body.id, body, currency)
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          throw new Refusal('request-invalid', `drafts.${index}: ${error.detail}`, {
            fields: [{ path: `drafts.${index}`, message: error.detail }],
          })
        }
      })
      const outcomes = await ledger.postList(bookId, drafts, mode, request.actor.clientId)
      const answered = outcomes.map((outcome, index) => {
        const draft = drafts[index]!
        return 'posted' in outcome
          ? { id: draft.id, transaction: postedAnswer(draft, outcome.posted) }
          : { id: draft.id, problem: problemOf(outcome.refusal, request.id) }
      })
      const there = outcomes.flatMap(outcome => ('posted' in outcome ? [outcome.posted] : []))
      const replayed = there.filter(posted => posted.replayed).length
      const [posted, refused] = [there.length - replayed, outcomes.length - there.length]
      return { mode, posted, replayed, refused, outcomes: answered }
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
