import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/client.ts'
import { Refusal } from '../../refusals.ts'

/**
 * Has deliveries sent again that are over: those of these events, or all dead ones. Answers how many.
 * @throws Refusal `webhook-delivery-not-found` when one of the events was never to be sent there
 */
export async function sendAgain(
  tx: Tx,
  { bookId, webhookId }: { bookId: string; webhookId: string },
  eventIds: readonly string[] | null,
  now: Date,
): Promise<number> {
  const named = sql`d.book_id = ${bookId} and d.webhook_id = ${webhookId} and d.event_id = any (${sql.param(eventIds ?? [])}::uuid[])`
  if (eventIds !== null) {
    const { rowCount } = await tx.execute(sql`select from webhook_delivery d where ${named}`)
    if (rowCount !== new Set(eventIds).size)
      throw new Refusal('webhook-delivery-not-found', 'One of the events was not to be sent there.')
  }
  const chosen =
    eventIds === null
      ? sql`d.book_id = ${bookId} and d.webhook_id = ${webhookId} and d.status = 'dead'`
      : sql`${named} and d.status <> 'waiting'`
  const { rowCount } = await tx.execute(sql`
    update webhook_delivery d set status = 'waiting', due_at = ${now.toISOString()}, failures = 0 where ${chosen}`)
  return rowCount ?? 0
}
