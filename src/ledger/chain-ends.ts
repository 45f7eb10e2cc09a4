import type pg from 'pg'
import type { Clock } from '../dates.ts'
import type { Db } from '../db/client.ts'
import { eventChainStart, transactionChainStart } from './chain.ts'
import { sequenceKnownAt } from './knowledge.ts'

/** Where a book's two chains ended at an instant. */
export type ChainEnds = { sequence: bigint; hash: Buffer; eventNumber: bigint; eventHash: Buffer }

/**
 * Where the chains ended at `instant`, the same for ever: whatever comes later is recorded later.
 * @throws Refusal `instant-in-future`, `book-not-found`
 */
export async function chainEndsAt(db: Db, bookId: string, instant: Date, clock: Clock): Promise<ChainEnds> {
  const sequence = await sequenceKnownAt(db, bookId, instant, clock)
  const { rows: transactions } = await db.$client.query<{ hash: Buffer }>(
    'select hash from transaction where book_id = $1 and sequence = $2',
    [bookId, sequence.toString()],
  )
  const { rows: events } = await db.$client.query<{ number: string; hash: Buffer }>(
    'select number, hash from event where book_id = $1 and recorded_at <= $2 order by number desc limit 1',
    [bookId, instant],
  )
  return {
    sequence,
    hash: transactions[0]?.hash ?? transactionChainStart(bookId),
    eventNumber: BigInt(events[0]?.number ?? 0),
    eventHash: events[0]?.hash ?? eventChainStart(bookId),
  }
}

/** The books that had been opened by an instant, in the order of their ids. */
export async function booksOpenedBy(db: Db, instant: Date): Promise<string[]> {
  const { rows } = await db.$client.query<{ id: string }>(
    `select b.id from book b join event e on e.book_id = b.id and e.number = 1
     where e.recorded_at <= $1 order by b.id`,
    [instant],
  )
  return rows.map(({ id }) => id)
}

/** Whatever answers a statement: a pool, or a session within a snapshot. */
type Asked = {
  query<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<{ rows: Row[] }>
}

const chunk = 5_000

/** The hashes of a book's transactions after one sequence and through another, in order, a chunk at a time. */
export async function* hashesBetween(
  asked: Asked,
  bookId: string,
  after: bigint,
  through: bigint,
): AsyncGenerator<Buffer[]> {
  for (let place = after; place < through; ) {
    const { rows } = await asked.query<{ hash: Buffer }>(
      'select hash from transaction where book_id = $1 and sequence > $2 and sequence <= $3 order by sequence limit $4',
      [bookId, place.toString(), through.toString(), chunk],
    )
    if (rows.length === 0) return
    yield rows.map(({ hash }) => hash)
    place += BigInt(rows.length)
  }
}
