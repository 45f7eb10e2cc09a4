import canonicalize from 'canonicalize'
import { sql } from 'drizzle-orm'
import { type CalendarDate, limaDate } from '../dates.ts'
import type { Db, Tx } from '../db/client.ts'
import type { Currency } from '../money.ts'
import { Refusal } from '../refusals.ts'
import { asking } from './refused.ts'

/** A partner institution's closed set of accounts in one currency. Nothing of it ever changes. */
export type Book = { id: string; code: string; name: string; currency: Currency }

/** A book to be opened; on the day that it is said, in Lima, unless `openedOn` is another, which may not lie ahead. */
export type BookOpening = Book & { openedOn?: CalendarDate }

/** A database or an open database transaction. */
export type Connection = Db | Tx

/** Books never change, so what was read once stays true. There are as many as institutions and currencies: few. */
const known = new WeakMap<Db, Map<string, Book>>()

/**
 * The book with this id.
 * @throws Refusal `book-not-found`
 */
export async function bookOf(db: Db, bookId: string): Promise<Book> {
  const books = known.get(db) ?? new Map<string, Book>()
  known.set(db, books)
  const cached = books.get(bookId)
  if (cached !== undefined) return cached
  const { rows } = await db.$client.query<Book>('select id, code, name, currency from book where id = $1', [bookId])
  const [book] = rows
  if (book === undefined) throw new Refusal('book-not-found', 'There is no such book.')
  books.set(bookId, book)
  return book
}

/** Those of the books that there are. */
export async function existingBooks(db: Db, bookIds: readonly string[]): Promise<string[]> {
  const { rows } = await db.$client.query<{ id: string }>('select id from book where id = any($1)', [bookIds])
  return rows.map(({ id }) => id)
}

/**
 * Opens a book; false when it was opened before with the same content.
 * @throws Refusal `id-reused`, `book-code-taken`, `date-in-future`
 */
export async function openBook(connection: Connection, book: BookOpening, at: Date, actor: string): Promise<boolean> {
  const openedOn = book.openedOn ?? limaDate(at)
  const content = canonicalize({ ...book, openedOn })
  return await call<boolean>(
    connection,
    sql`select ledger_open_book(${book.id}, ${at.toISOString()}, ${actor}, ${book.code}, ${book.name}, ${book.currency}, ${openedOn}, ${content}) as result`,
  )
}

/** Where a book's chains end, and through which day it is closed. */
export type BookHead = {
  sequence: bigint
  hash: string
  recordedAt: Date
  eventNumber: bigint
  eventHash: string
  closedThrough: CalendarDate | null
}

/** @throws Refusal `book-not-found` */
export async function headOf(db: Db, bookId: string): Promise<BookHead> {
  const { rows } = await db.$client.query(
    `select sequence, encode(hash, 'hex') as hash, recorded_at as "recordedAt", event_number as "eventNumber",
       encode(event_hash, 'hex') as "eventHash", closed_through as "closedThrough"
     from book_head where book_id = $1`,
    [bookId],
  )
  const [head] = rows
  if (head === undefined) throw new Refusal('book-not-found', 'There is no such book.')
  return { ...head, sequence: BigInt(head.sequence), eventNumber: BigInt(head.eventNumber) }
}

/** Runs a ledger function that answers one value as `result`, and tells its refusals. */
export async function call<T>(connection: Connection, statement: ReturnType<typeof sql>): Promise<T> {
  const { rows } = await asking(() => connection.execute<{ result: unknown }>(statement))
  return rows[0]?.result as T
}
