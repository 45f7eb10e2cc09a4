import { z } from 'zod'
import { calendarDate, instantText } from '../../dates.ts'
import type { Actor } from '../../http/actor.ts'
import {
  type Book,
  bookOf,
  type Draft,
  hashText,
  kindShown,
  type Ledger,
  type Posted,
  sequenceNumber,
} from '../../ledger/index.ts'
import { amountText, formatAmount } from '../../money.ts'
import { Refusal, type RefusalCode } from '../../refusals.ts'
import { actingAgent } from '../acting.ts'
import { inTermsOf, isNumbered, settled } from './subjects.ts'
import type { Verb, VerbBody } from './verb.ts'

/** What the ledger may say to any movement of money. */
export const postingRefusals = [
  'id-reused',
  'month-closed',
  'value-date-in-future',
  'account-not-found',
  'account-blocked',
  'account-closed',
  'account-not-effective',
  'account-total-too-large',
  'balance-below-floor',
  'amount-precision',
  'overloaded',
] as const satisfies readonly RefusalCode[]

/** What is answered of every movement of money: the transaction, and whom the request named. */
export const recordedSchema = z
  .object({
    id: z.uuid(),
    sequence: sequenceNumber,
    kind: kindShown,
    valueDate: calendarDate,
    recordedAt: instantText,
    hash: hashText.describe('SHA-256 in hexadecimal; chained to the transaction before'),
    amount: amountText,
    savingsAccountId: z.uuid().optional(),
    fromSavingsAccountId: z.uuid().optional(),
    toSavingsAccountId: z.uuid().optional(),
    agentId: z.uuid().optional(),
    fundId: z.uuid().optional(),
    replayed: z.boolean(),
  })
  .meta({ id: 'RecordedTransaction' })

export type Recorded = z.output<typeof recordedSchema>

/**
 * Records an event: makes its draft and posts it. One database round trip, of the batch that the draft joins, unless the
 * account is named by its number.
 * @throws Refusal what the ledger refuses, told in terms of savers and agents; `access-denied` when an agent's key names
 * another agent, or hers is none of the book
 */
export async function record(
  ledger: Ledger,
  verb: Verb,
  bookId: string,
  id: string,
  given: VerbBody,
  actor: Actor,
): Promise<Recorded> {
  actingAgent(actor, given.agentId)
  const book = await bookOf(ledger.db, bookId)
  const body = isNumbered(given) ? await settled(ledger.db, book.id, given) : given
  const looked = verb.before?.(ledger.db, book, body)
  if (looked !== undefined) await looked
  const draft = verb.draft(book, id, body)
  try {
    return answerOf(draft, body, book, await ledger.post(book.id, draft, actor.clientId))
  } catch (error) {
    throw error instanceof Refusal ? inTermsOf(body, book, error) : error
  }
}

/** The answer to a posted draft of two entries. */
export function answerOf(draft: Draft, body: VerbBody, book: Book, posted: Posted): Recorded {
  const { savingsAccountId, fromSavingsAccountId, toSavingsAccountId, agentId, fundId } = body
  return {
    id: posted.id,
    sequence: Number(posted.sequence),
    kind: draft.kind,
    valueDate: draft.valueDate,
    recordedAt: posted.recordedAt.toISOString(),
    hash: posted.hash,
    amount: formatAmount(draft.entries[0]!.amount, book.currency),
    savingsAccountId,
    fromSavingsAccountId,
    toSavingsAccountId,
    agentId,
    fundId,
    replayed: posted.replayed,
  }
}
