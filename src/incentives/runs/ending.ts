import { and, eq, sql } from 'drizzle-orm'
import { limaDate } from '../../dates.ts'
import { type Tx, transact } from '../../db/client.ts'
import { databaseMessage } from '../../db/errors.ts'
import type { Actor } from '../../http/actor.ts'
import { nameId } from '../../ids.ts'
import { bookOf, type Draft, type DraftEntry, headOf } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { fundMoney, setAside } from '../../savings/chart.ts'
import { inBook } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { sharesOf } from '../funding/financings.ts'
import { lockRun, runRow } from './run.ts'
import { incentiveRun, type RunRow } from './schema.ts'

/** Ends a run that posts: what was set aside and not paid goes back to the funds. */
export async function endRun(tx: Tx, parts: Parts, run: RunRow, actor: string): Promise<RunRow> {
  await returnRest(tx, parts, run, actor)
  const endedAt = parts.clock.now()
  const ended = { status: 'posted', stopReason: null, endedAt, postedThrough: run.lines } as const
  await tx
    .update(incentiveRun)
    .set(ended)
    .where(inBook(incentiveRun, run.bookId, run.id))
  return { ...run, ...ended }
}

/**
 * Stops a run that cannot post on, with the reason, so that somebody looks: it goes on when it is approved again, and is
 * ended when it is cancelled.
 */
export async function stopRun({ db }: Parts, bookId: string, runId: string, error: unknown): Promise<void> {
  const stopReason = error instanceof Refusal ? error.code : databaseMessage(error).slice(0, 500) || 'unknown'
  await db
    .update(incentiveRun)
    .set({ status: 'stopped', stopReason })
    .where(and(inBook(incentiveRun, bookId, runId), eq(incentiveRun.status, 'posting')))
}

/**
 * Gives up a run that was not approved; or ends one that stopped: what it did not pay is owed on, and looked at by the next.
 * @throws Refusal `incentive-run-not-found`, `incentive-run-not-prepared`, and what posting refuses
 */
export async function cancelRun(parts: Parts, bookId: string, runId: string, actor: Actor): Promise<RunRow> {
  return transact(parts.db, async tx => {
    const run = (await lockRun(tx, bookId, runId, true)) ?? (await runRow(tx, bookId, runId))
    if (run.status === 'cancelled') return run
    if (run.status === 'stopped') {
      await tx.execute(sql`
        update incentive_run_line l set outcome = 'refused', reason = 'run-ended'
        where l.book_id = ${bookId} and l.run_id = ${runId} and l.outcome = 'due'`)
      return endRun(tx, parts, run, actor.clientId)
    }
    if (run.status !== 'preparing' && run.status !== 'prepared') {
      throw new Refusal('incentive-run-not-prepared', `The run is ${run.status}.`, { facts: { status: run.status } })
    }
    const cancelled = { status: 'cancelled', endedAt: parts.clock.now() } as const
    await tx
      .update(incentiveRun)
      .set(cancelled)
      .where(inBook(incentiveRun, bookId, runId))
    return { ...run, ...cancelled }
  })
}

/** Once a run, for the id is the run's. When the month of its value date was closed meanwhile, it comes back today. */
async function returnRest(tx: Tx, parts: Parts, run: RunRow, actor: string): Promise<void> {
  const shares = await sharesOf(tx, run.bookId, run.financingId)
  const ids = shares.map(({ fundId }) => setAside(run.id, fundId))
  const { rows } = await tx.execute<{ id: string; rest: string }>(sql`
    select a.id, (a.credits - a.debits)::text as rest from account a
    where a.book_id = ${run.bookId} and a.id = any (${sql.param(ids)}::uuid[]) and a.credits > a.debits`)
  if (rows.length === 0) return
  const entries = shares.flatMap(({ fundId }): DraftEntry[] => {
    const accountId = setAside(run.id, fundId)
    const amount = BigInt(rows.find(({ id }) => id === accountId)?.rest ?? '0')
    if (amount === 0n) return []
    return [
      { accountId, direction: 'debit', amount },
      { accountId: fundMoney(fundId), direction: 'credit', amount },
    ]
  })
  const { closedThrough } = await headOf(parts.db, run.bookId)
  const isClosed = closedThrough !== null && run.valueDate <= closedThrough
  await postWithin(tx, parts, run.bookId, actor, {
    ...{ id: nameId('set-aside-return', run.id), kind: 'incentive-set-aside-return', entries },
    valueDate: isClosed ? limaDate(parts.clock.now()) : run.valueDate,
    evidence: { programmeId: run.programmeId, runId: run.id, month: run.month },
  })
}

/** Posts one draft in a database transaction that is open, so that it stands or falls with it. @throws Refusal */
export async function postWithin(tx: Tx, { db, ledger }: Parts, bookId: string, actor: string, draft: Draft) {
  const [outcomes] = await ledger.postListsWithin(tx, await bookOf(db, bookId), [[draft]], actor)
  const [outcome] = outcomes!
  if ('refusal' in outcome!) throw outcome.refusal
}
