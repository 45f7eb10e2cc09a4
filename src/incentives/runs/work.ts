import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { Refusal, refusals } from '../../refusals.ts'
import type { Parts } from '../../savings/parts.ts'
import { endLocks } from '../locks/locks.ts'
import { stopRun } from './ending.ts'
import { postNext } from './post.ts'
import { prepareNext } from './prepare.ts'
import { runRow } from './run.ts'

/** How long between two looks for runs that somebody left standing. */
const lookEveryMs = 2_000
/** How long between two looks for contracts that are over. */
const unlockEveryMs = 60 * 60 * 1000

/** Moves runs on, a chunk at a time, also those that another process left when it was killed; and ends locks by the day. */
export type Work = {
  /** Moves this run on now, and waits for it up to `waitMs`; it goes on afterwards. */
  start(bookId: string, runId: string, waitMs: number): Promise<void>
  /** Stops after the chunk under way. */
  stop(): Promise<void>
}

/** Works on the runs of a database. Several processes may: each chunk is taken by one of them. */
export function workOnRuns(parts: Parts, onFault: (error: unknown) => void): Work {
  const underWay = new Map<string, Promise<void>>()
  let stopping = false

  function moveOn(bookId: string, runId: string): Promise<void> {
    const key = `${bookId} ${runId}`
    const known = underWay.get(key)
    if (known !== undefined) return known
    const moving = advance(bookId, runId)
      .catch(onFault)
      .finally(() => underWay.delete(key))
    underWay.set(key, moving)
    return moving
  }

  async function advance(bookId: string, runId: string): Promise<void> {
    while (!stopping && (await step(parts, bookId, runId)));
  }

  const timer = setInterval(() => {
    look().catch(onFault)
  }, lookEveryMs)
  timer.unref()

  async function look(): Promise<void> {
    const { rows } = await parts.db.execute<{ bookId: string; id: string }>(
      sql`select r.book_id as "bookId", r.id from incentive_run r where r.status in ('preparing', 'posting')`,
    )
    if (!stopping) for (const { bookId, id } of rows) void moveOn(bookId, id)
  }

  const unlocking = setInterval(() => {
    unlock().catch(onFault)
  }, unlockEveryMs)
  unlocking.unref()

  async function unlock(): Promise<void> {
    const { rows } = await parts.db.execute<{ bookId: string }>(
      sql`select distinct i.book_id as "bookId" from incentive i where i.money = 'incentive-locked'`,
    )
    for (const { bookId } of rows) {
      if (!stopping) await endLocks(parts, bookId, {}, 'service')
    }
  }

  return {
    async start(bookId, runId, waitMs) {
      await Promise.race([moveOn(bookId, runId), pause(waitMs, undefined, { ref: false })])
    },
    async stop() {
      stopping = true
      clearInterval(timer)
      clearInterval(unlocking)
      await Promise.all(underWay.values())
    },
  }
}

/** The next chunk of a run, whatever it is at; false when nothing is to do, or another is doing it. */
async function step(parts: Parts, bookId: string, runId: string): Promise<boolean> {
  const { status } = await runRow(parts.db, bookId, runId)
  try {
    if (status === 'preparing') return await prepareNext(parts, bookId, runId)
    if (status === 'posting') return await postNext(parts, bookId, runId)
  } catch (error) {
    // The database went away for a while, or too much is waiting: the next look goes on from here.
    if (error instanceof Refusal && refusals[error.code].retryable) return false
    if (status === 'posting') await stopRun(parts, bookId, runId, error)
    throw error
  }
  return false
}
