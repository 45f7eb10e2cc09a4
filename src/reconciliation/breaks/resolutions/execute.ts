import { sql } from 'drizzle-orm'
import type { Tx } from '../../../db/client.ts'
import { tellEvents } from '../../../feed/tell.ts'
import type { Actor } from '../../../http/actor.ts'
import type { Book, Draft, Posted, Transaction } from '../../../ledger/index.ts'
import type { Amount } from '../../../money.ts'
import { Refusal } from '../../../refusals.ts'
import type { Parts } from '../../../savings/parts.ts'
import { inTermsOf } from '../../../savings/verbs/subjects.ts'
import type { BankAccountRow } from '../../intake/bank-accounts.ts'
import { claimMatches } from '../../matching/claims.ts'
import type { Match } from '../../matching/items.ts'
import { suspend } from '../../suspense/suspend.ts'
import { endBreaks, type ToldBreak, tellingsOf } from '../keep.ts'
import { readBreaks } from '../reading.ts'
import { resolutionDrafts } from './drafts.ts'
import { type EntryOn, entriesOn, originalsOf } from './entries-on.ts'
import { type Limits, type ResolutionRow, refuseDifference, takenBack } from './propose.ts'
import { acceptedBreak } from './schema.ts'
import { type Items, itemsOf, openBreaks, sumOf } from './subjects.ts'

/** The rule by which people match. */
export const byHand = 'by-hand'

type Where = { book: Book; account: BankAccountRow; limits: Limits }

/**
 * Carries out what was approved, within the account's turn and in one database transaction: posts, claims, and ends the breaks.
 * @throws Refusal `resolution-outdated`, `resolution-unbalanced`, and what posting refuses
 */
export async function execute(
  parts: Parts,
  tx: Tx,
  { book, account, limits }: Where,
  resolution: ResolutionRow,
  actor: Actor,
  at: Date,
): Promise<void> {
  const { id, kind, content, reason } = resolution
  const facts = { bankAccountId: account.id, resolutionId: id, resolutionKind: kind }
  const resolved = { kind: 'break-resolved' as const, subject: id, facts }
  const of = { bookId: book.id, bankAccountId: account.id }
  const about = await breaksOf(tx, of, id)
  const origins = about.map(({ origin }) => origin)
  const open = await openBreaks(tx, of, origins)
  if (kind === 'accept') {
    if (about.some(({ origin, breakId }) => open.get(origin) !== breakId)) throw outdated('A break is found otherwise.')
    await tx.insert(acceptedBreak).values(about.map(({ breakId }) => ({ ...of, breakId, resolutionId: id, kind })))
    await tellEvents(tx, book.id, at, [resolved])
    return
  }
  if (open.size < origins.length) throw outdated('A break is over.')
  const ids = [...open.values()]
  const items = itemsOf(
    await readBreaks(tx, of, { where: sql`b.id = any (${sql.param(ids)}::uuid[])`, limit: ids.length }),
  )
  const originals = await originalsOf(parts, book.id, content.transactions, limits.irreversibleKinds)
  const drafts = resolutionDrafts(book, resolution, account.accountId, originals)
  const posted = drafts.length === 0 ? [] : await post(parts, tx, book, drafts, resolution, actor)
  const sequencesOf = (all: readonly { sequence: bigint }[]) => all.map(({ sequence }) => sequence)
  const fresh = await entriesOn(tx, book.id, account.accountId, sequencesOf(posted))
  const taken = await entriesOn(tx, book.id, account.accountId, sequencesOf(originals))
  for (const { id: entry, moves } of [...fresh, ...taken]) items.moves.set(entry, moves)
  const groups =
    kind === 'reverse'
      ? reversedTogether(book, items, { originals, posted, fresh, taken })
      : [whole(book, items, [...items.entries, ...fresh.map(entry => entry.id)])]
  const matches: Match[] = groups.map(group => ({ ...group, rule: byHand, reasons: [`${kind}, approved`, reason] }))
  await claimMatches(tx, { ...of, runId: null, resolutionId: id }, matches, items.moves)
  const ended = await endClaimed(tx, of, matches, at)
  await suspend(tx, parts, book, account, { id, actor: actor.clientId })
  await tellEvents(tx, book.id, at, [resolved, ...tellingsOf({ opened: [], ended })])
}

function outdated(why: string): Refusal {
  return new Refusal('resolution-outdated', why)
}

type About = { origin: string; breakId: string }

async function breaksOf(tx: Tx, { bookId }: { bookId: string }, resolutionId: string): Promise<About[]> {
  const { rows } = await tx.execute<About>(sql`
    select r.origin, r.break_id as "breakId" from resolution_break r
    where r.book_id = ${bookId} and r.resolution_id = ${resolutionId} order by r.origin`)
  return rows
}

/** @throws Refusal what the ledger has against any of them, in terms of whom the proposal named */
async function post(
  { ledger }: Parts,
  tx: Tx,
  book: Book,
  drafts: readonly Draft[],
  { content }: ResolutionRow,
  actor: Actor,
): Promise<Posted[]> {
  const [outcomes] = await ledger.postListsWithin(tx, book, [drafts], actor.clientId)
  return outcomes!.map((outcome, place) => {
    if ('posted' in outcome) return outcome.posted
    const first = outcomes!.findIndex(one => 'refusal' in one && one.refusal.code !== 'list-refused')
    const [at, found] = [first === -1 ? place : first, outcomes![first === -1 ? place : first]!]
    const refusal = 'refusal' in found ? found.refusal : outcome.refusal
    throw inTermsOf(content.postings[at]?.body ?? {}, book, refusal)
  })
}

type Group = { lines: string[]; entries: string[] }

function whole(book: Book, items: Items, entries: string[]): Group {
  refuseDifference(book, sumOf(items, items.lines), sumOf(items, entries))
  return { lines: items.lines, entries }
}

type Reversed = {
  originals: readonly Transaction[]
  posted: readonly Posted[]
  fresh: readonly EntryOn[]
  taken: readonly EntryOn[]
}

/**
 * What of a transaction no line was claimed for disappears together with its reversal. What was claimed stays so: its reversal is
 * the line that takes it back.
 */
function reversedTogether(book: Book, items: Items, { originals, posted, fresh, taken }: Reversed): Group[] {
  const groups: Group[] = []
  const rest: string[] = []
  originals.forEach(({ sequence }, place) => {
    const reversal = posted[place]!.sequence
    for (const original of taken.filter(entry => entry.sequence === sequence)) {
      const mirror = fresh.find(entry => entry.sequence === reversal && entry.position === original.position)!
      if (original.isClaimed) rest.push(mirror.id)
      else groups.push({ lines: [], entries: [original.id, mirror.id] })
    }
  })
  const claimed = new Set(taken.filter(({ isClaimed }) => isClaimed).map(({ id }) => id))
  if (items.entries.some(entry => claimed.has(entry))) throw outdated('An entry was claimed meanwhile.')
  if (items.lines.length === 0) return groups
  const lines: Amount = sumOf(items, items.lines)
  refuseDifference(book, lines, takenBack(taken))
  return [...groups, { lines: items.lines, entries: rest }]
}

async function endClaimed(
  tx: Tx,
  { bookId, bankAccountId }: { bookId: string; bankAccountId: string },
  matches: readonly Match[],
  at: Date,
): Promise<ToldBreak[]> {
  const subjects = matches.flatMap(({ lines, entries }) => [
    ...lines.map(line => `line:${line}`),
    ...entries.map(entry => `entry:${entry}`),
  ])
  const { rows } = await tx.execute<ToldBreak>(sql`
    select b.id, b.origin, b.bank_account_id as "bankAccountId", b.reason, b.day::text as day from reconciliation_break b
    where b.book_id = ${bookId} and b.bank_account_id = ${bankAccountId} and b.ended_at is null
      and b.subject = any (${sql.param(subjects)}::text[])`)
  await endBreaks(
    tx,
    bookId,
    rows.map(({ id }) => id),
    at,
  )
  return rows
}
