import type { Clock } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import { type Actor, bookNotFound, reachesBook } from '../../http/actor.ts'
import { bookOf, headOf, sequenceKnownAt } from '../../ledger/index.ts'
import type { Currency } from '../../money.ts'
import { usualCurrency } from './question.ts'

export type AskedBooks = { currency: Currency; books: { id: string; code: string }[] }

/**
 * The books of the currency that the key reaches, or the one that is named.
 * @throws Refusal `book-not-found`, for one out of the key's reach as well
 */
export async function booksAsked(
  db: Db,
  actor: Actor,
  { bookId, currency }: { bookId?: string | undefined; currency?: Currency | undefined },
): Promise<AskedBooks> {
  if (bookId !== undefined) {
    if (!reachesBook(actor, bookId)) throw bookNotFound()
    const book = await bookOf(db, bookId)
    const asked = currency ?? book.currency
    return { currency: asked, books: asked === book.currency ? [book] : [] }
  }
  const asked = currency ?? usualCurrency
  const reached = actor.books === 'all' ? null : [...actor.books]
  const { rows } = await db.$client.query<{ id: string; code: string }>(
    `select b.id, b.code from book b join savings_book s on s.book_id = b.id
     where b.currency = $1 and ($2::uuid[] is null or b.id = any($2)) order by b.code`,
    [asked, reached],
  )
  return { currency: asked, books: rows }
}

/**
 * What is known: all that registers recorded up to an instant, and of each book what it recorded up to its sequence; without
 * the reversals after other sequences, where these are told.
 */
export type Knowledge = {
  at: Date
  sequences: ReadonlyMap<string, number>
  reversals?: ReadonlyMap<string, number>
}

/**
 * What was known at an instant; without one, now. Either is settled first, so that whoever asks again by the instant
 * that the answer tells has the same answer.
 * @throws Refusal `instant-in-future`
 */
export async function knowledgeOf(
  { db, clock }: { db: Db; clock: Clock },
  books: readonly { id: string }[],
  knownAt: string | undefined,
): Promise<Knowledge> {
  const [at, by] = knownAt === undefined ? await latest(db, clock, books) : [new Date(knownAt), clock]
  const sequences = new Map<string, number>()
  for (const { id } of books) sequences.set(id, Number(await sequenceKnownAt(db, id, at, by)))
  return { at, sequences }
}

/** Now, or the last recording of the books, which may be a moment ahead of this service's clock. */
async function latest(db: Db, clock: Clock, books: readonly { id: string }[]): Promise<[Date, Clock]> {
  let at = clock.now()
  for (const { id } of books) {
    const { recordedAt } = await headOf(db, id)
    if (recordedAt > at) at = recordedAt
  }
  return [at, { now: () => at }]
}
