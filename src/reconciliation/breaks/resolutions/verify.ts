import { getTableName } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Session } from '../../../db/stream.ts'
import { type Book, contentHash, type Direction, type FaultList, type Transaction } from '../../../ledger/index.ts'
import { Refusal } from '../../../refusals.ts'
import { fingerprint } from '../../../savings/registering.ts'
import { bankMatch } from '../../matching/schema.ts'
import { breakComment, breakOwner, reconciliationBreak } from '../schema.ts'
import type { Content, Outcome, ResolutionKind } from './content.ts'
import { draftIds, type Proposed, resolutionDrafts } from './drafts.ts'
import { acceptedBreak, breakResolution, resolutionBreak, resolutionDecision } from './schema.ts'

type Row = {
  id: string
  bankAccountId: string
  accountId: string
  kind: ResolutionKind
  reason: string
  actor: string
  content: Content
  difference: string | null
  hash: string
  decision: { outcome: Outcome; reason: string | null; actor: string; hash: string } | null
  about: { id: string; subject: string }[]
  claimed: string[]
  accepted: string[]
}

type Wrong = (table: PgTable, recordId: string, expected: string, found: string) => void

const columns = `
  r.id, r.bank_account_id as "bankAccountId", a.account_id as "accountId", r.kind, r.reason, r.actor, r.content, r.difference::text,
  encode(r.content_hash, 'hex') as hash,
  (select json_build_object('outcome', d.outcome, 'reason', d.reason, 'actor', d.actor, 'hash', encode(d.content_hash, 'hex'))
    from resolution_decision d where d.book_id = r.book_id and d.resolution_id = r.id) as decision,
  coalesce((select json_agg(json_build_object('id', b.id, 'subject', b.subject) order by b.id)
    from resolution_break o join reconciliation_break b on b.book_id = o.book_id and b.id = o.break_id
    where o.book_id = r.book_id and o.resolution_id = r.id), '[]') as about,
  coalesce((select json_agg(coalesce('line:' || c.statement_id || ':' || c.line, 'entry:' || c.sequence || ':' || c.position))
    from bank_match m join bank_claim c on c.book_id = m.book_id and c.match_id = m.id
    where m.book_id = r.book_id and m.resolution_id = r.id), '[]') as claimed,
  coalesce((select json_agg(x.break_id order by x.break_id) from accepted_break x
    where x.book_id = r.book_id and x.resolution_id = r.id), '[]') as accepted`

/**
 * Holds what people decided about breaks against its fingerprints, makes again what each resolution posts, which has to come to
 * what the ledger has, and compares what was claimed and accepted with what was proposed.
 */
export async function verifyResolutions(session: Session, book: Book, faults: FaultList): Promise<number> {
  const wrong: Wrong = (table, recordId, expected, found) =>
    faults.add({ rule: 'record-differs', table: getTableName(table), recordId, expected, found })
  const said = await verifyCare(session, book, wrong)
  const { rows } = await session.query<Row>(
    `select ${columns} from break_resolution r join bank_account a on a.book_id = r.book_id and a.id = r.bank_account_id
     where r.book_id = $1 order by r.id`,
    [book.id],
  )
  for (const row of rows) {
    verifyProposed(row, wrong)
    verifyDone(row, await postedBy(session, book, row, wrong), wrong)
  }
  return said + rows.length
}

function verifyProposed({ id, bankAccountId, kind, reason, content, hash, decision, about }: Row, wrong: Wrong): void {
  const expected = fingerprint({ bankAccountId, kind, reason, content }).toString('hex')
  if (hash !== expected) wrong(breakResolution, id, expected, hash)
  const subjects = textOf(about.map(({ subject }) => subject).filter(subject => /^(line|entry):/.test(subject)))
  const named = textOf(proposedOf(content))
  if (subjects !== named || about.length === 0) wrong(resolutionBreak, id, named, subjects)
  if (decision === null) return
  const { outcome, reason: why, hash: found } = decision
  const decided = fingerprint({ resolutionId: id, outcome, reason: why }).toString('hex')
  if (found !== decided) wrong(resolutionDecision, id, decided, found)
}

function proposedOf({ lines, entries }: Content): string[] {
  return [...lines.map(line => `line:${line}`), ...entries.map(entry => `entry:${entry}`)]
}

function textOf(subjects: readonly string[]): string {
  return subjects.toSorted().join(' ')
}

type PostedRow = { id: string; hash: string; actor: string; entries: string[] }

/** What the ledger has under the ids of a resolution, compared with what it posts. Answers the entries on the bank's account. */
async function postedBy(session: Session, book: Book, row: Row, wrong: Wrong): Promise<string[]> {
  const ids = draftIds(row)
  if (ids.length === 0) return []
  const { rows } = await session.query<PostedRow>(
    `select t.id, encode(t.content_hash, 'hex') as hash, t.actor,
       coalesce((select json_agg('entry:' || e.sequence || ':' || e.position) from entry e
         where e.book_id = t.book_id and e.sequence = t.sequence and e.account_id = $3), '[]') as entries
     from transaction t where t.book_id = $1 and t.id = any ($2::uuid[])`,
    [book.id, ids, row.accountId],
  )
  const isDone = row.decision?.outcome === 'approved'
  const expected = isDone ? await expectedHashes(session, book, row) : new Map<string, string>()
  const found = new Map(rows.map(({ id, hash, actor }) => [id, `${hash} by ${actor}`]))
  for (const id of new Set([...expected.keys(), ...found.keys()])) {
    const [should, is] = [expected.get(id), found.get(id)]
    if (should !== is) wrong(breakResolution, row.id, should ?? `no transaction ${id}`, is ?? 'none')
  }
  return rows.flatMap(({ entries }) => entries)
}

async function expectedHashes(session: Session, book: Book, row: Row): Promise<Map<string, string>> {
  const { difference, content, decision, accountId } = row
  const proposed: Proposed = { ...row, difference: difference === null ? null : BigInt(difference) }
  const originals = await originalsOf(session, book.id, content.transactions)
  try {
    const drafts = resolutionDrafts(book, proposed, accountId, originals)
    return new Map(
      drafts.map(draft => [draft.id, `${contentHash(book.id, draft).toString('hex')} by ${decision!.actor}`]),
    )
  } catch (error) {
    // Of what somebody altered no draft may come any more.
    if (!(error instanceof Refusal)) throw error
    return new Map()
  }
}

type OriginalRow = Omit<Transaction, 'sequence' | 'entries'> & {
  sequence: string
  entries: [position: number, accountId: string, direction: Direction, amount: string][]
}

async function originalsOf(session: Session, bookId: string, ids: readonly string[]): Promise<Transaction[]> {
  if (ids.length === 0) return []
  const { rows } = await session.query<OriginalRow>(
    `select t.id, t.sequence, t.kind, t.value_date::text as "valueDate",
       (select json_agg(json_build_array(e.position, e.account_id, e.direction, e.amount::text) order by e.position)
         from entry e where e.book_id = t.book_id and e.sequence = t.sequence) as entries
     from transaction t join unnest($2::uuid[]) with ordinality i(id, place) on i.id = t.id
     where t.book_id = $1 order by i.place`,
    [bookId, [...ids]],
  )
  return rows.map(({ sequence, entries, ...row }) => ({
    ...row,
    sequence: BigInt(sequence),
    entries: entries.map(([position, accountId, direction, amount]) => {
      return { position, accountId, direction, amount: BigInt(amount) }
    }),
  }))
}

/** What was claimed and accepted is what was proposed, and what was posted for it; and nothing of what was not approved. */
function verifyDone({ id, kind, content, decision, about, claimed, accepted }: Row, posted: string[], wrong: Wrong) {
  const isDone = decision?.outcome === 'approved'
  const stays = isDone && kind === 'accept' ? textOf(about.map(one => one.id)) : ''
  if (textOf(accepted) !== stays) wrong(acceptedBreak, id, stays, textOf(accepted))
  const named = isDone && kind !== 'accept' ? proposedOf(content) : []
  // What was claimed before its reversal stays so: of a reversal more may be claimed than was named, and never less.
  const found = new Set(claimed)
  const isRight =
    kind === 'reverse' && isDone
      ? named.every(one => found.has(one))
      : textOf(claimed) === textOf([...named, ...(named.length === 0 ? [] : posted)])
  if (!isRight) wrong(bankMatch, id, textOf(named), textOf(claimed))
}

/** Owners and comments say what they said, and are of what was found first. */
async function verifyCare(session: Session, book: Book, wrong: Wrong): Promise<number> {
  const { rows: comments } = await session.query<{ id: string; origin: string; text: string; hash: string }>(
    `select id, origin, text, encode(content_hash, 'hex') as hash from break_comment where book_id = $1 order by id`,
    [book.id],
  )
  const { rows: owners } = await session.query<{ id: string; origin: string; owner: string | null; hash: string }>(
    `select id, origin, owner, encode(content_hash, 'hex') as hash from break_owner where book_id = $1 order by id`,
    [book.id],
  )
  for (const { id, origin, text, hash } of comments)
    compare(breakComment, id, fingerprint({ origin, text }).toString('hex'), hash)
  for (const { id, origin, owner, hash } of owners)
    compare(breakOwner, id, fingerprint({ origin, owner }).toString('hex'), hash)
  const { rows: strays } = await session.query<{ id: string; subject: string; of: string }>(
    `select b.id, b.subject, o.subject as of from reconciliation_break b
     join reconciliation_break o on o.book_id = b.book_id and o.id = b.origin
     where b.book_id = $1 and (o.subject <> b.subject or o.bank_account_id <> b.bank_account_id) order by b.id`,
    [book.id],
  )
  for (const { id, subject, of } of strays) wrong(reconciliationBreak, id, subject, of)
  return comments.length + owners.length

  function compare(table: PgTable, id: string, expected: string, found: string): void {
    if (expected !== found) wrong(table, id, expected, found)
  }
}
