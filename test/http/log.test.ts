import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { roles } from '../../src/http/actor.ts'
import { ensureFirstAdministrator, makeKey } from '../../src/http/keys.ts'
import { describeFault, openLog } from '../../src/http/log.ts'
import type { App } from '../../src/http/openapi.ts'
import { testClock } from '../support/app.ts'
import { testConfig } from '../support/config.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { documentOf, emptyRequest, operationsOf } from './operations.ts'
import { serverWith } from './server.ts'

/** A person, each word of whom would be found in the log if it got there, as it is or as an address writes it. */
const person = { name: 'Yawarwaita', surname: 'Ñahuincopa', dni: '71828182', amount: '31415.92' }
const traces = [...Object.values(person), ...Object.values(person).map(encodeURIComponent)]

let database: TestDatabase
let app: App
let administrator: string
let lines: string[] = []

beforeAll(async () => {
  database = await testDatabase()
  const sink = new Writable({
    write(chunk, _, done) {
      lines.push(...String(chunk).trim().split('\n'))
      done()
    },
  })
  const clock = testClock()
  app = await buildApp({ db: database.db, config: testConfig(), clock, log: openLog('trace', sink) })
  administrator = (await ensureFirstAdministrator(database.db, clock))!
})

afterAll(async () => {
  await app.close()
  await database.close()
})

function tracesIn(text: string): string[] {
  return traces.filter(trace => text.includes(trace))
}

async function logOf(work: () => Promise<unknown>): Promise<string[]> {
  lines = []
  await work()
  return lines
}

const visit = '0198C5F2-6f1e-7a53-9d0c-3f6d4b7a2e11'

test('a request is one line: method, route, status, time and ids', async () => {
  const headers = { authorization: `Bearer ${administrator}`, 'x-request-id': visit }
  const logged = await logOf(() => app.inject({ url: '/v1/api-keys?limit=5', headers }))
  expect(logged).toHaveLength(1)
  expect(JSON.parse(logged[0]!)).toEqual({
    level: 'info',
    time: expect.any(String),
    requestId: visit,
    method: 'GET',
    route: '/v1/api-keys',
    status: 200,
    ms: expect.any(Number),
    client: '00000000-0000-4000-8000-000000000000',
    msg: 'request',
  })
})

test('a request id is taken when it is a UUID or a ULID, made otherwise, and always answered', async () => {
  const idFor = async (id?: string) =>
    (await app.inject({ url: '/health', headers: id === undefined ? {} : { 'x-request-id': id } })).headers[
      'x-request-id'
    ]
  for (const good of [visit, '01KAZ3NDEKTSV4RRFFQ69G5FAV']) expect(await idFor(good)).toBe(good)
  const names = [person.name, `${person.name}-${person.dni}`, person.dni, '81KAZ3NDEKTSV4RRFFQ69G5FAV']
  for (const bad of [undefined, '', 'a b', '"},{', `${visit}x`, `x${visit}`, 'ñ', ...names]) {
    expect(await idFor(bad)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  }
})

test('no operation logs what it is given, in the path, query, headers or body, well formed or not', async () => {
  const words = Object.values(person).join(' ')
  const keys = await Promise.all(
    roles.map(async role => {
      const id = crypto.randomUUID()
      const agentId = role === 'agent' ? crypto.randomUUID() : null
      const none = { books: 'all' as const, agentId, readOnly: false, expiresAt: null }
      const { text } = await makeKey(database.db, testClock(), { id, clientId: id, name: words, role, ...none })
      return text!
    }),
  )
  const logged = await logOf(async () => {
    for (const operation of operationsOf(app)) {
      const plain = emptyRequest(operation)
      const named = Object.fromEntries(operation.parameters.map(parameter => [parameter.name, words]))
      const query = new URLSearchParams({ ...named, q: words }).toString()
      const payloads = [bodyOf(operation.requestBody, words), `{"name": "${words}", ${words}`]
      for (const key of [keys.at(-1)!, keys[0]!, words]) {
        const headers = {
          ...named,
          authorization: `Bearer ${key}`,
          'user-agent': words,
          cookie: words,
          'x-request-id': words,
        }
        for (const url of [plain.url, emptyRequest(operation, named).url, `${plain.url}?${query}`]) {
          for (const payload of operation.requestBody ? payloads : [undefined]) {
            const type = 'headers' in plain ? plain.headers : {}
            const encoded = Object.fromEntries(Object.entries({ ...headers, ...type }).map(([k, v]) => [k, latin1(v)]))
            await app.inject({
              method: operation.method,
              url,
              headers: encoded,
              ...(payload !== undefined && { payload }),
            })
          }
        }
      }
    }
  })
  expect(logged.length).toBeGreaterThan(50)
  expect(tracesIn(logged.join('\n'))).toEqual([])
})

test('nor does what reaches no operation', async () => {
  const words = encodeURIComponent(Object.values(person).join(' '))
  await app.listen({ host: '127.0.0.1', port: 0 })
  const logged = await logOf(async () => {
    for (const url of [`/v1/${words}`, `/v1/api-keys/${words}%zz`, `/${words}?dni=${words}`, `/docs/${words}`]) {
      for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE'] as const) await app.inject({ method, url })
    }
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
    socket.resume()
    socket.write(`GET /${words} HTTP/9.9\r\nx-dni: ${person.dni}\r\n\r\n`)
    await once(socket, 'close')
  })
  expect(logged.length).toBeGreaterThan(10)
  expect(tracesIn(logged.join('\n'))).toEqual([])
})

test('nor does what the framework says by itself, of an answer given twice or an error without words', async () => {
  const { app: other, logged } = await serverWith(server => {
    server.get('/twice', async (_, reply) => {
      await reply.send('once')
      reply.send('again')
    })
    server.get('/fault', async request => {
      request.log.error(new Error(person.name))
      request.log.warn({ err: new Error(person.dni) })
    })
  })
  const query = new URLSearchParams(person).toString()
  await other.inject(`/twice?${query}`)
  await other.inject(`/fault?${query}`)
  await other.close()
  expect(logged()).toContain('FST_ERR_REP_ALREADY_SENT')
  expect(tracesIn(logged())).toEqual([])
})

test('a fault is described without the values in its message, query or cause', () => {
  const cause = Object.assign(new Error(`Key (dni)=(${person.dni}) exists\n    at x (${person.name}:1:1)`), {
    code: '23505',
    detail: person.dni,
    constraint: 'saver_dni_unique',
  })
  const wrapped = Object.assign(new Error(`Failed query: insert\nparams: ${person.name}`, { cause }), {
    query: 'insert into saver values ($1)',
    params: [person.dni],
  })
  const described = describeFault(wrapped)
  expect(described).toMatchObject({
    type: 'Error',
    query: 'insert into saver values ($1)',
    cause: { code: '23505', constraint: 'saver_dni_unique' },
  })
  expect(described.frames!.length).toBeGreaterThan(0)
  expect(tracesIn(JSON.stringify(described))).toEqual([])
  for (const error of faultsWithValues()) expect(tracesIn(JSON.stringify(describeFault(error)))).toEqual([])
})

function faultsWithValues(): unknown[] {
  const attempts = [
    () => JSON.parse(person.name),
    () => new URL(person.name),
    () => BigInt(person.name),
    () => 'a' in (person.name as unknown as object),
    () => Buffer.from('').readInt8(Number(person.dni)),
    () => {
      throw person.name
    },
  ]
  return attempts.map(attempt => {
    try {
      return attempt()
    } catch (error) {
      return error
    }
  })
}

/** Header values travel as Latin-1. */
function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/** A body with the words in every text of the operation's schema. */
function bodyOf(body: { content: Record<string, { schema: unknown }> } | undefined, words: string): string {
  const [media] = Object.values(body?.content ?? {})
  return JSON.stringify(filled(media?.schema, words, 0) ?? null)
}

// biome-ignore lint/suspicious/noExplicitAny: a schema as it stands in the document
function filled(schema: any, words: string, depth: number): unknown {
  if (!schema || depth > 8) return words
  if (schema.$ref) return filled(documentOf(app).components.schemas[schema.$ref.split('/').at(-1)], words, depth + 1)
  const [branch] = schema.oneOf ?? schema.anyOf ?? schema.allOf ?? []
  if (branch) return filled(branch, words, depth + 1)
  if (schema.enum) return schema.enum[0]
  if (schema.const !== undefined) return schema.const
  if (schema.type === 'array') return [filled(schema.items, words, depth + 1)]
  if (schema.type !== 'object') return schema.format === 'uuid' ? crypto.randomUUID() : words
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, child]) => [name, filled(child, words, depth + 1)]),
  )
}
