import { ask, type Db } from '../db/client.ts'
import { nameId } from '../ids.ts'
import { Refusal } from '../refusals.ts'
import type { FeedEvent, FeedKind } from './kinds.ts'

/**
 * A place in the order of a book's feed: after the transaction of this sequence, and after the event of this position that
 * came behind it; position 0 is the transaction itself.
 */
export type Place = { sequence: bigint; position: bigint }

export const beginning: Place = { sequence: 0n, position: 0n }

/** Events after a place, whether there are more, and the place up to which all was looked at. */
export type Part = { events: FeedEvent[]; more: boolean; next: Place }

type Row = {
  headSequence: string
  headPosition: string
  sequence: string | null
  position: string
  kind: FeedKind
  subject: string
  recordedAt: Date
  facts: string
}

/**
 * Transactions and events in one order. Both get their places under the lock of the book's head, so that what commits later
 * comes later: one statement sees all up to some place, and nothing is ever put in before it. A reader who takes nothing but
 * one kind is led past the others by `head`.
 */
const statement = {
  name: 'feed',
  text: `
    select h.sequence as "headSequence",
      coalesce((select max(e.position) from feed_event e where e.book_id = $1), 0) as "headPosition",
      f.sequence, f.position, f.kind, f.subject, f.recorded_at as "recordedAt", f.facts
    from book_head h
    left join lateral (
      (select t.sequence, 0::bigint as position, 'transaction-posted' as kind, t.id as subject, t.recorded_at,
         json_build_object('transactionId', t.id, 'transactionKind', t.kind, 'valueDate', t.value_date)::text as facts
       from transaction t
       where t.book_id = $1 and t.sequence > $2 and ($4::text is null or $4 = 'transaction-posted')
       order by t.sequence limit $5)
      union all
      (select e.after_sequence, e.position, e.kind, e.subject, e.recorded_at, e.facts from feed_event e
       where e.book_id = $1 and (e.after_sequence, e.position) > ($2, $3) and ($4::text is null or e.kind = $4)
       order by e.after_sequence, e.position limit $5)
      order by 1, 2 limit $5
    ) f on true
    where h.book_id = $1
    order by f.sequence, f.position`,
}

/**
 * What happened in a book after a place, of one kind or of all.
 * @throws Refusal `book-not-found`; `request-invalid` of a place that the book has not come to: it is another database's
 */
export async function feedAfter(
  db: Db,
  bookId: string,
  { sequence, position }: Place,
  { kind, limit }: { kind: FeedKind | null; limit: number },
): Promise<Part> {
  const rows = await ask<Row>(db, statement, [bookId, `${sequence}`, `${position}`, kind, limit + 1])
  const [first] = rows
  if (first === undefined) throw new Refusal('book-not-found', 'There is no such book.')
  const head: Place = { sequence: BigInt(first.headSequence), position: BigInt(first.headPosition) }
  if (sequence > head.sequence || position > head.position) throw ahead()
  const found = rows.filter((row): row is Row & { sequence: string } => row.sequence !== null)
  const page = found.slice(0, limit)
  const last = page.at(-1)
  const more = found.length > limit
  return {
    events: page.map(row => eventOf(bookId, row)),
    more,
    next: more ? { sequence: BigInt(last!.sequence), position: BigInt(last!.position) } : head,
  }
}

function ahead(): Refusal {
  const message = 'lies ahead of the book: it was given by a database that had more in it'
  return new Refusal('request-invalid', `after: ${message}`, { fields: [{ path: 'after', message }] })
}

/** An event as it is told, wherever it is told. */
export function eventOf(
  bookId: string,
  { kind, subject, sequence, recordedAt, facts }: Omit<Row, 'headSequence' | 'headPosition'> & { sequence: string },
): FeedEvent {
  const event = { id: eventId(kind, subject), kind, recordedAt: recordedAt.toISOString(), sequence: Number(sequence) }
  // The columns are what the kind says: `feed_tell` is given nothing else, and nobody changes it.
  const told = { ...event, facts: JSON.parse(facts) } as Omit<FeedEvent, 'address'> as FeedEvent
  return { ...told, address: addressOf(bookId, told) }
}

/** Each kind of event is told once of each thing. */
export function eventId(kind: FeedKind, subject: string): string {
  return nameId(kind, subject)
}

function addressOf(bookId: string, event: FeedEvent): string {
  const book = `/v1/books/${bookId}`
  if (event.kind === 'transaction-posted') return `${book}/transactions/${event.facts.transactionId}`
  const account = `${book}/bank-accounts/${event.facts.bankAccountId}`
  switch (event.kind) {
    case 'proof-ready':
      return `${account}/proofs?from=${event.facts.day}&to=${event.facts.day}`
    case 'break-resolved':
      return `${account}/resolutions/${event.facts.resolutionId}`
    default:
      return `${account}/breaks/${event.facts.breakId}`
  }
}
