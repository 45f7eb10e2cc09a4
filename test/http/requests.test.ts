import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyRequest, type Operation, operationsOf } from './operations.ts'

let service: TestApp
let authorization: string
let operations: Operation[]
let writing: Operation[]

beforeAll(async () => {
  service = await testApp()
  authorization = `Bearer ${await service.key('administrator')}`
  operations = operationsOf(service.app).filter(({ access }) => access?.includes('administrator'))
  writing = operations.filter(({ method }) => method !== 'GET')
})

afterAll(() => service.close())

const nil = '00000000-0000-0000-0000-000000000000'
const max = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

async function ask(operation: Operation, more: { path?: Record<string, string>; headers?: object; payload?: string }) {
  const { method, url: bare } = emptyRequest(operation, more.path)
  const needed = operation.parameters.filter(one => one.in === 'query' && one.required === true)
  const query = new URLSearchParams()
  for (const { name, example, schema } of needed) query.set(name, String(example ?? schema.examples?.[0]))
  const url = query.size > 0 ? `${bare}?${query}` : bare
  const headers = { authorization, ...more.headers }
  const { payload } = more
  const answer = await service.app.inject({ method, url, headers, ...(payload !== undefined && { payload }) })
  const isProblem = String(answer.headers['content-type']).startsWith('application/problem+json')
  const body = answer.json()
  const problem = isProblem ? body : undefined
  return { status: answer.statusCode, code: problem?.code, problem, body, headers: answer.headers }
}

const json = { 'content-type': 'application/json' }

test('the example of every body is one that the operation would read', async () => {
  for (const operation of writing) {
    for (const [type, { example }] of Object.entries(operation.requestBody?.content ?? {})) {
      const { headers, payload } = written(type, example)
      // Bytes carry no id.
      const isKeyed = operation.parameters.some(one => one.in === 'query' && one.name === 'id')
      const key = isKeyed ? { 'idempotency-key': randomUUID() } : {}
      const { status, problem } = await ask(operation, { headers: { ...headers, ...key }, payload })
      expect([operation.operationId, type, status === 400 ? problem : 'read']).toEqual([
        operation.operationId,
        type,
        'read',
      ])
    }
  }
})

/** An example as it is sent: a form has a boundary, and what its fields are called. */
function written(type: string, example: unknown): { headers: object; payload: string } {
  if (type !== 'multipart/form-data') {
    const payload = typeof example === 'string' ? example : JSON.stringify(example)
    return { headers: { 'content-type': type }, payload }
  }
  const parts = Object.entries(example as object).map(
    ([name, content]) =>
      `--part\r\ncontent-disposition: form-data; name="${name}"; filename="${name}"\r\n\r\n${content}\r\n`,
  )
  return { headers: { 'content-type': `${type}; boundary=part` }, payload: `${parts.join('')}--part--\r\n` }
}

test('what needs no body is the same without one, with none that is called JSON, and with an empty object', async () => {
  const bare = writing.filter(({ requestBody }) => requestBody?.required !== true)
  expect(bare.map(operation => operation.operationId)).toEqual(expect.arrayContaining(['releaseHold', 'revokeApiKey']))
  for (const operation of bare) {
    const path = {
      ...{ bookId: randomUUID(), holdId: randomUUID(), keyId: randomUUID() },
      ...{ releaseId: randomUUID(), table: 'by-district' },
    }
    // The header may carry the id of what is made.
    const isKeyed = operation.parameters.some(({ name }) => name === 'idempotency-key')
    const key = isKeyed ? { 'idempotency-key': randomUUID() } : {}
    const answers = [
      await ask(operation, { path, headers: { ...json, ...key }, payload: '{}' }),
      await ask(operation, { path, headers: { ...json, ...key }, payload: '' }),
      await ask(operation, { path, headers: { ...json, ...key } }),
      await ask(operation, { path, headers: key }),
    ]
    const told = answers.map(({ status, code }) => `${status} ${code}`)
    // A question without anything is one about all savers.
    const answered = operation.tags?.includes('Statistics') ? /^200 / : /^404 /
    expect([operation.operationId, ...new Set(told)]).toEqual([operation.operationId, expect.stringMatching(answered)])
  }
})

test('what needs a body says so when there is none', async () => {
  for (const operation of writing.filter(({ requestBody }) => requestBody?.required === true)) {
    // Bytes may be none, and are looked at where they are read.
    const takesJson = 'application/json' in operation.requestBody!.content
    for (const headers of takesJson ? [{}, json] : [{}]) {
      const { status, problem } = await ask(operation, { headers })
      expect([operation.operationId, status, problem.fields?.[0].path]).toEqual([operation.operationId, 400, 'body'])
    }
  }
})

test('a body that is compressed is answered 415 by every operation, before it is read', async () => {
  for (const operation of writing) {
    const headers = { ...json, 'content-encoding': 'gzip' }
    const { status, code, headers: told } = await ask(operation, { headers, payload: '\u001f\u008b' })
    expect([operation.operationId, status, code]).toEqual([operation.operationId, 415, 'media-type-unsupported'])
    expect(told['accept-encoding']).toBe('identity')
  }
  const [first] = writing.filter(({ requestBody }) => requestBody !== undefined)
  const plain = await ask(first!, { headers: { ...json, 'content-encoding': 'identity' }, payload: '{}' })
  expect(plain.status).toBe(400)
})

describe('an id that is nobody’s, all zeros or all ones, is refused', () => {
  test.each([nil, max, max.toUpperCase()])('in every address: %s', async id => {
    for (const operation of operations) {
      const ids = operation.parameters.filter(({ in: place, schema }) => place === 'path' && schema.format === 'uuid')
      for (const { name } of ids) {
        const { payload = '', headers = {} } = emptyRequest(operation) as { payload?: string; headers?: object }
        const { status, problem } = await ask(operation, { path: { [name]: id }, headers, payload })
        expect([operation.operationId, name, status]).toEqual([operation.operationId, name, 400])
        expect(problem.fields[0].path).toBe(name)
      }
    }
  })

  test('in every field of every body', async () => {
    let tried = 0
    for (const operation of writing) {
      const example = operation.requestBody?.content['application/json']?.example
      for (const { path, body } of withEachId(example, nil)) {
        // What a synchronisation or a list carries is answered for by itself, and looked at in a book that there is.
        if (/^(operations\.0\.body|drafts\.0)\./.test(path)) continue
        const answer = await ask(operation, { headers: json, payload: JSON.stringify(body) })
        const problem = answer.problem ?? answer.body.results?.[0].problem
        const found = problem?.fields?.map((field: { path: string }) => field.path)
        const place = path.replace('operations.0.', '')
        expect([operation.operationId, problem?.status, found]).toEqual([
          operation.operationId,
          400,
          expect.arrayContaining([place]),
        ])
        tried++
      }
    }
    expect(tried).toBeGreaterThan(50)
  })
})

/** The example once for each id in it, with another id in that place. */
function* withEachId(example: unknown, id: string): Generator<{ path: string; body: unknown }> {
  const isId = (value: unknown) => typeof value === 'string' && /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value)
  if (example === null || typeof example !== 'object') return
  for (const [name, value] of Object.entries(example)) {
    const put = (child: unknown) =>
      Array.isArray(example) ? example.with(Number(name), child) : { ...example, [name]: child }
    if (isId(value)) yield { path: name, body: put(id) }
    else for (const { path, body } of withEachId(value, id)) yield { path: `${name}.${path}`, body: put(body) }
  }
}
