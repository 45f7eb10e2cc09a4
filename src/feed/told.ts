import { sql } from 'drizzle-orm'
import type { Connection } from '../ledger/index.ts'
import { eventId, eventOf } from './feed.ts'
import type { FeedEvent, ToldKind } from './kinds.ts'

/** An event by its place, as far as it needs to be known to be passed on. */
export type ToldEvent = { position: bigint; id: string; kind: ToldKind; recordedAt: Date }

/** The events of a book after a position, in order. None is ever put in before one that was seen. */
export async function toldAfter(
  connection: Connection,
  bookId: string,
  position: bigint,
  limit: number,
): Promise<ToldEvent[]> {
  const { rows } = await connection.execute<{
    position: string
    kind: ToldKind
    subject: string
    recordedAt: string
  }>(sql`
    select e.position, e.kind, e.subject, e.recorded_at as "recordedAt" from feed_event e
    where e.book_id = ${bookId} and e.position > ${position.toString()} order by e.position limit ${limit}`)
  return rows.map(({ position, kind, subject, recordedAt }) => ({
    ...{ position: BigInt(position), id: eventId(kind, subject), kind, recordedAt: new Date(recordedAt) },
  }))
}

/** The event at a position of a book. */
export async function eventAt(connection: Connection, bookId: string, position: bigint): Promise<FeedEvent> {
  type Row = { sequence: string; position: string; kind: ToldKind; subject: string; recordedAt: string; facts: string }
  const { rows } = await connection.execute<Row>(sql`
    select e.after_sequence as sequence, e.position, e.kind, e.subject, e.recorded_at as "recordedAt", e.facts from feed_event e
    where e.book_id = ${bookId} and e.position = ${position.toString()}`)
  const { recordedAt, ...row } = rows[0]!
  return eventOf(bookId, { ...row, recordedAt: new Date(recordedAt) })
}

/** The position of a book's last event; 0 before the first. */
export async function lastPosition(connection: Connection, bookId: string): Promise<bigint> {
  const { rows } = await connection.execute<{ last: string | null }>(
    sql`select max(e.position) as last from feed_event e where e.book_id = ${bookId}`,
  )
  return BigInt(rows[0]?.last ?? 0)
}
