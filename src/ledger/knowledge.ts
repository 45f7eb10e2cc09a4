import type { CalendarDate, Clock } from '../dates.ts'
import type { Db } from '../db/client.ts'
import { Refusal } from '../refusals.ts'
import { headOf } from './books.ts'

/** What a figure is asked by: as of the end of a day (value dates), as known at an instant (recording); both optional. */
export type Viewpoint = { asOf?: CalendarDate | undefined; knownAt?: Date | undefined }

/**
 * The last sequence that was recorded at `knownAt` or before. Sequence and recording rise together, so it is found by
 * halving; the same instant always gives the same sequence once that instant has passed.
 * @throws Refusal `instant-in-future`, `book-not-found`
 */
export async function sequenceKnownAt(db: Db, bookId: string, knownAt: Date, clock: Clock): Promise<bigint> {
  if (knownAt.getTime() > clock.now().getTime()) {
    throw new Refusal('instant-in-future', 'What will be known at a later instant cannot be told.')
  }
  const head = await headOf(db, bookId)
  if (head.recordedAt.getTime() <= knownAt.getTime()) return head.sequence
  const { rows } = await db.$client.query<{ sequence: string }>(
    `with recursive search(low, high) as (
       select 0::bigint, $3::bigint
       union all
       select case when t.recorded_at <= $2 then t.sequence else s.low end,
         case when t.recorded_at <= $2 then s.high else t.sequence - 1 end
       from search s join transaction t on t.book_id = $1 and t.sequence = (s.low + s.high + 1) / 2
       where s.low < s.high
     )
     select low as sequence from search where low = high`,
    [bookId, knownAt, head.sequence.toString()],
  )
  return BigInt(rows[0]!.sequence)
}
