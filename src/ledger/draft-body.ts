import { z } from 'zod'
import { calendarDate } from '../dates.ts'
import { clientId } from '../http/idempotency.ts'
import { idText } from '../ids.ts'
import { type Currency, parseAmount } from '../money.ts'
import { Refusal } from '../refusals.ts'
import { codesOf } from './accounts.ts'
import { type Draft, mostEntries, ownKinds } from './draft.ts'
import type { Ledger } from './post.ts'
import { entryBody, evidenceBody, kindText, reasonText } from './wire.ts'

/** A transaction that is asked for, without its id. */
export const draftFields = {
  kind: kindText
    .default('transaction')
    .describe('What it is. `adjustment` needs a reason; kinds of other verbs are theirs'),
  valueDate: calendarDate.describe('When the money moved; not in the future, not in a closed month'),
  entries: z
    .array(entryBody)
    .min(2)
    .max(mostEntries)
    .describe('Debits and credits, equal in sum. Their order counts: in another order they are other content'),
  reason: reasonText.optional(),
  evidence: evidenceBody.optional(),
  holdId: idText.optional().describe('A hold that this captures: it may take less than was held, and ends the hold'),
}

export const exampleDraft = {
  id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
  kind: 'opening-balance',
  valueDate: '2026-03-31',
  entries: [
    { accountId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e12', direction: 'debit', amount: '250.00' },
    { accountId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e13', direction: 'credit', amount: '250.00' },
  ],
}

export const draftBody = z
  .strictObject({ id: clientId, ...draftFields })
  .meta({ id: 'Draft', examples: [exampleDraft] })

type DraftBody = Omit<z.infer<typeof draftBody>, 'id'>

/** Of other parts: kinds that their verbs only post, or nobody takes back by hand, and control accounts that are theirs. */
export type Others = {
  reservedKinds: readonly string[]
  irreversibleKinds: readonly string[]
  reservedControls: readonly string[]
}

/** @throws Refusal `draft-invalid` for a kind that is another verb's, `amount-precision` */
export function draftOf(id: string, body: DraftBody, currency: Currency, { reservedKinds }: Others): Draft {
  if (body.kind !== 'adjustment' && [...ownKinds, ...reservedKinds].includes(body.kind)) {
    const message = `${body.kind} is made by its own verb only`
    throw new Refusal('draft-invalid', `The kind ${message}.`, { fields: [{ path: 'kind', message }] })
  }
  return {
    id,
    kind: body.kind,
    valueDate: body.valueDate,
    entries: body.entries.map(entry => ({ ...entry, amount: parseAmount(entry.amount, currency) })),
    ...(body.reason === undefined ? {} : { reason: body.reason }),
    ...(body.evidence === undefined ? {} : { evidence: body.evidence }),
    ...(body.holdId === undefined ? {} : { holdId: body.holdId }),
  }
}

/**
 * Why drafts written by hand may not be posted, by their place: they touch an account of others' controls, for more hangs
 * on its money than a balance. An account that is not there is for posting to refuse.
 */
export async function notByHand(
  ledger: Pick<Ledger, 'db'>,
  bookId: string,
  drafts: readonly Pick<Draft, 'entries'>[],
  others: Pick<Others, 'reservedControls'>,
): Promise<(Refusal | undefined)[]> {
  const ids = drafts.flatMap(({ entries }) => entries.map(({ accountId }) => accountId))
  const isReserved = await reservedAmong(ledger, bookId, ids, others)
  return drafts.map(({ entries }) =>
    movedByVerbs(
      entries.flatMap(({ accountId }, place) => (isReserved(accountId) ? [`entries.${place}.accountId`] : [])),
    ),
  )
}

/**
 * By hand nothing is set aside on such an account either: its own verbs would find less than there is, and not know why.
 * @throws Refusal `account-not-by-hand`
 */
export async function refuseHoldByHand(
  ledger: Pick<Ledger, 'db'>,
  bookId: string,
  accountId: string,
  others: Pick<Others, 'reservedControls'>,
): Promise<void> {
  const isReserved = await reservedAmong(ledger, bookId, [accountId], others)
  const refusal = movedByVerbs(isReserved(accountId) ? ['accountId'] : [])
  if (refusal !== undefined) throw refusal
}

async function reservedAmong(
  { db }: Pick<Ledger, 'db'>,
  bookId: string,
  ids: readonly string[],
  { reservedControls }: Pick<Others, 'reservedControls'>,
): Promise<(accountId: string) => boolean> {
  const codes = await codesOf(db, bookId, ids)
  return accountId => reservedControls.includes(codes.get(accountId.toLowerCase())?.split('.', 1)[0] ?? '')
}

function movedByVerbs(paths: readonly string[]): Refusal | undefined {
  if (paths.length === 0) return undefined
  const fields = paths.map(path => ({ path, message: 'is moved by its own verbs only' }))
  return new Refusal(
    'account-not-by-hand',
    'Money of incentives, of funds and in suspense is moved by its own verbs only.',
    {
      fields,
    },
  )
}
