import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { bookNotFound } from '../../src/http/actor.ts'
import type { App } from '../../src/http/openapi.ts'
import { type Problem, problemSchema, problems } from '../../src/http/problems.ts'
import { Refusal } from '../../src/refusals.ts'
import { authorization, serverWith } from './server.ts'

const line = z.strictObject({ amount: z.string(), saver: z.union([z.uuid(), z.strictObject({ dni: z.string() })]) })
const body = z.strictObject({ lines: z.array(line), when: z.iso.date(), note: z.string().optional() })

const faults: Record<string, () => unknown> = {
  assertion: () => new TypeError('inner workings'),
  database: () => Object.assign(new Error('duplicate key (dni)=(12345678)'), { code: '23505' }),
  unreachable: () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
  wrapped: () => new Error('Failed query', { cause: new pg.DatabaseError('terminating', 1, 'error') }),
  thrown: () => 'a text',
  refused: () =>
    new Refusal('id-reused', 'Used before.', { facts: { minor: 12n }, fields: [{ path: 'id', message: 'is used' }] }),
  undeclared: () => new Refusal('api-key-not-found', 'No.'),
  elsewhere: () => new Refusal('book-not-found', 'Book 7 is not there', { facts: { book: 7 } }),
}

let app: App
let logged: () => string

beforeAll(async () => {
  ;({ app, logged } = await serverWith(server => {
    const response = { 200: z.object({ ok: z.boolean() }), ...problems('id-reused') }
    const config = { access: ['agent'] as const }
    server.route({
      method: 'POST',
      url: '/v1/things/:thingId',
      config,
      schema: { operationId: 'makeThing', params: z.strictObject({ thingId: z.uuid() }), body, response },
      handler: async () => ({ ok: true }),
    })
    server.route({
      method: 'GET',
      url: '/v1/faults/:name',
      config,
      schema: { operationId: 'fail', response, querystring: z.strictObject({ after: z.string().optional() }) },
      handler: async request => {
        throw faults[(request.params as { name: string }).name]!()
      },
    })
    server.route({
      method: 'GET',
      url: '/v1/books/:bookId',
      config,
      schema: { operationId: 'getBook', response },
      handler: async () => {
        throw bookNotFound()
      },
    })
    server.route({
      method: 'GET',
      url: '/v1/odd',
      config,
      schema: { operationId: 'odd', response },
      handler: async (_, reply) => reply.code(207 as 200).send({ ok: true, secret: 'hidden' } as { ok: boolean }),
    })
    server.route({
      method: 'GET',
      url: '/v1/short',
      config,
      schema: { operationId: 'short', response },
      handler: async () => ({ secret: 'hidden' }) as unknown as { ok: boolean },
    })
  }))
})

afterAll(() => app.close())

const thing = '/v1/things/0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11'

async function ask(method: 'GET' | 'POST' | 'DELETE', url: string, more: { payload?: unknown; headers?: object } = {}) {
  const headers = { authorization, ...more.headers }
  const answer = await app.inject({
    method,
    url,
    headers,
    ...(more.payload !== undefined && { payload: more.payload as object }),
  })
  const problem = answer.statusCode >= 400 ? (answer.json() as Problem) : undefined
  if (problem) {
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json(;|$)/)
    expect(problemSchema.strict().parse(problem)).toEqual(problem)
    expect(problem.status).toBe(answer.statusCode)
    expect(problem.type).toBe(`urn:qullqi:refusal:${problem.code}`)
    if (answer.headers['x-request-id'])
      expect(problem.instance).toBe(`urn:qullqi:request:${answer.headers['x-request-id']}`)
  }
  return { status: answer.statusCode, problem, headers: answer.headers, text: answer.body }
}

describe('a malformed request is answered 400', () => {
  test('naming every wrong field of the body by its path', async () => {
    const payload = { lines: [{ amount: 5, saver: { dnii: 'x' } }, { saver: 'no-uuid' }], when: '2026-02-30', nte: 'x' }
    const { status, problem } = await ask('POST', thing, { payload })
    expect([status, problem?.code]).toEqual([400, 'request-invalid'])
    const found = problem?.fields?.map(field => field.path)
    expect(found).toEqual(
      expect.arrayContaining(['lines.0.amount', 'lines.1.amount', 'when', 'nte', 'lines.0.saver.dni']),
    )
    expect(problem?.fields).toContainEqual({ path: 'lines.1.amount', message: 'is needed' })
    expect(problem?.detail).not.toContain('no-uuid')
  })

  test.each([
    ['a path that is no UUID', 'POST' as const, '/v1/things/7', { payload: {} }, 'thingId'],
    ['an unknown query', 'GET' as const, '/v1/faults/refused?before=1', {}, 'before'],
    ['a repeated query', 'GET' as const, '/v1/faults/refused?after=1&after=2', {}, 'after'],
    ['a query that would reach a prototype', 'GET' as const, '/v1/faults/refused?__proto__=1', {}, '__proto__'],
    ['no body', 'POST' as const, thing, {}, 'body'],
    ['a body that is a list', 'POST' as const, thing, { payload: [] }, 'body'],
  ])('for %s, naming it', async (_, method, url, more, path) => {
    const { status, problem } = await ask(method, url, more)
    expect([status, problem?.code, problem?.fields?.[0]?.path]).toEqual([400, 'request-invalid', path])
  })

  test('for a query that is there twice, saying so', async () => {
    const { problem } = await ask('GET', '/v1/faults/refused?after=1&after=2')
    expect(problem?.fields).toEqual([{ path: 'after', message: 'is there more than once' }])
  })

  const json = { 'content-type': 'application/json' }
  test.each([
    ['broken JSON', thing, '{"lines":'],
    ['an empty body that says it is JSON', thing, ''],
    ['a body of nothing', thing, ' '],
  ])('for %s', async (_, url, payload) => {
    const { status, problem } = await ask('POST', url, { payload, headers: json })
    expect([status, problem?.code]).toEqual([400, 'request-invalid'])
  })

  test.each([
    ['a zero character', '{"lines":[{"saver":{"name":"\\u0000"}}]}', ['lines.0.saver.name']],
    ['half of a character', '{"note":"\\ud800","lines":["a",["\\udc00"]]}', ['note', 'lines.1.0']],
    ['half of a character in a name', '{"a":1,"\\ud800":"b"}', ['\uFFFD']],
    ['a name that reaches a prototype', '{"lines":[1,{"__proto__":{"a":1}}]}', ['lines.1.__proto__']],
    ['names that reach one', '{"lines":[{"constructor":{"prototype":1}}]}', ['lines.0.constructor.prototype']],
    ['a name twice', '{"lines":[{"amount":"1.00"},{"amount":"1.00","amount":"9.00"}]}', ['lines.1.amount']],
    ['a name twice, once written otherwise', '{"when":"2026-03-31","wh\\u0065n":"2026-04-01"}', ['when']],
    ['a name three times', '{"a":{"b,\\"":1,"c":[{}],"b,\\"":2,"b,\\"":3}}', ['a.b,"', 'a.b,"']],
    ['no name', '["\\u0000"]', ['0']],
    ['nothing around it', '"\\u0000"', ['body']],
    ['more around it than is told', `${'['.repeat(4000)}"\\u0000"${']'.repeat(4000)}`, [Array(12).fill(0).join('.')]],
  ])('for a text that is at fault with %s, saying where', async (_, payload, places) => {
    const { status, problem } = await ask('POST', thing, { payload, headers: json })
    expect([status, problem?.code]).toEqual([400, 'request-invalid'])
    expect(problem?.fields?.map(({ path }) => path)).toEqual(places)
    expect((await ask('POST', thing, { payload: `${payload}}`, headers: json })).problem?.detail).toContain('JSON')
  })

  test.each([
    ['that is nested deeply', `${'['.repeat(4000)}"\\u0041"${']'.repeat(4000)}`, 'The body: must be an object'],
    ['with bytes that are no UTF-8', Buffer.from('{"note":"Qu\u00e9chua"}', 'latin1'), 'The body is not UTF-8.'],
    ['with half of a character', Buffer.from('7b226e6f7465223a22c3227d', 'hex'), 'The body is not UTF-8.'],
  ])('for a body %s, saying so', async (_, payload, detail) => {
    const { status, problem } = await ask('POST', thing, { payload, headers: json })
    expect([status, problem?.code, problem?.detail]).toEqual([400, 'request-invalid', detail])
  })

  test.each(['/v1/%zz', '/v1/faults/%00', '/v1/faults/refused?after=%00'])('for the address %s', async url => {
    const { status, problem, headers } = await ask('GET', url)
    expect([status, problem?.code]).toEqual([400, 'request-invalid'])
    expect(problem?.instance).toBe(`urn:qullqi:request:${headers['x-request-id']}`)
  })

  test('but escapes of whole characters are read', async () => {
    const payload = '{"lines":[],"when":"2026-03-31","note":"Qu\\u00e9chua \\ud83d\\ude00 \\\\u0000"}'
    expect((await ask('POST', thing, { payload, headers: json })).status).toBe(200)
  })

  test('and so are colons and quotes in a text, a mark of the byte order, and the charset that JSON has', async () => {
    const payload = '\uFEFF{"lines":[],"when":"2026-03-31","note":"\\"note\\": \\\\"}'
    for (const charset of ['', '; charset=utf-8', ';charset="UTF-8"', '; charset=utf8; v=1']) {
      const headers = { 'content-type': `application/json${charset}` }
      expect([charset, (await ask('POST', thing, { payload, headers })).status]).toEqual([charset, 200])
    }
  })
})

describe('what does not fit the address is said', () => {
  test('404 where nothing is', async () => {
    const { status, problem } = await ask('GET', '/v1/nothing/here')
    expect([status, problem?.code]).toEqual([404, 'route-not-found'])
  })

  test.each(['/docs/static/..%2fpackage.json', '/docs/static/..%2f..%2fetc', '/docs/static/nothing.js'])(
    '404 for what is not among the pages: %s',
    async url => {
      const { status, problem } = await ask('GET', url)
      expect([status, problem?.code]).toEqual([404, 'route-not-found'])
    },
  )

  test('405 with what is taken, and OPTIONS tells it as well', async () => {
    const { status, problem, headers } = await ask('DELETE', thing)
    expect([status, problem?.code, headers.allow]).toEqual([405, 'method-not-allowed', 'POST'])
    const options = await app.inject({ method: 'OPTIONS', url: '/v1/odd' })
    expect([options.statusCode, options.headers.allow, options.body]).toEqual([204, 'GET, HEAD', ''])
  })

  test('415 for another content type, 413 for a body that is too large', async () => {
    const text = await ask('POST', thing, { payload: 'x', headers: { 'content-type': 'text/plain' } })
    expect([text.status, text.problem?.code]).toEqual([415, 'media-type-unsupported'])
    for (const charset of ['iso-8859-1', '"windows-1252"', 'utf-16', 'utf-8859', 'x; charset=utf-8']) {
      const headers = { 'content-type': `application/json; charset=${charset}` }
      const { status, problem } = await ask('POST', thing, { payload: '{}', headers })
      expect([charset, status, problem?.code]).toEqual([charset, 415, 'media-type-unsupported'])
    }
    const large = await ask('POST', thing, { payload: { note: 'x'.repeat(20_000) } })
    expect([large.status, large.problem?.code]).toEqual([413, 'body-too-large'])
  })
})

describe('a refusal', () => {
  test('carries its facts and fields', async () => {
    const { status, problem } = await ask('GET', '/v1/faults/refused')
    expect(status).toBe(409)
    expect(problem).toMatchObject({
      code: 'id-reused',
      detail: 'Used before.',
      retryable: false,
      facts: { minor: '12' },
    })
    expect(problem?.fields).toEqual([{ path: 'id', message: 'is used' }])
  })

  test('of a book reads the same whoever refused it', async () => {
    const answers = [await ask('GET', '/v1/books/7'), await ask('GET', '/v1/faults/elsewhere')]
    const [one, other] = answers.map(({ problem }) => ({ ...problem, instance: '' }))
    expect(one).toEqual(other)
    expect(JSON.stringify(one)).not.toContain('7')
  })

  test('that its operation does not declare is noticed', async () => {
    await ask('GET', '/v1/faults/undeclared')
    expect([...app.undeclaredRefusals]).toContain('fail api-key-not-found')
    expect([...app.undeclaredRefusals]).not.toContain('fail id-reused')
  })
})

describe('a fault of ours', () => {
  test.each(['assertion', 'database', 'thrown'])(
    '(%s) is answered 500 and tells nothing of what is inside',
    async name => {
      const { status, problem, text } = await ask('GET', `/v1/faults/${name}`)
      expect([status, problem?.code, problem?.retryable]).toEqual([500, 'internal-fault', true])
      expect(text).not.toMatch(/inner|duplicate|12345678|a text/)
    },
  )

  test('is logged with its cause under the id of the request, and without values', async () => {
    const { headers } = await ask('GET', '/v1/faults/database')
    const entry = logged()
      .trim()
      .split('\n')
      .map(text => JSON.parse(text))
      .find(one => one.requestId === headers['x-request-id'])
    expect(entry).toMatchObject({ level: 'error', refusal: 'internal-fault', fault: { type: 'Error', code: '23505' } })
    expect(entry.fault.frames[0]).toContain('problems.test.ts')
    expect(logged()).not.toContain('12345678')
  })

  test('(a lost database) is answered 503, to be asked again', async () => {
    const { status, problem, headers } = await ask('GET', '/v1/faults/unreachable')
    expect([status, problem?.code, problem?.retryable, headers['retry-after']]).toEqual([
      503,
      'database-unavailable',
      true,
      '1',
    ])
  })

  test.each(['/v1/odd', '/v1/short'])('(an answer unlike the declared, %s) leaks nothing', async url => {
    const { status, text } = await ask('GET', url)
    expect(status).toBe(500)
    expect(text).not.toContain('hidden')
  })
})

describe('what is no proper HTTP', () => {
  test.each([
    ['is answered 400', 'nonsense\r\n\r\n', 400, 'request-invalid'],
    ['without a host is answered 400', 'GET /health HTTP/1.1\r\n\r\n', 400, 'request-invalid'],
    [
      'with a head that is too large is answered 431',
      `GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
      431,
      'head-too-large',
    ],
    [
      'expecting what we do not do is answered 417',
      'GET / HTTP/1.1\r\nhost: x\r\nexpect: 200-ok\r\n\r\n',
      417,
      'expectation-not-met',
    ],
  ])('%s, and the connection ends', async (_, text, status, code) => {
    if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
    let answer = ''
    socket.on('data', chunk => {
      answer += chunk
    })
    socket.write(text)
    await once(socket, 'close')
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    const problem = JSON.parse(/\{.*\}/.exec(answer)![0])
    const requestId = /^x-request-id: (.*)\r$/im.exec(answer)?.[1]
    expect(problem.instance).toBe(`urn:qullqi:request:${requestId}`)
    expect(logged()).toContain(`"requestId":"${requestId}"`)
    expect(problemSchema.strict().parse(problem)).toMatchObject({ code, status, retryable: false })
  })
})
