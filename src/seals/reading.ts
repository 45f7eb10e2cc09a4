import { and, asc, desc, eq, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { CalendarDate } from '../dates.ts'
import type { Db } from '../db/client.ts'
import { cursor, placeNumber } from '../http/pages.ts'
import { hashesBetween, transactionById } from '../ledger/index.ts'
import { Refusal } from '../refusals.ts'
import type { Inclusion, SealedSection } from './proof.ts'
import { sectionOf } from './rows.ts'
import { bookSeal, seal } from './schema.ts'
import { sectionText } from './texts.ts'
import { openTree } from './tree.ts'

export type SealRow = typeof seal.$inferSelect
type BookSealRow = typeof bookSeal.$inferSelect

/** @throws Refusal `seal-not-found` */
export async function sealOfDay(db: Db, day: CalendarDate): Promise<SealRow> {
  const [row] = await db.select().from(seal).where(eq(seal.day, day))
  if (row === undefined) throw sealNotFound(`There is no seal of ${day}.`)
  return row
}

function sealNotFound(detail: string): Refusal {
  return new Refusal('seal-not-found', detail)
}

export const sealPlace = cursor(z.strictObject({ number: placeNumber }))

/** The last one first. */
export async function listSeals(db: Db, after: string | undefined, limit: number): Promise<SealRow[]> {
  const place = sealPlace.read(after)
  return db
    .select()
    .from(seal)
    .where(place === null ? undefined : lt(seal.number, place.number))
    .orderBy(desc(seal.number))
    .limit(limit)
}

/** The sections of a seal in the order in which they are its leaves. */
async function sectionsOf(db: Db, number: number): Promise<BookSealRow[]> {
  return db
    .select()
    .from(bookSeal)
    .where(and(sql`${bookSeal.bookId} in (select id from book)`, eq(bookSeal.number, number)))
    .orderBy(asc(bookSeal.bookId))
}

/**
 * What a day's seal says of a book.
 * @throws Refusal `seal-not-found`, also for a book that was opened later
 */
export async function sectionFor(db: Db, bookId: string, day: CalendarDate): Promise<SealedSection> {
  const { number, signature } = await sealOfDay(db, day)
  const rows = await sectionsOf(db, number)
  const place = rows.findIndex(row => row.bookId === bookId)
  if (place === -1) throw sealNotFound(`The seal of ${day} says nothing of this book.`)
  const tree = openTree(place)
  for (const row of rows) tree.add(sectionText(sectionOf(row, day)))
  const { size, path } = tree.end()
  return { section: sectionOf(rows[place]!, day), inSeal: { place, size, path: path.map(asHex) }, signature }
}

/**
 * That a transaction is in the seal of the day on which it was recorded, or in the first there is.
 * @throws Refusal `transaction-not-found`, `transaction-not-sealed`
 */
export async function inclusionOf(db: Db, bookId: string, transactionId: string): Promise<Inclusion> {
  const { id, sequence, hash } = await transactionById(db, bookId, transactionId)
  const { rows } = await db.$client.query<{ day: CalendarDate }>(
    `select s.day from book_seal b join seal s on s.number = b.number
     where b.book_id = $1 and b.through >= $2 and b.after < $2`,
    [bookId, sequence.toString()],
  )
  const day = rows[0]?.day
  if (day === undefined)
    throw new Refusal('transaction-not-sealed', 'It is sealed when the day on which it was recorded is over in Lima.')
  const sealed = await sectionFor(db, bookId, day)
  const { after, through } = sealed.section
  const place = Number(sequence) - after - 1
  const tree = openTree(place)
  for await (const hashes of hashesBetween(db.$client, bookId, BigInt(after), BigInt(through))) hashes.forEach(tree.add)
  const { size, path } = tree.end()
  return {
    ...sealed,
    ...{ transactionId: id, sequence: Number(sequence), hash: asHex(hash) },
    inSection: { place, size, path: path.map(asHex) },
  }
}

function asHex(bytes: Buffer): string {
  return bytes.toString('hex')
}
