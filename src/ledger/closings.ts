import canonicalize from 'canonicalize'
import { sql } from 'drizzle-orm'
import { lastDay, limaDate, type Month } from '../dates.ts'
import type { Db } from '../db/client.ts'
import { call } from './books.ts'

export type Closing = { month: Month; closedAt: Date; actor: string }

/**
 * Closes a month of a book: value dates in it and before are refused from then on. False when it is closed already. The
 * first month is the one the book was opened in, or that of the earliest value date when that is earlier.
 * @throws Refusal `month-not-over`, `month-out-of-order` (facts: nextMonth), `book-not-found`
 */
export async function closeMonth(db: Db, bookId: string, month: Month, at: Date, actor: string): Promise<boolean> {
  return await call<boolean>(
    db,
    sql`select ledger_close_month(${bookId}, ${at.toISOString()}, ${limaDate(at)}, ${actor}, ${lastDay(month)}, ${canonicalize({ month })}) as result`,
  )
}

/** The months closed in a book, latest first. There are twelve a year, so the list is bounded by the book's age. */
export async function closingsOf(db: Db, bookId: string): Promise<Closing[]> {
  const { rows } = await db.$client.query<Closing>(
    `select content::json ->> 'month' as month, recorded_at as "closedAt", actor from event
     where book_id = $1 and subject = $1 and kind = 'month-closed' order by number desc`,
    [bookId],
  )
  return rows
}
