import { createHash, createPublicKey, verify } from 'node:crypto'
import { drizzle } from 'drizzle-orm/node-postgres'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSigner } from '../../../src/signing/signing.ts'
import { tableOf } from '../../../src/statistics/exports/json.ts'
import { verifyReleases } from '../../../src/statistics/releases/verify.ts'
import { type Asking, asking } from '../../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../../support/app.ts'
import { tampering } from '../../support/tampering.ts'
import { readCsv, readParquet } from '../exports/reading.ts'
import { openStage, type Stage } from '../stage.ts'

let service: TestApp
let stage: Stage
let analyst: Asking
let key: string

beforeAll(async () => {
  service = await testApp({ clock: testClock('2011-03-01T15:00:00Z'), env: { CODE_COMMIT: 'abcdef0' } })
  stage = await openStage(service)
  key = await service.key('analyst')
  analyst = asking(service, key)
  await stage.women(9)
  await stage.women(7, { days: ['2010-02-10'] })
  await stage.women(8, { district: '210101' })
  await stage.women(3, { district: '210102', days: [] })
  service.clock.advance(60_000)
}, 60_000)

afterAll(() => service.close())

/** What a request for a release says; each its own code. */
function body(more: object = {}) {
  const id = uuid()
  const tables = [{ name: 'by-district', asOf: '2010-12-31', by: 'district' }]
  return { id, code: `R-${id.slice(-8)}`, title: 'Savers', bookId: stage.bookId, tables, ...more }
}

async function made(more: object = {}) {
  const { status, body: answer } = await analyst.post('/v1/releases', body(more))
  expect([status, answer.code, answer.detail]).toEqual([201, undefined, undefined])
  service.clock.advance(1_000)
  return answer
}

async function bytesOf(id: string, path = 'content') {
  const answer = await service.app.inject({
    url: `/v1/releases/${id}/${path}`,
    headers: { authorization: `Bearer ${key}` },
  })
  return { bytes: answer.rawPayload, headers: answer.headers, status: answer.statusCode }
}

describe('a release', () => {
  test('tells its cut-off, definition, suppression, code and hash, and what was asked', async () => {
    const request = body()
    const { status, body: answer } = await analyst.post('/v1/releases', request)
    expect(status).toBe(201)
    const { bytes, headers } = await bytesOf(request.id)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    expect(answer.manifest).toMatchObject({
      ...{ type: 'qullqi-release', id: request.id, code: request.code, revises: null, tables: request.tables },
      ...{ definition: 'PAS-v1', currency: 'PEN', suppression: { profile: 'internal', k: 5 }, sha256 },
      cutOff: { everyBook: false, books: [{ id: stage.bookId, code: stage.code, sequence: 75 }] },
      software: { version: expect.stringMatching(/^\d+\.\d+\.\d+$/), commit: 'abcdef0' },
      bytes: bytes.length,
    })
    expect(answer.differences).toBeNull()
    expect(headers['repr-digest']).toBe(`sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`)
    const replay = await analyst.post('/v1/releases', request)
    expect(replay).toMatchObject({ status: 200, body: { ...answer, replayed: true } })
    expect((await analyst.post('/v1/releases', { ...request, title: 'Other' })).body.code).toBe('id-reused')
    expect((await analyst.post('/v1/releases', { ...request, id: uuid() })).body.code).toBe('code-taken')
  })

  test('says what the question said at its cut-off, whatever came since', async () => {
    const { manifest } = await made()
    await stage.women(1, { district: '210101', days: [] })
    const { knownAt } = manifest.cutOff
    const asked = `bookId=${stage.bookId}&asOf=2010-12-31&by=district`
    const { body: answered } = await analyst.get(`/v1/statistics/permanent-active-savers?${asked}&knownAt=${knownAt}`)
    const table = await analyst.get(`/v1/releases/${manifest.id}/tables/by-district`)
    expect(table.body).toEqual(answered)
    const { tables } = JSON.parse((await bytesOf(manifest.id)).bytes.toString())
    expect(tables[0].table).toEqual(answered)
  })

  test('is signed: whoever has the key set and any library finds it right, and a changed one wrong', async () => {
    const { manifest, signature } = await made()
    const { keys } = (await service.app.inject('/.well-known/jwks.json')).json()
    const [head, text, seal] = signature.split('.')
    const { kid, alg } = JSON.parse(Buffer.from(head, 'base64url').toString())
    expect(alg).toBe('EdDSA')
    const jwk = keys.find((one: { kid: string }) => one.kid === kid)
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
    const isRight = (signed: string) => verify(null, Buffer.from(signed), publicKey, Buffer.from(seal, 'base64url'))
    expect(isRight(`${head}.${text}`)).toBe(true)
    expect(isRight(`${head}.${Buffer.from('{}').toString('base64url')}`)).toBe(false)
    expect(JSON.parse(Buffer.from(text, 'base64url').toString())).toEqual(manifest)
  })

  test('gives each table in every format, with the same figures', async () => {
    const { manifest } = await made()
    const { body: json } = await analyst.get(`/v1/releases/${manifest.id}/tables/by-district`)
    const table = tableOf(json)
    const { held } = await import('../exports/reading.ts')
    const file = (format: string) => bytesOf(manifest.id, `tables/by-district?format=${format}`)
    expect(readCsv(table, (await file('csv')).bytes.toString(), 'plain')).toEqual(held(table))
    expect(readCsv(table, (await file('csv-es-PE')).bytes.toString(), 'es-PE')).toEqual(held(table))
    expect(await readParquet(table, (await file('parquet')).bytes)).toEqual(held(table))
    for (const format of ['sdmx-csv', 'data-package'])
      expect([format, (await file(format)).status]).toEqual([format, 200])
    const row = {
      ...{ indicator: 'Savers', subRow: 'Cusco', measure: 'permanentActive', result: 'last' },
      ...{ where: { district: '08' }, baseline: '0', midTerm: null, endTarget: '400' },
      ...{ years: [{ year: '2010', target: '10' }], source: 'Qullqi', frequency: 'yearly', responsible: 'M&E' },
    }
    const framed = await service.app.inject({
      method: 'POST',
      url: `/v1/releases/${manifest.id}/tables/by-district`,
      headers: { authorization: `Bearer ${key}` },
      payload: { format: 'ifad-logframe', logframe: [row] },
    })
    expect(framed.payload).toContain('Cusco,0,,400,2010,10,9,2010-12,')
    expect((await analyst.get(`/v1/releases/${manifest.id}/tables/nothing`)).body.code).toBe('release-table-not-found')
  })

  test('is there for keys that reach all its books, and for no other', async () => {
    const { manifest } = await made()
    const other = await openStage(service)
    const elsewhere = asking(service, await service.key('analyst', { books: [other.bookId] }))
    for (const path of ['', '/content', '/tables/by-district']) {
      const outside = await elsewhere.get(`/v1/releases/${manifest.id}${path}`)
      const missing = await elsewhere.get(`/v1/releases/${uuid()}${path}`)
      expect([path, outside.status, outside.body.code]).toEqual([path, 404, 'release-not-found'])
      expect({ ...outside.body, instance: '' }).toEqual({ ...missing.body, instance: '' })
    }
    expect((await elsewhere.get('/v1/releases')).body.items).toEqual([])
    const inside = asking(service, await service.key('auditor', { books: [other.bookId, stage.bookId] }))
    const codes = (await inside.get('/v1/releases')).body.items.map((one: typeof manifest) => one.manifest.code)
    expect(codes).toContain(manifest.code)
    const { items, next } = (await inside.get('/v1/releases?limit=1')).body
    expect(items).toHaveLength(1)
    expect((await inside.get(`/v1/releases?after=${next}&limit=200`)).body.items).toHaveLength(codes.length - 1)
    expect((await inside.post('/v1/releases', body())).body.code).toBe('access-denied')
  })

  test('is refused for what contradicts itself', async () => {
    const [twice] = body().tables
    const wrong: [object, string][] = [
      [{ tables: [] }, 'request-invalid'],
      [{ tables: [twice, twice] }, 'request-invalid'],
      [{ tables: [twice, { ...twice, name: 'again' }] }, 'request-invalid'],
      [{ revises: uuid() }, 'release-not-found'],
      [{ definition: 'NONE' }, 'definition-not-found'],
      [{ knownAt: '2030-01-01T00:00:00Z' }, 'instant-in-future'],
      [{ tables: [{ ...twice, asOf: '2011-03-31' }] }, 'month-not-over'],
    ]
    for (const [more, code] of wrong) {
      const { body: answer } = await analyst.post('/v1/releases', body(more))
      expect([more, answer.code]).toEqual([more, code])
    }
  })

  test('is kept by the database as it is', async () => {
    const { $client } = service.owner
    for (const statement of [
      "update release set title = 'x'",
      'delete from release',
      'truncate release',
      'delete from signing_key',
    ]) {
      await expect($client.query(statement)).rejects.toThrow('posted_is_final')
    }
    const copy = `insert into release select $1, number + 1000, $1, title, revises, currency, tables, book_ids, cut_off, definition, profile, k,
      code_version, code_commit, $2, sha256, signature, signing_key, counted, counted_sha256, recorded_at, actor, content_hash from release limit 1`
    await expect($client.query(copy, [uuid(), Buffer.from('{}')])).rejects.toThrow()
  })
})

describe('verification', () => {
  test('finds all releases right', async () => {
    await made()
    const { releases, keys, faults } = await verifyReleases(service.db)
    expect(releases).toBeGreaterThan(0)
    expect(keys).toEqual([openSigner(Buffer.from('a5'.repeat(32), 'hex')).keyId])
    expect(faults).toEqual([])
  })

  test('finds whatever an owner of the database changes, takes away or signs himself', async () => {
    const { manifest } = await made({ title: 'One' })
    await made({ title: 'Next' })
    const client = await service.owner.$client.connect()
    const forger = openSigner(Buffer.from('77'.repeat(32), 'hex'))
    const { rows } = await service.db.$client.query('select content from release where id = $1', [manifest.id])
    const more = Buffer.from(rows[0].content.toString().replace('"registered":16', '"registered":17'))
    expect(more.equals(rows[0].content)).toBe(false)
    const told = JSON.stringify({ ...manifest, title: 'Two' })
    const of = (set: string) => `update release set ${set} where id = $1`
    const changes: [string, unknown[], string][] = [
      [of('content = $2'), [more], 'its content has another hash'],
      [of('content = $2, sha256 = sha256($2)'), [more], 'it is not what was signed'],
      ...['title', 'code', 'definition', 'profile', 'code_version', 'code_commit', 'actor', 'currency'].map(
        (column): [string, unknown[], string] => [of(`${column} = ${column} || 'x'`), [], 'it is not what was signed'],
      ),
      [of('k = k + 1'), [], 'it is not what was signed'],
      [of('revises = gen_random_uuid()'), [], 'it is not what was signed'],
      [of(`recorded_at = recorded_at - interval '1 day'`), [], 'it is not what was signed'],
      [of(`cut_off = jsonb_set(cut_off, '{knownAt}', '"2011-01-01T00:00:00.000Z"')`), [], 'it is not what was signed'],
      [of(`tables = jsonb_set(tables, '{0,by}', '"sex"')`), [], 'it is not what was signed'],
      [of(`tables = jsonb_set(tables, '{0,name}', '"other"')`), [], 'its content has other tables than were asked'],
      [of('counted = $2'), [more], 'what it counted has another hash'],
      [of('counted = $2, counted_sha256 = sha256($2)'), [more], 'it is not what was signed'],
      [of('book_ids = array[gen_random_uuid()]'), [], 'it is of other books than its cut-off'],
      [of(`signature = signature || 'x'`), [], 'its signature is wrong'],
      [of('title = $3, signature = $2'), [forger.sign('qullqi-release', told), 'Two'], 'its signature is wrong'],
      [
        'update signing_key set public_key = $2 where $1::uuid is not null',
        [forger.publicKey],
        'its key is not the one it names',
      ],
      ['delete from signing_key where $1::uuid is not null', [], 'its key is not the one it names'],
      ['delete from release where id = $1', [], 'is missing before it'],
      [
        "update definition set terms = jsonb_set(terms, '{minimumActive}', '3') where $1::uuid is not null",
        [],
        'its definition has other terms now',
      ],
      ["delete from definition where name = 'PAS-v1' and $1::uuid is not null", [], 'its definition is missing'],
    ]
    try {
      for (const [text, values, fault] of changes) {
        const found = await tampering(
          client,
          async () => {
            for (const of of ['content', 'counted'])
              await client.query(`alter table release drop constraint release_hash_is_of_${of}`)
            await client.query('alter table signing_key drop constraint signing_key_is_its_thumbprint')
            await client.query(text, [manifest.id, ...values])
          },
          () => verifyReleases(drizzle(client as never) as never),
        )
        expect([text, found.faults.map(one => one.fault).join('; ')]).toEqual([text, expect.stringContaining(fault)])
      }
    } finally {
      client.release()
    }
  })
})
