import type { z } from 'zod'
import type { Db } from '../db/client.ts'
import { openSnapshot, type Session } from '../db/stream.ts'
import { type ExportedEntry, type entrySchema, type exportEnd, type exportHead, firstHash } from './entries.ts'
import type { AuditAction } from './schema.ts'

export type Filter = { action?: AuditAction | undefined; subject?: string | undefined; key?: string | undefined }

type Listed = z.output<typeof entrySchema>

type Row = Omit<Listed, 'number' | 'at'> & { number: string; at: Date }

/** Entries of a chain after a number. */
export async function listEntries(
  db: Db,
  bookId: string,
  { action, subject, key }: Filter,
  after: number,
  limit: number,
): Promise<Listed[]> {
  const { rows } = await db.$client.query<Row>(
    `select e.number, e.at, e.action, e.actor, e.request_id as "requestId", e.subject, cardinality(e.keys) as rows, e.keys[1:200] as keys,
       encode(e.hash, 'hex') as hash
     from audit_entry e
     where e.book_id = $1 and e.number > $2 and ($3::text is null or e.action = $3) and ($4::text is null or e.subject = $4)
       and ($5::text is null or $5 = any (e.keys))
     order by e.number limit $6`,
    [bookId, after, action ?? null, subject ?? null, key ?? null, limit],
  )
  return rows.map(({ number, at, ...row }) => ({ ...row, number: Number(number), at: at.toISOString() }))
}

/** Entries read at a time: the largest have some thousand rows. */
const most = 200

/** A chain after a number as lines of JSON, of one moment: its head, its entries, its end. */
export async function* exportOf(db: Db, bookId: string, after: number): AsyncGenerator<string, void, undefined> {
  const snapshot = await openSnapshot(db)
  let failure: unknown
  try {
    yield* linesOf(snapshot.session, bookId, after)
  } catch (error) {
    failure = error
    throw error
  } finally {
    await snapshot.close(failure)
  }
}

async function* linesOf(session: Session, bookId: string, after: number): AsyncGenerator<string, void, undefined> {
  let [number, hash] = [0, firstHash(bookId)]
  if (after > 0) {
    const { rows } = await session.query<{ number: string; hash: string }>(
      `select number, encode(hash, 'hex') as hash from audit_entry where book_id = $1 and number <= $2 order by number desc limit 1`,
      [bookId, after],
    )
    if (rows[0] !== undefined) [number, hash] = [Number(rows[0].number), rows[0].hash]
  }
  yield lineOf({ auditLogOf: bookId, after: number, hash } satisfies z.output<typeof exportHead>)
  for (;;) {
    const entries = await entriesAfter(session, bookId, number)
    if (entries.length === 0) break
    yield entries.map(lineOf).join('')
    ;({ number, hash } = entries.at(-1)!)
  }
  yield lineOf({ endsAt: number, hash } satisfies z.output<typeof exportEnd>)
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`
}

async function entriesAfter(session: Session, bookId: string, number: number): Promise<ExportedEntry[]> {
  const { rows } = await session.query<Omit<ExportedEntry, 'number' | 'at'> & { number: string; at: Date }>(
    `select e.number, e.at, e.action, e.actor, e.request_id as "requestId", e.subject, e.keys,
       (select coalesce(array_agg(encode(c.content, 'hex') order by c.place), '{}')
        from unnest(e.contents) with ordinality c(content, place)) as contents,
       encode(e.hash, 'hex') as hash
     from audit_entry e where e.book_id = $1 and e.number > $2 order by e.number limit ${most}`,
    [bookId, number],
  )
  return rows.map(({ number, at, ...row }) => ({ number: Number(number), at: at.toISOString(), ...row }))
}
