import assert from 'node:assert/strict'
import type { Clock } from '../dates.ts'
import type { Db, Tx } from '../db/client.ts'
import { within } from '../db/scope.ts'
import { Refusal } from '../refusals.ts'
import type { Submission } from './batch.ts'
import type { Book } from './books.ts'
import { type CallWatch, openCalls } from './calls.ts'
import { decide, decideWithin, type Outcome, type Posted, refusalOf } from './decide.ts'
import { checkDraft, contentHash, type Draft, entriesOf, mostDrafts, mostEntriesTogether } from './draft.ts'

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

/** Opens the ledger on a database. One a process: its calls are what batches concurrent requests together. */
export function openLedger({ db, clock, onBatch }: { db: Db; clock: Clock; onBatch?: CallWatch }): Ledger {
  const { submit, drain } = openCalls(
    batches => within({ reach: 'unasked' }, () => decide(db, clock, batches)),
    onBatch,
  )

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
    drain,
  }
}

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
