import { availableParallelism } from 'node:os'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Refusal } from '../refusals.ts'
import { type Job, mostBooks } from './batch.ts'
import type { Batch, Outcome } from './decide.ts'
import { mostDrafts, mostEntriesTogether } from './draft.ts'

/** Told of each call: how many drafts it had and how long it took. */
export type CallWatch = (drafts: number, milliseconds: number) => void

export type Calls = {
  /**
   * Has one job of a book decided, with what else waits when its turn comes. Jobs of a book are decided in order.
   * @returns the outcomes of its submissions, in their order
   * @throws Refusal `overloaded`, and whatever deciding throws
   */
  submit(bookId: string, job: Job): Promise<Outcome[]>
  /** Resolves when nothing waits and nothing is being decided. */
  drain(): Promise<void>
}

type Waiting = { bookId: string; job: Job; settle: (outcomes: Outcome[]) => void; fail: (error: unknown) => void }

/** What waits for one book, in order. */
type Queue = { waiting: Waiting[]; drafts: number }

/** As many drafts as may wait for one book before more are turned away. */
const mostWaiting = 20_000

/** So many calls as keep the database's cores busy. More would only split the batches, and each call costs. */
const mostQuick = Math.min(4, Math.max(2, availableParallelism()))

/** A call that takes longer, in milliseconds, waits for a lock: it holds back nobody but its own books. */
const quick = 25

/** As many calls as may be in flight, slow ones with them. */
const mostInFlight = mostQuick + 4

/**
 * Brings what waits for the books to the database, in few calls at once: each takes its share of the books for which
 * something waits, and all that waits for these. A book is in one call at a time.
 */
export function openCalls(decide: (batches: readonly Batch[]) => Promise<Outcome[][]>, watch?: CallWatch): Calls {
  const queues = new Map<string, Queue>()
  /** Books for which something waits and which are in no call, the one that has waited longest first. */
  const ready = new Set<string>()
  /** Slots that gather or post, those of them that post and are quick as yet, and all calls in flight. */
  let quickSlots = 0
  let quickCalls = 0
  let inFlight = 0
  let idle: PromiseWithResolvers<void> | undefined

  function submit(bookId: string, job: Job): Promise<Outcome[]> {
    const queue = queues.get(bookId) ?? { waiting: [], drafts: 0 }
    if (queue.drafts + job.submissions.length > mostWaiting) {
      throw new Refusal('overloaded', 'More is waiting for this book than can be posted soon.')
    }
    if (!queues.has(bookId)) {
      queues.set(bookId, queue)
      ready.add(bookId)
    }
    queue.drafts += job.submissions.length
    const settled = new Promise<Outcome[]>((settle, fail) => queue.waiting.push({ bookId, job, settle, fail }))
    start()
    return settled
  }

  function start(): void {
    if (ready.size > 0 && quickSlots < mostQuick && inFlight + (quickSlots - quickCalls) < mostInFlight) {
      quickSlots += 1
      void run()
    }
  }

  async function run(): Promise<void> {
    for (;;) {
      // In one turn of the event loop answers go out, in the next the requests that followed them come in and join the call.
      await nextTurn()
      await nextTurn()
      const taken = take(Math.ceil(ready.size / Math.max(1, mostQuick - quickCalls)))
      if (taken.length === 0) break
      if (!(await call(taken))) return
    }
    quickSlots -= 1
    if (queues.size === 0) idle?.resolve()
  }

  /** @returns whether it was quick, and so its slot is still its own */
  async function call(taken: readonly Waiting[]): Promise<boolean> {
    const books = new Set(taken.map(({ bookId }) => bookId))
    let isQuick = true
    quickCalls += 1
    inFlight += 1
    const slow = setTimeout(() => {
      isQuick = false
      quickCalls -= 1
      quickSlots -= 1
      start()
    }, quick)
    const started = performance.now()
    await post(taken)
    clearTimeout(slow)
    watch?.(
      taken.reduce((sum, { job }) => sum + job.submissions.length, 0),
      performance.now() - started,
    )
    if (isQuick) quickCalls -= 1
    inFlight -= 1
    for (const bookId of books) {
      if (queues.get(bookId)!.waiting.length > 0) ready.add(bookId)
      else queues.delete(bookId)
    }
    if (isQuick) return true
    start()
    if (queues.size === 0) idle?.resolve()
    return false
  }

  async function post(taken: readonly Waiting[]): Promise<void> {
    const byBook = Map.groupBy(taken, ({ bookId }) => bookId)
    const batches = [...byBook.keys()].sort().map((bookId): Batch => {
      const jobs = byBook.get(bookId)!.map(({ job }) => job)
      return { bookId, jobs }
    })
    try {
      const decided = await decide(batches)
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

  /** Takes the jobs of at most so many books, each book's in order, as many as fit into one call. */
  function take(share: number): Waiting[] {
    const taken: Waiting[] = []
    let drafts = 0
    let entries = 0
    let books = 0
    for (const bookId of ready) {
      if (books === share || books === mostBooks) break
      const queue = queues.get(bookId)!
      let jobs = 0
      for (const { job } of queue.waiting) {
        const more = job.submissions.reduce((sum, { draft }) => sum + draft.entries.length, 0)
        const fits = drafts + job.submissions.length <= mostDrafts && entries + more <= mostEntriesTogether
        if (drafts > 0 && !fits) break
        drafts += job.submissions.length
        entries += more
        queue.drafts -= job.submissions.length
        jobs += 1
      }
      if (jobs === 0) break
      taken.push(...queue.waiting.splice(0, jobs))
      ready.delete(bookId)
      books += 1
      if (queue.waiting.length > 0) break
    }
    return taken
  }

  return {
    submit,
    async drain() {
      if (queues.size === 0) return
      idle ??= Promise.withResolvers<void>()
      await idle.promise
      idle = undefined
    },
  }
}
