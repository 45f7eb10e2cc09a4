import assert from 'node:assert/strict'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import { type Clock, limaDate } from '../dates.ts'
import { ask, type Db } from '../db/client.ts'
import { isConnectionLoss, isSerializationLoss, translateDatabaseError } from '../db/errors.ts'
import { formatAmount } from '../money.ts'
import { Refusal, type RefusalCode, refusals } from '../refusals.ts'
import { type EncodedOutcome, encodeBatch, type Job, postStatement, type Submission } from './batch.ts'
import { type Book, bookOf } from './books.ts'
import { checkDraft, contentHash, type Draft } from './draft.ts'

/** A transaction as posted, now or (replayed) by an earlier request with the same id and content. */
export type Posted = { id: string; sequence: bigint; recordedAt: Date; hash: string; replayed: boolean }

/** What became of one draft of a list. */
export type Outcome = { posted: Posted } | { refusal: Refusal }

export type Ledger = {
  db: Db
  clock: Clock
  /** Posts one draft; drafts that arrive while a batch of the book is in flight form the next. @throws Refusal */
  post(bookId: string, draft: Draft, actor: string): Promise<Posted>
  /** Posts up to 1,000 drafts: `atomic`, all or none; `independent`, each for itself. Outcomes in the drafts' order. */
  postList(bookId: string, drafts: readonly Draft[], mode: ListMode, actor: string): Promise<Outcome[]>
  /** Resolves when nothing waits to be posted. */
  drain(): Promise<void>
}

export const listModes = ['atomic', 'independent'] as const
export type ListMode = (typeof listModes)[number]

/** As many drafts as one batch takes, and one list may have. */
export const mostDrafts = 1000

/** As many drafts as may wait for one book before more are turned away. */
const mostWaiting = 20_000

type Waiting = { job: Job; settle: (outcomes: Outcome[]) => void; fail: (error: unknown) => void }

type Queue = { waiting: Waiting[]; drafts: number; running: Promise<void> | null }

/** Told of each batch: how many drafts it had and how long it took. */
export type BatchWatch = (drafts: number, milliseconds: number) => void

/** Opens the ledger on a database. One a process: its queues are what batches concurrent requests together. */
export function openLedger({ db, clock, onBatch }: { db: Db; clock: Clock; onBatch?: BatchWatch }): Ledger {
  const queues = new Map<string, Queue>()

  function submit(bookId: string, job: Job): Promise<Outcome[]> {
    const queue = queues.get(bookId) ?? { waiting: [], drafts: 0, running: null }
    queues.set(bookId, queue)
    if (queue.drafts + job.submissions.length > mostWaiting) {
      throw new Refusal('overloaded', 'More is waiting for this book than can be posted soon.')
    }
    const { waiting } = queue
    queue.drafts += job.submissions.length
    const settled = new Promise<Outcome[]>((settle, fail) => waiting.push({ job, settle, fail }))
    queue.running ??= run(bookId, queue)
    return settled
  }

  async function run(bookId: string, queue: Queue): Promise<void> {
    // Requests that were read in this turn of the event loop join the first batch.
    await nextTurn()
    while (queue.waiting.length > 0) {
      const batch = takeBatch(queue)
      const started = performance.now()
      await postBatch(bookId, batch)
      onBatch?.(
        batch.reduce((sum, { job }) => sum + job.submissions.length, 0),
        performance.now() - started,
      )
    }
    queue.running = null
    queues.delete(bookId)
  }

  async function postBatch(bookId: string, batch: Waiting[]): Promise<void> {
    try {
      const outcomes = await decide(
        bookId,
        batch.map(({ job }) => job),
      )
      let from = 0
      for (const { job, settle } of batch) {
        const to = from + job.submissions.length
        settle(outcomes.slice(from, to))
        from = to
      }
    } catch (error) {
      if (error instanceof Refusal || batch.length === 1) {
        for (const { fail } of batch) fail(error)
        return
      }
      // One job broke the batch in a way nobody foresaw; its neighbours must not suffer for it.
      for (const one of batch) await postBatch(bookId, [one])
    }
  }

  /** Posts the jobs in one call, again with the same ids while the database is away: ids make that safe. */
  async function decide(bookId: string, jobs: Job[]): Promise<Outcome[]> {
    const firstAsked = clock.now()
    for (let attempt = 0; ; attempt++) {
      const now = attempt === 0 ? firstAsked : clock.now()
      const values = encodeBatch(bookId, jobs, now, limaDate(now))
      try {
        const book = await bookOf(db, bookId)
        const [answer] = await ask<{ outcomes: EncodedOutcome[] }>(db, postStatement, values)
        const outcomes = answer?.outcomes
        assert(outcomes, 'ledger_post answers one row')
        const drafts = jobs.flatMap(({ submissions }) => submissions)
        assert(outcomes.length === drafts.length, 'ledger_post answers every draft')
        return outcomes.map((outcome, place) =>
          read(book, drafts[place]!, outcome, attempt === 0 ? null : firstAsked, now),
        )
      } catch (error) {
        const pauseMs = retryPauses[attempt]
        if (pauseMs === undefined || !(isConnectionLoss(error) || isSerializationLoss(error))) {
          throw translateDatabaseError(error)
        }
        await pause(pauseMs)
      }
    }
  }

  return {
    db,
    clock,
    async post(bookId, draft, actor) {
      const job = { submissions: [submission(bookId, draft, actor)], atomic: false }
      const [outcome] = await submit(bookId, job)
      assert(outcome)
      if ('refusal' in outcome) throw outcome.refusal
      return outcome.posted
    },
    async postList(bookId, drafts, mode, actor) {
      assert(drafts.length > 0 && drafts.length <= mostDrafts, 'a list has 1 to 1,000 drafts')
      const outcomes = new Array<Outcome>(drafts.length)
      const places: number[] = []
      const submissions: Submission[] = []
      drafts.forEach((draft, place) => {
        try {
          submissions.push(submission(bookId, draft, actor))
          places.push(place)
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          outcomes[place] = { refusal: error }
        }
      })
      if (mode === 'atomic' && submissions.length < drafts.length) {
        for (const place of places) outcomes[place] = { refusal: refusalOf('list-refused') }
        return outcomes
      }
      if (submissions.length === 0) return outcomes
      const decided = await submit(bookId, { submissions, atomic: mode === 'atomic' })
      decided.forEach((outcome, index) => {
        outcomes[places[index]!] = outcome
      })
      return outcomes
    },
    async drain() {
      while (queues.size > 0) await Promise.all([...queues.values()].map(queue => queue.running))
    },
  }
}

/** How long to wait, in milliseconds, before asking again after the database went away. */
const retryPauses = [50, 100, 200, 400, 800, 1600]

/** The one spelling of an id: a batch tells accounts and drafts apart by it, and the content hash covers it. */
const canonicalId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

function submission(bookId: string, draft: Draft, actor: string): Submission {
  assert(/^[\w.:-]+$/.test(actor), 'an actor is an id, which an array literal need not quote')
  checkDraft(draft)
  for (const id of [draft.id, draft.holdId ?? draft.id, ...draft.entries.map(({ accountId }) => accountId)]) {
    assert(canonicalId.test(id), 'ids are UUIDs in lower case')
  }
  return { draft, actor, contentHash: contentHash(bookId, draft) }
}

/** As many waiting jobs, in order, as fit into one batch. */
function takeBatch(queue: Queue): Waiting[] {
  let drafts = 0
  let jobs = 0
  for (const { job } of queue.waiting) {
    if (jobs > 0 && drafts + job.submissions.length > mostDrafts) break
    drafts += job.submissions.length
    jobs += 1
  }
  queue.drafts -= drafts
  return queue.waiting.splice(0, jobs)
}

function read(
  book: Book,
  { draft }: Submission,
  [outcome, sequence, recordedAtMs, hash, accountId, fact]: EncodedOutcome,
  firstAsked: Date | null,
  now: Date,
): Outcome {
  if (outcome === 'posted' || outcome === 'replayed') {
    assert(sequence !== null && recordedAtMs !== null && hash !== null)
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
  if (accountId !== null) facts.accountId = accountId
  if (outcome === 'balance-below-floor') facts.available = formatAmount(BigInt(fact!), book.currency)
  if (outcome === 'month-closed') facts.nextOpenDate = fact
  if (outcome === 'value-date-in-future') facts.today = limaDate(now)
  return { refusal: refusalOf(outcome as RefusalCode, facts) }
}

function refusalOf(code: RefusalCode, facts: Record<string, unknown> = {}): Refusal {
  return new Refusal(code, `${refusals[code].title}.`, { facts })
}
