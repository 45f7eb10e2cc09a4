import { Readable } from 'node:stream'
import { eq, sql } from 'drizzle-orm'
import { type Db, type Tx, transact } from '../../db/client.ts'
import { tellEvents } from '../../feed/tell.ts'
import { nameId } from '../../ids.ts'
import type { Book } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { inBook } from '../../savings/listing.ts'
import { type BreakChanges, tellingsOf, timeInTurn } from '../breaks/keep.ts'
import { keepFound, lookAtStatement } from '../breaks/statement-breaks.ts'
import { formatOf, type Hint, readStatements, type StatementFormat } from '../statements/read.ts'
import { FileFault } from '../statements/statement.ts'
import { largestValidated, schemaNameOf, type Verdict, verdictOf } from '../statements/verdict.ts'
import { keepLines } from './keep-lines.ts'
import type { HeldProfile } from './profiles.ts'
import { count, countingBytes, type Progress } from './progress.ts'
import { bankAccount, bankFile, bankFilePiece, bankStatement } from './schema.ts'
import type { SchemaOf } from './schemas.ts'
import { readSpooled, type Spooled } from './spool.ts'
import { type StatementIn, statementIn } from './statement-in.ts'
import { divide, undivided } from './twins.ts'

export type FileRow = typeof bankFile.$inferSelect

/** A file that came, and what whoever sent it says of it. */
export type Incoming = {
  file: Spooled
  name: string | null
  mediaType: string
  profile: HeldProfile | null
}

/** A file to be taken: plain, so that a thread can be told of it. `actor` is the client that sent it. */
export type Taking = Incoming & { book: Book; actor: string; at: Date; progress: Progress }
export type Taken = { id: string; replayed: boolean }

/** Bytes of one piece of a file at the most. */
const pieceSize = 1_048_576

/** As many statements as are kept in memory between the first reading of a file and its taking; more are read again. */
const statementsHeld = 1_000

/**
 * Takes a file of a bank's statements: all of it or, when it makes no sense, nothing. What does not tie up is taken as well, for it
 * is evidence, and told as breaks. The same bytes again are answered as at first.
 * @throws Refusal `file-refused` with the place and the reason, `bank-account-unknown`
 */
export async function takeFile(
  { db, schemaOf }: { db: Db; schemaOf: SchemaOf },
  { book, actor, at, progress, ...incoming }: Taking,
): Promise<Taken> {
  const { sha256 } = incoming.file
  const id = nameId(`bank-file:${sha256}`, book.id)
  if (await isKept(db, book.id, id)) return { id, replayed: true }
  const read = await readWhole(book, incoming, progress)
  const accounts = await accountsNamed(db, book.id, read.numbers)
  const verdict = await verdictOn(incoming.file, schemaOf)
  const isNew = await transact(db, async tx => {
    const bytesHash = Buffer.from(sha256, 'hex')
    const values = {
      ...{
        bookId: book.id,
        id,
        sha256: bytesHash,
        size: incoming.file.size,
        name: incoming.name,
        mediaType: incoming.mediaType,
        verdict,
      },
      ...{ format: read.format, profileId: read.format === 'profile' ? incoming.profile!.id : null },
      ...{ pieces: Math.ceil(incoming.file.size / pieceSize), statements: read.statements, lines: read.lines },
      ...{ recordedAt: at, actor, contentHash: bytesHash },
    }
    // Whoever sends the same bytes at the same time waits here, and finds them.
    const inserted = await tx.insert(bankFile).values(values).onConflictDoNothing()
    if (inserted.rowCount === 0) return false
    await keepBytes(tx, book.id, id, incoming.file)
    const ids = [...new Set(accounts.values())]
    const turns = await waitForTurns(tx, book.id, ids)
    const now = await timeInTurn(tx, book.id, ids, at)
    const changes: BreakChanges[] = []
    let position = 0
    for await (const coming of read.again()) {
      position += 1
      const bankAccountId = accounts.get(coming.accountKey)!
      const changed = await takeStatement(
        tx,
        book,
        { bankAccountId, fileId: id, position, turn: turns.get(bankAccountId)! },
        coming,
        now,
        lines => count(progress, 'kept', lines),
      )
      changes.push(...changed)
    }
    await tellEvents(tx, book.id, now, changes.flatMap(tellingsOf))
    return true
  })
  return { id, replayed: !isNew }
}

async function isKept(db: Db, bookId: string, id: string): Promise<boolean> {
  const rows = await db
    .select({ id: bankFile.id })
    .from(bankFile)
    .where(inBook(bankFile, bookId, id))
  return rows.length > 0
}

/** Reads a file to its end before anything is kept of it. @throws Refusal `file-refused` */
async function readWhole(book: Book, { file, profile }: Incoming, progress: Progress) {
  const numbers = new Map<string, string>()
  let held: StatementIn[] = []
  let [statements, lines, format]: [number, number, StatementFormat | null] = [0, 0, null]
  const hint: Hint = profile === null ? {} : { profile: profile.profile }
  try {
    format = await formatOf(readSpooled(file), hint)
    const pieces = countingBytes(progress, readSpooled(file))
    for await (const statement of readStatements(pieces, { ...hint, format })) {
      const coming = statementIn(statement, book.currency)
      const { accountKey } = coming
      if (accountKey === '') throw new FileFault('line 1', 'a statement does not say of which account it is')
      numbers.set(accountKey, statement.account)
      statements += 1
      lines += statement.lines.length
      count(progress, 'lines', statement.lines.length)
      if (statements <= statementsHeld) held.push(coming)
      else held = []
    }
    if (statements === 0) throw new FileFault('line 1', 'there is no statement in the file')
  } catch (error) {
    throw error instanceof FileFault ? refused(file, error) : error
  }
  const isHeld = held.length === statements
  async function* readAgain(): AsyncGenerator<StatementIn> {
    for await (const statement of readStatements(readSpooled(file), { ...hint, format: format! }))
      yield statementIn(statement, book.currency)
  }
  const again = () => (isHeld ? held : readAgain())
  return { numbers, statements, lines, format: format!, again }
}

/** Nothing of it is kept, as of whatever is refused; its hash tells later which file it was. */
function refused({ sha256, size }: Spooled, fault: FileFault): Refusal {
  const { where, message } = fault
  return new Refusal('file-refused', `${where}: ${message}`, {
    facts: { sha256, size, where, reason: message },
    cause: fault,
  })
}

/** The bank accounts of the statements' numbers. @throws Refusal `bank-account-unknown` when one is none of the book's */
async function accountsNamed(db: Db, bookId: string, numbers: ReadonlyMap<string, string>) {
  const rows = await db
    .select({ id: bankAccount.id, key: bankAccount.numberKey })
    .from(bankAccount)
    .where(eq(bankAccount.bookId, bookId))
  const known = new Map(rows.map(({ id, key }) => [key, id]))
  const unknown = [...numbers].filter(([key]) => !known.has(key)).map(([, number]) => number)
  if (unknown.length > 0)
    throw new Refusal('bank-account-unknown', `Of ${unknown.length} accounts in it the book has none registered.`, {
      facts: { numbers: unknown.slice(0, 100) },
    })
  return new Map([...numbers.keys()].map(key => [key, known.get(key)!]))
}

async function verdictOn(file: Spooled, schemaOf: SchemaOf): Promise<Verdict | null> {
  const { value: head } = await readSpooled(file).next()
  const name = schemaNameOf(head as Buffer)
  if (name === null) return null
  const schema = await schemaOf(name)
  if (schema === null) return { verdict: 'not-checked', reason: 'no-schema' }
  if (file.size > largestValidated) return { verdict: 'not-checked', reason: 'too-large' }
  return verdictOf(Buffer.concat(await Readable.from(readSpooled(file)).toArray()), schema)
}

async function keepBytes(tx: Tx, bookId: string, fileId: string, file: Spooled): Promise<void> {
  let [number, held, size]: [number, Buffer[], number] = [0, [], 0]
  async function keep(content: Buffer) {
    await tx.insert(bankFilePiece).values({ bookId, fileId, number, content })
    number += 1
  }
  for await (const chunk of readSpooled(file)) {
    held.push(chunk)
    size += chunk.length
    if (size < pieceSize) continue
    const whole = Buffer.concat(held)
    await keep(whole.subarray(0, pieceSize))
    held = [whole.subarray(pieceSize)]
    size -= pieceSize
  }
  if (size > 0) await keep(Buffer.concat(held))
}

/** Takes turns at accounts, in the order of their ids, so that two files at once never wait for each other in a circle. */
export async function waitForTurns(tx: Tx, bookId: string, ids: readonly string[]): Promise<Map<string, number>> {
  const turns = new Map<string, number>()
  for (const id of ids.toSorted()) {
    const { rows } = await tx.execute<{ turns: number }>(
      sql`update bank_account set turns = turns + 1 where book_id = ${bookId} and id = ${id} returning turns`,
    )
    turns.set(id, rows[0]!.turns)
  }
  return turns
}

/** Keeps one statement with its lines, and looks at how it ties up. Answers which breaks opened and ended. */
async function takeStatement(
  tx: Tx,
  { id: bookId, currency }: Book,
  { bankAccountId, fileId, position, turn }: { bankAccountId: string; fileId: string; position: number; turn: number },
  coming: StatementIn,
  at: Date,
  onKept: (lines: number) => void,
): Promise<BreakChanges[]> {
  const { statement, sums, sequence, page, fromDay, toDay, contentHash, uncounted } = coming
  const id = nameId(`statement:${position}`, fileId)
  const { opening, closing, residue, credits, debits } = sums
  const told = { sequence, page, toDay, opening, closing, residue, credits, debits, uncounted, unsure: 0 }
  const standing = await standingOf(tx, bookId, bankAccountId, coming)
  const isTaken = standing === 'taken'
  const division = isTaken ? await divide(tx, bookId, bankAccountId, coming, told) : undivided(coming)
  const { unsure } = division
  const repeated =
    standing === 'repeated' ? statement.lines.length : division.isRepeated.reduce((sum, one) => sum + one, 0)
  await tx.insert(bankStatement).values({
    ...{ bookId, id, bankAccountId, fileId, position, turn, standing, sequence, page, fromDay, toDay, contentHash },
    ...{ reference: statement.id, number: statement.number, currency: statement.currency ?? sums.currency },
    ...{
      createdAt: statement.createdAt,
      opening,
      closing,
      credits,
      debits,
      residue,
      uncounted,
      repeated,
      unsure: unsure || null,
    },
    ...{ lines: statement.lines.length, balances: statement.balances, warnings: statement.warnings },
  })
  const lineStanding = isTaken ? 'new' : standing
  await keepLines(tx, { bookId, statementId: id, bankAccountId }, coming, division, lineStanding, onKept)
  const of = { bookId, bankAccountId, currency }
  if (isTaken) return lookAtStatement(tx, of, id, at)
  if (standing !== 'disputed') return []
  const detail = `number ${statement.number} came before, with other content`
  return [await keepFound(tx, of, { id, toDay }, [{ reason: 'statement-number-reused', amount: null, detail }], at)]
}

/** A number is a bank's for a year: in the next it may count anew. */
async function standingOf(
  tx: Tx,
  bookId: string,
  bankAccountId: string,
  { statement, sequence, page, toDay, contentHash }: StatementIn,
): Promise<'taken' | 'notice' | 'repeated' | 'disputed'> {
  if (statement.kind === 'notice') return 'notice'
  const { rows } = await tx.execute<{ isSame: boolean }>(sql`
    select s.content_hash = decode(${contentHash.toString('hex')}, 'hex') as "isSame" from bank_statement s
    where s.book_id = ${bookId} and s.bank_account_id = ${bankAccountId} and s.standing = 'taken'
      and (s.content_hash = decode(${contentHash.toString('hex')}, 'hex')
        or (s.sequence = ${sequence}::bigint and coalesce(s.page, 1) = ${page ?? 1}
          and extract(year from s.to_day) = ${Number(toDay.slice(0, 4))}))`)
  if (rows.some(({ isSame }) => isSame)) return 'repeated'
  return rows.length > 0 ? 'disputed' : 'taken'
}
