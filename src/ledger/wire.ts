import { z } from 'zod'
import { calendarDate, instantText } from '../dates.ts'
import { idText } from '../ids.ts'
import {
  amountText,
  type Currency,
  currencySchema,
  formatAmount,
  positiveAmountText,
  signedAmountText,
  totalText,
} from '../money.ts'
import type { Account } from './accounts.ts'
import type { Balance } from './balances.ts'
import type { Posted } from './decide.ts'
import type { Draft } from './draft.ts'
import { accountStatuses, accountTypes, directions } from './schema.ts'
import type { Transaction } from './transactions.ts'

export const accountTypeSchema = z.enum(accountTypes).meta({ id: 'AccountType' })

export const directionSchema = z.enum(directions).meta({ id: 'Direction' })

export const accountStatusSchema = z.enum(accountStatuses).meta({ id: 'AccountStatus' })

export const bookParams = z.strictObject({ bookId: idText })

export const sequenceNumber = z
  .int()
  .nonnegative()
  .describe('Place in the book: 1, 2, 3 … without a gap')
  .meta({ examples: [1042] })

export const hashText = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('SHA-256, hexadecimal')
  .meta({ examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'] })

/** Evidence as it is asked for: flat, small, and without names. */
export const evidenceBody = z
  .record(
    z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,39}$/, 'must be a short word of letters and digits'),
    z.union([z.string().max(500), z.int(), z.boolean(), z.null()]),
  )
  .refine(evidence => Object.keys(evidence).length <= 30, 'must have at most 30 members')
  .describe('What it rests on: ids, references, codes. No names and no document numbers: it is kept for ever')
  .meta({ examples: [{ slip: 'BN-000123' }] })

export const reasonText = z.string().trim().min(1).max(500)

export const kindText = z
  .string()
  .regex(/^[a-z][a-z-]{0,39}$/, 'must be lower-case words joined by hyphens')
  .meta({ examples: ['opening-balance'] })

/** What a transaction is, in answers: a kind of the ledger's, of a verb's or of the client's. */
export const kindShown = z.string().meta({ examples: ['deposit'] })

/** Why it was posted, where whoever asked said so: always of an adjustment. */
export const reasonShown = z
  .string()
  .nullable()
  .describe('Why; an adjustment always says it')
  .meta({ examples: [null] })

/** Who asked: a client, or the ledger itself. */
export const actorShown = z.string().meta({ examples: ['0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e12'] })

export const entryBody = z
  .strictObject({ accountId: idText, direction: directionSchema, amount: positiveAmountText })
  .meta({ id: 'DraftEntry' })

export const postedSchema = z
  .object({
    id: z.uuid(),
    sequence: sequenceNumber,
    kind: kindShown,
    valueDate: calendarDate,
    recordedAt: instantText,
    hash: hashText,
    replayed: z.boolean().describe('True when an earlier request with this id and content had posted it'),
  })
  .meta({ id: 'Posted' })

export function postedAnswer(draft: Pick<Draft, 'kind' | 'valueDate'>, posted: Posted): z.infer<typeof postedSchema> {
  return {
    id: posted.id,
    sequence: Number(posted.sequence),
    kind: draft.kind,
    valueDate: draft.valueDate,
    recordedAt: posted.recordedAt.toISOString(),
    hash: posted.hash,
    replayed: posted.replayed,
  }
}

export const transactionSchema = z
  .object({
    id: z.uuid(),
    sequence: sequenceNumber,
    kind: kindShown,
    valueDate: calendarDate.describe('When the money moved'),
    recordedAt: instantText.describe('When we wrote it'),
    actor: actorShown.describe('The client that asked'),
    reason: reasonShown,
    evidence: z.record(z.string(), z.any()),
    holdId: z.uuid().nullable().describe('The hold it captured'),
    reverses: z.uuid().nullable().describe('The transaction it reverses'),
    reversedBy: z.uuid().nullable().describe('The transaction that reverses it'),
    contentHash: hashText,
    hash: hashText,
    entries: z.array(
      z
        .object({
          position: z.int(),
          accountId: z.uuid(),
          direction: directionSchema,
          amount: amountText,
        })
        .meta({ id: 'Entry' }),
    ),
  })
  .meta({ id: 'Transaction' })

export function transactionAnswer(transaction: Transaction, currency: Currency): z.infer<typeof transactionSchema> {
  return {
    ...transaction,
    sequence: Number(transaction.sequence),
    recordedAt: transaction.recordedAt.toISOString(),
    contentHash: transaction.contentHash.toString('hex'),
    hash: transaction.hash.toString('hex'),
    entries: transaction.entries.map(entry => ({ ...entry, amount: formatAmount(entry.amount, currency) })),
  }
}

export const accountSchema = z
  .object({
    id: z.uuid(),
    code: z.string().meta({ examples: ['1010.lima'] }),
    name: z.string().meta({ examples: ['Bank, Lima branch'] }),
    type: accountTypeSchema,
    normal: directionSchema.describe('The side on which it grows'),
    floor: signedAmountText.nullable().describe('The least its available balance may be; null: no floor'),
    status: accountStatusSchema,
    openedOn: calendarDate,
    closedOn: calendarDate.nullable(),
  })
  .meta({ id: 'Account' })

export function accountAnswer(account: Account, currency: Currency): z.infer<typeof accountSchema> {
  return { ...account, floor: account.floor === null ? null : formatAmount(account.floor, currency) }
}

/** Whether a range of days, where both ends are given, has them in order. */
export function daysInOrder({ from, to }: { from?: string | undefined; to?: string | undefined }): boolean {
  return from === undefined || to === undefined || from <= to
}

/** The two ways of looking at the past, alone or together. */
export const viewpointQuery = {
  asOf: calendarDate.optional().describe('As of the end of this day, by value date'),
  knownAt: instantText.optional().describe('As it was known at this instant, whatever was recorded since'),
}

export const heldMeaning =
  'Set aside by holds: those in force now, or at the end of `asOf` or at `knownAt`, whichever is the earlier'

export const balanceSchema = z
  .object({
    accountId: z.uuid(),
    currency: currencySchema,
    debits: totalText.describe('All debits'),
    credits: totalText.describe('All credits'),
    posted: signedAmountText.describe('The sum of its entries, positive on its normal side'),
    held: totalText.describe(heldMeaning),
    available: signedAmountText.describe('Posted less held'),
    asOf: calendarDate.nullable(),
    knownAt: instantText.nullable(),
    sequence: sequenceNumber.describe('The last transaction of the book that was looked at'),
  })
  .meta({ id: 'Balance' })

export function balanceAnswer(
  balance: Balance,
  sequence: bigint,
  currency: Currency,
  viewpoint: { asOf?: string | undefined; knownAt?: string | undefined },
): z.infer<typeof balanceSchema> {
  const text = (amount: bigint) => formatAmount(amount, currency)
  return {
    accountId: balance.accountId,
    currency,
    debits: text(balance.debits),
    credits: text(balance.credits),
    posted: text(balance.posted),
    held: text(balance.held),
    available: text(balance.available),
    asOf: viewpoint.asOf ?? null,
    knownAt: viewpoint.knownAt ?? null,
    sequence: Number(sequence),
  }
}
