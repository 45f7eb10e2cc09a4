import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import type { App } from '../../http/openapi.ts'
import { problems } from '../../http/problems.ts'
import { balancesOf, bookOf } from '../../ledger/index.ts'
import { amountText, currencySchema, formatAmount } from '../../money.ts'
import type { Parts } from '../../savings/parts.ts'
import { reasonSchema } from '../breaks/wire.ts'
import { ofBankAccount, readers } from '../intake/bank-account-routes.ts'
import { bankAccountById } from '../intake/bank-accounts.ts'
import { breakAges } from '../state.ts'
import { unmatchedPayments, unmatchedReceipts } from './accounts.ts'

const balanceSchema = z
  .object({
    accountId: z.uuid().describe('The ledger’s account; its statement says when what came and went'),
    balance: amountText,
  })
  .meta({ id: 'SuspenseBalance' })

const itemSchema = z
  .object({
    reason: reasonSchema,
    of: z.enum(['line', 'entry']).meta({ id: 'SuspenseSubject' }),
    accepted: z.boolean().describe('Whether it was decided that they stay so'),
    count: z.int(),
    oldest: calendarDate,
    receipts: amountText,
    payments: amountText,
  })
  .meta({ id: 'SuspenseItem' })

const suspenseSchema = z
  .object({
    currency: currencySchema,
    receipts: balanceSchema.describe(
      'What the bank has and the ledger does not know whose, or paid out and the bank did not: a liability',
    ),
    payments: balanceSchema.describe(
      'What the bank took and the ledger does not know why, or took in and the bank has not: an asset',
    ),
    items: z.array(itemSchema).describe('By reason; each is listed among the breaks'),
  })
  .meta({ id: 'Suspense' })

/** What is unmatched of an account at the bank stands in two accounts of the ledger, where everybody sees it. */
export function suspenseRoutes(app: App, parts: Parts, tags: string[]): void {
  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/bank-accounts/:bankAccountId/suspense',
    config: { access: readers },
    schema: {
      operationId: 'getSuspense',
      tags,
      summary: 'Read what is unmatched and stands in suspense, by reason',
      description: `Each matching brings the two accounts to what is open since: lines that nothing was found for, and entries that the bank does not have, but for
those that may still be on their way. So the ledger's balance is the bank's, but for what is under way.`,
      params: ofBankAccount,
      response: { 200: suspenseSchema, ...problems('bank-account-not-found') },
    },
    handler: async request => {
      const { bookId, bankAccountId } = request.params
      const { currency } = await bookOf(parts.db, bookId)
      const account = await bankAccountById(parts, bookId, bankAccountId)
      const text = (amount: bigint) => formatAmount(amount, currency)
      const ids = [unmatchedReceipts(bankAccountId), unmatchedPayments(bankAccountId)]
      const { balances } = await balancesOf(parts.db, bookId, ids, parts.clock)
      const posted = new Map(balances.map(one => [one.accountId, one.posted]))
      const [receipts, payments] = ids.map(accountId => ({ accountId, balance: text(posted.get(accountId)!) }))
      const ages = await breakAges(parts.db, account)
      return {
        currency,
        ...{ receipts: receipts!, payments: payments! },
        items: ages.flatMap(({ of, receipts, payments, ...age }) =>
          of === 'statement' || receipts + payments === 0n
            ? []
            : [{ ...age, of, receipts: text(receipts), payments: text(payments) }],
        ),
      }
    },
  })
}
