import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sessionOf } from '../../src/db/stream.ts'
import { verifyWithin } from '../../src/ledger/verify.ts'
import { linkAll, linkBook } from '../../src/trail/linking.ts'
import { office } from '../../src/trail/schema.ts'
import { loggedTables, notLogged, unlogged } from '../../src/trail/tables.ts'
import { type TrailFault, verifyBookTrail, verifyTrail } from '../../src/trail/verify.ts'
import { furnishedBook } from '../http/furnished-book.ts'
import { type Field, openField, saverBody } from '../savings/asking.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { change, changes, columns, someRows, tampering } from '../support/tampering.ts'

let service: TestApp
let client: pg.PoolClient
let field: Field
let furnished: string

beforeAll(async () => {
  service = await testApp()
  client = await service.owner.$client.connect()
  furnished = (await furnishedBook(service)).bookId!
  field = await openField(service)
}, 60_000)
afterAll(async () => {
  client.release()
  await service.close()
})

type Entry = Record<'action' | 'subject', string> & { actor: string | null; requestId: string | null; keys: string[] }

async function entriesOf(bookId: string, subject: string): Promise<Entry[]> {
  await linkAll(service.db)
  const { rows } = await client.query<Entry>(
    `select action, subject, actor, request_id as "requestId", keys from audit_entry
     where book_id = $1 and subject = $2 order by number`,
    [bookId, subject],
  )
  return rows
}

async function trailFaults(bookId: string): Promise<TrailFault[]> {
  const faults: TrailFault[] = []
  await verifyTrail(sessionOf(client), bookId, fault => faults.push(fault))
  return faults
}

type Table = { table: string; triggers: string[] | null; keys: string[] | null }

/** What would let a writing by the service go unlogged, in words. */
async function faultsOfCatalogue(): Promise<string[]> {
  const { rows } = await client.query<Table>(
    `select c.relname as table,
       (select array_agg(concat_ws(' ', case when t.tgtype & 4 <> 0 then 'insert' else 'update' end,
          replace(encode(t.tgargs, 'escape'), '\\000', ' ')) order by t.tgname)
        from pg_trigger t where t.tgrelid = c.oid and t.tgfoid = 'audit_rows'::regproc and t.tgenabled in ('O', 'A')) as triggers,
       (select array_agg((select coalesce(string_agg(a.attname::text, ' ' order by k.place), '')
          from unnest(i.indkey::int2[]) with ordinality k(number, place)
          join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number and a.attname <> 'book_id'))
        from pg_index i where i.indrelid = c.oid and i.indisunique and i.indpred is null) as keys
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p') and (
       has_any_column_privilege('qullqi_service', c.oid, 'insert') or has_any_column_privilege('qullqi_service', c.oid, 'update')
       or has_table_privilege('qullqi_service', c.oid, 'delete'))`,
  )
  return rows.flatMap(({ table, triggers, keys }) => {
    if (table in notLogged) return []
    const columns = loggedTables[table]
    if (columns === undefined) return [`${table} is neither logged nor on the list of what is not`]
    const told = `${table} ${unlogged[table] ?? ''} ${columns.join(' ')}`
    const missing = ['insert', 'update'].filter(
      event => !triggers?.some(one => one.trim() === `${event} ${told}`.trim()),
    )
    return [
      ...missing.map(event => `nothing logs each ${event} of ${table} by its key`),
      ...(keys?.includes(columns.join(' ')) ? [] : [`${table} has no key of ${columns.join(', ')}`]),
    ]
  })
}

describe('every table that the service may write', () => {
  it('is logged, or is on the list of those that are not', async () => {
    expect(await faultsOfCatalogue()).toEqual([])
  })

  it.each([
    ['create table tally (id uuid primary key); grant insert on tally to qullqi_service', /tally is neither logged/],
    ['alter table saver disable trigger saver_update_is_logged', /nothing logs each update of saver/],
    ['drop trigger api_key_insert_is_logged on api_key', /nothing logs each insert of api_key/],
    ['alter table household_period drop constraint household_period_line_unique', /household_period has no key/],
    ['grant delete on territory to qullqi_service', /territory is neither logged/],
  ])('is missed after: %s', async (sql, told) => {
    await client.query('begin')
    try {
      await client.query(sql)
      expect(await faultsOfCatalogue()).toContainEqual(expect.stringMatching(told))
    } finally {
      await client.query('rollback')
    }
  })
})

describe('a writing', () => {
  it('is told with who did it and by which request, and without a word of what it says of her', async () => {
    const body = saverBody({ dni: '45678901', birthDate: '1984-06-24' })
    const requestId = randomUUID()
    const headers = { 'x-request-id': requestId }
    const { status } = await field.agent.post(`${field.book}/savers`, body, headers)
    expect(status).toBe(201)
    const { clientId } = (await field.agent.get('/v1/me')).body
    const entries = await entriesOf(field.bookId, 'saver')
    expect(entries.at(-1)).toEqual({ action: 'insert', subject: 'saver', actor: clientId, requestId, keys: [body.id] })
    const { rows } = await client.query(`select e::text as row from audit_entry e where book_id = $1`, [field.bookId])
    const all = rows.map(({ row }) => row).join('\n')
    for (const personal of [body.givenNames, body.familyNames, '45678901', '1984-06-24'])
      expect(all).not.toContain(personal)
  })

  it('that is refused or taken back leaves nothing', async () => {
    const body = saverBody({ dni: '45678902' })
    await field.agent.post(`${field.book}/savers`, body)
    const before = await entriesOf(field.bookId, 'saver')
    expect((await field.agent.post(`${field.book}/savers`, { ...body, id: randomUUID() })).status).toBe(409)
    expect((await field.agent.post(`${field.book}/savers`, body)).status).toBe(200)
    expect(await entriesOf(field.bookId, 'saver')).toEqual(before)
  })

  it('of what belongs to no book is in the chain of the office', async () => {
    const entries = await entriesOf(office, 'partner_institution')
    expect(entries.at(-1)).toMatchObject({ action: 'insert', keys: [field.institutionId] })
    expect(entries.at(-1)!.actor).toMatch(/^[0-9a-f-]{36}$/)
  })
})

it('many writings at once, linked by two services, make one chain without a gap', async () => {
  const other = await openField(service)
  const bodies = Array.from({ length: 60 }, () => saverBody())
  let writing = true
  const link = async () => {
    while (writing) await linkBook(service.db, other.bookId)
  }
  const linking = [link(), link()]
  const answers = await Promise.all(bodies.map(body => other.agent.post(`${other.book}/savers`, body)))
  writing = false
  await Promise.all(linking)
  expect(answers.every(({ status }) => status === 201)).toBe(true)
  const keys = (await entriesOf(other.bookId, 'saver')).flatMap(entry => entry.keys)
  expect(keys.toSorted()).toEqual(bodies.map(({ id }) => id).toSorted())
  expect(await trailFaults(other.bookId)).toEqual([])
})

it('whoever links while another does waits, and links nothing twice', async () => {
  const other = await openField(service)
  await linkBook(service.db, other.bookId)
  const body = saverBody()
  expect((await other.agent.post(`${other.book}/savers`, body)).status).toBe(201)
  await client.query('begin')
  await client.query('select audit_link($1, 100)', [other.bookId])
  // What is written meanwhile is for the second.
  const late = saverBody()
  expect((await other.agent.post(`${other.book}/savers`, late)).status).toBe(201)
  const second = linkBook(service.db, other.bookId)
  await new Promise(settle => setTimeout(settle, 200))
  await client.query('commit')
  await second
  expect((await entriesOf(other.bookId, 'saver')).flatMap(({ keys }) => keys)).toEqual([body.id, late.id])
  expect(await trailFaults(other.bookId)).toEqual([])
})

it('the service itself can neither write, change nor remove an entry', async () => {
  await linkAll(service.db)
  const attempts = [
    `insert into audit_entry select (e).* from (select e from audit_entry e limit 1) x`,
    `update audit_entry set actor = 'another'`,
    `delete from audit_entry`,
    `truncate audit_entry`,
    `insert into audit_pending select (p).* from (select p from audit_pending p limit 1) x`,
    `delete from audit_pending`,
    `update audit_head set number = 0`,
    `delete from audit_head`,
    `alter table saver disable trigger saver_insert_is_logged`,
    `select audit_write('${field.bookId}', 'insert', null, 'saver', '{}', '', '{}')`,
  ]
  for (const text of attempts)
    await expect(service.db.$client.query(text), text).rejects.toMatchObject({ code: '42501' })
  await expect(client.query('delete from audit_entry')).rejects.toMatchObject({ code: 'QL901' })
})

describe('tampering', () => {
  const further = [verifyBookTrail]
  const ofRows = async (bookId: string, tamper: () => Promise<unknown>) =>
    await tampering(client, tamper, () => trailFaults(bookId))

  it('is not found where there was none', async () => {
    await linkAll(service.db)
    for (const bookId of [furnished, field.bookId, office]) expect(await trailFaults(bookId)).toEqual([])
    const auditor = await field.as('auditor')
    expect((await auditor.get(`/v1/books/${furnished}/verification`)).body).toMatchObject({ ok: true })
  })

  it('with any column of any row of a logged table is found', async () => {
    await linkAll(service.db)
    const missed: string[] = []
    const seen = new Set<string>()
    const unbooked = await client.query<{ table: string }>(
      `select t as table from unnest($1::text[]) t where not exists (
         select from pg_attribute a where a.attrelid = to_regclass(t) and a.attname = 'book_id')`,
      [Object.keys(loggedTables)],
    )
    const ofOffice = new Set(unbooked.rows.map(({ table }) => table))
    for (const table of Object.keys(loggedTables)) {
      const bookId = ofOffice.has(table) ? office : furnished
      const { rows } = await client.query<{ ctid: string }>(
        `select ctid::text from ${table} ${ofOffice.has(table) ? '' : `where book_id = '${furnished}'`} order by ctid desc limit 1`,
      )
      for (const { ctid } of rows) {
        seen.add(table)
        for (const column of await columns(client, [table])) {
          if (column.column === 'book_id' || column.column === unlogged[table]) continue
          const way = changedBy(column)
          const faults = await ofRows(bookId, () =>
            change(client, `update ${table} set ${column.column} = ${way} where ctid = $1::tid`, [ctid]),
          )
          if (!faults.some(fault => fault.table === table)) missed.push(`${table}.${column.column}`)
        }
        const removed = await ofRows(bookId, () => client.query(`delete from ${table} where ctid = $1::tid`, [ctid]))
        if (!removed.some(fault => fault.table === table && fault.rule === 'record-missing'))
          missed.push(`${table} removed`)
      }
    }
    expect(missed).toEqual([])
    expect(seen.size).toBeGreaterThan(25)
  }, 120_000)

  it('by a row slipped in is found', async () => {
    const faults = await ofRows(field.bookId, () =>
      client.query(
        `insert into saver select (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'person', sha256('x')))).* from saver s
         where s.book_id = $1 limit 1`,
        [field.bookId],
      ),
    )
    expect(faults).toEqual([expect.objectContaining({ rule: 'record-unregistered', table: 'saver' })])
  })

  it('with any column of an entry but its salt’s is found by the chain, and with that by its row', async () => {
    await linkAll(service.db)
    const missed: string[] = []
    for (const column of await columns(client, ['audit_entry'])) {
      if (column.column === 'book_id') continue
      for (const { ctid } of (await someRows(client, field.bookId, column)).slice(0, 3)) {
        const text = `update audit_entry set ${column.column} = ${changedBy(column)} where ctid = $1::tid`
        const faults = await ofRows(field.bookId, () => change(client, text, [ctid]))
        if (faults.length === 0) missed.push(`${column.column} of ${ctid}`)
      }
    }
    expect(missed).toEqual([])
  })

  it('by taking away an entry, the last ones, or the guards is found', async () => {
    const last = `(select max(number) from audit_entry where book_id = $1)`
    for (const text of [
      `delete from audit_entry where book_id = $1 and number = 2`,
      `delete from audit_entry where book_id = $1 and number > ${last} - 2`,
      `update audit_head set number = number + 1 where book_id = $1`,
    ])
      expect(await ofRows(field.bookId, () => client.query(text, [field.bookId])), text).not.toEqual([])
    const { faults } = await tampering(
      client,
      () => client.query('drop trigger enrolment_update_is_logged on enrolment'),
      () => verifyWithin(sessionOf(client), field.bookId, { most: 20, further }),
    )
    expect(faults).toContainEqual(
      expect.objectContaining({ rule: 'guard-missing', field: 'enrolment_update_is_logged' }),
    )
  })
})

/** How a value is changed for certain, arrays included. */
function changedBy(column: Parameters<typeof changes>[0]): string {
  const { type, column: name } = column
  if (type.startsWith('_'))
    return type === '_bytea' ? `${name} || '\\x00'::bytea` : `${name} || gen_random_uuid()::${type.slice(1)}`
  if (type === 'numeric') return `${name} / 2`
  return changes(column)[0]!.at(-1)!
}
