import type { CalendarDate } from '../dates.ts'
import type { Draft } from './draft.ts'

/** A checked draft on its way to the posting function, with who asked and the hash of its content. */
export type Submission = { draft: Draft; actor: string; contentHash: Buffer }

/** Submissions decided together. Atomic: all or none. */
export type Job = { submissions: readonly Submission[]; atomic: boolean }

/** As many books as one statement posts to. */
export const mostBooks = 16

const parameters = 17

/** The statements that post batches of one book, of two … of `mostBooks`; the parameters are those of `encodeBatch`. */
const postStatements = Array.from({ length: mostBooks }, (_, index) => {
  const calls = Array.from({ length: index + 1 }, (_, batch) => {
    const places = Array.from({ length: parameters }, (_, place) => `$${batch * parameters + place + 1}`)
    return `ledger_post(${places.join(', ')}) as batch${batch}`
  })
  return { name: `ledger_post_${index + 1}`, text: `select ${calls.join(', ')}` }
})

export function postStatement(batches: number): { name: string; text: string } {
  return postStatements[batches - 1]!
}

/** Array literals are written here and not by the driver: none of these elements ever needs quoting. */
const list = (elements: readonly unknown[]) => `{${elements.join(',')}}`

/**
 * Writes a batch as the parameters of `ledger_post`: one element a draft, one a debit or credit, one an account.
 * Places count from 1, as PostgreSQL's arrays do. Accounts are sorted, so that PostgreSQL sees at a glance that none comes twice.
 */
export function encodeBatch(bookId: string, jobs: readonly Job[], now: Date, today: CalendarDate): unknown[] {
  const ids: string[] = []
  const groups: number[] = []
  const same: number[] = []
  const kinds: string[] = []
  const valueDates: string[] = []
  const actors: string[] = []
  const contents: string[] = []
  const docs: unknown[] = []
  const reverses: string[] = []
  const holds: string[] = []
  const first: number[] = []
  const entryAccounts: string[] = []
  const entryAmounts: string[] = []
  const places = new Map<string, number>()
  let anyReversal = false
  let anyHold = false
  let group = 0
  for (const job of jobs) {
    if (job.atomic) group += 1
    for (const { draft, actor, contentHash } of job.submissions) {
      const place = ids.push(draft.id)
      same.push(places.get(draft.id) ?? 0)
      places.set(draft.id, place)
      groups.push(job.atomic ? group : 0)
      kinds.push(draft.kind)
      valueDates.push(draft.valueDate)
      actors.push(actor)
      contents.push(`"\\\\x${contentHash.toString('hex')}"`)
      docs.push({ reason: draft.reason, evidence: draft.evidence })
      anyReversal ||= draft.reverses !== undefined
      anyHold ||= draft.holdId !== undefined
      reverses.push(draft.reverses?.sequence.toString() ?? 'null')
      holds.push(draft.holdId ?? 'null')
      first.push(entryAccounts.length + 1)
      for (const { accountId, direction, amount } of draft.entries) {
        entryAccounts.push(accountId)
        entryAmounts.push(direction === 'debit' ? amount.toString() : `-${amount}`)
      }
    }
  }
  first.push(entryAccounts.length + 1)
  const accounts = [...new Set(entryAccounts)].sort()
  const accountPlaces = new Map(accounts.map((id, index) => [id, index + 1]))
  return [
    bookId,
    now,
    today,
    list(ids),
    list(groups),
    list(same),
    list(kinds),
    list(valueDates),
    list(actors),
    list(contents),
    JSON.stringify(docs),
    anyReversal ? list(reverses) : null,
    anyHold ? list(holds) : null,
    list(first),
    list(entryAccounts.map(id => accountPlaces.get(id))),
    list(entryAmounts),
    list(accounts),
  ]
}

/**
 * One draft's outcome as the function tells it: outcome, sequence, instant of recording in milliseconds, hash, account and
 * fact, with commas between; what is absent is empty. The fact is what was available in minor units, or the next open date.
 */
export type EncodedOutcome = string
