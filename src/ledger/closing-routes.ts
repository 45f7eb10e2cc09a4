import { z } from 'zod'
import { calendarDate, instantText, monthText } from '../dates.ts'
import type { App } from '../http/openapi.ts'
import { problems } from '../http/problems.ts'
import { currencySchema, formatAmount, totalText } from '../money.ts'
import { bookOf, headOf } from './books.ts'
import { closeMonth, closingsOf } from './closings.ts'
import { sequenceKnownAt } from './knowledge.ts'
import type { Ledger } from './post.ts'
import { trialBalance } from './trial-balance.ts'
import { actorShown, bookParams, sequenceNumber, viewpointQuery } from './wire.ts'

const closingBody = z.strictObject({ month: monthText }).meta({ id: 'MonthClosing', examples: [{ month: '2026-02' }] })

const closingsSchema = z
  .object({
    closedThrough: calendarDate.nullable().describe('Value dates up to this day are refused'),
    closings: z.array(
      z.object({ month: monthText, closedAt: instantText, actor: actorShown }).meta({ id: 'ClosedMonth' }),
    ),
  })
  .meta({ id: 'Closings' })

const trialBalanceSchema = z
  .object({
    currency: currencySchema,
    asOf: calendarDate.nullable(),
    knownAt: instantText.nullable(),
    sequence: sequenceNumber,
    lines: z.array(
      z
        .object({
          control: z
            .string()
            .describe('The part of the accounts’ codes before the first dot')
            .meta({ examples: ['2010'] }),
          name: z
            .string()
            .nullable()
            .describe('What this control account is called; null when it has no name')
            .meta({ examples: ['Own money of savers'] }),
          accounts: z.int().describe('How many accounts it adds up'),
          debits: totalText,
          credits: totalText,
        })
        .meta({ id: 'TrialBalanceLine' }),
    ),
    debits: totalText,
    credits: totalText.describe('Always equal to the debits'),
  })
  .meta({ id: 'TrialBalance' })

export function closingRoutes(app: App, { db, clock }: Ledger, controlNames: ReadonlyMap<string, string>): void {
  const closingsAnswer = async (bookId: string) => ({
    closedThrough: (await headOf(db, bookId)).closedThrough,
    closings: (await closingsOf(db, bookId)).map(closing => ({ ...closing, closedAt: closing.closedAt.toISOString() })),
  })

  app.route({
    method: 'POST',
    url: '/v1/books/:bookId/closings',
    config: { access: ['administrator'] },
    schema: {
      operationId: 'closeMonth',
      tags: ['Ledger'],
      summary: 'Close a month: later postings may not be dated in it',
      description:
        'Months close in order, once they are over, for good: first the one the book was opened in, or that of the earliest value date when that is earlier. Closing a closed month changes nothing.',
      params: bookParams,
      body: closingBody,
      response: { 200: closingsSchema, ...problems('month-not-over', 'month-out-of-order') },
    },
    handler: async request => {
      const { bookId } = request.params
      await closeMonth(db, bookId, request.body.month, clock.now(), request.actor.clientId)
      return await closingsAnswer(bookId)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/closings',
    config: { access: ['agent', 'bank', 'analyst', 'auditor', 'administrator'] },
    schema: {
      operationId: 'listClosings',
      tags: ['Ledger'],
      summary: 'Read which months are closed',
      params: bookParams,
      response: { 200: closingsSchema },
    },
    handler: async request => await closingsAnswer(request.params.bookId),
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/trial-balance',
    config: { access: ['bank', 'analyst', 'auditor', 'administrator'] },
    schema: {
      operationId: 'getTrialBalance',
      tags: ['Ledger'],
      summary: 'Read the trial balance: now, as of a day, as known at an instant, or both',
      description: 'It counts the accounts that were open by that day, and those only that were known at that instant.',
      params: bookParams,
      querystring: z.strictObject(viewpointQuery),
      response: { 200: trialBalanceSchema, ...problems('instant-in-future') },
    },
    handler: async request => {
      const { bookId } = request.params
      const { asOf, knownAt } = request.query
      const { currency } = await bookOf(db, bookId)
      const at = knownAt === undefined ? null : new Date(knownAt)
      const known = at && { at, sequence: await sequenceKnownAt(db, bookId, at, clock) }
      const { lines, debits, credits } = await trialBalance(db, bookId, { asOf: asOf ?? null, known })
      const text = (amount: bigint) => formatAmount(amount, currency)
      return {
        currency,
        asOf: asOf ?? null,
        knownAt: knownAt ?? null,
        sequence: Number((known ?? (await headOf(db, bookId))).sequence),
        lines: lines.map(line => ({
          ...line,
          name: controlNames.get(line.control) ?? null,
          debits: text(line.debits),
          credits: text(line.credits),
        })),
        debits: text(debits),
        credits: text(credits),
      }
    },
  })
}
