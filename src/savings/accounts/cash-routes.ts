import { z } from 'zod'
import type { App } from '../../http/openapi.ts'
import { pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { identityRoles } from '../acting.ts'
import { recordedPage, recordedPlace } from '../listing.ts'
import type { Parts } from '../parts.ts'
import { cashOfAgent, cashQuery, cashSchema, listCash } from './cash-in-transit.ts'

const inBook = z.strictObject({ bookId: idText })

/** Agents' cash: what was collected and not yet banked, and for how long. */
export function cashRoutes(app: App, parts: Parts): void {
  const tags = ['Cash in transit']

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/cash-in-transit',
    config: { access: identityRoles },
    schema: {
      operationId: 'listCashInTransit',
      tags,
      summary: 'List the cash each agent holds, with its age',
      params: inBook,
      querystring: z.strictObject({ ...pageQuery, ...cashQuery }),
      response: { 200: pageOf(cashSchema, 'CashInTransitPage') },
    },
    handler: async request => {
      const { after, limit, asOf } = request.query
      const rows = await listCash(parts, request.params.bookId, asOf, recordedPlace.read(after), limit + 1)
      return recordedPage(rows, limit, row => row)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/agents/:agentId/cash',
    config: { access: identityRoles },
    schema: {
      operationId: 'getAgentCash',
      tags,
      summary: 'Read the cash that an agent holds, with its age',
      description: 'The age is that of the oldest cash not yet banked, first in, first out.',
      params: inBook.extend({ agentId: idText }),
      querystring: z.strictObject(cashQuery),
      response: { 200: cashSchema, ...problems('agent-not-found') },
    },
    handler: async request => cashOfAgent(parts, request.params.bookId, request.params.agentId, request.query.asOf),
  })
}
