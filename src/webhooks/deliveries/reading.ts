import { sql } from 'drizzle-orm'
import type { z } from 'zod'
import type { ToldKind } from '../../feed/kinds.ts'
import type { Connection } from '../../ledger/index.ts'
import type { DeliveryStatus } from '../schema.ts'
import type { AttemptOutcome } from '../sending/outcomes.ts'
import type { deliverySchema } from '../wire.ts'

type Row = {
  position: string
  eventId: string
  kind: ToldKind
  status: DeliveryStatus
  attempts: number
  dueAt: string | null
  lastOutcome: AttemptOutcome | null
  lastStatus: number | null
  lastAt: string | null
  toldAt: string
}

/** Deliveries of a webhook after a position, in the order of their events. */
export async function readDeliveries(
  connection: Connection,
  { bookId, webhookId }: { bookId: string; webhookId: string },
  { status, from, limit }: { status: DeliveryStatus | null; from: string; limit: number },
): Promise<(z.output<typeof deliverySchema> & { position: string })[]> {
  const ofStatus = status === null ? sql`true` : sql`d.status = ${status}`
  const { rows } = await connection.execute<Row>(sql`
    select d.position, d.event_id as "eventId", e.kind, d.status, d.attempts, d.due_at as "dueAt", d.last_outcome as "lastOutcome",
      d.last_status as "lastStatus", d.last_at as "lastAt", d.told_at as "toldAt"
    from webhook_delivery d join feed_event e on e.book_id = d.book_id and e.position = d.position
    where d.book_id = ${bookId} and d.webhook_id = ${webhookId} and d.position > ${from} and ${ofStatus}
    order by d.position limit ${limit}`)
  return rows.map(({ dueAt, lastAt, toldAt, ...row }) => ({
    ...row,
    ...{ dueAt: instantOf(dueAt), lastAt: instantOf(lastAt), toldAt: new Date(toldAt).toISOString() },
  }))
}

function instantOf(text: string | null): string | null {
  return text === null ? null : new Date(text).toISOString()
}
