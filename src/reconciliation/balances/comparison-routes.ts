import { z } from 'zod'
import { answerMade, clientId, made, requestId } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { bookOf } from '../../ledger/index.ts'
import { recordedPage } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { readers } from '../intake/bank-account-routes.ts'
import type { Balances } from './balances.ts'
import { listsUrl, ofList } from './list-routes.ts'
import { comparisonRow, comparisonRows, linesPage, listRow, shownComparison } from './reading.ts'
import { comparisonSchema, lineSchema, outcomeSchema } from './wire.ts'

const ofComparison = ofList.extend({ comparisonId: idText })
const url = `${listsUrl}/:listId/comparisons`

/** Comparisons of a list with our balances, each as it was known then, and their lines. */
export function balanceComparisonRoutes(app: App, parts: Parts, tags: string[], balances: Balances): void {
  app.route({
    method: 'POST',
    url,
    config: { access: ['bank', 'administrator'], idempotent: true },
    schema: {
      operationId: 'compareBalanceList',
      tags,
      summary: 'Compare a list again, with our balances of its day as they are known now',
      description: 'After something was posted, or recorded late. Earlier comparisons stay as they were.',
      params: ofList,
      body: z
        .strictObject({ id: clientId })
        .meta({ id: 'BalanceComparisonAsked', examples: [{ id: '0198c5f2-6c40-7b1d-8e2f-0a1b2c3d4e5f' }] }),
      response: {
        ...made(comparisonSchema.extend({ replayed: z.boolean() }).meta({ id: 'MadeBalanceComparison' })),
        ...problems('balance-list-not-found', 'id-reused'),
      },
    },
    handler: async (request, reply) => {
      const { bookId, listId } = request.params
      const id = requestId(request, request.body.id)
      const book = await bookOf(parts.db, bookId)
      const list = await listRow(parts.db, bookId, listId)
      const asked = { book, id, listId, actor: request.actor.clientId, at: parts.clock.now() }
      const { replayed } = await balances.compare(asked)
      const row = await comparisonRow(parts.db, { bookId, listId, comparisonId: id })
      return answerMade(reply, { ...(await shownComparison(parts.db, book, list, row)), replayed })
    },
  })

  app.route({
    method: 'GET',
    url,
    config: { access: readers },
    schema: {
      operationId: 'listBalanceComparisons',
      tags,
      summary: 'List the comparisons of a list, oldest first',
      params: ofList,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(comparisonSchema, 'BalanceComparisonPage'), ...problems('balance-list-not-found') },
    },
    handler: async request => {
      const { bookId, listId } = request.params
      const { after, limit } = request.query
      const book = await bookOf(parts.db, bookId)
      const list = await listRow(parts.db, bookId, listId)
      const rows = await comparisonRows(parts.db, bookId, listId, after, limit + 1)
      const { items, next } = recordedPage(rows, limit, row => row)
      return { items: await Promise.all(items.map(row => shownComparison(parts.db, book, list, row))), next }
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/:comparisonId/lines`,
    config: { access: readers },
    schema: {
      operationId: 'listBalanceComparisonLines',
      tags,
      summary: 'Read a comparison line by line, and at its end what only we have',
      params: ofComparison,
      querystring: z.strictObject({ ...pageQuery, outcome: outcomeSchema.optional() }),
      response: {
        200: pageOf(lineSchema, 'BalanceComparisonLinePage'),
        ...problems('balance-list-not-found', 'balance-comparison-not-found'),
      },
    },
    handler: async request => {
      const { bookId, listId, comparisonId } = request.params
      const { after, limit, outcome } = request.query
      const book = await bookOf(parts.db, bookId)
      await listRow(parts.db, bookId, listId)
      await comparisonRow(parts.db, request.params)
      return linesPage(parts.db, book, comparisonId, outcome, after, limit)
    },
  })
}
