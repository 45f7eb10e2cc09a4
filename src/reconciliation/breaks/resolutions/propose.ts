import { sql } from 'drizzle-orm'
import { type Tx, transact } from '../../../db/client.ts'
import type { Actor } from '../../../http/actor.ts'
import { type Book, bookOf } from '../../../ledger/index.ts'
import { type Amount, formatAmount } from '../../../money.ts'
import { Refusal } from '../../../refusals.ts'
import { inBook } from '../../../savings/listing.ts'
import type { Parts } from '../../../savings/parts.ts'
import { register } from '../../../savings/registering.ts'
import { type BankAccountRow, bankAccountById } from '../../intake/bank-accounts.ts'
import { lastRun } from '../../matching/last-run.ts'
import type { BreakRow } from '../reading.ts'
import type { Content, ResolutionKind } from './content.ts'
import { type Proposed, resolutionDrafts } from './drafts.ts'
import { entriesOn, originalsOf, transactionsOf } from './entries-on.ts'
import { checkedPostings, movedOn, requireFeeOrIncome } from './postings.ts'
import { breakResolution, resolutionBreak } from './schema.ts'
import { breaksAbout, type Items, itemsOf, openBreaks, sumOf } from './subjects.ts'
import type { Asked } from './wire.ts'

export type ResolutionRow = typeof breakResolution.$inferSelect

/** What other parts post, which is not taken back by hand. */
export type Limits = { irreversibleKinds: readonly string[] }

type Of = { bookId: string; bankAccountId: string }

/**
 * Proposes what to do about breaks: nothing is posted and nothing claimed before another approves it.
 * @throws Refusal `bank-account-not-found`, `break-not-found`, `break-ended`, `break-has-proposal`, `resolution-unfit`,
 *   `resolution-unbalanced`, `tolerance-exceeded`, `account-not-for-differences`, `id-reused`, and what verbs and reversals refuse
 */
export async function propose(
  parts: Parts,
  of: Of,
  actor: Actor,
  limits: Limits,
  id: string,
  asked: Asked,
): Promise<{ row: ResolutionRow; replayed: boolean }> {
  const { bookId, bankAccountId } = of
  const book = await bookOf(parts.db, bookId)
  const account = await bankAccountById(parts, bookId, bankAccountId)
  const breaks = await breaksAbout(parts.db, of, asked)
  const items = itemsOf(breaks)
  const { kind, reason } = asked
  refuseUnfit(kind, items, breaks)
  const content = await contentOf(parts, book, items, asked)
  return transact(parts.db, async tx => {
    const registered = await register(tx, breakResolution, {
      where: inBook(breakResolution, bookId, id),
      content: { bankAccountId, kind, reason, content },
      at: parts.clock.now(),
      actor: actor.clientId,
      decide: async () => {
        await refuseEnded(tx, of, breaks)
        const adjustment = kind === 'adjust' ? await adjustmentOf(tx, book, of, items) : null
        const proposed = {
          id,
          kind,
          reason,
          actor: actor.clientId,
          content,
          difference: adjustment?.difference ?? null,
        }
        await refuseUnbalanced(parts, tx, { book, account, limits }, proposed, items)
        return { bookId, id, bankAccountId, kind, reason, content, ...adjustment }
      },
    })
    if (!registered.replayed) await keepBreaks(tx, of, id, breaks)
    return registered
  })
}

async function contentOf(parts: Parts, book: Book, items: Items, asked: Asked): Promise<Content> {
  const { lines, entries } = items
  const content: Content = {
    ...{ question: asked.question ?? null, lines, entries },
    ...{ postings: [], transactions: [], valueDate: null, accountId: null },
  }
  if (asked.kind === 'post') return { ...content, postings: await checkedPostings(parts, book, asked.postings) }
  if (asked.kind === 'adjust') {
    await requireFeeOrIncome(parts.db, book.id, asked.accountId)
    return { ...content, valueDate: asked.valueDate, accountId: asked.accountId }
  }
  if (asked.kind !== 'reverse') return content
  const own = await transactionsOf(parts.db, book.id, entries)
  const named = asked.transactionId === undefined ? own : [...new Set([...own, asked.transactionId])]
  if (named.length === 0)
    throw new Refusal('resolution-unfit', 'Which transaction is to be reversed? A line does not tell it.')
  return { ...content, transactions: named, valueDate: asked.valueDate }
}

/** @throws Refusal `resolution-unfit` */
function refuseUnfit(kind: ResolutionKind, { lines, entries, statements }: Items, breaks: readonly BreakRow[]): void {
  const no = (why: string) => new Refusal('resolution-unfit', why, { facts: { kind } })
  if (kind === 'accept') {
    if (breaks.some(({ status }) => status === 'accepted')) throw no('One of them is accepted already.')
    return
  }
  if (statements > 0) throw no('What is of a whole statement can only be accepted: its bank sends what is missing.')
  if (kind === 'match' && lines.length + entries.length < 2) throw no('One alone is the same money as nothing.')
  if (kind === 'post' && lines.length === 0) throw no('What is posted is claimed with a line of the bank’s.')
  if (kind === 'adjust' && (lines.length === 0 || entries.length === 0))
    throw no('A difference is one between lines and entries.')
}

/** @throws Refusal `break-ended` */
async function refuseEnded(tx: Tx, of: Of, breaks: readonly BreakRow[]): Promise<void> {
  const open = await openBreaks(
    tx,
    of,
    breaks.map(({ origin }) => origin),
  )
  const ended = breaks.filter(({ origin }) => !open.has(origin)).map(({ id }) => id)
  if (ended.length > 0)
    throw new Refusal('break-ended', `${ended.length} of the breaks are found no more.`, {
      facts: { breaks: ended.slice(0, 100) },
    })
}

/** By how much the bank has more, and the run whose rules allow to adjust that. @throws Refusal `resolution-unfit`, `tolerance-exceeded` */
async function adjustmentOf(tx: Tx, book: Book, { bookId, bankAccountId }: Of, items: Items) {
  const difference = sumOf(items, items.lines) - sumOf(items, items.entries)
  if (difference === 0n) throw new Refusal('resolution-unfit', 'They do not differ: they are matched.')
  const run = await lastRun(tx, bookId, bankAccountId)
  const tolerance = run?.tolerance ?? 0n
  if (run !== null && difference <= tolerance && -difference <= tolerance)
    return { difference, tolerance, runId: run.id }
  const text = (amount: Amount) => formatAmount(amount, book.currency)
  throw new Refusal('tolerance-exceeded', 'By the rules of the last matching it may not be adjusted.', {
    facts: { difference: text(difference), tolerance: text(tolerance) },
  })
}

type Where = { book: Book; account: BankAccountRow; limits: Limits }

/** Makes what would be posted, and adds it up with what is to be claimed. @throws Refusal `resolution-unbalanced`, and what reversing refuses */
async function refuseUnbalanced(
  parts: Parts,
  tx: Tx,
  { book, account, limits }: Where,
  proposed: Proposed,
  items: Items,
): Promise<void> {
  const { kind, content } = proposed
  if (kind === 'accept') return
  const originals = await originalsOf(parts, book.id, content.transactions, limits.irreversibleKinds)
  const drafts = resolutionDrafts(book, proposed, account.accountId, originals)
  const [lines, entries] = [sumOf(items, items.lines), sumOf(items, items.entries)]
  if (kind !== 'reverse') {
    refuseDifference(book, lines, entries + movedOn(drafts, account.accountId))
    return
  }
  const sequences = originals.map(({ sequence }) => sequence)
  const on = await entriesOn(tx, book.id, account.accountId, sequences)
  if (items.lines.length > 0) refuseDifference(book, lines, takenBack(on))
}

/** What reversals of transactions move the account by, as far as those were claimed: the rest disappears with them. */
export function takenBack(on: readonly { moves: Amount; isClaimed: boolean }[]): Amount {
  return on.reduce((sum, { moves, isClaimed }) => (isClaimed ? sum - moves : sum), 0n)
}

export function refuseDifference({ currency }: Book, lines: Amount, entries: Amount): void {
  if (lines === entries) return
  const text = (amount: Amount) => formatAmount(amount, currency)
  throw new Refusal('resolution-unbalanced', 'What the lines bring in is not what the entries do.', {
    facts: { lines: text(lines), entries: text(entries), difference: text(lines - entries) },
  })
}

/** @throws Refusal `break-has-proposal` */
async function keepBreaks(tx: Tx, of: Of, resolutionId: string, breaks: readonly BreakRow[]): Promise<void> {
  const { bookId } = of
  const origins = [...new Set(breaks.map(({ origin }) => origin))]
  const open = await openBreaks(tx, of, origins)
  const { rows } = await tx.execute<{ origin: string; turn: number; before: string; isDecided: boolean }>(sql`
    select distinct on (r.origin) r.origin, r.turn, r.resolution_id as before,
      exists (select from resolution_decision d where d.book_id = r.book_id and d.resolution_id = r.resolution_id) as "isDecided"
    from resolution_break r where r.book_id = ${bookId} and r.origin = any (${sql.param(origins)}::uuid[])
    order by r.origin, r.turn desc`)
  const waiting = rows.filter(({ isDecided }) => !isDecided).map(({ before }) => before)
  if (waiting.length > 0)
    throw new Refusal('break-has-proposal', 'What was proposed before is decided first, or withdrawn.', {
      facts: { resolutions: [...new Set(waiting)].slice(0, 100) },
    })
  const last = new Map(rows.map(row => [row.origin, row]))
  await tx.insert(resolutionBreak).values(
    origins.map(origin => {
      const before = last.get(origin)
      return {
        ...{ bookId, resolutionId, origin, breakId: open.get(origin)!, turn: (before?.turn ?? 0) + 1 },
        ...{ previousTurn: before?.turn ?? null, follows: before?.before ?? null },
      }
    }),
  )
}
