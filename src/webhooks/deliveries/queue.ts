import { sql } from 'drizzle-orm'
import { type Db, type Tx, transact } from '../../db/client.ts'
import type { ToldKind } from '../../feed/kinds.ts'
import { toldAfter } from '../../feed/told.ts'

/** Events that are looked at for one webhook at a time. */
const eventsAtOnce = 1_000

type Behind = { bookId: string; id: string }

/**
 * Queues for each webhook the events that it has not been looked at for: a reader of the feed like any other, so that nothing
 * that is told waits for it. Each webhook is looked at by one service at a time.
 */
export async function queueDeliveries(db: Db, now: Date): Promise<void> {
  const { rows } = await db.execute<Behind>(sql`
    select w.book_id as "bookId", w.id from webhook w
    where w.status = 'enabled'
      and w.position < (select max(e.position) from feed_event e where e.book_id = w.book_id)`)
  for (const behind of rows) while (await transact(db, tx => queueNext(tx, behind, now)));
}

/** Queues the next events for a webhook; false when there may be no more, or another does it. */
async function queueNext(tx: Tx, { bookId, id }: Behind, now: Date): Promise<boolean> {
  const { rows } = await tx.execute<{ position: string; kinds: ToldKind[] }>(sql`
    select w.position, w.kinds from webhook w
    where w.book_id = ${bookId} and w.id = ${id} and w.status = 'enabled' for no key update skip locked`)
  const [at] = rows
  if (at === undefined) return false
  const events = await toldAfter(tx, bookId, BigInt(at.position), eventsAtOnce)
  const last = events.at(-1)
  if (last === undefined) return false
  const wanted = events.filter(({ kind }) => at.kinds.includes(kind))
  await tx.execute(sql`
    insert into webhook_delivery (book_id, webhook_id, position, event_id, status, attempts, failures, due_at, told_at)
    select ${bookId}, ${id}, e.position, e.id, 'waiting', 0, 0, ${now.toISOString()}, e.told_at
    from unnest(${sql.param(wanted.map(({ position }) => position.toString()))}::bigint[],
      ${sql.param(wanted.map(event => event.id))}::uuid[],
      ${sql.param(wanted.map(({ recordedAt }) => recordedAt.toISOString()))}::timestamptz[]) as e(position, id, told_at)`)
  await tx.execute(sql`
    update webhook w set position = ${last.position.toString()} where w.book_id = ${bookId} and w.id = ${id}`)
  return events.length === eventsAtOnce
}
