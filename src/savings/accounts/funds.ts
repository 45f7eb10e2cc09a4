import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import { type Db, transact } from '../../db/client.ts'
import { clientId } from '../../http/idempotency.ts'
import { balancesOf, bookOf, openAccounts } from '../../ledger/index.ts'
import { currencySchema, formatAmount, signedAmountText, totalText } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { fundMoney, fundOpening } from '../chart.ts'
import { inBook, recordedAfter } from '../listing.ts'
import type { Parts } from '../parts.ts'
import { recordEvidence } from '../records.ts'
import { refuseBeforeBook, refuseFuture, register } from '../registering.ts'
import type { RegistryVerb } from '../registry/verb.ts'
import { sourceCode } from '../verbs/verb.ts'
import { code, title } from '../wording.ts'
import { fund } from './schema.ts'

const fundBody = z
  .strictObject({
    id: clientId,
    code,
    name: title,
    fundingSource: sourceCode.describe('Who pays it in: FIDA, RO, a municipality by its code'),
    openedOn: calendarDate,
  })
  .meta({
    id: 'FundOpening',
    examples: [
      {
        id: '0198c5f2-6b00-7b1d-8e2f-0a1b2c3d4e5f',
        code: 'INC-2026',
        name: 'Incentives 2026',
        fundingSource: 'FIDA',
        openedOn: '2026-01-01',
      },
    ],
  })

const fundShape = {
  id: z.uuid(),
  code,
  name: title,
  fundingSource: sourceCode,
  openedOn: calendarDate,
  accountId: z.uuid().describe('Its account in the ledger'),
}

export const fundSchema = z
  .object({
    ...fundShape,
    currency: currencySchema,
    posted: signedAmountText.describe('What is left in it'),
    held: totalText.describe('Set aside by holds'),
    available: signedAmountText.describe('Posted less held'),
  })
  .meta({ id: 'Fund' })

const openedFundSchema = z.object({ ...fundShape, replayed: z.boolean() }).meta({ id: 'FundOpened' })

type Row = typeof fund.$inferSelect

/** Opens a fund: what incentives, transfers of committees and prizes are paid from. It never falls below zero. */
export const openFund: RegistryVerb<z.output<typeof fundBody>, z.output<typeof openedFundSchema>> = {
  type: 'open-fund',
  path: 'funds',
  tag: 'Funds',
  operationId: 'openFund',
  summary: 'Open a fund',
  description: 'A fund is paid into with fund-receipts; its account never falls below zero.',
  access: ['administrator'],
  body: fundBody,
  answer: openedFundSchema,
  identified: true,
  refusals: ['id-reused', 'code-taken', 'date-in-future', 'date-too-early'],
  async run(parts, bookId, actor, { id, ...body }) {
    await bookOf(parts.db, bookId)
    refuseFuture(parts, { openedOn: body.openedOn })
    const at = parts.clock.now()
    return transact(parts.db, async tx => {
      const { row, replayed } = await register(tx, fund, {
        where: inBook(fund, bookId, id),
        content: body,
        at,
        actor: actor.clientId,
        decide: async () => {
          await refuseBeforeBook(tx, bookId, 'openedOn', body.openedOn)
          return { ...body, bookId, id, accountId: fundMoney(id) }
        },
        taken: () => new Refusal('code-taken', 'Another fund of the book has this code.'),
      })
      if (!replayed) {
        const opening = fundOpening(id, body.name, body.openedOn, recordEvidence(fund, id, row))
        await openAccounts(tx, bookId, [opening], at, actor.clientId)
      }
      return { ...fundOf(row), replayed }
    })
  },
}

function fundOf({ id, code, name, fundingSource, openedOn, accountId }: Row) {
  return { id, code, name, fundingSource, openedOn, accountId }
}

/** @throws Refusal `fund-not-found` */
export async function fundById(parts: Parts, bookId: string, id: string): Promise<z.output<typeof fundSchema>> {
  const found = await parts.db
    .select()
    .from(fund)
    .where(inBook(fund, bookId, id))
  const [shown] = await withBalances(parts, bookId, found)
  if (shown === undefined) throw new Refusal('fund-not-found', 'The book has no such fund.')
  return shown
}

export async function listFunds(db: Db, bookId: string, after: string | undefined, limit: number): Promise<Row[]> {
  return db
    .select()
    .from(fund)
    .where(and(eq(fund.bookId, bookId), recordedAfter(fund, after)))
    .orderBy(fund.recordedAt, fund.id)
    .limit(limit)
}

/** Funds with what is in them now. */
export async function withBalances({ db, clock }: Parts, bookId: string, funds: readonly Row[]) {
  const { currency } = await bookOf(db, bookId)
  const accountIds = funds.map(row => row.accountId)
  const { balances } = await balancesOf(db, bookId, accountIds, clock)
  const byAccount = new Map(balances.map(balance => [balance.accountId, balance]))
  return funds.map(row => {
    const { posted, held, available } = byAccount.get(row.accountId)!
    const text = (amount: bigint) => formatAmount(amount, currency)
    return {
      ...fundOf(row),
      recordedAt: row.recordedAt,
      currency,
      posted: text(posted),
      held: text(held),
      available: text(available),
    }
  })
}
