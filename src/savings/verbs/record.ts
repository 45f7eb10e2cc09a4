import { z } from 'zod'
import { calendarDate, instantText } from '../../dates.ts'
import type { Actor } from '../../http/actor.ts'
import { type Book, bookOf, type Draft, type Ledger, type Posted } from '../../ledger/index.ts'
import { amountText, formatAmount } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { inTermsOf } from './subjects.ts'
import type { Verb, VerbBody } from './verb.ts'

/** What is answered of every movement of money: the transaction, and whom the request named. */
export const recordedSchema = z
  .object({
    id: z.uuid(),
    sequence: z.string().describe('Its place in the book’s journal, counted without gaps'),
    kind: z.string(),
    valueDate: calendarDate,
    recordedAt: instantText,
    hash: z.string().describe('SHA-256 in hexadecimal; chained to the transaction before'),
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
 * Records an event: makes its draft and posts it. One database round trip, of the batch that the draft joins.
 * @throws Refusal what the ledger refuses, told in terms of savers and agents; `access-denied` when an agent's key names
 * another agent
 */
export async function record(
  ledger: Ledger,
  verb: Verb,
  bookId: string,
  id: string,
  body: VerbBody,
  actor: Actor,
): Promise<Recorded> {
  refuseOthersWork(actor, body.agentId)
  const book = await bookOf(ledger.db, bookId)
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
    sequence: posted.sequence.toString(),
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

/**
 * An agent's key does only its own agent's work. Administrators act for any.
 * @throws Refusal `access-denied`
 */
export function refuseOthersWork(actor: Actor, agentId: string | undefined): void {
  if (actor.role === 'agent' && agentId !== undefined && agentId !== actor.agentId) {
    throw new Refusal('access-denied', 'Your key is for the work of another agent.', {
      fields: [{ path: 'agentId', message: 'is not the agent of your key' }],
    })
  }
}
