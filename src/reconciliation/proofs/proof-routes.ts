import { z } from 'zod'
import { calendarDate, daysBetween } from '../../dates.ts'
import type { App } from '../../http/openapi.ts'
import { problems } from '../../http/problems.ts'
import { bookOf } from '../../ledger/index.ts'
import { type Amount, currencySchema, formatAmount, signedAmountText } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import type { Parts } from '../../savings/parts.ts'
import { reasonSchema } from '../breaks/wire.ts'
import { ofBankAccount, readers } from '../intake/bank-account-routes.ts'
import { bankAccountById } from '../intake/bank-accounts.ts'
import { proveDays } from './proving.ts'

/** As many days as are proved at once. */
const mostDays = 400

const itemSchema = z
  .object({
    reason: reasonSchema.nullable().describe('Null of what no matching has looked at yet'),
    accepted: z.boolean().describe('Whether it was decided that it stays so'),
    lines: z.int(),
    entries: z.int(),
    amount: signedAmountText,
  })
  .meta({ id: 'ProofItem' })

const causeSchema = z
  .object({
    reason: reasonSchema,
    amount: signedAmountText.nullable(),
    detail: z.string().meta({ examples: ['it is number 63, and the one before it 61'] }),
  })
  .meta({ id: 'ProofCause' })

const proofSchema = z
  .object({
    day: calendarDate,
    status: z
      .enum(['proved', 'broken', 'not-covered'])
      .meta({ id: 'ProofStatus' })
      .describe(
        '`proved`: ledger and what is listed come to what the bank has. `not-covered`: no statement tells what it has',
      ),
    ledger: signedAmountText.describe('What the ledger has at the end of the day, by value dates, as known now'),
    suspense: signedAmountText.describe(
      'So much of that stands there for what is listed as open, and is not to be added again: the bank’s balance less the residue is `ledger` less `suspense`, and all items, and what is under way',
    ),
    bank: signedAmountText.nullable().describe('What the bank has then, by its statements'),
    items: z.array(itemSchema).describe('What is on one side only; by so much the bank has more because of it'),
    underWay: z
      .object({ matches: z.int(), amount: signedAmountText })
      .meta({ id: 'ProofUnderWay' })
      .describe('What is matched, and was booked by one side only until then'),
    residue: signedAmountText
      .nullable()
      .describe('The bank’s balance less the ledger’s and all that is listed')
      .meta({ examples: ['0.00'] }),
    because: z.array(causeSchema).describe('What a residue may be from'),
  })
  .meta({ id: 'Proof' })

const answerSchema = z.object({ currency: currencySchema, items: z.array(proofSchema) }).meta({ id: 'ProofList' })

/** For each day, whether what the ledger has and what lies between comes to what the bank has. */
export function proofRoutes(app: App, parts: Parts, tags: string[]): void {
  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/bank-accounts/:bankAccountId/proofs',
    config: { access: readers },
    schema: {
      operationId: 'listProofs',
      tags,
      summary: 'Prove day by day that the bank and the ledger agree, or say by what they do not',
      description: `Ledger balance, and what is listed, come to the bank's balance: the residue is 0.00, or has names. At most ${mostDays} days at once.`,
      params: ofBankAccount,
      querystring: z.strictObject({ from: calendarDate, to: calendarDate }),
      response: { 200: answerSchema, ...problems('bank-account-not-found', 'period-not-in-order') },
    },
    handler: async request => {
      const { bookId, bankAccountId } = request.params
      const { from, to } = request.query
      const { currency } = await bookOf(parts.db, bookId)
      const account = await bankAccountById(parts, bookId, bankAccountId)
      if (to < from) throw new Refusal('period-not-in-order', 'The last day lies before the first.')
      if (daysBetween(from, to) >= mostDays)
        throw new Refusal('request-invalid', `At most ${mostDays} days are proved at once.`, {
          fields: [{ path: 'to', message: `must be within ${mostDays} days of from` }],
        })
      const found = await proveDays(parts.db, account, currency, { from, to })
      const text = (amount: Amount) => formatAmount(amount, currency)
      const orNull = (amount: Amount | null) => (amount === null ? null : text(amount))
      return {
        currency,
        items: found.map(({ ledger, suspense, bank, items, underWay, residue, because, ...proof }) => ({
          ...proof,
          ...{ ledger: text(ledger), suspense: text(suspense), bank: orNull(bank), residue: orNull(residue) },
          items: items.map(item => ({ ...item, amount: text(item.amount) })),
          underWay: { ...underWay, amount: text(underWay.amount) },
          because: because.map(cause => ({ ...cause, amount: orNull(cause.amount) })),
        })),
      }
    },
  })
}
