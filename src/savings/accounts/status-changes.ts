import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { calendarDate, instantText } from '../../dates.ts'
import { type Db, transact } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { clientId } from '../../http/idempotency.ts'
import { accountStatusSchema, actorShown, bookOf, changeAccounts, reasonText } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { moneyAccount, moneyKinds } from '../chart.ts'
import { inBook, recordedAfter } from '../listing.ts'
import type { Parts } from '../parts.ts'
import { refuseFuture, register } from '../registering.ts'
import { inTermsOf } from '../verbs/subjects.ts'
import { savingsAccount, savingsAccountStatusChange } from './schema.ts'

const common = { id: clientId, reason: reasonText.describe('Why; kept for ever, so without names') }

export const statusBody = z
  .discriminatedUnion('status', [
    z.strictObject({ ...common, status: z.literal('open') }).meta({ id: 'SavingsAccountUnblocking' }),
    z.strictObject({ ...common, status: z.literal('blocked') }).meta({ id: 'SavingsAccountBlocking' }),
    z
      .strictObject({ ...common, status: z.literal('closed'), closedOn: calendarDate.describe('Its last day') })
      .meta({ id: 'SavingsAccountClosure' }),
  ])
  .meta({
    id: 'SavingsAccountStatusChange',
    examples: [{ id: '0198c5f2-7a10-7c41-8f5e-1b2c3d4e5f69', status: 'blocked', reason: 'her card was stolen' }],
  })

const changeShape = {
  id: z.uuid().describe('Of the change'),
  savingsAccountId: z.uuid(),
  status: accountStatusSchema,
  reason: z.string().meta({ examples: ['her card was stolen'] }),
  closedOn: calendarDate.nullable().describe('The last day of an account that was closed'),
  recordedAt: instantText,
  actor: actorShown.describe('The client that changed it'),
}

export const statusChangeSchema = z.object(changeShape).meta({ id: 'SavingsAccountStatusChanged' })

export const recordedStatusChangeSchema = z
  .object({ ...changeShape, replayed: z.boolean() })
  .meta({ id: 'SavingsAccountStatusRecorded' })

type Row = typeof savingsAccountStatusChange.$inferSelect

/**
 * Blocks, opens again or closes a savings account: its four ledger accounts together, and keeps why. Only an empty one can
 * be closed, and a closed one stays so.
 * @throws Refusal `savings-account-not-found`, `account-closed`, `account-not-empty`, `account-not-effective`,
 * `date-in-future`, `id-reused`
 */
export async function changeSavingsAccountStatus(
  parts: Parts,
  actor: Actor,
  bookId: string,
  savingsAccountId: string,
  id: string,
  change: z.output<typeof statusBody>,
) {
  const book = await bookOf(parts.db, bookId)
  const { status, reason } = change
  const closedOn = change.status === 'closed' ? change.closedOn : null
  refuseFuture(parts, { closedOn })
  const at = parts.clock.now()
  const changes = moneyKinds.map(({ name }) => ({
    id: moneyAccount(savingsAccountId, name),
    status,
    ...(closedOn !== null && { closedOn }),
  }))
  try {
    return await transact(parts.db, async tx => {
      const { row, replayed } = await register(tx, savingsAccountStatusChange, {
        where: inBook(savingsAccountStatusChange, bookId, id),
        content: { savingsAccountId, status, reason, closedOn },
        at,
        actor: actor.clientId,
        decide: async () => {
          await changeAccounts(tx, bookId, changes, at, actor.clientId)
          return { bookId, id, savingsAccountId, status, reason, closedOn }
        },
      })
      return { ...statusChangeOf(row), replayed }
    })
  } catch (error) {
    throw error instanceof Refusal ? inTermsOf({ savingsAccountId }, book, error) : error
  }
}

export function statusChangeOf({ id, savingsAccountId, status, reason, closedOn, recordedAt, actor }: Row) {
  return { id, savingsAccountId, status, reason, closedOn, recordedAt: recordedAt.toISOString(), actor }
}

/**
 * What became of an account's status since it was opened, in the order of recording.
 * @throws Refusal `savings-account-not-found`
 */
export async function listStatusChanges(
  db: Db,
  bookId: string,
  savingsAccountId: string,
  after: string | undefined,
  limit: number,
): Promise<Row[]> {
  const account = await db
    .select({ id: savingsAccount.id })
    .from(savingsAccount)
    .where(inBook(savingsAccount, bookId, savingsAccountId))
  if (account.length === 0) {
    throw new Refusal('savings-account-not-found', 'This book has no such savings account.')
  }
  const change = savingsAccountStatusChange
  return db
    .select()
    .from(change)
    .where(and(eq(change.bookId, bookId), eq(change.savingsAccountId, savingsAccountId), recordedAfter(change, after)))
    .orderBy(change.recordedAt, change.id)
    .limit(limit)
}
