import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fingerprint } from '../../src/savings/registering.ts'
import { presets } from '../../src/statistics/definitions/presets.ts'
import { verifyDefinitions } from '../../src/statistics/definitions/verify.ts'
import { type Asking, asking } from '../savings/asking.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { tampering } from '../support/tampering.ts'

let service: TestApp
let analyst: Asking
const [pas] = presets

beforeAll(async () => {
  service = await testApp()
  analyst = asking(service, await service.key('analyst'))
})

afterAll(() => service.close())

const told = { title: 'Six months of the year', source: 'The evaluation of 2026' }

test('those that ship are registered as the presets have them', async () => {
  const { rows } = await service.db.$client.query('select * from definition order by name')
  const shipped = rows.map(({ name, title, source, terms }) => ({ name, title, source, terms }))
  expect(shipped).toEqual(presets.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
  for (const { name, version, title, source, terms, content_hash } of rows) {
    expect(content_hash).toEqual(fingerprint({ name, version, title, source, terms }))
  }
  const { body } = await analyst.get('/v1/definitions?limit=3')
  expect(body.items.map(({ reference }: { reference: string }) => reference)).toEqual(
    presets
      .map(({ name }) => name)
      .toSorted()
      .slice(0, 3),
  )
  const rest = await analyst.get(`/v1/definitions?after=${body.next}`)
  expect(rest.body).toMatchObject({ items: [{ name: 'SIERRA-SUR-4-OPS', version: 1 }], next: null })
})

test('a version follows the one before, and each is read by its reference', async () => {
  const first = { id: uuid(), name: 'SIX', ...told, terms: { ...pas.terms, minimumActive: 6 } }
  expect(await analyst.post('/v1/definitions', { ...first, version: 2 })).toMatchObject({ status: 404 })
  expect(await analyst.post('/v1/definitions', first)).toMatchObject({ status: 201, body: { reference: 'SIX' } })
  expect(await analyst.post('/v1/definitions', first)).toMatchObject({ status: 200, body: { replayed: true } })
  const again = await analyst.post('/v1/definitions', { ...first, id: uuid() })
  expect(again).toMatchObject({ status: 409, body: { code: 'code-taken' } })
  const second = { ...first, id: uuid(), version: 2, terms: { ...pas.terms, minimumActive: 5 } }
  expect(await analyst.post('/v1/definitions', second)).toMatchObject({ status: 201, body: { reference: 'SIX@2' } })
  expect((await analyst.get('/v1/definitions/SIX')).body.terms.minimumActive).toBe(6)
  expect((await analyst.get('/v1/definitions/SIX@2')).body.terms.minimumActive).toBe(5)
  expect(await analyst.get('/v1/definitions/SIX@3')).toMatchObject({
    status: 404,
    body: { code: 'definition-not-found' },
  })
  const other = await analyst.post('/v1/definitions', { ...second, terms: pas.terms })
  expect(other).toMatchObject({ status: 409, body: { code: 'id-reused' } })
})

test('names of what ships are taken, in whatever capitals, and so are their versions', async () => {
  for (const { name } of presets) {
    for (const [asked, version] of [
      [name, 2],
      [name.toLowerCase(), 1],
      [name.toUpperCase(), 1],
      ['pas-V1', 1],
    ] as const) {
      const body = { id: uuid(), name: asked, version, ...told, terms: { ...pas.terms, minimumActive: 1 } }
      const answer = await analyst.post('/v1/definitions', body)
      expect([asked, answer.status, answer.body.code]).toEqual([asked, 409, 'code-taken'])
      const row = sql`insert into definition select gen_random_uuid(), ${asked}, ${version}::smallint, nullif(${version} - 1, 0), title, source, terms,
        recorded_at, actor, content_hash from definition where name = ${name}`
      await expect(service.owner.execute(row)).rejects.toThrow()
    }
  }
})

test('names differ by more than capitals', async () => {
  const body = { id: uuid(), name: 'Mine', ...told, terms: pas.terms }
  expect((await analyst.post('/v1/definitions', body)).status).toBe(201)
  const answer = await analyst.post('/v1/definitions', { ...body, id: uuid(), name: 'MINE' })
  expect(answer).toMatchObject({ status: 409, body: { code: 'code-taken' } })
})

test('terms that contradict each other are refused, and what is not known', async () => {
  const terms = { ...pas.terms, window: { unit: 'days', length: 90 } }
  const wrong = await analyst.post('/v1/definitions', { id: uuid(), name: 'DAYS', ...told, terms })
  expect(wrong.status).toBe(400)
  expect(wrong.body.fields.map(({ path }: { path: string }) => path)).toEqual(['terms.count', 'terms.recency'])
  const unmet = { ...pas.terms, minimumActive: 13 }
  expect(await analyst.post('/v1/definitions', { id: uuid(), name: 'NOBODY', ...told, terms: unmet })).toMatchObject({
    status: 400,
    body: { fields: [{ path: 'terms.minimumActive' }] },
  })
  const often = { ...unmet, count: 'operations' }
  const met = await analyst.post('/v1/definitions', { id: uuid(), name: 'OFTEN', ...told, terms: often })
  expect(met.status).toBe(201)
  const unknown = { ...pas.terms, minimumAmount: '1.00' }
  expect(await analyst.post('/v1/definitions', { id: uuid(), name: 'X', ...told, terms: unknown })).toMatchObject({
    status: 400,
    body: { fields: [{ path: 'terms.minimumAmount' }] },
  })
})

test('the database keeps each as it is, and has none that follows nothing', async () => {
  const { $client } = service.owner
  for (const statement of ["update definition set title = 'x'", 'delete from definition', 'truncate definition']) {
    await expect($client.query(statement)).rejects.toThrow('posted_is_final')
  }
  const copy = `insert into definition select $1, 'SEVEN', $2, $3, title, source, terms, recorded_at, actor, content_hash from definition where name = 'PAS-v1'`
  await expect($client.query(copy, [uuid(), 3, 2])).rejects.toThrow('definition_follows_fkey')
  await expect($client.query(copy, [uuid(), 2, null])).rejects.toThrow('definition_follows_the_one_before')
})

test('verification finds whatever an owner of the database changes in one, or takes away', async () => {
  for (const version of [1, 2, 3]) {
    const terms = { ...pas.terms, minimumActive: version }
    const body = { id: uuid(), name: 'CHANGED', version, ...told, terms }
    expect((await analyst.post('/v1/definitions', body)).status).toBe(201)
  }
  expect(await verifyDefinitions(service.db)).toEqual([])
  const lower = `terms = jsonb_set(terms, '{minimumActive}', '0')`
  const own = fingerprint({ ...pas, version: 1, title: 'x' })
  const registered = 'it is not what was registered'
  const shipped = 'it is not the one that ships'
  const changes: [string, unknown[], string[]][] = [
    [`update definition set ${lower} where name = 'PAS-v1'`, [], [`PAS-v1 ${registered}`]],
    [`update definition set ${lower} where name = 'CHANGED' and version = 2`, [], [`CHANGED@2 ${registered}`]],
    ...['title', 'source', 'name'].map((column): [string, unknown[], string[]] => [
      `update definition set ${column} = ${column} || 'x' where name = 'CHANGED' and version = 3`,
      [],
      column === 'name'
        ? [`CHANGEDx@3 ${registered}`, 'CHANGEDx@3 the version before it is missing']
        : [`CHANGED@3 ${registered}`],
    ]),
    [`update definition set title = 'x', content_hash = $1 where name = 'PAS-v1'`, [own], [`PAS-v1 ${shipped}`]],
    [
      `delete from definition where name = 'CHANGED' and version = 2`,
      [],
      ['CHANGED@3 the version before it is missing'],
    ],
    [`delete from definition where name = 'ACTIVE-90D'`, [], ['ACTIVE-90D it ships, and is missing']],
  ]
  const client = await service.owner.$client.connect()
  try {
    for (const [text, values, expected] of changes) {
      const faults = await tampering(
        client,
        () => client.query(text, values),
        () => verifyDefinitions(drizzle(client as never) as never),
      )
      expect([text, faults.map(({ definition, fault }) => `${definition} ${fault}`)]).toEqual([text, expected])
    }
  } finally {
    client.release()
  }
})
