import { Writable } from 'node:stream'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { makeKey } from '../../src/http/keys.ts'
import { openLog } from '../../src/http/log.ts'
import type { App } from '../../src/http/openapi.ts'
import { testClock } from '../support/app.ts'
import { testConfig } from '../support/config.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { type Asking, asking, saverBody } from './asking.ts'

/** A person, each word of whom would be found in the log if it got there. */
const person = { dni: '71828182', givenNames: 'Yawarwaita', familyNames: 'Ñahuincopa', birthDate: '1979-11-03' }

let database: TestDatabase
let app: App
let administrator: Asking
let logged = ''
const bookId = uuid()

beforeAll(async () => {
  database = await testDatabase()
  const sink = new Writable({
    write(chunk, _, done) {
      logged += chunk
      done()
    },
  })
  const clock = testClock()
  app = await buildApp({ db: database.db, config: testConfig(), clock, log: openLog('trace', sink) })
  const [id, institutionId] = [uuid(), uuid()]
  const grant = {
    id,
    clientId: id,
    name: 'test',
    books: 'all' as const,
    agentId: null,
    readOnly: false,
    expiresAt: null,
  }
  const { text } = await makeKey(database.db, clock, { ...grant, role: 'administrator' })
  administrator = asking({ app }, text!)
  await administrator.post('/v1/institutions', { id: institutionId, code: 'BN', name: 'Banco', kind: 'bank' })
  const book = { id: bookId, code: 'B', name: 'Book', currency: 'PEN', institutionId, openedOn: '2026-01-01' }
  await administrator.post('/v1/books', book)
})

afterAll(async () => {
  await app.close()
  await database.close()
})

function expectNobodyIn(text: string): void {
  for (const trace of [...Object.values(person), encodeURIComponent(person.familyNames)])
    expect(text).not.toContain(trace)
}

test('whatever becomes of a registration, neither the log nor a refusal names the person', async () => {
  const savers = `/v1/books/${bookId}/savers`
  const body = saverBody(person)
  expect((await administrator.post(savers, body)).status).toBe(201)
  expect((await administrator.post(`${savers}/lookup`, { dni: person.dni })).status).toBe(200)
  await database.owner.$client.query('revoke insert on saver from qullqi_service')
  const refused = [
    await administrator.post(savers, { ...body, sex: 'other' }),
    await administrator.post(savers, { ...body, districtCode: '010102' }),
    await administrator.post(savers, { ...body, dni: `${person.dni}-Z` }),
    await administrator.post(`${savers}/lookup`, { dni: `${person.dni}9` }),
    await administrator.get(`${savers}?name=${encodeURIComponent(person.familyNames)}`),
  ]
  expect(refused.map(({ status }) => status)).toEqual([400, 409, 400, 400, 400])
  const broken = await administrator.post(savers, { ...body, id: uuid(), dni: undefined })
  expect(broken).toMatchObject({ status: 500, body: { code: 'internal-fault' } })
  for (const answer of [...refused, broken]) expectNobodyIn(JSON.stringify(answer.body))
  expect(logged).toContain('/v1/books/:bookId/savers')
  expectNobodyIn(logged)
})
