import { z } from 'zod'
import { roles } from '../../http/actor.ts'
import type { App } from '../../http/openapi.ts'
import { pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { recordedPage } from '../listing.ts'
import type { Parts } from '../parts.ts'
import { registryRoute } from '../registry/verb.ts'
import { fundById, fundSchema, listFunds, openFund, withBalances } from './funds.ts'

const inBook = z.strictObject({ bookId: idText })

const ofFund = inBook.extend({ fundId: idText })

/** Funds: opened by administrators, read by all, for there is nobody's money in them yet. */
export function fundRoutes(app: App, parts: Parts): void {
  const tags = ['Funds']
  registryRoute(app, parts, openFund)

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/funds',
    config: { access: roles },
    schema: {
      operationId: 'listFunds',
      tags,
      summary: 'List funds with what is left in them, oldest first',
      params: inBook,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(fundSchema, 'FundPage') },
    },
    handler: async request => {
      const { after, limit } = request.query
      const { bookId } = request.params
      const found = await withBalances(parts, bookId, await listFunds(parts.db, bookId, after, limit + 1))
      return recordedPage(found, limit, row => row)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/funds/:fundId',
    config: { access: roles },
    schema: {
      operationId: 'getFund',
      tags,
      summary: 'Read a fund with what is left in it',
      params: ofFund,
      response: { 200: fundSchema, ...problems('fund-not-found') },
    },
    handler: async request => fundById(parts, request.params.bookId, request.params.fundId),
  })
}
