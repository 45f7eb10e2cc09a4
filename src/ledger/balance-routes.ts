import { z } from 'zod'
import { calendarDate, instantText } from '../dates.ts'
import type { App } from '../http/openapi.ts'
import { cursor, cutPage, pageQuery } from '../http/pages.ts'
import { problems } from '../http/problems.ts'
import { idText } from '../ids.ts'
import { amountText, currencySchema, formatAmount, signedAmountText } from '../money.ts'
import { Refusal } from '../refusals.ts'
import { accountNotFound } from './accounts.ts'
import { balancesOf } from './balances.ts'
import { bookOf, headOf } from './books.ts'
import { sequenceKnownAt } from './knowledge.ts'
import type { Ledger } from './post.ts'
import { statementPage } from './statements.ts'
import {
  balanceAnswer,
  balanceSchema,
  bookParams,
  daysInOrder,
  directionSchema,
  kindShown,
  reasonShown,
  sequenceNumber,
  viewpointQuery,
} from './wire.ts'

export const statementSchema = z
  .object({
    accountId: z.uuid(),
    currency: currencySchema,
    from: calendarDate.nullable(),
    to: calendarDate.nullable(),
    knownAt: instantText.describe('All pages of one statement are as known at this instant'),
    sequence: sequenceNumber,
    opening: signedAmountText.describe('Balance before `from`'),
    closing: signedAmountText.describe('Balance at the end of `to`'),
    items: z.array(
      z
        .object({
          transactionId: z.uuid(),
          sequence: sequenceNumber,
          kind: kindShown,
          valueDate: calendarDate,
          recordedAt: instantText,
          direction: directionSchema,
          amount: amountText,
          balance: signedAmountText.describe('After this line'),
          reason: reasonShown,
          evidence: z.record(z.string(), z.any()),
        })
        .meta({ id: 'StatementLine' }),
    ),
    next: z
      .string()
      .nullable()
      .describe('Pass it as `after` to read on; null at the end')
      .meta({ examples: [null] }),
  })
  .meta({ id: 'AccountStatement' })

/** A statement's place carries what all its pages share, so that it is taken for that statement only. */
const statementPlace = cursor(
  z.strictObject({
    accountId: z.uuid(),
    from: calendarDate.nullable(),
    to: calendarDate.nullable(),
    valueDate: calendarDate,
    sequence: z.string().regex(/^\d{1,18}$/),
    position: z.int().min(1).max(32_767),
    knownAt: instantText,
    known: z.string().regex(/^\d{1,18}$/),
  }),
)

export const statementQuery = z
  .strictObject({
    ...pageQuery,
    from: calendarDate.optional(),
    to: calendarDate.optional(),
    knownAt: viewpointQuery.knownAt,
  })
  .refine(daysInOrder, { path: ['to'], message: 'lies before `from`' })

const accountParams = bookParams.extend({ accountId: idText })
const readers = ['bank', 'auditor', 'administrator'] as const

export function balanceRoutes(app: App, ledger: Ledger): void {
  const { db, clock } = ledger

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/accounts/:accountId/balance',
    config: { access: readers },
    schema: {
      operationId: 'getAccountBalance',
      tags: ['Ledger'],
      summary: 'Read an account’s balance: now, as of a day, as known at an instant, or both',
      params: accountParams,
      querystring: z.strictObject(viewpointQuery),
      response: { 200: balanceSchema, ...problems('ledger-account-not-found', 'instant-in-future') },
    },
    handler: async request => {
      const { bookId, accountId } = request.params
      const { asOf, knownAt } = request.query
      const { currency } = await bookOf(db, bookId)
      const { balances, sequence } = await balancesOf(db, bookId, [accountId], clock, {
        asOf,
        knownAt: knownAt === undefined ? undefined : new Date(knownAt),
      })
      const [balance] = balances
      if (balance === undefined) throw accountNotFound()
      return balanceAnswer(balance, sequence, currency, request.query)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/accounts/:accountId/statement',
    config: { access: readers },
    schema: {
      operationId: 'getAccountStatement',
      tags: ['Ledger'],
      summary: 'Read an account’s statement with its running balance, in the order of value dates',
      description: 'The first page fixes what is known; later pages continue it, whatever is posted meanwhile.',
      params: accountParams,
      querystring: statementQuery,
      response: { 200: statementSchema, ...problems('ledger-account-not-found', 'instant-in-future') },
    },
    handler: async request => {
      const { bookId, accountId } = request.params
      return readStatement(ledger, bookId, accountId, request.query)
    },
  })
}

/**
 * A page of an account's statement as it travels.
 * @throws Refusal `ledger-account-not-found`, `instant-in-future`, `request-invalid` for a place that is none of ours
 */
export async function readStatement(
  { db, clock }: Pick<Ledger, 'db' | 'clock'>,
  bookId: string,
  accountId: string,
  query: z.output<typeof statementQuery>,
): Promise<z.output<typeof statementSchema>> {
  const { after, limit, from = null, to = null } = query
  const { currency } = await bookOf(db, bookId)
  const place = statementPlace.read(after)
  const head = await headOf(db, bookId)
  // What is recorded may be a moment ahead of this service's clock.
  const latest = new Date(Math.max(clock.now().getTime(), head.recordedAt.getTime()))
  if (place !== null) refuseOtherPlace(place, { accountId, from, to, knownAt: query.knownAt }, latest, head.sequence)
  const asked = place?.knownAt ?? query.knownAt
  const knownAt = asked === undefined ? latest : new Date(asked)
  // Settled, though nobody named the instant: whoever prints the statement has it again by the instant printed on it.
  const sequence = place
    ? BigInt(place.known)
    : await sequenceKnownAt(db, bookId, knownAt, asked === undefined ? { now: () => latest } : clock)
  const { opening, closing, lines } = await statementPage(db, bookId, accountId, {
    from,
    to,
    knownAt,
    sequence,
    after: place && {
      valueDate: place.valueDate,
      sequence: BigInt(place.sequence),
      position: place.position,
    },
    limit: limit + 1,
  })
  const text = (amount: bigint) => formatAmount(amount, currency)
  const page = cutPage(lines, limit, {
    cursor: statementPlace,
    placeOf: line => ({
      accountId,
      from,
      to,
      valueDate: line.valueDate,
      sequence: line.sequence.toString(),
      position: line.position,
      knownAt: knownAt.toISOString(),
      known: sequence.toString(),
    }),
    itemOf: line => ({
      ...line,
      sequence: Number(line.sequence),
      recordedAt: line.recordedAt.toISOString(),
      amount: text(line.amount),
      balance: text(line.balance),
    }),
  })
  return {
    accountId,
    currency,
    from,
    to,
    knownAt: knownAt.toISOString(),
    sequence: Number(sequence),
    opening: text(opening),
    closing: text(closing),
    ...page,
  }
}

/** @throws Refusal `request-invalid` when the place is one of another statement, or of none that there can be yet */
function refuseOtherPlace(
  place: { accountId: string; from: string | null; to: string | null; knownAt: string; known: string },
  asked: { accountId: string; from: string | null; to: string | null; knownAt: string | undefined },
  latest: Date,
  sequence: bigint,
): void {
  const knownAt = new Date(place.knownAt).getTime()
  const same =
    place.accountId === asked.accountId &&
    place.from === asked.from &&
    place.to === asked.to &&
    (asked.knownAt === undefined || new Date(asked.knownAt).getTime() === knownAt)
  if (!same || knownAt > latest.getTime() || BigInt(place.known) > sequence) refusePlace()
}

function refusePlace(): never {
  const message = 'is not the `next` of a page of this statement'
  throw new Refusal('request-invalid', `after: ${message}`, { fields: [{ path: 'after', message }] })
}
