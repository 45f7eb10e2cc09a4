import { sql } from 'drizzle-orm'
import { type Db, transact } from '../../db/client.ts'
import type { Attempt } from '../sending/outcomes.ts'
import { nextAttempt } from '../sending/schedule.ts'
import { disableWithin } from '../webhooks.ts'

/** Whose deliveries are meant. */
export type Receiver = { bookId: string; webhookId: string }

/** An attempt that is ours to make, until its lease is over. */
export type Claimed = Receiver & { position: bigint; attempt: number; failures: number; url: string }

/** Longer than an attempt may take: whoever holds one longer has died. */
const leaseMs = 60_000

/** Some enabled webhooks that something is due for, but those that are being posted to here already. */
export async function dueReceivers(db: Db, now: Date, busy: readonly string[], most: number): Promise<Receiver[]> {
  const { rows } = await db.execute<Receiver>(sql`
    select w.book_id as "bookId", w.id as "webhookId" from webhook w
    where w.status = 'enabled' and w.id <> all (${sql.param([...busy])}::uuid[])
      and exists (select from webhook_delivery d
        where d.book_id = w.book_id and d.webhook_id = w.id and d.status = 'waiting' and d.due_at <= ${now.toISOString()})
    order by random() limit ${most}`)
  return rows
}

/** Takes the delivery of a webhook that is due longest, for as long as the lease; null when there is none that nobody has. */
export async function claimNext(db: Db, { bookId, webhookId }: Receiver, now: Date): Promise<Claimed | null> {
  const until = new Date(now.getTime() + leaseMs).toISOString()
  const { rows } = await db.execute<{ position: string; attempts: number; failures: number; url: string }>(sql`
    with next as (
      select d.book_id, d.webhook_id, d.position from webhook_delivery d
      where d.book_id = ${bookId} and d.webhook_id = ${webhookId} and d.status = 'waiting' and d.due_at <= ${now.toISOString()}
      order by d.due_at, d.position limit 1 for no key update skip locked)
    update webhook_delivery d set due_at = ${until}, attempts = d.attempts + 1
    from next n join webhook w on w.book_id = n.book_id and w.id = n.webhook_id and w.status = 'enabled'
    where d.book_id = n.book_id and d.webhook_id = n.webhook_id and d.position = n.position
    returning d.position, d.attempts, d.failures, w.url`)
  const [row] = rows
  if (row === undefined) return null
  const { position, attempts, failures, url } = row
  return { bookId, webhookId, position: BigInt(position), attempt: attempts, failures, url }
}

/** What a delivery is after an attempt. */
export type Left = 'delivered' | 'waiting' | 'dead'

/**
 * Keeps what came of an attempt, unless the delivery is another's by now. A receiver that is gone is posted to no more.
 * `chance` is from 0 up to 1.
 */
export async function keepAttempt(
  db: Db,
  claimed: Claimed,
  { outcome, status }: Attempt,
  now: Date,
  chance: number,
): Promise<Left> {
  const { bookId, webhookId, position, attempt } = claimed
  const isFailure = outcome !== 'accepted' && outcome !== 'interrupted'
  const failures = claimed.failures + (isFailure ? 1 : 0)
  const again = outcome === 'interrupted' ? now : nextAttempt(failures, now, chance)
  const left: Left = outcome === 'accepted' ? 'delivered' : outcome === 'gone' || again === null ? 'dead' : 'waiting'
  const due = left === 'waiting' ? again!.toISOString() : null
  // What was given up while it was being sent, and arrived, did arrive.
  const from = left === 'waiting' ? ['waiting'] : ['waiting', 'dead']
  await transact(db, async tx => {
    // In the order in which disabling locks: the webhook first.
    if (outcome === 'gone') await disableWithin(tx, { bookId, webhookId }, { because: 'gone', at: now, actor: null })
    await tx.execute(sql`
      update webhook_delivery d set status = ${left}, due_at = ${due}, failures = ${failures}, last_outcome = ${outcome},
        last_status = ${status}, last_at = ${now.toISOString()}
      where d.book_id = ${bookId} and d.webhook_id = ${webhookId} and d.position = ${position.toString()}
        and d.attempts = ${attempt} and d.status = any (${sql.param(from)}::text[])`)
  })
  return left
}
