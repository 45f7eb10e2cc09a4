import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { instantText } from '../../dates.ts'
import { transact } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { clientId } from '../../http/idempotency.ts'
import { idText } from '../../ids.ts'
import { accountById, bookOf, openAccounts } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { bank, controlAccounts } from '../../savings/chart.ts'
import { inBook, recordedAfter } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { register } from '../../savings/registering.ts'
import { code } from '../../savings/wording.ts'
import { suspenseOpenings } from '../suspense/accounts.ts'
import { numberKey } from './numbers.ts'
import { profileByCode } from './profiles.ts'
import { bankAccount } from './schema.ts'

const number = z
  .string()
  .trim()
  .min(4)
  .max(60)
  .refine(text => numberKey(text).length >= 4, 'must have four letters or digits at least')
  .describe('As statements write it; strokes, hyphens and blanks make no difference')
  .meta({ examples: ['191-2345678-0-12'] })

export const bankAccountBody = z
  .strictObject({
    id: clientId,
    number,
    accountId: idText
      .optional()
      .describe('The ledger’s account that its statements speak of; by default the book’s 1010'),
    profile: code.optional().describe('By which its CSV or fixed-width files are read where none is named'),
  })
  .meta({
    id: 'BankAccountRegistration',
    examples: [{ id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11', number: '191-2345678-0-12' }],
  })

export const bankAccountSchema = z
  .object({
    id: z.uuid(),
    number,
    accountId: z.uuid(),
    profile: code.nullable(),
    recordedAt: instantText,
  })
  .meta({ id: 'BankAccount' })

export type BankAccountRow = typeof bankAccount.$inferSelect
type Body = Omit<z.output<typeof bankAccountBody>, 'id'> & { id: string }

export function bankAccountOf({ id, number, accountId, profileCode, recordedAt }: BankAccountRow) {
  return { id, number, accountId, profile: profileCode, recordedAt: recordedAt.toISOString() }
}

/**
 * Registers of which of the book's ledger accounts the statements of a number speak: 1010, or an asset that was opened by hand;
 * and opens the two accounts where what does not match will stand.
 * @throws Refusal `id-reused`, `ledger-account-not-found`, `statement-profile-not-found`, `bank-account-taken`, `account-not-at-bank`
 */
export async function registerBankAccount(
  parts: Parts,
  bookId: string,
  actor: Actor,
  { id, number, profile, ...body }: Body,
): Promise<{ row: BankAccountRow; replayed: boolean }> {
  const accountId = body.accountId ?? bank(bookId)
  const account = await accountById(parts.db, bookId, accountId)
  const at = parts.clock.now()
  return transact(parts.db, async tx => {
    const registered = await register(tx, bankAccount, {
      where: inBook(bankAccount, bookId, id),
      content: { number, accountId, profile },
      at,
      actor: actor.clientId,
      decide: async () => {
        const control = account.code.split('.')[0]!
        if (account.type !== 'asset' || (control !== '1010' && control in controlAccounts))
          throw new Refusal(
            'account-not-at-bank',
            'Statements speak of money at the bank: of 1010, or an asset of your own.',
          )
        if (profile !== undefined) await profileByCode(parts, bookId, profile)
        return { bookId, id, number, numberKey: numberKey(number), accountId, profileCode: profile ?? null, turns: 0 }
      },
      taken: () =>
        new Refusal('bank-account-taken', 'The book has this number, or this account of the ledger, already.'),
    })
    if (!registered.replayed) await openAccounts(tx, bookId, suspenseOpenings(id, account.openedOn), at, actor.clientId)
    return registered
  })
}

export async function listBankAccounts(parts: Parts, bookId: string, after: string | undefined, limit: number) {
  await bookOf(parts.db, bookId)
  const { recordedAt, id } = bankAccount
  return parts.db
    .select()
    .from(bankAccount)
    .where(and(eq(bankAccount.bookId, bookId), recordedAfter(bankAccount, after)))
    .orderBy(recordedAt, id)
    .limit(limit)
}

/** @throws Refusal `bank-account-not-found` */
export async function bankAccountById(parts: Pick<Parts, 'db'>, bookId: string, id: string): Promise<BankAccountRow> {
  await bookOf(parts.db, bookId)
  const [row] = await parts.db
    .select()
    .from(bankAccount)
    .where(inBook(bankAccount, bookId, id))
  if (row === undefined) throw new Refusal('bank-account-not-found', 'There is no such bank account in this book.')
  return row
}
