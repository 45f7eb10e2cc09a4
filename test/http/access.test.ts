import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { guard } from '../../src/http/access.ts'
import { type Role, roles } from '../../src/http/actor.ts'
import { makeKey } from '../../src/http/keys.ts'
import { openLimits } from '../../src/http/limits.ts'
import { type App, speakZod } from '../../src/http/openapi.ts'
import { openField } from '../savings/asking.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyRequest, type Operation, operationsOf } from './operations.ts'

let service: TestApp
let operations: Operation[]
const keys = {} as Record<Role, string>

beforeAll(async () => {
  // More wrong keys come from here than any address may send.
  service = await testApp({ env: { FAILURE_LIMIT: '0' } })
  operations = operationsOf(service.app)
  for (const role of roles) keys[role] = await service.key(role)
})

afterAll(() => service.close())

async function ask(operation: Operation, key: string | null, path: Record<string, string> = {}) {
  const request = emptyRequest(operation, path)
  const headers = {
    ...('headers' in request && request.headers),
    ...(key !== null && { authorization: `Bearer ${key}` }),
  }
  const answer = await service.app.inject({ ...request, headers })
  const isProblem = String(answer.headers['content-type']).startsWith('application/problem+json')
  return { status: answer.statusCode, code: isProblem ? answer.json().code : undefined, answer, operation }
}

/** What does not hold, named, so that one failing test shows every operation at fault. */
async function wrongAmong(check: (operation: Operation) => Promise<string | undefined>): Promise<string[]> {
  const wrong: string[] = []
  for (const operation of operations.filter(one => one.access)) {
    const found = await check(operation)
    if (found !== undefined) wrong.push(`${operation.operationId}: ${found}`)
  }
  return wrong
}

describe('every operation', () => {
  test('says which roles may call it, unless it is for everybody', () => {
    const open = operations.filter(operation => !operation.access).map(operation => operation.operationId)
    expect(open.sort()).toEqual(['getHealth', 'getReadiness', 'getSeal', 'getSigningKeys', 'listSeals'])
  })

  test.each(roles)('lets %s in exactly when its access names the role', async role => {
    const wrong = await wrongAmong(async operation => {
      const { status, code } = await ask(operation, keys[role])
      const letIn = status !== 401 && status !== 403
      if (operation.access!.includes(role)) return letIn ? undefined : `answers ${status} ${code}`
      return status === 403 && code === 'access-denied' ? undefined : `answers ${status} ${code} instead of 403`
    })
    expect(wrong).toEqual([])
  })

  test('answers 401 without a key, and to a key that is broken, unknown, expired or revoked', async () => {
    const { db, clock } = service
    const [expiring, revoked] = [randomUUID(), randomUUID()]
    const terms = {
      name: 'test',
      role: 'administrator' as const,
      books: 'all' as const,
      agentId: null,
      readOnly: false,
    }
    const expiresAt = new Date(clock.now().getTime() + 60_000)
    const expired = await makeKey(db, clock, { id: expiring, clientId: expiring, ...terms, expiresAt })
    const late = await makeKey(db, clock, { id: revoked, clientId: revoked, ...terms, expiresAt: null })
    const headers = { authorization: `Bearer ${keys.administrator}` }
    await service.app.inject({ method: 'POST', url: `/v1/api-keys/${revoked}/revocation`, headers })
    clock.advance(60_000)
    const texts = [null, 'qk_nonsense', keys.administrator.replace(/.$/, end => (end === 'a' ? 'b' : 'a'))]
    texts.push(expired.text, late.text)
    const wrong = await wrongAmong(async operation => {
      for (const [index, text] of texts.entries()) {
        const { status, code, answer } = await ask(operation, text)
        if (status !== 401 || code !== 'authentication-required') return `answers ${status} ${code} to key ${index}`
        if (!answer.headers['www-authenticate']) return 'does not say how to authenticate'
      }
    })
    expect(wrong).toEqual([])
  })

  test('that changes something is closed to read-only keys', async () => {
    const reading = {} as Record<Role, string>
    for (const role of roles) reading[role] = await service.key(role, { readOnly: true })
    const wrong = await wrongAmong(async operation => {
      const { status } = await ask(operation, reading[operation.access![0]!])
      if ((status === 403) === operation.changesNothing) return `answers ${status}`
    })
    expect(wrong).toEqual([])
  })

  test('under a book answers 404 for a book that is not among those of the key', async () => {
    const scoped = {} as Record<Role, string>
    for (const role of roles.filter(one => one !== 'administrator')) {
      scoped[role] = await service.key(role, { books: [randomUUID()] })
    }
    const wrong = await wrongAmong(async operation => {
      const role = operation.access!.find(one => one !== 'administrator')
      if (!operation.path.includes('{bookId}') || !role) return
      const { status, code } = await ask(operation, scoped[role]!)
      if (status !== 404 || code !== 'book-not-found') return `answers ${status} ${code}`
    })
    expect(wrong).toEqual([])
  })

  test('that only reads a book answers alike for a book out of scope and one that does not exist', async () => {
    const bookId = randomUUID()
    const wrong = await wrongAmong(async operation => {
      const role = operation.access!.find(one => one !== 'administrator')
      if (operation.method !== 'GET' || !operation.path.includes('{bookId}') || !role) return
      if (operation.parameters.some(parameter => parameter.in === 'query' && parameter.required)) return
      const outside = await ask(operation, await service.key(role, { books: [randomUUID()] }), { bookId })
      const missing = await ask(operation, keys[role], { bookId })
      const bodies = [outside, missing].map(({ answer }) => ({ ...answer.json(), instance: '' }))
      if (JSON.stringify(bodies[0]) !== JSON.stringify(bodies[1])) return JSON.stringify(bodies)
    })
    expect(wrong).toEqual([])
  })
})

test.each(['all', 'named'])(
  'an agent’s key (books: %s) finds no book in which its agent is not registered, to read or to write',
  async scope => {
    const [hers, other] = [await openField(service), await openField(service)]
    const books = scope === 'all' ? {} : { books: [hers.bookId, other.bookId] }
    const headers = { authorization: `Bearer ${await service.key('agent', { agentId: hers.agentId, ...books })}` }
    const inBook = operations.filter(({ access, path }) => access?.includes('agent') && path.includes('{bookId}'))
    expect(inBook.map(operation => operation.operationId)).toContain('lookUpSaver')
    for (const operation of inBook) {
      const { method, url } = emptyRequest(operation, { bookId: other.bookId })
      const payload = operation.requestBody?.content['application/json']?.example as object
      const answer = await service.app.inject({ method, url, headers, payload })
      const told = [operation.operationId, answer.statusCode, answer.json().code]
      expect(told).toEqual([operation.operationId, 404, 'book-not-found'])
    }
    const deposit = { type: 'deposit', bookId: other.bookId, body: exampleOf('recordDeposit') }
    const sync = { method: 'POST', url: '/v1/sync', headers, payload: { operations: [deposit] } } as const
    expect((await service.app.inject(sync)).json().results[0]).toMatchObject({ problem: { code: 'book-not-found' } })
    expect((await service.app.inject({ url: '/v1/me', headers })).json().books).toEqual([hers.bookId])
    const listed = (await service.app.inject({ url: '/v1/books', headers })).json().items
    expect(listed.map(({ id }: { id: string }) => id)).toEqual([hers.bookId])
    expect((await service.app.inject({ url: `${hers.book}/agents`, headers })).statusCode).toBe(200)
  },
)

test('an agent’s key reaches a book soon after its agent is registered there', async () => {
  const [hers, other] = [await openField(service), await openField(service)]
  const agent = await hers.as('agent', { agentId: hers.agentId })
  expect((await agent.get(other.book)).status).toBe(404)
  const registration = { id: hers.agentId, code: 'PR-08', name: 'Rosa Quispe', startsOn: '2026-01-05' }
  expect((await other.administrator.post(`${other.book}/agents`, registration)).status).toBe(201)
  await pause(1001)
  expect((await agent.get(other.book)).status).toBe(200)
})

function exampleOf(operationId: string): unknown {
  return operations.find(one => one.operationId === operationId)?.requestBody?.content['application/json']?.example
}

describe('a route under /v1', () => {
  const response = { 200: z.object({ ok: z.boolean() }) }
  const actor = { clientId: '', role: 'agent', books: ['b1'], agentId: 'a1', keyId: '', readOnly: false } as const

  function guarded(): App {
    const app = fastify() as unknown as App
    speakZod(app)
    guard(app, { actorOf: () => actor, knows: () => true }, openLimits({ clientLimit: 0, failureLimit: 0 }))
    return app
  }

  test('without access does not build', () => {
    const route = { method: 'GET' as const, url: '/v1/forgotten', handler: async () => ({ ok: true }) }
    expect(() => guarded().route(route)).toThrow('config.access')
    expect(() => guarded().route({ ...route, config: { access: [] } })).toThrow('config.access')
  })

  test('without an operationId or its answers does not build', () => {
    const route = {
      method: 'GET' as const,
      url: '/v1/forgotten',
      config: { access: roles },
      handler: async () => ({ ok: true }),
    }
    expect(() => guarded().route(route)).toThrow('operationId')
    expect(() => guarded().route({ ...route, schema: { response } })).toThrow('operationId')
  })

  test('is guarded for HEAD as for GET, and in plugins registered later', async () => {
    const app = guarded()
    app.register(async scope => {
      const schema = { operationId: 'look', response }
      const config = { access: ['auditor'] as const }
      scope.route({ method: 'GET', url: '/v1/look', config, schema, handler: async () => ({ ok: true }) })
    })
    for (const method of ['GET', 'HEAD'] as const) {
      const answer = await app.inject({ method, url: '/v1/look', headers: { authorization: 'Bearer any' } })
      expect([method, answer.statusCode === 200]).toEqual([method, false])
    }
  })
})
