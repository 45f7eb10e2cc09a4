import { eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type CalendarDate, calendarDate } from '../dates.ts'
import { type Db, transact } from '../db/client.ts'
import { type Actor, bookNotFound } from '../http/actor.ts'
import { clientId } from '../http/idempotency.ts'
import { cursor } from '../http/pages.ts'
import { idText } from '../ids.ts'
import { openAccounts, openBook } from '../ledger/index.ts'
import { type Currency, currencySchema } from '../money.ts'
import { standingChart } from './chart.ts'
import type { Parts } from './parts.ts'
import { recordEvidence } from './records.ts'
import { institutionById, institutionSchema } from './reference/institutions.ts'
import { refuseFuture, register } from './registering.ts'
import { savingsBook } from './schema.ts'
import { code, title } from './wording.ts'

export const bookBody = z
  .strictObject({
    id: clientId,
    code,
    name: title,
    currency: currencySchema,
    institutionId: idText,
    openedOn: calendarDate.describe('No account of a saver, an agent or a fund opens earlier'),
  })
  .meta({
    id: 'BookOpening',
    examples: [
      {
        id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e13',
        code: 'CUSCO-PEN',
        name: 'Caja Cusco, soles',
        currency: 'PEN',
        institutionId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
        openedOn: '2026-01-01',
      },
    ],
  })

export const bookSchema = z
  .object({
    id: z.uuid(),
    code,
    name: title,
    currency: currencySchema,
    institution: institutionSchema,
    openedOn: calendarDate,
  })
  .meta({ id: 'Book' })

export type SavingsBook = z.output<typeof bookSchema>

export const bookPlace = cursor(z.strictObject({ code: z.string() }))

type Body = z.output<typeof bookBody> & { id: string }

/**
 * Opens a book at an institution, with its standing accounts: all of it, or nothing.
 * @throws Refusal `institution-not-found`, `book-code-taken`, `id-reused`, `date-in-future`
 */
export async function openSavingsBook(
  parts: Parts,
  actor: Actor,
  { id, ...body }: Body,
): Promise<SavingsBook & { replayed: boolean }> {
  const { institutionId, openedOn, ...named } = body
  refuseFuture(parts, { openedOn })
  const institution = await institutionById(parts.db, institutionId)
  const at = parts.clock.now()
  const replayed = await transact(parts.db, async tx => {
    await openBook(tx, { id, ...named, openedOn }, at, actor.clientId)
    const registered = await register(tx, savingsBook, {
      where: eq(savingsBook.bookId, id),
      content: body,
      at,
      actor: actor.clientId,
      decide: () => ({ bookId: id, institutionId, openedOn }),
    })
    if (registered.replayed) return true
    const chart = standingChart(id, openedOn, recordEvidence(savingsBook, id, registered.row))
    await openAccounts(tx, id, chart, at, actor.clientId)
    return false
  })
  return { id, ...named, institution, openedOn, replayed }
}

type Row = { id: string; code: string; name: string; currency: Currency; openedOn: CalendarDate; institution: unknown }

const selectBooks = sql`
  select b.id, b.code, b.name, b.currency, s.opened_on as "openedOn",
    json_build_object('id', i.id, 'code', i.code, 'name', i.name, 'kind', i.kind, 'ruc', i.ruc, 'cciEntity', i.cci_entity) as institution
  from book b
  join savings_book s on s.book_id = b.id
  join partner_institution i on i.id = s.institution_id`

/** @throws Refusal `book-not-found` */
export async function savingsBookById(db: Db, bookId: string): Promise<SavingsBook> {
  const { rows } = await db.execute<Row>(sql`${selectBooks} where b.id = ${bookId}`)
  const [row] = rows
  if (row === undefined) throw bookNotFound()
  return row as SavingsBook
}

/** The books that the actor's key reaches, by code. */
export async function listSavingsBooks(
  db: Db,
  actor: Actor,
  after: string | undefined,
  limit: number,
): Promise<SavingsBook[]> {
  const place = bookPlace.read(after)
  const reached = actor.books === 'all' ? null : `{${actor.books.join(',')}}`
  const { rows } = await db.execute<Row>(sql`${selectBooks}
    where b.code > ${place?.code ?? ''} and (${reached}::uuid[] is null or b.id = any(${reached}::uuid[]))
    order by b.code limit ${limit}`)
  return rows as SavingsBook[]
}
