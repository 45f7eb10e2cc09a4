import type { z } from 'zod'
import { transact } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { type Book, bookOf, type Draft, type Ledger, type Outcome } from '../../ledger/index.ts'
import { Refusal, type RefusalCode } from '../../refusals.ts'
import { collectionSheet, collectionSheetLine } from '../accounts/schema.ts'
import { actingAgent, fieldRoles, requireActing, requireAgent } from '../acting.ts'
import { inBook } from '../listing.ts'
import type { Parts } from '../parts.ts'
import { fingerprint, refuseFuture, register } from '../registering.ts'
import type { Identified, RegistryVerb } from '../registry/verb.ts'
import { linesRefused, reasonIn } from '../verbs/lines-refused.ts'
import { draftsOf, impossibleDraft, type LineDrafts, type Origin, type ReadLine } from './drafts.ts'
import { checkLines, knownOf } from './lines.ts'
import { postedSheetSchema, sheetById } from './reading.ts'
import { agentOfSheet, settledSheet } from './references.ts'
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
 * Posts one meeting's sheet: whole; or, when it asks for that, without the lines that are refused. Sent again it is the
 * same transactions, whatever happened between posting and keeping it, for their ids are computed from the sheet's.
 * @throws Refusal `cash-count-differs`, `lines-refused` with every reason, `coordinator-differs`, `group-not-found`,
 * `agent-not-found`, `saver-not-found`, `reference-ambiguous`, `date-in-future`, `id-reused`, `access-denied`,
 * `amount-precision`, `request-invalid`
 */
export async function postSheet(parts: Parts, bookId: string, actor: Actor, body: Identified<SheetBody>) {
  const { db, identityKey } = parts
  const { id } = body
  const book = await bookOf(db, bookId)
  await requireActing(db, bookId, actor)
  const agentId = await agentOfSheet(db, book.id, body)
  actingAgent(actor, agentId)
  const written = writtenSheet(body, book.currency, identityKey)
  const writtenHash = fingerprint(writtenContent(written))
  const kept = await keptHashes(parts, bookId, id)
  // What names and DNIs tell may change with the register; a sheet that is word for word the same is a replay all the same.
  if (kept?.writtenHash.equals(writtenHash)) return { ...(await sheetById(db, book, id)), replayed: true }
  const sheet = await settledSheet(db, book.id, agentId, written)
  const content = contentOf(sheet)
  const contentHash = fingerprint(content)
  if (kept !== undefined) {
    if (!contentHash.equals(kept.contentHash)) throw new Refusal('id-reused', 'This id is that of another sheet.')
    return { ...(await sheetById(db, book, id)), replayed: true }
  }
  refuseFuture(parts, { meetingDate: sheet.meetingDate })
  refuseDifferentCash(sheet, book.currency)
  const checked = await checkedLines(parts, book, sheet)
  const decided = await decide(parts.ledger, book, sheet, checked, { sheetId: id, contentHash }, actor)
  const replayed = await keep(parts, bookId, actor, id, sheet, content, writtenHash, decided)
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

/** Asks the ledger. @throws Refusal `lines-refused` when the sheet is not to be posted without its refused lines. */
async function decide(
  ledger: Ledger,
  book: Book,
  sheet: Sheet,
  checked: Line[],
  origin: Origin,
  actor: Actor,
): Promise<DecidedLine[]> {
  const lines = checked.map(line => ({
    ...line,
    drafts: isRead(line) ? draftsOf(book, sheet, line, origin) : null,
  }))
  const whole = sheet.onRefusal === 'refuse-sheet'
  const decided = whole
    ? await postWhole(ledger, book, sheet, lines, origin, actor)
    : await postEach(ledger, book, sheet, lines, actor)
  const refused = decided.filter(line => line.refusal !== null)
  if (refused.length > 0 && (whole || refused.length === decided.length)) throw linesRefused(decided)
  return decided
}

function isRead(line: Line): line is Line & ReadLine {
  return line.savingsAccountId !== null && line.refusal?.code !== 'savings-account-not-found'
}

/** All lines in one list, all or none. Money comes in before it is paid out, whatever the order of the lines. */
async function postWhole(
  ledger: Ledger,
  book: Book,
  sheet: Sheet,
  lines: readonly DecidedLine[],
  origin: Origin,
  actor: Actor,
): Promise<DecidedLine[]> {
  const deposits = lines.flatMap(line => (line.drafts?.deposit ? [{ line, draft: line.drafts.deposit }] : []))
  const withdrawals = lines.flatMap(line => (line.drafts?.withdrawal ? [{ line, draft: line.drafts.withdrawal }] : []))
  const moves = [...deposits, ...withdrawals]
  const drafts = moves.map(({ draft }) => draft)
  if (lines.some(line => line.refusal !== null)) drafts.push(impossibleDraft(book, sheet, origin))
  const outcomes = await ledger.postList(book.id, drafts, 'atomic', actor.clientId)
  return lines.map(line => {
    if (line.refusal !== null) return line
    const ofLine = outcomes.filter((_, place) => moves[place]?.line === line)
    return { ...line, refusal: refusalIn(ofLine, line, sheet, book) }
  })
}

/** Each line for itself, a deposit and a withdrawal of one line together. They are decided in one batch all the same. */
async function postEach(
  ledger: Ledger,
  book: Book,
  sheet: Sheet,
  lines: readonly DecidedLine[],
  actor: Actor,
): Promise<DecidedLine[]> {
  const decided = new Map<DecidedLine, DecidedLine>()
  const moneyInFirst = lines.toSorted((one, other) => Number(one.deposit === null) - Number(other.deposit === null))
  await Promise.all(
    moneyInFirst.map(async line => {
      if (line.refusal !== null || line.drafts === null) return
      const drafts = [line.drafts.deposit, line.drafts.withdrawal].filter((draft): draft is Draft => draft !== null)
      const outcomes = await ledger.postList(book.id, drafts, 'atomic', actor.clientId)
      decided.set(line, { ...line, refusal: refusalIn(outcomes, line, sheet, book) })
    }),
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

/** Keeps the sheet with what became of its lines; answers whether somebody else had kept it meanwhile. */
async function keep(
  { db, clock }: Parts,
  bookId: string,
  actor: Actor,
  id: string,
  sheet: Sheet,
  content: Record<string, unknown>,
  writtenHash: Buffer,
  decided: readonly DecidedLine[],
): Promise<boolean> {
  return transact(db, async tx => {
    const { replayed } = await register(tx, collectionSheet, {
      where: inBook(collectionSheet, bookId, id),
      content,
      at: clock.now(),
      actor: actor.clientId,
      decide: () => ({
        bookId,
        id,
        groupId: sheet.groupId,
        agentId: sheet.agentId,
        coordinatorId: sheet.signedBy.coordinator,
        meetingDate: sheet.meetingDate,
        cashCount: sheet.cashCount,
        onRefusal: sheet.onRefusal,
        writtenHash,
      }),
    })
    if (replayed) return true
    await tx.insert(collectionSheetLine).values(
      decided.map(({ drafts, refusal, holder: _, depositor: __, ...line }) => ({
        ...line,
        bookId,
        sheetId: id,
        depositTransactionId: refusal === null ? (drafts?.deposit?.id ?? null) : null,
        withdrawalTransactionId: refusal === null ? (drafts?.withdrawal?.id ?? null) : null,
        refusal: refusal?.code ?? null,
      })),
    )
    return false
  })
}
