import type { Session } from '../db/stream.ts'
import { type FaultList, type FurtherCheck, verifyGuards } from '../ledger/index.ts'
import { auditEntry, auditHead, auditPending, office } from './schema.ts'
import { loggedTables, unlogged } from './tables.ts'

const handWritten = [
  ...['audit_entry_is_final', 'audit_pending_is_final', 'audit_head_is_kept'],
  ...Object.keys(loggedTables).flatMap(table => [`${table}_insert_is_logged`, `${table}_update_is_logged`]),
]

/** What is wrong with a chain, or with a row that it tells of. */
export type TrailFault = {
  rule: 'record-differs' | 'record-missing' | 'record-unregistered'
  table: string
  recordId: string
  field: string
  expected: string
  found: string
}

/** Faults that one look tells of at most. */
const most = 100

/**
 * Checks a chain from its first entry: that none is missing, that each links to the one before, and that the head is where it ends.
 * Then every row that is there against its hash in the last entry that tells of it. Answers how many entries and rows were looked at.
 */
export async function verifyTrail(
  session: Session,
  bookId: string,
  wrong: (fault: TrailFault) => void,
): Promise<number> {
  let count = await verifyChain(session, bookId, wrong)
  for (const { table, ofBook } of await presentTables(session))
    if (ofBook === (bookId !== office)) count += await verifyRows(session, bookId, table, wrong)
  return count
}

async function verifyChain(session: Session, bookId: string, wrong: (fault: TrailFault) => void): Promise<number> {
  const at = { rule: 'record-differs', table: 'audit_entry' } as const
  const { rows } = await session.query<{ number: string; place: string; expected: string; found: string }>(
    `select e.number, e.place, encode(e.expected, 'hex') as expected, encode(e.hash, 'hex') as found from (
       select a.number, row_number() over by_number as place, a.hash,
         audit_hash(a.book_id, coalesce(lag(a.hash) over by_number, sha256(convert_to('audit of ' || a.book_id, 'UTF8'))), a.number, a.at,
           a.action, a.actor, a.request_id, a.subject, a.keys, a.contents) as expected
       from audit_entry a where a.book_id = $1 window by_number as (order by a.number)) e
     where e.number <> e.place or e.expected <> e.hash order by e.number limit ${most}`,
    [bookId],
  )
  for (const { number, place, expected, found } of rows) {
    const field = number === place ? 'hash' : 'number'
    wrong({
      ...at,
      recordId: number,
      field,
      ...(field === 'hash' ? { expected, found } : { expected: place, found: number }),
    })
  }
  const ends = await session.query<{
    number: string
    hash: string
    headNumber: string | null
    headHash: string | null
  }>(
    `select coalesce(l.number, 0)::text as number,
       encode(coalesce(l.hash, sha256(convert_to('audit of ' || $1::uuid, 'UTF8'))), 'hex') as hash,
       h.number::text as "headNumber", encode(h.hash, 'hex') as "headHash"
     from (select 1) one
     left join lateral (select a.number, a.hash from audit_entry a where a.book_id = $1::uuid order by a.number desc limit 1) l on true
     left join audit_head h on h.book_id = $1::uuid`,
    [bookId],
  )
  const { number, hash, headNumber, headHash } = ends.rows[0]!
  const head = { ...at, table: 'audit_head', recordId: bookId }
  // A chain without entries may have no head yet.
  if ((headNumber ?? '0') !== number) wrong({ ...head, field: 'number', expected: number, found: headNumber ?? 'none' })
  else if ((headHash ?? hash) !== hash) wrong({ ...head, field: 'hash', expected: hash, found: headHash! })
  return Number(number)
}

/** Logged tables, and whether they belong to books. */
async function presentTables(session: Session): Promise<{ table: string; ofBook: boolean }[]> {
  const { rows } = await session.query<{ table: string; ofBook: boolean }>(
    `select t.name as table, exists (
       select from pg_attribute a where a.attrelid = to_regclass(t.name) and a.attname = 'book_id' and not a.attisdropped) as "ofBook"
     from unnest($1::text[]) with ordinality t(name, place) order by t.place`,
    [Object.keys(loggedTables)],
  )
  return rows
}

/** Of each key that the log or the table has: what the last entry says of it, and what is there. */
async function verifyRows(
  session: Session,
  bookId: string,
  table: string,
  wrong: (fault: TrailFault) => void,
): Promise<number> {
  const key = ["''", ...loggedTables[table]!.map(column => `w.row ->> '${column}'`)].slice(
    loggedTables[table]!.length > 0 ? 1 : 0,
  )
  const { rows } = await session.query<{ key: string; logged: boolean; there: boolean; all: string }>(
    `with told as (
       select distinct on (r.key collate "C") r.key collate "C" as key, e.salt, r.content
       from (
         select a.number, null::timestamptz as at, null::uuid as id, a.salt, a.keys, a.contents from audit_entry a
         where a.book_id = $1 and a.subject = $2 and a.action <> 'identity-read'
         union all
         select null, p.at, p.id, p.salt, p.keys, p.contents from audit_pending p
         where p.book_id = $1 and p.subject = $2 and p.action <> 'identity-read'
       ) e cross join lateral unnest(e.keys, e.contents) r(key, content)
       order by r.key collate "C", e.number desc nulls first, e.at desc, e.id desc
     ), present as (
       select replace(concat_ws(' ', ${key.join(', ')}), chr(10), ' ') collate "C" as key, w.row
       from (select to_jsonb(x) - $3::text as row from ${table} x ${bookId === office ? '' : 'where x.book_id = $1'}) w
     )
     select coalesce(t.key, p.key) as key, t.key is not null as logged, p.key is not null as there, count(*) over () as all
     from told t full join present p on p.key = t.key
     where t.key is null or p.key is null or t.content <> audit_content(t.salt, p.row)
     order by 1 limit ${most}`,
    [bookId, table, unlogged[table] ?? ''],
  )
  for (const { key, logged, there } of rows) {
    const at = { table, recordId: key, field: 'row' }
    if (!logged) wrong({ ...at, rule: 'record-unregistered', expected: 'an entry of the audit log', found: 'none' })
    else if (!there) wrong({ ...at, rule: 'record-missing', expected: 'the row', found: 'none' })
    else wrong({ ...at, rule: 'record-differs', expected: 'as the audit log has it', found: 'another' })
  }
  return rows.length
}

/** What the audit log vouches for of a book. */
export const verifyBookTrail: FurtherCheck = async (session, book, faults) => {
  await expectGuards(session, faults)
  await verifyTrail(session, book.id, fault => faults.add(fault))
  // Its entries are no records that something else vouches for.
  return 0
}

async function expectGuards(session: Session, faults: FaultList): Promise<void> {
  await verifyGuards(session, faults, {
    tables: [auditEntry, auditPending, auditHead],
    handWritten: handWritten.slice(0, 3),
  })
  const { rows } = await session.query<{ name: string }>(
    `select w.name from unnest($1::text[]) with ordinality w(name, place)
     where not exists (select from pg_trigger t where t.tgname = w.name and t.tgenabled in ('O', 'A')) order by w.place`,
    [handWritten.slice(3)],
  )
  for (const { name } of rows) faults.add({ rule: 'guard-missing', field: name, expected: 'in force', found: 'none' })
}
