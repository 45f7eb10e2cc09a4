import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import type { App } from '../../http/openapi.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import type { Parts } from '../../savings/parts.ts'
import { registryRoute } from '../../savings/registry/verb.ts'
import { accountLimitSchema, listAccountLimits, setAccountLimit } from './account-limits.ts'
import { financingSchema, listFinancings, registerFinancing } from './financings.ts'
import { fundSummary, fundSummarySchema } from './fund-statement.ts'

const inBook = z.strictObject({ bookId: idText })
const readers = ['bank', 'analyst', 'auditor', 'administrator'] as const

/** Who pays a programme's incentives, what a fund received and paid, and what an account may take in. */
export function fundingRoutes(app: App, parts: Parts): void {
  const tags = ['Incentives']
  registryRoute(app, parts, registerFinancing)
  registryRoute(app, parts, setAccountLimit)

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/financings',
    config: { access: readers },
    schema: {
      operationId: 'listFinancings',
      tags,
      summary: 'List which funds pay which programme’s incentives, and from when',
      params: inBook,
      response: { 200: z.object({ items: z.array(financingSchema) }).meta({ id: 'FinancingList' }) },
    },
    handler: async request => ({ items: await listFinancings(parts.db, request.params.bookId) }),
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/account-limits',
    config: { access: readers },
    schema: {
      operationId: 'listAccountLimits',
      tags,
      summary: 'List the limits of basic accounts, and from when',
      params: inBook,
      response: { 200: z.object({ items: z.array(accountLimitSchema) }).meta({ id: 'AccountLimitList' }) },
    },
    handler: async request => ({ items: await listAccountLimits(parts.db, request.params.bookId) }),
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/funds/:fundId/summary',
    config: { access: readers },
    schema: {
      operationId: 'getFundSummary',
      tags: ['Funds'],
      summary: 'What a fund received, paid and has left',
      description: 'The single entries are the statement of its ledger account.',
      params: inBook.extend({ fundId: idText }),
      querystring: z.strictObject({ asOf: calendarDate.optional().describe('By value dates up to this day') }),
      response: { 200: fundSummarySchema, ...problems('fund-not-found') },
    },
    handler: async request => fundSummary(parts, request.params.bookId, request.params.fundId, request.query.asOf),
  })
}
