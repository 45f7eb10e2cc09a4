import { z } from 'zod'
import { calendarDate } from '../dates.ts'
import { formWanted } from '../http/form.ts'
import type { App } from '../http/openapi.ts'
import { cutPage, pageOf, pageQuery } from '../http/pages.ts'
import { problems } from '../http/problems.ts'
import { idText } from '../ids.ts'
import { bookOf } from '../ledger/index.ts'
import { inclusionSchema, sealedSectionSchema } from './proof.ts'
import { inclusionOf, listSeals, type SealRow, sealOfDay, sealPlace, sectionFor } from './reading.ts'
import { sealOf } from './rows.ts'
import type { Sealing } from './sealing.ts'
import { sealSchema } from './texts.ts'

const signature = z
  .string()
  .describe('A compact JWS (EdDSA, RFC 8037) around the canonical text of the seal (RFC 8785)')
  .meta({ examples: ['eyJhbGciOiJFZERTQSIs…'] })

const signedSchema = z.object({ seal: sealSchema, signature }).meta({ id: 'SignedSeal' })
const compactSchema = signature.meta({ id: 'CompactSeal' })

const forms = ['application/json', 'application/jose'] as const
const readers = ['bank', 'auditor', 'administrator'] as const
const tags = ['Audit']

const anybody = [
  ...(['service-stopping', 'request-invalid', 'address-too-long', 'database-unavailable', 'internal-fault'] as const),
]

/** Seals of days: what anybody may keep, and what it proves of a book and of a transaction to whoever may read those. */
export function sealRoutes(app: App, { db }: Pick<Sealing, 'db'>): void {
  app.route({
    method: 'GET',
    url: '/.well-known/seals',
    schema: {
      operationId: 'listSeals',
      tags,
      summary: 'The seals of the days, the last first, for anybody',
      description:
        'Each names the one before by its hash: whoever kept one can see that nothing before it was changed, however much later. They tell no amount, no name and no book.',
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(signedSchema, 'SealPage'), ...problems(...anybody) },
    },
    handler: async request => {
      const { after, limit } = request.query
      const rows = await listSeals(db, after, limit + 1)
      const placeOf = ({ number }: SealRow) => ({ number })
      return cutPage(rows, limit, { cursor: sealPlace, placeOf, itemOf: signedOf })
    },
  })

  app.route({
    method: 'GET',
    url: '/.well-known/seals/:day',
    schema: {
      operationId: 'getSeal',
      tags,
      summary: 'The seal of a day, for anybody to keep',
      description: 'By `Accept`: JSON, or as `application/jose` the signature alone, with the seal inside.',
      params: z.strictObject({ day: calendarDate }),
      response: {
        200: {
          description: 'Found',
          content: { 'application/json': { schema: signedSchema }, 'application/jose': { schema: compactSchema } },
        },
        ...problems(...anybody, 'seal-not-found', 'media-type-not-acceptable'),
      },
    },
    handler: async (request, reply) => {
      const form = formWanted(request, reply, forms)
      const row = await sealOfDay(db, request.params.day)
      if (form === 'application/jose') return reply.type(form).send(row.signature)
      return reply.type('application/json; charset=utf-8').send(signedOf(row))
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/seals/:day',
    config: { access: readers },
    schema: {
      operationId: 'getSealOfBook',
      tags,
      summary: 'What the seal of a day says of a book',
      description:
        'Where the chains of the book ended that day, and the hashes by which anybody finds that it is in the seal.',
      params: z.strictObject({ bookId: idText, day: calendarDate }),
      response: { 200: sealedSectionSchema, ...problems('seal-not-found') },
    },
    handler: async request => {
      const { bookId, day } = request.params
      await bookOf(db, bookId)
      return sectionFor(db, bookId, day)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/transactions/:transactionId/inclusion',
    config: { access: ['agent', ...readers] },
    schema: {
      operationId: 'getInclusion',
      tags,
      summary: 'The proof that a transaction is in the seal of its day',
      description:
        'The hashes that lead from the transaction to what was signed, as many as the logarithm of the day’s transactions (RFC 6962). `npm run verify-receipt` checks them with the receipt, without a network. What is recorded late is of the day on which it was recorded.',
      params: z.strictObject({ bookId: idText, transactionId: idText }),
      response: { 200: inclusionSchema, ...problems('transaction-not-found', 'transaction-not-sealed') },
    },
    handler: async request => inclusionOf(db, request.params.bookId, request.params.transactionId),
  })
}

function signedOf(row: SealRow): z.output<typeof signedSchema> {
  return { seal: sealOf(row), signature: row.signature }
}
