import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { calendarDate, daysBetween, instantText, limaDate } from '../../dates.ts'
import type { App } from '../../http/openapi.ts'
import { cursor, cutPage, pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { bookOf, sequenceNumber } from '../../ledger/index.ts'
import { formatAmount, signedAmountText } from '../../money.ts'
import type { Parts } from '../../savings/parts.ts'
import { ofBankAccount, readers } from '../intake/bank-account-routes.ts'
import { bankAccountById } from '../intake/bank-accounts.ts'
import type { BreakReason } from './reasons.ts'
import { reasonSchema } from './wire.ts'

const breakSchema = z
  .object({
    id: z.uuid(),
    reason: reasonSchema,
    status: z.enum(['open', 'ended']).meta({ id: 'BreakStatus' }),
    of: z.enum(['statement', 'line', 'entry']).meta({ id: 'BreakSubject' }),
    statementId: z.uuid().nullable(),
    line: z.int().nullable(),
    sequence: sequenceNumber.nullable(),
    position: z.int().nullable(),
    amount: signedAmountText
      .nullable()
      .describe('By so much the bank has more than the ledger because of it; null where that cannot be said'),
    day: calendarDate.describe('The day of the line, of the entry, or the last of the statement'),
    age: z
      .int()
      .describe('Days since then, until it ended')
      .meta({ examples: [3] }),
    detail: z.string().meta({ examples: ['same reference; the amounts differ'] }),
    question: z
      .uuid()
      .nullable()
      .describe('What bears the same is to be decided together: a suggestion, or what is ambiguous')
      .meta({ examples: [null] }),
    score: z
      .int()
      .nullable()
      .describe('How likely a suggestion is, from 1 to 99; it orders, and promises nothing')
      .meta({ examples: [null] }),
    openedAt: instantText,
    endedAt: instantText.nullable().meta({ examples: [null] }),
  })
  .meta({ id: 'ReconciliationBreak' })

const place = cursor(z.strictObject({ day: calendarDate, subject: z.string(), id: z.uuid() }))

type Row = {
  id: string
  subject: string
  reason: BreakReason
  statementId: string | null
  line: number | null
  sequence: string | null
  position: number | null
  amount: string | null
  day: string
  detail: string
  question: string | null
  score: number | null
  openedAt: string
  endedAt: string | null
}

/** Where bank and ledger do not agree, with one reason each. */
export function breakRoutes(app: App, parts: Parts, tags: string[]): void {
  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/bank-accounts/:bankAccountId/breaks',
    config: { access: readers },
    schema: {
      operationId: 'listBreaks',
      tags,
      summary: 'List where the bank and the ledger do not agree, the oldest first',
      params: ofBankAccount,
      querystring: z.strictObject({
        ...pageQuery,
        reason: reasonSchema.optional(),
        ended: z
          .enum(['true', 'false'])
          .default('false')
          .describe('Those that are over, instead of those that are open'),
        question: idText.optional(),
      }),
      response: { 200: pageOf(breakSchema, 'BreakPage'), ...problems('bank-account-not-found') },
    },
    handler: async request => {
      const { bookId, bankAccountId } = request.params
      const { after, limit, reason = null, ended, question = null } = request.query
      const { currency } = await bookOf(parts.db, bookId)
      await bankAccountById(parts, bookId, bankAccountId)
      const from = place.read(after)
      const { rows } = await parts.db.execute<Row>(sql`
        select b.id, b.subject, b.reason, b.statement_id as "statementId", b.line, b.sequence::text, b.position, b.amount::text, b.day::text, b.detail,
          b.question, b.score, b.opened_at as "openedAt", b.ended_at as "endedAt"
        from reconciliation_break b
        where b.book_id = ${bookId} and b.bank_account_id = ${bankAccountId} and (b.ended_at is not null) = ${ended === 'true'}
          and (${reason}::text is null or b.reason = ${reason}) and (${question}::uuid is null or b.question = ${question}::uuid)
          ${from === null ? sql`` : sql`and (b.day, b.subject, b.id) > (${from.day}::date, ${from.subject}, ${from.id}::uuid)`}
        order by b.day, b.subject, b.id limit ${limit + 1}`)
      const today = limaDate(parts.clock.now())
      return cutPage(rows, limit, {
        cursor: place,
        placeOf: ({ day, subject, id }) => ({ day, subject, id }),
        itemOf: ({ subject: _, sequence, amount, openedAt, endedAt, ...row }) => ({
          ...row,
          status: endedAt === null ? ('open' as const) : ('ended' as const),
          of: sequence !== null ? ('entry' as const) : row.line !== null ? ('line' as const) : ('statement' as const),
          sequence: sequence === null ? null : Number(sequence),
          amount: amount === null ? null : formatAmount(BigInt(amount), currency),
          age: daysBetween(row.day, endedAt === null ? today : limaDate(new Date(endedAt))),
          openedAt: new Date(openedAt).toISOString(),
          endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
        }),
      })
    },
  })
}
