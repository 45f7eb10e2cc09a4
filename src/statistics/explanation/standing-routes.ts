import { z } from 'zod'
import { calendarDate, instantText, lastDay, monthText } from '../../dates.ts'
import { within } from '../../db/scope.ts'
import { reachOf } from '../../http/actor.ts'
import type { App } from '../../http/openapi.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { bookOf, kindShown } from '../../ledger/index.ts'
import { currencySchema, formatAmount, signedAmountText } from '../../money.ts'
import { definitionBy, definitionReference } from '../definitions/definitions.ts'
import { statuses, termsSchema } from '../definitions/terms.ts'
import type { Asking } from '../questions/asking.ts'
import { booksAsked, knowledgeOf } from '../questions/knowledge.ts'
import { monthFields, monthsOf, scopeFields } from '../questions/question.ts'
import { readHer } from './reading.ts'
import { moneys, standingOf, verdicts } from './standing.ts'

const statusSchema = z.enum(statuses).meta({ id: 'SaverStatus' })

const movementSchema = z
  .object({
    transactionId: z.uuid(),
    savingsAccountId: z.uuid(),
    kind: kindShown,
    valueDate: calendarDate,
    amount: signedAmountText,
    money: z.enum(moneys).meta({ id: 'SaversMoney' }),
    verdict: z.enum(verdicts).meta({ id: 'OperationVerdict' }).describe('Whether it qualifies, or why it does not'),
  })
  .meta({ id: 'JudgedMovement' })

/** More are left out, the earliest first. */
const mostMovements = 1000

const standingSchema = z
  .object({
    status: statusSchema.nullable().describe('Null: she was not registered yet'),
    definition: definitionReference,
    terms: termsSchema,
    asOf: calendarDate,
    knownAt: instantText,
    currency: currencySchema,
    registrations: z
      .array(
        z
          .object({ bookId: z.uuid(), bookCode: z.string().meta({ examples: ['CUSCO-PEN'] }), saverId: z.uuid() })
          .meta({ id: 'Registration' }),
      )
      .describe('Hers in the books that the key reaches: she is counted once'),
    accounts: z.array(
      z
        .object({ bookId: z.uuid(), id: z.uuid(), openedOn: calendarDate, closedOn: calendarDate.nullable() })
        .meta({ id: 'CountedAccount' }),
    ),
    firstOpenedOn: calendarDate.nullable(),
    oldEnoughOn: calendarDate.nullable().describe('Opened later than this she is TOO_NEW'),
    windowFrom: calendarDate.nullable().describe('The first day that the definition looks back to'),
    months: z.array(z.object({ month: monthText, operations: z.int() }).meta({ id: 'MonthsOperations' })),
    found: z.int().describe('Months, or operations, of those that the definition counts'),
    lastActive: monthText.nullable(),
    ownMoney: signedAmountText,
    balance: signedAmountText.describe('With incentives and interest'),
    movements: z.array(movementSchema).describe(`Those in the window, the latest ${mostMovements} of them`),
    movementsLeftOut: z.int(),
  })
  .meta({ id: 'SaverStanding' })

/** For those who check figures: why one woman is counted as she is. */
export function standingRoutes(app: App, { db, clock }: Asking): void {
  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/savers/:saverId/standing',
    config: { access: ['auditor', 'administrator'] },
    schema: {
      operationId: 'explainSaverStanding',
      tags: ['Statistics'],
      summary: 'Why is she counted so? The months, what qualified and what did not, her money, her age',
      description:
        'Worked out from her entries alone, apart from the counter, over all her registrations in books of this currency that the key reaches.',
      params: z.strictObject({ bookId: idText, saverId: idText }),
      querystring: z.strictObject({
        definition: definitionReference.default('PAS-v1'),
        asOf: monthFields.asOf,
        knownAt: scopeFields.knownAt,
      }),
      response: {
        200: standingSchema,
        ...problems('saver-not-found', 'definition-not-found', 'instant-in-future', 'month-not-over'),
      },
    },
    // She may be known in other books that are open to whoever asks.
    handler: request =>
      within({ reach: reachOf(request.actor) }, async () => {
        const { bookId, saverId } = request.params
        const { currency } = await bookOf(db, bookId)
        const { last: month } = monthsOf({ from: undefined, to: undefined, asOf: request.query.asOf }, clock.now())
        const definition = await definitionBy(db, request.query.definition)
        const { books } = await booksAsked(db, request.actor, { currency })
        const knowledge = await knowledgeOf({ db, clock }, books, request.query.knownAt)
        const her = await readHer(db, { bookId, saverId }, books, knowledge)
        const standing = standingOf(definition.terms, currency, her, month)
        const text = (amount: bigint) => formatAmount(amount, currency)
        const movements = standing?.movements ?? []
        return {
          ...{ status: standing?.status ?? null, definition: definition.reference, terms: definition.terms },
          ...{ asOf: lastDay(month), knownAt: knowledge.at.toISOString(), currency },
          ...{ registrations: her.savers, accounts: her.accounts },
          ...{ firstOpenedOn: standing?.firstOpenedOn ?? null, oldEnoughOn: standing?.oldEnoughOn ?? null },
          ...{ windowFrom: standing?.windowFrom ?? null, months: standing?.months ?? [], found: standing?.found ?? 0 },
          ...{ lastActive: standing?.lastActive ?? null, ownMoney: text(standing?.own ?? 0n) },
          balance: text(standing?.balance ?? 0n),
          movements: movements
            .slice(-mostMovements)
            .map(({ accountId, amount, transactionId, kind, valueDate, money, verdict }) => ({
              ...{ transactionId, savingsAccountId: accountId, kind, valueDate, amount: text(amount), money, verdict },
            })),
          movementsLeftOut: Math.max(0, movements.length - mostMovements),
        }
      }),
  })
}
