import { type FurtherCheck, verifyGuards } from '../ledger/index.ts'
import { feedEvent } from './schema.ts'

const guards = { tables: [feedEvent], handWritten: ['feed_event_is_final'] }

type Row = { position: string; expected: string; found: string }

/**
 * Checks that no event of the feed is missing between others or stands before one that came earlier, and that each is what was
 * told. Whether it is true is for those to check who told it.
 */
export const verifyFeed: FurtherCheck = async (session, book, faults) => {
  const wrong = (recordId: string, field: string, expected: string, found: string) =>
    faults.add({ rule: 'record-differs', table: 'feed_event', recordId, field, expected, found })
  const counted = await session.query<{ count: string; last: string; sequence: string; lastAfter: string }>(
    `select count(e.position) as count, coalesce(max(e.position), 0) as last, h.sequence, coalesce(max(e.after_sequence), 0) as "lastAfter"
     from book_head h left join feed_event e on e.book_id = h.book_id where h.book_id = $1 group by h.sequence`,
    [book.id],
  )
  const { count, last, sequence, lastAfter } = counted.rows[0] ?? {
    count: '0',
    last: '0',
    sequence: '0',
    lastAfter: '0',
  }
  if (count !== last) wrong(book.id, 'position', `${last} events, without a gap`, count)
  if (BigInt(lastAfter) > BigInt(sequence)) wrong(book.id, 'afterSequence', `${sequence} at the most`, lastAfter)
  const { rows } = await session.query<Row>(
    `select e.position, encode(feed_hash(e.book_id, e.position, e.after_sequence, e.kind, e.subject, e.facts, e.recorded_at), 'hex') as expected,
       encode(e.hash, 'hex') as found
     from feed_event e
     where e.book_id = $1 and e.hash <> feed_hash(e.book_id, e.position, e.after_sequence, e.kind, e.subject, e.facts, e.recorded_at)
     order by e.position limit 100`,
    [book.id],
  )
  for (const { position, expected, found } of rows) wrong(position, 'hash', expected, found)
  const disorder = await session.query<{ position: string; before: string; after: string }>(
    `select e.position, e.before, e.after from (
       select e.position, e.after_sequence as after, lag(e.after_sequence) over (order by e.position) as before
       from feed_event e where e.book_id = $1) e
     where e.before > e.after order by e.position limit 100`,
    [book.id],
  )
  for (const { position, before, after } of disorder.rows) wrong(position, 'afterSequence', `${before} or later`, after)
  await verifyGuards(session, faults, guards)
  return Number(count)
}
