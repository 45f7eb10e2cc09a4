import { z } from 'zod'
import { instantText } from '../dates.ts'
import { answerMade, clientId, made, requestId } from '../http/idempotency.ts'
import type { App } from '../http/openapi.ts'
import { cursor, cutPage, pageOf, pageQuery } from '../http/pages.ts'
import { problems } from '../http/problems.ts'
import { idText } from '../ids.ts'
import { amountText, type Currency, formatAmount, parseAmount, positiveAmountText } from '../money.ts'
import { Refusal } from '../refusals.ts'
import { accountById } from './accounts.ts'
import { bookOf } from './books.ts'
import { type Others, refuseHoldByHand } from './draft-body.ts'
import { type Hold, holdAsPlaced, holdById, holdsOf, placeHold, releaseHold } from './holds.ts'
import type { Ledger } from './post.ts'
import { holdStatuses } from './schema.ts'
import { bookParams, reasonText } from './wire.ts'

const holdBody = z
  .strictObject({
    id: clientId,
    accountId: idText,
    amount: positiveAmountText,
    expiresAt: instantText.optional().describe('By default it stands until it is captured or released'),
    reason: reasonText.optional(),
  })
  .meta({
    id: 'HoldPlacing',
    examples: [
      {
        id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
        accountId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e13',
        amount: '20.00',
        reason: 'withdrawal on its way',
      },
    ],
  })

const releaseBody = z.strictObject({ reason: reasonText.optional() }).meta({ id: 'HoldRelease', examples: [{}] })

const holdSchema = z
  .object({
    id: z.uuid(),
    accountId: z.uuid(),
    amount: amountText,
    captured: amountText.describe('What the capturing transaction took'),
    status: z.enum(holdStatuses).meta({ id: 'HoldStatus' }),
    placedAt: instantText,
    expiresAt: instantText.nullable(),
    endedAt: instantText.nullable().describe('When it was captured or released, or its time came'),
  })
  .meta({ id: 'Hold' })

const placedSchema = holdSchema.extend({ replayed: z.boolean() }).meta({ id: 'PlacedHold' })

function holdAnswer(hold: Hold, currency: Currency): z.infer<typeof holdSchema> {
  return {
    ...hold,
    amount: formatAmount(hold.amount, currency),
    captured: formatAmount(hold.captured, currency),
    placedAt: hold.placedAt.toISOString(),
    expiresAt: hold.expiresAt?.toISOString() ?? null,
    endedAt: hold.endedAt?.toISOString() ?? null,
  }
}

/** Tells what was available as every other amount is told. */
function inCurrency(refusal: Refusal, currency: Currency): Refusal {
  const { availableMinor, ...facts } = refusal.facts
  if (typeof availableMinor !== 'string') return refusal
  const available = formatAmount(BigInt(availableMinor), currency)
  return new Refusal(refusal.code, refusal.detail, { facts: { ...facts, available }, cause: refusal })
}

const place = cursor(z.strictObject({ id: z.uuid() }))
const holdParams = bookParams.extend({ holdId: idText })
const readers = ['bank', 'auditor', 'administrator'] as const

export function holdRoutes(app: App, { db, clock }: Ledger, others: Pick<Others, 'reservedControls'>): void {
  app.route({
    method: 'POST',
    url: '/v1/books/:bookId/holds',
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'placeHold',
      tags: ['Ledger'],
      summary: 'Set an amount aside on an account',
      description:
        'To capture it, post a transaction with its `holdId`. A replay answers the hold as it was placed, whatever became of it since.',
      params: bookParams,
      body: holdBody,
      response: {
        ...made(placedSchema),
        ...problems(
          'account-not-found',
          'account-blocked',
          'account-closed',
          'account-not-by-hand',
          'balance-below-floor',
          'hold-expiry-past',
          'account-total-too-large',
          'id-reused',
          'amount-precision',
        ),
      },
    },
    handler: async (request, reply) => {
      const { bookId } = request.params
      const { accountId, amount, expiresAt, reason } = request.body
      const { currency } = await bookOf(db, bookId)
      const id = requestId(request, request.body.id)
      await refuseHoldByHand({ db }, bookId, accountId, others)
      const placing = {
        id,
        accountId,
        amount: parseAmount(amount, currency),
        ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
        ...(reason === undefined ? {} : { reason }),
      }
      const placed = await placeHold(db, bookId, placing, clock.now(), request.actor.clientId).catch(error => {
        throw error instanceof Refusal ? inCurrency(error, currency) : error
      })
      const hold = await holdAsPlaced(db, bookId, id)
      return answerMade(reply, { ...holdAnswer(hold, currency), replayed: !placed })
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/holds/:holdId',
    config: { access: readers },
    schema: {
      operationId: 'getHold',
      tags: ['Ledger'],
      summary: 'Read one hold',
      params: holdParams,
      response: { 200: holdSchema, ...problems('hold-not-found') },
    },
    handler: async request => {
      const { bookId, holdId } = request.params
      const { currency } = await bookOf(db, bookId)
      return holdAnswer(await holdById(db, bookId, holdId, clock.now()), currency)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/accounts/:accountId/holds',
    config: { access: readers },
    schema: {
      operationId: 'listHolds',
      tags: ['Ledger'],
      summary: 'Read the holds of an account',
      params: bookParams.extend({ accountId: idText }),
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(holdSchema, 'HoldPage'), ...problems('ledger-account-not-found') },
    },
    handler: async request => {
      const { bookId, accountId } = request.params
      const { after, limit } = request.query
      const { currency } = await bookOf(db, bookId)
      await accountById(db, bookId, accountId)
      const page = { afterId: place.read(after)?.id ?? null, limit: limit + 1 }
      const rows = await holdsOf(db, bookId, accountId, page, clock.now())
      return cutPage(rows, limit, {
        cursor: place,
        placeOf: ({ id }) => ({ id }),
        itemOf: hold => holdAnswer(hold, currency),
      })
    },
  })

  app.route({
    method: 'POST',
    url: '/v1/books/:bookId/holds/:holdId/release',
    config: { access: ['administrator'] },
    schema: {
      operationId: 'releaseHold',
      tags: ['Ledger'],
      summary: 'Release a hold: nothing is taken',
      description: 'Releasing it again changes nothing and answers the same.',
      params: holdParams,
      body: releaseBody,
      response: { 200: holdSchema, ...problems('hold-not-found', 'hold-not-placed') },
    },
    handler: async request => {
      const { bookId, holdId } = request.params
      const { currency } = await bookOf(db, bookId)
      await releaseHold(db, bookId, holdId, request.body.reason, clock.now(), request.actor.clientId)
      return holdAnswer(await holdById(db, bookId, holdId, clock.now()), currency)
    },
  })
}
