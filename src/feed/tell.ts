import canonicalize from 'canonicalize'
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/client.ts'
import type { Telling } from './kinds.ts'

const eventsAtOnce = 10_000

/**
 * Tells what happened, in this order, in the database transaction that it happened in. It locks the book's head until that
 * ends, so it is called last.
 */
export async function tellEvents(tx: Tx, bookId: string, now: Date, events: readonly Telling[]): Promise<void> {
  for (let from = 0; from < events.length; from += eventsAtOnce) {
    const chunk = events.slice(from, from + eventsAtOnce)
    const column = (of: (event: Telling) => string) => sql.param(chunk.map(of))
    await tx.execute(sql`
      select feed_tell(${bookId}, ${now.toISOString()}, ${column(({ kind }) => kind)}::text[],
        ${column(({ subject }) => subject)}::uuid[], ${column(({ facts }) => canonicalize(facts)!)}::text[])`)
  }
}
