import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import type { App } from '../../http/openapi.ts'
import { cursor, cutPage, pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { bookOf } from '../../ledger/index.ts'
import type { Parts } from '../../savings/parts.ts'
import { ofBankAccount, readers } from '../intake/bank-account-routes.ts'
import { bankAccountById } from '../intake/bank-accounts.ts'
import { careRoutes, ofBreak } from './care-routes.ts'
import { breakById, breakOf, breakSchema, breakStatusSchema, readBreaks } from './reading.ts'
import { reasonSchema } from './wire.ts'

const place = cursor(z.strictObject({ day: calendarDate, subject: z.string(), id: z.uuid() }))

/** Where bank and ledger do not agree, with one reason each, who sees to it and what is said of it. */
export function breakRoutes(app: App, parts: Parts, tags: string[]): void {
  const url = '/v1/books/:bookId/bank-accounts/:bankAccountId/breaks'

  app.route({
    method: 'GET',
    url,
    config: { access: readers },
    schema: {
      operationId: 'listBreaks',
      tags,
      summary: 'List where the bank and the ledger do not agree, the oldest first',
      params: ofBankAccount,
      querystring: z.strictObject({
        ...pageQuery,
        reason: reasonSchema.optional(),
        status: breakStatusSchema.default('open'),
        question: idText.optional(),
      }),
      response: { 200: pageOf(breakSchema, 'BreakPage'), ...problems('bank-account-not-found') },
    },
    handler: async request => {
      const { bookId, bankAccountId } = request.params
      const { after, limit, reason = null, status, question = null } = request.query
      const { currency } = await bookOf(parts.db, bookId)
      await bankAccountById(parts, bookId, bankAccountId)
      const from = place.read(after)
      const where = sql`(${reason}::text is null or b.reason = ${reason}) and (${question}::uuid is null or b.question = ${question}::uuid)
        ${from === null ? sql`` : sql`and (b.day, b.subject, b.id) > (${from.day}::date, ${from.subject}, ${from.id}::uuid)`}`
      const rows = await readBreaks(parts.db, { bookId, bankAccountId }, { where, status, limit: limit + 1 })
      const now = parts.clock.now()
      return cutPage(rows, limit, {
        cursor: place,
        placeOf: ({ day, subject, id }) => ({ day, subject, id }),
        itemOf: row => breakOf(row, currency, now),
      })
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/:breakId`,
    config: { access: readers },
    schema: {
      operationId: 'getBreak',
      tags,
      summary: 'Read a break: its reason, who sees to it, and what is proposed',
      params: ofBreak,
      response: { 200: breakSchema, ...problems('bank-account-not-found', 'break-not-found') },
    },
    handler: async request => {
      const { bookId, bankAccountId, breakId } = request.params
      const { currency } = await bookOf(parts.db, bookId)
      await bankAccountById(parts, bookId, bankAccountId)
      return breakOf(await breakById(parts.db, { bookId, bankAccountId }, breakId), currency, parts.clock.now())
    },
  })

  careRoutes(app, parts, tags)
}
