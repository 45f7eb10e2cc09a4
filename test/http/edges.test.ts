import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { filledWith, furnishedBook } from './furnished-book.ts'
import { documentOf, emptyRequest, type Operation, operationsOf, type Schema } from './operations.ts'

/** Values on and beyond the bounds of what a program or PostgreSQL can count, by what the document says of a value. */
const edges = {
  date: ['0000-01-01', '0001-01-01', '1899-12-31', '1900-01-01', '2199-12-31', '2200-01-01', '9999-12-31'],
  instant: [
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '0001-01-01T00:00:00+14:00',
    '1900-01-01T00:00:00+14:00',
    '1900-01-01T00:00:00Z',
    '2026-03-31T15:00:00.123456789Z',
    '2199-12-31T23:59:59.999Z',
    '2199-12-31T23:59:59-14:00',
    '9999-12-31T23:59:59-14:00',
  ],
  month: ['0000-01', '0001-01', '1900-01', '2199-12', '9999-12'],
  amount: ['0.00', '0.01', '9999999999999.99', '10000000000000.00'],
  whole: [-1, 0, 32_768, 2_147_483_647, 2_147_483_648, Number.MAX_SAFE_INTEGER],
  digits: ['0', '9223372036854775807', '999999999999999999'],
  text: ['', 'é'.repeat(200), '\ud83d\ude00', '%_\\'],
}

let service: TestApp
let authorization: string
let operations: Operation[]
let schemas: Record<string, Schema>
/** Ids of what there is, by the names that addresses and bodies have for them. */
let ids: Record<string, string>

beforeAll(async () => {
  service = await testApp()
  authorization = `Bearer ${await service.key('administrator')}`
  operations = operationsOf(service.app).filter(({ access }) => access?.includes('administrator'))
  schemas = documentOf(service.app).components.schemas
  ids = await furnishedBook(service)
})

afterAll(() => service.close())

async function ask(operation: Operation, more: { query?: Record<string, string>; body?: unknown }) {
  const { method, url } = emptyRequest(operation, ids)
  const query = new URLSearchParams({ ...neededBy(operation), ...more.query })
  const headers = { authorization, ...(more.body !== undefined && { 'content-type': 'application/json' }) }
  const payload = more.body === undefined ? undefined : JSON.stringify(more.body)
  const answer = await service.app.inject({ method, url: `${url}?${query}`, headers, ...(payload && { payload }) })
  return { status: answer.statusCode, text: answer.body }
}

/** The query that an operation cannot do without, by its examples. */
function neededBy({ parameters }: Operation): Record<string, string> {
  const needed = parameters.filter(one => one.in === 'query' && one.required)
  return Object.fromEntries(needed.map(({ name, example }) => [name, String(example)]))
}

/** What is answered as a fault of ours, named, so that one failing test shows every place. */
async function faultOf(operation: Operation, more: Parameters<typeof ask>[1]): Promise<string[]> {
  const { status, text } = await ask(operation, more)
  const told = more.body === undefined ? JSON.stringify(more.query) : JSON.stringify(more.body)
  return status >= 500 || text.includes('internal-fault') ? [`${operation.operationId} ${status} ${told}`] : []
}

function edgesOf(schema: Schema): readonly unknown[] {
  const [example] = schema.examples ?? []
  const type = [schema.type].flat()[0]
  if (schema.format === 'date') return edges.date
  if (schema.format === 'date-time') return edges.instant
  if (type === 'integer' || type === 'number') return edges.whole
  if (type !== 'string' || schema.format === 'uuid' || schema.enum) return []
  if (/^\d{4}-\d\d$/.test(String(example))) return edges.month
  return /^\d+\.\d\d$/.test(String(example)) ? edges.amount : edges.text
}

test('no value at the edge of what can be counted is a fault of ours in any query', async () => {
  const faults: string[] = []
  let tried = 0
  for (const operation of operations.filter(({ method }) => method === 'GET')) {
    for (const { name, schema } of operation.parameters.filter(one => one.in === 'query')) {
      for (const edge of edgesOf(schema)) {
        tried++
        faults.push(...(await faultOf(operation, { query: { [name]: String(edge) } })))
      }
    }
  }
  expect(faults).toEqual([])
  expect(tried).toBeGreaterThan(300)
})

test('a number in a query is of digits only', async () => {
  for (const operation of operations.filter(({ method }) => method === 'GET')) {
    for (const { name, schema } of operation.parameters.filter(one => one.in === 'query')) {
      if (schema.type !== 'integer') continue
      for (const text of ['1e2', '0x10', ' 1', '', '1.0', '+1']) {
        const { status, text: told } = await ask(operation, { query: { [name]: text } })
        expect([operation.operationId, text, status]).toEqual([operation.operationId, text, 400])
        expect(JSON.parse(told).fields).toEqual([{ path: name, message: 'must be a whole number, of digits only' }])
      }
      expect((await ask(operation, { query: { [name]: '7' } })).status).not.toBe(400)
    }
  }
})

test('no name that people give to a thing goes over more than one line', async () => {
  const named = operations.filter(({ requestBody }) => {
    const example = requestBody?.content['application/json']?.example
    return typeof example === 'object' && example !== null && ('name' in example || 'title' in example)
  })
  expect(named.length).toBeGreaterThan(6)
  for (const { method, operationId, requestBody, ...operation } of named) {
    const example = requestBody!.content['application/json']!.example as object
    const field = 'name' in example ? 'name' : 'title'
    for (const name of ['Two\nlines', 'A bell\u0007', 'Half\u0085line', 'Other\u2028line']) {
      const body = { ...example, id: randomUUID(), [field]: name }
      const { status, text } = await ask({ method, operationId, requestBody, ...operation } as Operation, { body })
      expect([operationId, name, status]).toEqual([operationId, name, 400])
      expect(text).toContain(`"path":"${field}"`)
    }
  }
})

/** The places at which pages of our lists end, as they are written in `after`. */
function places(): Record<string, unknown>[] {
  const [recordedAt, id] = ['2026-01-13T15:00:00.000Z', randomUUID()]
  const ends = { from: null, to: null, knownAt: recordedAt, known: '1' }
  return [
    { recordedAt, id },
    { createdAt: recordedAt, id },
    { firstSeenAt: recordedAt, id, role: 'auditor' },
    { recordedAt, runId: id, line: 1 },
    { year: 2026, number: 1 },
    { line: 1, runLine: 1 },
    { period: '2026-1', revision: 1 },
    { id },
    { number: 1 },
    { name: 'PAS-v1', version: 1 },
    { sequence: '1' },
    { sequence: '1', position: '0' },
    { position: '1' },
    { code: '1010' },
    { period: '2026-B1', revision: 0 },
    { districtCode: '080101', saverId: id },
    { saverId: id },
    { accountId: ids.accountId, ...ends, valueDate: '2026-01-13', sequence: '1', position: 1 },
  ]
}

function edgesLike(value: unknown): readonly unknown[] {
  if (typeof value === 'number') return edges.whole
  if (typeof value !== 'string' || /^[0-9a-f]{8}-/.test(value)) return []
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return edges.instant
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return edges.date
  return [...edges.digits, ...edges.text]
}

test('nor in any place in a list that somebody wrote himself', async () => {
  const written = (place: object) => ({ after: Buffer.from(JSON.stringify(place)).toString('base64url') })
  const faults: string[] = []
  const unread: string[] = []
  for (const operation of operations.filter(({ parameters }) => parameters.some(({ name }) => name === 'after'))) {
    const answers = await Promise.all(places().map(place => ask(operation, { query: written(place) })))
    // Of what the stage has none of, there is no list.
    if (!answers.some(({ status }) => status === 200 || status === 404)) unread.push(operation.operationId)
    for (const place of places()) {
      for (const [name, value] of Object.entries(place)) {
        for (const edge of edgesLike(value)) {
          const [fault] = await faultOf(operation, { query: written({ ...place, [name]: edge }) })
          if (fault) faults.push(`${operation.operationId} ${name} ${edge}`)
        }
      }
    }
  }
  expect(faults).toEqual([])
  // A list whose places are of another kind: it belongs among `places`.
  expect(unread).toEqual([])
})

test('nor in any body', async () => {
  const faults: string[] = []
  let tried = 0
  for (const operation of operations.filter(({ method }) => method !== 'GET')) {
    const content = operation.requestBody?.content['application/json']
    if (!content) continue
    const example = filledWith(ids, content.example) as object
    const isNamed = operation.parameters.some(({ name }) => name === 'idempotency-key')
    for (const body of withEdges(example, content.schema)) {
      tried++
      faults.push(...(await faultOf(operation, { body: isNamed ? { ...body, id: randomUUID() } : body })))
    }
  }
  expect(faults).toEqual([])
  expect(tried).toBeGreaterThan(500)
})

/** The body once for each edge of each value that its schema has, also of those that it could do without. */
function* withEdges(body: unknown, schema: Schema, depth = 0): Generator<object> {
  if (depth > 8) return
  const found = schema.$ref ? schemas[schema.$ref.split('/').at(-1)!]! : schema
  for (const branch of [...(found.anyOf ?? []), ...(found.oneOf ?? []), ...(found.allOf ?? [])]) {
    yield* withEdges(body, branch, depth + 1)
  }
  for (const edge of edgesOf(found)) yield edge as object
  if (found.items) {
    const [first] = Array.isArray(body) ? body : []
    for (const item of withEdges(first, found.items, depth + 1)) yield [item]
  }
  for (const [name, part] of Object.entries(found.properties ?? {})) {
    const whole = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
    for (const value of withEdges(whole[name], part, depth + 1)) yield { ...whole, [name]: value }
  }
}
