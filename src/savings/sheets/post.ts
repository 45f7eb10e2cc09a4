import { and, eq } from 'drizzle-orm'
import type { z } from 'zod'
import { type Tx, transact } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { type Book, bookOf, type Draft, type Ledger, type Outcome } from '../../ledger/index.ts'
import { Refusal, type RefusalCode } from '../../refusals.ts'
import { collectionSheet, collectionSheetLine } from '../accounts/schema.ts'
import { actingAgent, fieldRoles, requireAgent } from '../acting.ts'
import { inBook } from '../listing.ts'
import type { Parts } from '../parts.ts'
import { textsOf } from '../records.ts'
import { fingerprint, refuseFuture, register } from '../registering.ts'
import type { Identified, RegistryVerb } from '../registry/verb.ts'
import { linesRefused, reasonIn } from '../verbs/lines-refused.ts'
import { draftsOf, impossibleDraft, type LineDrafts, type ReadLine } from './drafts.ts'
import { isUnreadable, withFlaws } from './flaws.ts'
import { checkLines, knownOf } from './lines.ts'
import { postedSheetSchema, sheetById } from './reading.ts'
import { agentOfSheet, settledSheet } from './references.ts'
import { type OutcomeField, sealOf } from './seal.ts'
import {
  contentOf,
  type Line,
  refuseDifferentCash,
  type Sheet,
  type SheetBody,
  sheetBody,
  writtenContent,
  writtenSheet,
} from './sheet.ts'

/**
 * What handing in a sheet may be refused for. Reasons of single lines are told within `lines-refused`; `line-repeated`,
 * which no other operation gives, stands here so that the document has it.
 */
export const sheetRefusals = [
  'id-reused',
  'sheet-repeated',
  'cash-count-differs',
  'lines-refused',
  'line-repeated',
  'coordinator-differs',
  'group-not-found',
  'agent-not-found',
  'saver-not-found',
  'reference-ambiguous',
  'date-in-future',
  'amount-precision',
  'overloaded',
] as const satisfies readonly RefusalCode[]

/** A sheet as an operation of a synchronisation; its route, which takes CSV as well, is made of the same. */
export const postCollectionSheet: RegistryVerb<SheetBody, z.output<typeof postedSheetSchema>> = {
  type: 'collection-sheet',
  path: 'collection-sheets',
  operationId: 'postCollectionSheet',
  summary: 'Hand in the collection sheet of a meeting',
  access: fieldRoles,
  body: sheetBody,
  answer: postedSheetSchema,
  identified: true,
  refusals: sheetRefusals,
  run: postSheet,
}

/** A line as it stands in the end: posted, or refused for a reason. */
type DecidedLine = Line & { drafts: LineDrafts | null }

/**
 * Posts one meeting's sheet: whole; or, when it asks for that, without the lines that are refused. The sheet, its lines and
 * their transactions are one database transaction, so that there are all of them or none, whatever dies at whatever moment.
 * @throws Refusal `cash-count-differs`, `lines-refused` with every reason, `request-invalid` with every reason too when lines cannot be read, `sheet-repeated`, `coordinator-differs`, `group-not-found`,
 * `agent-not-found`, `saver-not-found`, `reference-ambiguous`, `date-in-future`, `id-reused`, `access-denied`,
 * `amount-precision`
 */
export async function postSheet(parts: Parts, bookId: string, actor: Actor, body: Identified<SheetBody>) {
  try {
    return await postOnce(parts, bookId, actor, body)
  } catch (error) {
    throw withFlaws(error, body.lines)
  }
}

async function postOnce(parts: Parts, bookId: string, actor: Actor, body: Identified<SheetBody>) {
  const { db, identityKey } = parts
  const { id } = body
  const book = await bookOf(db, bookId)
  const agentId = await agentOfSheet(db, book.id, body)
  actingAgent(actor, agentId)
  const written = writtenSheet(body, book.currency, identityKey)
  const writtenHash = fingerprint(writtenContent(written))
  const kept = await keptHashes(parts, bookId, id)
  // What names and DNIs tell may change with the register; a sheet that is word for word the same is a replay all the same.
  if (kept?.writtenHash.equals(writtenHash)) return { ...(await sheetById(db, book, id)), replayed: true }
  const sheet = await settledSheet(db, book.id, agentId, written)
  const content = contentOf(sheet)
  if (kept !== undefined) {
    if (!fingerprint(content).equals(kept.contentHash)) {
      throw new Refusal('id-reused', 'This id is that of another sheet.')
    }
    return { ...(await sheetById(db, book, id)), replayed: true }
  }
  refuseFuture(parts, { meetingDate: sheet.meetingDate })
  if (!sheet.lines.some(isUnreadable)) refuseDifferentCash(sheet, book.currency)
  const checked = await checkedLines(parts, book, sheet)
  const replayed = await keepAndPost(parts, book, actor, { id, sheet, content, writtenHash, checked })
  return { ...(await sheetById(db, book, id)), replayed }
}

/** The fingerprints of the sheet that was kept under this id. */
async function keptHashes({ db }: Parts, bookId: string, id: string) {
  const { contentHash, writtenHash } = collectionSheet
  const [kept] = await db
    .select({ contentHash, writtenHash })
    .from(collectionSheet)
    .where(inBook(collectionSheet, bookId, id))
  return kept
}

async function checkedLines({ db }: Parts, book: Book, sheet: Sheet): Promise<Line[]> {
  await requireAgent(db, book.id, sheet.agentId)
  const known = await knownOf(db, book.id, sheet, sheet.meetingDate)
  if (known.coordinatorId !== sheet.signedBy.coordinator) {
    const message = 'did not coordinate the group on that day'
    throw new Refusal('coordinator-differs', `signedBy.coordinator ${message}`, {
      facts: { coordinatorId: known.coordinatorId },
      fields: [{ path: 'signedBy.coordinator', message }],
    })
  }
  return checkLines(sheet, known)
}

type Keeping = {
  id: string
  sheet: Sheet
  content: Record<string, unknown>
  writtenHash: Buffer
  checked: readonly Line[]
}

/**
 * Keeps the sheet, posts its lines and keeps what became of each; answers whether somebody else had done so meanwhile. Who
 * comes second with an id waits for who was first.
 */
async function keepAndPost(
  { db, clock, ledger }: Parts,
  book: Book,
  actor: Actor,
  { id, sheet, content, writtenHash, checked }: Keeping,
): Promise<boolean> {
  const written = checked.map((line, index) => writtenRow(book.id, id, line, index + 1, checked.length))
  return transact(db, async tx => {
    const { row, replayed } = await register(tx, collectionSheet, {
      where: inBook(collectionSheet, book.id, id),
      content,
      at: clock.now(),
      actor: actor.clientId,
      decide: () => ({
        bookId: book.id,
        id,
        groupId: sheet.groupId,
        agentId: sheet.agentId,
        coordinatorId: sheet.signedBy.coordinator,
        meetingDate: sheet.meetingDate,
        cashCount: sheet.cashCount,
        onRefusal: sheet.onRefusal,
        lineCount: checked.length,
        writtenHash,
      }),
      taken: () => repeated(tx, book.id, sheet, content),
    })
    if (replayed) return true
    const seal = sealOf(
      textsOf(collectionSheet, row),
      written.map(line => textsOf(collectionSheetLine, { ...line, ...undecided })),
    )
    const lines = checked.map(line => ({
      ...line,
      drafts: isRead(line) ? draftsOf(book, sheet, line, { sheetId: id, seal }) : null,
    }))
    const decided = await decide({ ledger, tx, book, actor }, id, sheet, lines)
    await tx
      .insert(collectionSheetLine)
      .values(written.map((line, place) => ({ ...line, ...outcomeOf(decided[place]!) })))
    return false
  })
}

/** The paper was handed in before, under another id: typed again, or by another. */
async function repeated(tx: Tx, bookId: string, sheet: Sheet, content: Record<string, unknown>): Promise<Refusal> {
  const { id, groupId, meetingDate, contentHash } = collectionSheet
  const [twin] = await tx
    .select({ id })
    .from(collectionSheet)
    .where(
      and(
        eq(collectionSheet.bookId, bookId),
        eq(groupId, sheet.groupId),
        eq(meetingDate, sheet.meetingDate),
        eq(contentHash, fingerprint(content)),
      ),
    )
  return new Refusal(
    'sheet-repeated',
    'A sheet of the same group, day and lines is there under another id. If the group did meet twice with the same sums, number the lines otherwise.',
    { facts: { sheetId: twin?.id ?? null } },
  )
}

const undecided = { depositTransactionId: null, withdrawalTransactionId: null, refusal: null }

/** A line's row as far as the sheet says it. */
function writtenRow(bookId: string, sheetId: string, written: Line, position: number, lineCount: number) {
  const { refusal: _, holder: __, depositor: ___, flaw: ____, ...line } = written
  return { ...line, bookId, sheetId, position, lineCount }
}

function outcomeOf({ drafts, refusal }: DecidedLine): Pick<typeof collectionSheetLine.$inferSelect, OutcomeField> {
  if (refusal !== null) return { ...undecided, refusal: refusal.code }
  return {
    depositTransactionId: drafts?.deposit?.id ?? null,
    withdrawalTransactionId: drafts?.withdrawal?.id ?? null,
    refusal: null,
  }
}

type Posting = { ledger: Ledger; tx: Tx; book: Book; actor: Actor }

/** Asks the ledger. @throws Refusal `lines-refused` when the sheet is not to be posted without its refused lines. */
async function decide(
  posting: Posting,
  sheetId: string,
  sheet: Sheet,
  lines: readonly DecidedLine[],
): Promise<DecidedLine[]> {
  // Without its unreadable lines a sheet is not posted even when asked: the cash that was counted is also theirs.
  const whole = sheet.onRefusal === 'refuse-sheet' || sheet.lines.some(isUnreadable)
  const decided = whole ? await postWhole(posting, sheetId, sheet, lines) : await postEach(posting, sheet, lines)
  const refused = decided.filter(line => line.refusal !== null)
  if (refused.length > 0 && (whole || refused.length === decided.length)) throw linesRefused(decided)
  return decided
}

function isRead(line: Line): line is Line & ReadLine {
  return line.savingsAccountId !== null && line.refusal?.code !== 'savings-account-not-found'
}

/** All lines in one list, all or none. Money comes in before it is paid out, whatever the order of the lines. */
async function postWhole(
  { ledger, tx, book, actor }: Posting,
  sheetId: string,
  sheet: Sheet,
  lines: readonly DecidedLine[],
): Promise<DecidedLine[]> {
  const deposits = lines.flatMap(line => (line.drafts?.deposit ? [{ line, draft: line.drafts.deposit }] : []))
  const withdrawals = lines.flatMap(line => (line.drafts?.withdrawal ? [{ line, draft: line.drafts.withdrawal }] : []))
  const moves = [...deposits, ...withdrawals]
  const drafts = moves.map(({ draft }) => draft)
  if (lines.some(line => line.refusal !== null)) drafts.push(impossibleDraft(book, sheetId, sheet))
  const [outcomes] = await ledger.postListsWithin(tx, book, [drafts], actor.clientId)
  return lines.map(line => {
    if (line.refusal !== null) return line
    const ofLine = outcomes!.filter((_, place) => moves[place]?.line === line)
    return { ...line, refusal: refusalIn(ofLine, line, sheet, book) }
  })
}

/** Each line for itself, a deposit and a withdrawal of one line together. */
async function postEach(
  { ledger, tx, book, actor }: Posting,
  sheet: Sheet,
  lines: readonly DecidedLine[],
): Promise<DecidedLine[]> {
  const moneyInFirst = lines.toSorted((one, other) => Number(one.deposit === null) - Number(other.deposit === null))
  const asked = moneyInFirst.flatMap(line => {
    if (line.refusal !== null || line.drafts === null) return []
    const drafts = [line.drafts.deposit, line.drafts.withdrawal].filter((draft): draft is Draft => draft !== null)
    return [{ line, drafts }]
  })
  if (asked.length === 0) return [...lines]
  const lists = asked.map(({ drafts }) => drafts)
  const outcomes = await ledger.postListsWithin(tx, book, lists, actor.clientId)
  const decided = new Map(
    asked.map(({ line }, place) => [line, { ...line, refusal: refusalIn(outcomes[place]!, line, sheet, book) }]),
  )
  return lines.map(line => decided.get(line) ?? line)
}

/** What the ledger has against a line, in its deposit or its withdrawal. @throws Refusal one that may pass */
function refusalIn(outcomes: readonly Outcome[], line: DecidedLine, sheet: Sheet, book: Book): Refusal | null {
  const named = { savingsAccountId: line.savingsAccountId ?? undefined, agentId: sheet.agentId }
  for (const outcome of outcomes) {
    const reason = 'refusal' in outcome ? reasonIn(outcome.refusal, named, book) : null
    if (reason !== null) return reason
  }
  return null
}
