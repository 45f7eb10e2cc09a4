import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { type Clock, limaDate } from '../dates.ts'
import { ask, type Db, type Tx } from '../db/client.ts'
import { isConnectionLoss, isSerializationLoss, translateDatabaseError } from '../db/errors.ts'
import { formatAmount } from '../money.ts'
import { Refusal, type RefusalCode, refusals } from '../refusals.ts'
import { type EncodedOutcome, encodeBatch, type Job, postStatement, type Submission } from './batch.ts'
import { type Book, bookOf, call } from './books.ts'

/** A transaction as posted, now or (replayed) by an earlier request with the same id and content. */
export type Posted = { id: string; sequence: bigint; recordedAt: Date; hash: string; replayed: boolean }

/** What became of one draft. */
export type Outcome = { posted: Posted } | { refusal: Refusal }

/** What waits for one book, in order. */
export type Batch = { bookId: string; jobs: readonly Job[] }

/** How long to wait, in milliseconds, before asking again after the database went away. */
const retryPauses = [50, 100, 200, 400, 800, 1600]

/** After so many milliseconds it is not asked again: whoever waits for the answer may as well ask anew. */
const mostRetrying = 10_000

/**
 * Has the database decide batches of different books in one statement, each by a call of the posting function, and again
 * with the same ids while the database is away: ids make that safe. Outcomes by batch, in the order of its drafts.
 * The books come in the order of their ids, so that two services that lock the same ones wait for each other and no more.
 * @throws Refusal `book-not-found`, `database-unavailable`
 */
export async function decide(db: Db, clock: Clock, batches: readonly Batch[]): Promise<Outcome[][]> {
  const firstAsked = clock.now()
  const begun = performance.now()
  for (let attempt = 0; ; attempt++) {
    const now = attempt === 0 ? firstAsked : clock.now()
    const today = limaDate(now)
    const values = batches.flatMap(({ bookId, jobs }) => encodeBatch(bookId, jobs, now, today))
    try {
      const books: Book[] = []
      for (const { bookId } of batches) books.push(await bookOf(db, bookId))
      const [answer] = await ask<Record<string, EncodedOutcome[]>>(db, postStatement(batches.length), values)
      return batches.map(({ jobs }, index) => {
        const outcomes = answer?.[`batch${index}`]
        const submissions = jobs.flatMap(job => job.submissions)
        assert(outcomes?.length === submissions.length, 'ledger_post answers every draft')
        return outcomes.map((outcome, place) =>
          read(books[index]!, submissions[place]!, outcome, attempt === 0 ? null : firstAsked, now),
        )
      })
    } catch (error) {
      const pauseMs = performance.now() - begun < mostRetrying ? retryPauses[attempt] : undefined
      if (pauseMs === undefined || !(isConnectionLoss(error) || isSerializationLoss(error))) {
        throw translateDatabaseError(error)
      }
      await pause(pauseMs)
    }
  }
}

/**
 * Has the database decide one book's jobs within a database transaction that is open: what they post stands or falls with
 * it. The book's head stays locked until its end, so little may be left to do then.
 * @throws Refusal `database-unavailable`
 */
export async function decideWithin(tx: Tx, clock: Clock, book: Book, jobs: readonly Job[]): Promise<Outcome[][]> {
  const now = clock.now()
  const values = encodeBatch(book.id, jobs, now, limaDate(now))
  const parameters = values.map(value => sql`${value instanceof Date ? value.toISOString() : value}`)
  const answer = await call<EncodedOutcome[]>(tx, sql`select ledger_post(${sql.join(parameters, sql`, `)}) as result`)
  const submissions = jobs.flatMap(job => job.submissions)
  assert(answer.length === submissions.length, 'ledger_post answers every draft')
  const outcomes = answer.map((outcome, place) => read(book, submissions[place]!, outcome, null, now))
  let from = 0
  return jobs.map(({ submissions: { length } }) => {
    from += length
    return outcomes.slice(from - length, from)
  })
}

function read(book: Book, { draft }: Submission, encoded: EncodedOutcome, firstAsked: Date | null, now: Date): Outcome {
  const [outcome, sequence = '', milliseconds = '', hash = '', accountId = '', fact = ''] = encoded.split(',')
  if (outcome === 'posted' || outcome === 'replayed') {
    const recordedAtMs = Number(milliseconds)
    // Asked again after the connection broke: what our first asking posted is no replay to the client.
    const ours = firstAsked !== null && recordedAtMs >= firstAsked.getTime()
    return {
      posted: {
        id: draft.id,
        sequence: BigInt(sequence),
        recordedAt: new Date(recordedAtMs),
        hash,
        replayed: outcome === 'replayed' && !ours,
      },
    }
  }
  const facts: Record<string, unknown> = {}
  if (accountId !== '') facts.accountId = accountId
  if (outcome === 'balance-below-floor') facts.available = formatAmount(BigInt(fact), book.currency)
  if (outcome === 'month-closed') facts.nextOpenDate = fact
  if (outcome === 'value-date-in-future') facts.today = limaDate(now)
  return { refusal: refusalOf(outcome as RefusalCode, facts) }
}

export function refusalOf(code: RefusalCode, facts: Record<string, unknown> = {}): Refusal {
  return new Refusal(code, `${refusals[code].title}.`, { facts })
}
