import { sql } from 'drizzle-orm'
import type { CalendarDate, Clock } from '../dates.ts'
import type { Db } from '../db/client.ts'
import { Refusal } from '../refusals.ts'
import { call, headOf } from './books.ts'

/** What a figure is asked by: as of the end of a day (value dates), as known at an instant (recording); both optional. */
export type Viewpoint = { asOf?: CalendarDate | undefined; knownAt?: Date | undefined }

/**
 * The last sequence that was recorded at `knownAt` or before, the same for ever. When the book has recorded nothing after
 * that instant, something may just be on its way: then the instant is settled first. Sequence and recording rise together,
 * so that of an instant passed before is found by halving.
 * @throws Refusal `instant-in-future`, `book-not-found`
 */
export async function sequenceKnownAt(db: Db, bookId: string, knownAt: Date, clock: Clock): Promise<bigint> {
  if (knownAt.getTime() > clock.now().getTime()) {
    throw new Refusal('instant-in-future', 'What will be known at a later instant cannot be told.')
  }
  let head = await headOf(db, bookId)
  if (head.recordedAt.getTime() <= knownAt.getTime()) {
    const settled = await settleInstant(db, bookId, knownAt, clock.now())
    if (settled !== null) return settled
    head = await headOf(db, bookId)
  }
  const { rows } = await db.$client.query<{ sequence: string }>(
    // The middle is a column of its own: row-level security lets no sum of columns look into an index.
    `with recursive search(low, high, middle) as (
       select 0::bigint, $3::bigint, ($3::bigint + 1) / 2
       union all
       select n.low, n.high, (n.low + n.high + 1) / 2
       from search s join transaction t on t.book_id = $1 and t.sequence = s.middle
       cross join lateral (
         select case when t.recorded_at <= $2 then t.sequence else s.low end as low,
           case when t.recorded_at <= $2 then s.high else t.sequence - 1 end as high) n
       where s.low < s.high
     )
     select low as sequence from search where low = high`,
    [bookId, knownAt, head.sequence.toString()],
  )
  return BigInt(rows[0]!.sequence)
}

/** Has nothing recorded at this instant or before from now on; null when the book's head has passed it already. */
async function settleInstant(db: Db, bookId: string, instant: Date, now: Date): Promise<bigint | null> {
  const settled = await call<string | null>(
    db,
    sql`select ledger_settle_instant(${bookId}, ${now.toISOString()}, ${instant.toISOString()}) as result`,
  )
  return settled === null ? null : BigInt(settled)
}
