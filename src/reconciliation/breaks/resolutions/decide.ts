import { sql } from 'drizzle-orm'
import { type Tx, transact } from '../../../db/client.ts'
import type { Actor } from '../../../http/actor.ts'
import { refuseSameHand } from '../../../http/hands.ts'
import { nameId } from '../../../ids.ts'
import { type Book, bookOf } from '../../../ledger/index.ts'
import { Refusal } from '../../../refusals.ts'
import { inBook } from '../../../savings/listing.ts'
import type { Parts } from '../../../savings/parts.ts'
import { register } from '../../../savings/registering.ts'
import { bankAccountById } from '../../intake/bank-accounts.ts'
import { waitForTurns } from '../../intake/take.ts'
import { lastRun } from '../../matching/last-run.ts'
import type { Matching } from '../../matching/matching.ts'
import { matchingRun } from '../../matching/schema.ts'
import { timeInTurn } from '../keep.ts'
import type { Outcome } from './content.ts'
import { execute } from './execute.ts'
import type { Limits, ResolutionRow } from './propose.ts'
import { breakResolution, resolutionDecision } from './schema.ts'

/** What is decided is matched anew. */
export type Deciding = Parts & { matching: Matching }

type Of = { bookId: string; bankAccountId: string; resolutionId: string }
type Decided = { id: string; outcome: Outcome; reason?: string | undefined }

export type DecisionRow = typeof resolutionDecision.$inferSelect

/** @throws Refusal `resolution-not-found` */
export async function resolutionRow(
  db: Parts['db'] | Tx,
  { bookId, bankAccountId, resolutionId }: Of,
): Promise<ResolutionRow> {
  const [row] = await db
    .select()
    .from(breakResolution)
    .where(
      sql`${inBook(breakResolution, bookId, resolutionId)} and ${breakResolution.bankAccountId} = ${bankAccountId}`,
    )
  if (row === undefined) throw new Refusal('resolution-not-found', 'The account has no such resolution.')
  return row
}

/**
 * Decides a proposal, once. Approved, by another than whoever proposed it, it is carried out whole in the same database
 * transaction; then the account is matched anew, so that the breaks around it are what is found now.
 * @throws Refusal `bank-account-not-found`, `resolution-not-found`, `second-actor-needed`, `access-denied`, `resolution-decided`,
 *   `resolution-outdated`, `resolution-unbalanced`, `id-reused`, and what posting refuses
 */
export async function decideResolution(
  parts: Deciding,
  of: Of,
  actor: Actor,
  limits: Limits,
  { id, outcome, reason }: Decided,
): Promise<{ row: DecisionRow; replayed: boolean }> {
  const { bookId, bankAccountId, resolutionId } = of
  const book = await bookOf(parts.db, bookId)
  const account = await bankAccountById(parts, bookId, bankAccountId)
  const resolution = await resolutionRow(parts.db, of)
  const askedAt = parts.clock.now()
  const decided = await transact(parts.db, async tx => {
    await waitForTurns(tx, bookId, [bankAccountId])
    const at = await timeInTurn(tx, bookId, [bankAccountId], askedAt)
    const registered = await register(tx, resolutionDecision, {
      where: inBook(resolutionDecision, bookId, id),
      content: { resolutionId, outcome, reason },
      at,
      actor: actor.clientId,
      decide: async () => {
        await refuseDecided(tx, of)
        await refuseWrongHand(tx, actor, resolution, outcome)
        return {
          ...{ bookId, resolutionId, id, bankAccountId, outcome, proposedBy: resolution.actor, reason: reason ?? null },
          approved: outcome === 'approved' ? resolutionId : null,
        }
      },
    })
    if (!registered.replayed && outcome === 'approved')
      await execute(parts, tx, { book, account, limits }, resolution, actor, at)
    return registered
  })
  if (decided.row.outcome === 'approved') await bringInLine(parts, book, bankAccountId, resolutionId, actor)
  return decided
}

/** @throws Refusal `resolution-decided` */
async function refuseDecided(tx: Tx, { bookId, resolutionId }: Of): Promise<void> {
  const { rows } = await tx.execute<{ outcome: Outcome }>(sql`
    select d.outcome from resolution_decision d where d.book_id = ${bookId} and d.resolution_id = ${resolutionId}`)
  const [before] = rows
  if (before === undefined) return
  throw new Refusal('resolution-decided', `It is ${before.outcome}.`, { facts: { outcome: before.outcome } })
}

/** A bank's key posts no money of savers: it approves, or rejects, only that something is the same money. */
async function refuseWrongHand(tx: Tx, actor: Actor, { actor: maker, kind }: ResolutionRow, outcome: Outcome) {
  if (outcome === 'withdrawn') {
    if (actor.clientId !== maker) throw new Refusal('access-denied', 'It is withdrawn by whoever proposed it.')
    return
  }
  if (actor.role === 'bank' && kind !== 'match')
    throw new Refusal('access-denied', 'A bank’s key decides that something is the same money, and nothing else.')
  const detail = 'It was proposed by the same client, who may withdraw it.'
  await refuseSameHand(tx, actor, [maker], detail)
}

/** Matches the account again, by the rules of the last time, once for each resolution. */
async function bringInLine(parts: Deciding, book: Book, bankAccountId: string, resolutionId: string, actor: Actor) {
  const id = nameId('matching', resolutionId)
  const [done] = await parts.db
    .select({ id: matchingRun.id })
    .from(matchingRun)
    .where(inBook(matchingRun, book.id, id))
  const before = await lastRun(parts.db, book.id, bankAccountId)
  if (done !== undefined || before === null) return
  const asked = { bookId: book.id, bankAccountId, actor: actor.clientId, at: parts.clock.now() }
  await parts.matching.match({ ...asked, id, rules: before.rules, dryRun: false })
}
