import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { type CalendarDate, limaDate } from '../dates.ts'
import type { Connection } from '../ledger/index.ts'
import { Refusal } from '../refusals.ts'
import type { Parts } from './parts.ts'

/** The columns of `registration`, which this file fills. */
type Filled = 'recordedAt' | 'actor' | 'contentHash'

type Registrable = PgTable & { $inferSelect: { contentHash: Buffer } }

type Registering<Table extends Registrable> = {
  /** Finds the row with the client-made id. */
  where: SQL
  /** What the request said, defaults filled in; absent and null are the same. Nothing in it may be a secret. */
  content: Record<string, unknown>
  at: Date
  actor: string
  /** The rest of the row. Called only when the id is new, so rules that time changes (a full group) spare a replay. */
  decide: () => Promise<Omit<Table['$inferInsert'], Filled>> | Omit<Table['$inferInsert'], Filled>
  /** Which refusal it is when the id is new and another row has what must be unique. */
  taken?: () => Promise<Refusal> | Refusal
}

/**
 * Registers something under an id that the client made: once, however often and by however many it is sent.
 * The one mechanism for everything registered; what moves money has the ledger's.
 * @throws Refusal `id-reused` when the id stands for other content; what `decide` and `taken` say
 */
export async function register<Table extends Registrable>(
  connection: Connection,
  table: Table,
  { where, content, at, actor, decide, taken }: Registering<Table>,
): Promise<{ row: Table['$inferSelect']; replayed: boolean }> {
  const contentHash = fingerprint(content)
  const known = await find()
  if (known !== undefined) return replay(known)
  const values = { ...(await decide()), recordedAt: at, actor, contentHash } as Table['$inferInsert']
  const [row] = (await connection
    .insert(table)
    .values(values)
    .onConflictDoNothing()
    .returning()) as Table['$inferSelect'][]
  if (row !== undefined) return { row, replayed: false }
  // Either the same request was a moment earlier, or what must be unique is another's.
  const twin = await find()
  if (twin !== undefined) return replay(twin)
  assert(taken, 'only the id can be taken')
  throw await taken()

  async function find(): Promise<Table['$inferSelect'] | undefined> {
    const [row] = await connection
      .select()
      .from(table as PgTable)
      .where(where)
    return row as Table['$inferSelect'] | undefined
  }

  function replay(row: Table['$inferSelect']): { row: Table['$inferSelect']; replayed: boolean } {
    if (contentHash.equals(row.contentHash as Buffer)) return { row, replayed: true }
    throw new Refusal('id-reused', 'This id was used before, with other content.')
  }
}

/** SHA-256 of the content in canonical form (RFC 8785), without what is absent or null. */
export function fingerprint(content: Record<string, unknown>): Buffer {
  const said = Object.entries(content).filter(([, value]) => value !== undefined && value !== null)
  return hash('sha256', canonicalize(Object.fromEntries(said))!, 'buffer')
}

/**
 * Nothing is registered ahead of its day; today is Lima's.
 * @throws Refusal `date-in-future`
 */
export function refuseFuture(
  parts: Pick<Parts, 'clock'>,
  dates: Record<string, CalendarDate | null | undefined>,
): void {
  const today = limaDate(parts.clock.now())
  for (const [path, date] of Object.entries(dates)) {
    if (date == null || date <= today) continue
    const message = `is after today, ${today}`
    throw new Refusal('date-in-future', `${path} ${message}`, { facts: { today }, fields: [{ path, message }] })
  }
}

/**
 * Nothing begins before what it belongs to.
 * @throws Refusal `date-too-early`
 */
export function refuseEarly(path: string, date: CalendarDate, began: CalendarDate): void {
  if (date >= began) return
  const message = `is before ${began}`
  throw new Refusal('date-too-early', `${path} ${message}`, { facts: { began }, fields: [{ path, message }] })
}

/**
 * No account opens in a book that is not open yet.
 * @throws Refusal `date-too-early`
 */
export async function refuseBeforeBook(
  connection: Connection,
  bookId: string,
  path: string,
  date: CalendarDate,
): Promise<void> {
  const { rows } = await connection.execute<{ openedOn: CalendarDate }>(
    sql`select opened_on as "openedOn" from savings_book where book_id = ${bookId}`,
  )
  refuseEarly(path, date, rows[0]!.openedOn)
}

/** @throws Refusal `territory-not-found` */
export async function requireDistrict(connection: Connection, districtCode: string): Promise<void> {
  const { rowCount } = await connection.execute(
    sql`select from territory t where t.code = ${districtCode} and length(t.code) = 6`,
  )
  if (rowCount === 0) {
    throw new Refusal('territory-not-found', 'INEI has no district with this code.', {
      fields: [{ path: 'districtCode', message: "must be a district's six digits by INEI, not RENIEC" }],
    })
  }
}
