import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { and, eq, or } from 'drizzle-orm'
import { type Db, type Tx, transact } from '../../db/client.ts'
import { nameId } from '../../ids.ts'
import type { Book } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { inBook } from '../../savings/listing.ts'
import { fingerprint } from '../../savings/registering.ts'
import { readSpooled, type Spooled } from '../intake/spool.ts'
import { comparisonAt } from './comparing.ts'
import { type Asked, keepComparison } from './keep.ts'
import { ListFault, readList, type ToldLine, type Writing } from './list-csv.ts'
import { askingOf, headOf } from './positions.ts'
import { bytesOfList, listRow } from './reading.ts'
import { balanceComparison, balanceList, balanceListPiece } from './schema.ts'
import { listSeal } from './seals.ts'

/** A list that came: plain, so that a thread can be told of it. `actor` is the client that sent it. */
export type TakingList = Writing & {
  book: Book
  id: string
  asOf: string
  file: Spooled
  name: string | null
  mediaType: string
  actor: string
  at: Date
}

/** A list that is to be compared again. */
export type ComparingAgain = Asked & { book: Book }

export type Done = { id: string; replayed: boolean }

/** The largest list that is taken, in bytes; and of its pieces. */
export const largestList = 33_554_432
const pieceSize = 1_048_576

/**
 * Takes a bank's list, and compares it: all of it or, when anything in it makes no sense, nothing. The same bytes of the same day again
 * are answered as at first, under whichever id.
 * @throws Refusal `body-too-large`, `file-refused` with rows and reasons, `id-reused`
 */
export async function takeList(db: Db, taking: TakingList): Promise<Done> {
  const { book, id, asOf, file, decimal, encoding, name, mediaType, actor, at } = taking
  if (file.size > largestList) throw new Refusal('body-too-large', `A list may have ${largestList} bytes.`)
  const known = await knownList(db, taking)
  if (known !== null) return known
  const bytes = Buffer.concat(await Readable.from(readSpooled(file)).toArray())
  const told = await toldIn(bytes, taking, book, file)
  const viewed = { bookId: book.id, asOf, ...(await headOf(askingOf(db), book.id)) }
  const comparison = await comparisonAt(askingOf(db), viewed, told)
  const row = {
    ...{ bookId: book.id, id, asOf, sha256: Buffer.from(file.sha256, 'hex'), size: file.size, name, mediaType },
    ...{ pieces: Math.ceil(file.size / pieceSize), decimal, encoding, lines: told.length, recordedAt: at, actor },
  }
  const values = { ...row, contentHash: contentOf(taking), seal: listSeal(row) }
  const isNew = await transact(db, async tx => {
    // Whoever sends the same at the same time waits here, and finds it.
    const inserted = await tx.insert(balanceList).values(values).onConflictDoNothing()
    if (inserted.rowCount === 0) return false
    await keepBytes(tx, book.id, id, bytes)
    const kept = await keepComparison(tx, viewed, { id: firstComparison(id), listId: id, actor, at }, comparison)
    assert(kept, 'the first comparison of a list is nobody else’s')
    return true
  })
  if (isNew) return { id, replayed: false }
  const twin = await knownList(db, taking)
  assert(twin !== null, 'only the list itself can be in the way')
  return twin
}

/** A list is compared when it is taken, by the id that is made of its own. */
export function firstComparison(listId: string): string {
  return nameId('comparison', listId)
}

function contentOf({ asOf, file, decimal, encoding }: TakingList): Buffer {
  return fingerprint({ asOf, sha256: file.sha256, decimal, encoding })
}

/** The list that there is already, by its id or its bytes. @throws Refusal `id-reused` */
async function knownList(db: Db, taking: TakingList): Promise<Done | null> {
  const { book, id, asOf, file, decimal, encoding } = taking
  const t = balanceList
  const isSame = and(eq(t.asOf, asOf), eq(t.sha256, Buffer.from(file.sha256, 'hex')))
  const rows = await db
    .select({ id: t.id, contentHash: t.contentHash })
    .from(t)
    .where(and(eq(t.bookId, book.id), or(eq(t.id, id), and(isSame, eq(t.decimal, decimal), eq(t.encoding, encoding)))))
  if (rows.length === 0) return null
  const same = rows.find(row => row.contentHash.equals(contentOf(taking)))
  if (same === undefined || rows.some(row => row.id === id && row !== same))
    throw new Refusal('id-reused', 'This id was used before, with other content.')
  return { id: same.id, replayed: true }
}

/** @throws Refusal `file-refused`: nothing of it is kept; its hash tells later which file it was */
async function toldIn(
  bytes: Buffer,
  writing: Writing,
  { currency }: Book,
  { sha256, size }: Pick<Spooled, 'sha256' | 'size'>,
) {
  try {
    return await readList(Readable.from([bytes]), writing, currency)
  } catch (cause) {
    if (!(cause instanceof ListFault)) throw cause
    const { lines, refusedLines, problemCount, problems } = cause
    throw new Refusal('file-refused', `${refusedLines} of its lines were refused; nothing was kept.`, {
      facts: { sha256, size, lines, refusedLines, problemCount, problems, notListed: problemCount - problems.length },
      cause,
    })
  }
}

async function keepBytes(tx: Tx, bookId: string, listId: string, bytes: Buffer): Promise<void> {
  for (let number = 0; number * pieceSize < bytes.length; number++) {
    const content = bytes.subarray(number * pieceSize, (number + 1) * pieceSize)
    await tx.insert(balanceListPiece).values({ bookId, listId, number, content })
  }
}

/**
 * Compares a list with our balances as they are known now, of the same day: what was recorded late, or posted since, counts.
 * @throws Refusal `balance-list-not-found`, `id-reused`
 */
export async function compareAgain(db: Db, { book, ...asked }: ComparingAgain): Promise<Done> {
  const { id, listId } = asked
  const list = await listRow(db, book.id, listId)
  const known = await knownComparison(db, book.id, asked)
  if (known !== null) return known
  const viewed = { bookId: book.id, asOf: list.asOf, ...(await headOf(askingOf(db), book.id)) }
  const comparison = await comparisonAt(askingOf(db), viewed, await toldAgain(db, book, list))
  const isNew = await transact(db, tx => keepComparison(tx, viewed, asked, comparison))
  return isNew ? { id, replayed: false } : (await knownComparison(db, book.id, asked))!
}

async function knownComparison(db: Db, bookId: string, { id, listId }: Asked): Promise<Done | null> {
  const [row] = await db
    .select({ listId: balanceComparison.listId })
    .from(balanceComparison)
    .where(inBook(balanceComparison, bookId, id))
  if (row === undefined) return null
  if (row.listId !== listId) throw new Refusal('id-reused', 'This id was used before, with other content.')
  return { id, replayed: true }
}

function toldAgain(db: Db, { currency }: Book, list: typeof balanceList.$inferSelect): Promise<ToldLine[]> {
  return readList(bytesOfList(db, list), list, currency)
}
