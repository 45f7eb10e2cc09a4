import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../dates.ts'
import type { Db, Tx } from '../db/client.ts'
import { Refusal } from '../refusals.ts'
import { type Job, mostBooks, type Submission } from './batch.ts'
import type { Book } from './books.ts'
import { type Batch, decide, decideWithin, type Outcome, type Posted, refusalOf } from './decide.ts'
import { checkDraft, contentHash, type Draft, entriesOf, mostEntriesTogether } from './draft.ts'

export type Ledger = {
  db: Db
  clock: Clock
  /** Posts one draft; drafts that arrive while a batch of the book is in flight form the next. @throws Refusal */
  post(bookId: string, draft: Draft, actor: string): Promise<Posted>
  /** Posts up to 1,000 drafts: `atomic`, all or none; `independent`, each for itself. Outcomes in the drafts' order. */
  postList(bookId: string, drafts: readonly Draft[], mode: ListMode, actor: string): Promise<Outcome[]>
  /**
   * Posts lists, each whole or not at all, within a database transaction that is open: for what has to stand or fall with
   * something that is kept beside the ledger. Outcomes of each list in its drafts' order.
   */
  postListsWithin(tx: Tx, book: Book, lists: readonly (readonly Draft[])[], actor: string): Promise<Outcome[][]>
  /** Resolves when nothing waits to be posted. */
  drain(): Promise<void>
}

export const listModes = ['atomic', 'independent'] as const
export type ListMode = (typeof listModes)[number]

/** As many drafts as one batch takes, and one list may have. */
export const mostDrafts = 1000

/** As many drafts as may wait in one lane before more are turned away. */
const mostWaiting = 20_000

type Waiting = { bookId: string; job: Job; settle: (outcomes: Outcome[]) => void; fail: (error: unknown) => void }

/** A queue for some of the books. A lane has one call to the database in flight, which takes all that waited. */
type Lane = { waiting: Waiting[]; drafts: number; running: Promise<void> | null }

/** Told of each call: how many drafts it had and how long it took. */
export type BatchWatch = (drafts: number, milliseconds: number) => void

/**
 * Opens the ledger on a database. One a process: its lanes are what batches concurrent requests together. A book is
 * always in the same lane; books of different lanes run in parallel, and those of one share round trips and commits.
 */
export function openLedger({ db, clock, onBatch }: { db: Db; clock: Clock; onBatch?: BatchWatch }): Ledger {
  const lanes = Array.from({ length: laneCount }, (): Lane => ({ waiting: [], drafts: 0, running: null }))

  function submit(bookId: string, job: Job): Promise<Outcome[]> {
    const lane = lanes[Number.parseInt(bookId.slice(-6), 16) % laneCount]!
    if (lane.drafts + job.submissions.length > mostWaiting) {
      throw new Refusal('overloaded', 'More is waiting for this book than can be posted soon.')
    }
    lane.drafts += job.submissions.length
    const settled = new Promise<Outcome[]>((settle, fail) => lane.waiting.push({ bookId, job, settle, fail }))
    lane.running ??= run(lane)
    return settled
  }

  async function run(lane: Lane): Promise<void> {
    while (lane.waiting.length > 0) {
      // In one turn of the event loop answers go out, in the next the requests that followed them come in and join the call.
      await nextTurn()
      await nextTurn()
      const taken = take(lane)
      const started = performance.now()
      await post(taken)
      onBatch?.(
        taken.reduce((sum, { job }) => sum + job.submissions.length, 0),
        performance.now() - started,
      )
    }
    lane.running = null
  }

  async function post(taken: readonly Waiting[]): Promise<void> {
    const byBook = Map.groupBy(taken, ({ bookId }) => bookId)
    const batches = [...byBook.keys()].sort().map((bookId): Batch => {
      const jobs = byBook.get(bookId)!.map(({ job }) => job)
      return { bookId, jobs }
    })
    try {
      const decided = await decide(db, clock, batches)
      batches.forEach(({ bookId }, index) => {
        let from = 0
        for (const { job, settle } of byBook.get(bookId)!) {
          const to = from + job.submissions.length
          settle(decided[index]!.slice(from, to))
          from = to
        }
      })
    } catch (error) {
      // What broke the call may be one job's doing, or one book's; its neighbours must not suffer for it.
      const shared = error instanceof Refusal && (batches.length === 1 || error.code === 'database-unavailable')
      if (shared || taken.length === 1) {
        for (const { fail } of taken) fail(error)
        return
      }
      for (const one of taken) await post([one])
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
      assert(entriesOf(drafts) <= mostEntriesTogether, 'a list has at most 10,000 entries')
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
    async postListsWithin(tx, book, lists, actor) {
      const jobs = lists.map(list => ({
        submissions: list.map(draft => submission(book.id, draft, actor)),
        atomic: true,
      }))
      const drafts = jobs.reduce((sum, { submissions }) => sum + submissions.length, 0)
      assert(drafts > 0 && drafts <= mostDrafts, 'one call posts 1 to 1,000 drafts')
      const started = performance.now()
      const outcomes = await decideWithin(tx, clock, book, jobs)
      onBatch?.(drafts, performance.now() - started)
      return outcomes
    },
    async drain() {
      for (;;) {
        const running = lanes.flatMap(lane => lane.running ?? [])
        if (running.length === 0) return
        await Promise.all(running)
      }
    },
  }
}

/** As many calls as may be in flight at once: while some wait for the disk to commit, others decide. More would only split the batches. */
const laneCount = Math.min(8, Math.max(4, availableParallelism()))

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

/** As many waiting jobs, in order, as fit into one call. */
function take(lane: Lane): Waiting[] {
  const books = new Set<string>()
  let drafts = 0
  let entries = 0
  let jobs = 0
  for (const { bookId, job } of lane.waiting) {
    books.add(bookId)
    const more = job.submissions.reduce((sum, { draft }) => sum + draft.entries.length, 0)
    const fits = drafts + job.submissions.length <= mostDrafts && entries + more <= mostEntriesTogether
    if (jobs > 0 && !(fits && books.size <= mostBooks)) break
    drafts += job.submissions.length
    entries += more
    jobs += 1
  }
  lane.drafts -= drafts
  return lane.waiting.splice(0, jobs)
}
