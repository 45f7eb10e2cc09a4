import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { keyCache } from '../../src/http/key-cache.ts'
import { ensureFirstAdministrator, keyIdOf, keyName, makeKey, readKeyText, revokeKey } from '../../src/http/keys.ts'
import { openField } from '../savings/asking.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { testConfig } from '../support/config.ts'

let service: TestApp
let administrator: string

beforeAll(async () => {
  service = await testApp()
})
beforeEach(async () => {
  administrator = await service.key('administrator')
})
afterAll(() => service.close())

async function ask(method: 'GET' | 'POST', url: string, payload?: object, key = administrator) {
  const headers = { authorization: `Bearer ${key}` }
  const answer = await service.app.inject({ method, url, headers, ...(payload && { payload }) })
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
}

function terms(id: string, more: object = {}) {
  const none = { books: 'all' as const, agentId: null, readOnly: false, expiresAt: null }
  return { id, clientId: id, name: 'test', role: 'auditor' as const, ...none, ...more }
}

describe('a key', () => {
  test('is shown once, and only a hash of its secret is kept', async () => {
    const id = randomUUID()
    const { status, body } = await ask('POST', '/v1/api-keys', {
      id,
      name: 'Caja de prueba',
      role: 'bank',
      books: 'all',
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      id,
      clientId: id,
      role: 'bank',
      books: 'all',
      agentId: null,
      readOnly: false,
      replayed: false,
    })
    expect(body.key).toMatch(/^qk_[0-9A-Za-z]{22}_[0-9A-Za-z]{43}$/)
    const secret = readKeyText(body.key)!.secret
    const { rows } = await service.owner.execute(sql`select row_to_json(k)::text as row from api_key k`)
    expect(JSON.stringify(rows)).not.toContain(secret)
    const listed = await ask('GET', `/v1/api-keys/${id}`)
    expect(listed.status).toBe(200)
    expect(JSON.stringify(listed.body)).not.toContain(secret)
    expect(listed.body).not.toHaveProperty('secretHash')
  })

  test('opens the service as its role, books and client', async () => {
    const { bookId: book, agentId } = await openField(service)
    const client = randomUUID()
    const grant = {
      id: randomUUID(),
      clientId: client,
      name: 'a',
      role: 'agent',
      agentId,
      books: [book.toUpperCase(), book],
    }
    const made = await ask('POST', '/v1/api-keys', grant)
    expect(made.status).toBe(201)
    const me = await ask('GET', '/v1/me', undefined, made.body.key)
    expect(me.body).toEqual({
      clientId: client,
      keyId: grant.id,
      role: 'agent',
      books: [book],
      agentId,
      readOnly: false,
    })
  })

  test('made again with the same id answers the same, without the key; with other terms it is refused', async () => {
    const grant = {
      id: randomUUID(),
      name: 'twice',
      role: 'analyst',
      books: 'all',
      expiresAt: '2027-01-01T00:00:00-05:00',
    }
    const first = await ask('POST', '/v1/api-keys', grant)
    const alike = { ...grant, id: grant.id.toUpperCase(), clientId: grant.id.toUpperCase() }
    const again = await ask('POST', '/v1/api-keys', { ...alike, expiresAt: '2027-01-01T05:00:00Z' })
    expect(again.status).toBe(200)
    expect(again.headers['idempotent-replay']).toBe('true')
    expect(again.body).toEqual({ ...first.body, key: null, replayed: true })
    const other = await ask('POST', '/v1/api-keys', { ...grant, role: 'auditor' })
    expect([other.status, other.body.code]).toEqual([409, 'id-reused'])
  })

  test('for a client that has one is made by that client alone, whoever asks first and however many at once', async () => {
    const clientId = randomUUID()
    const grant = () => ({ id: randomUUID(), name: 'x', role: 'administrator', books: 'all', clientId })
    const answers = await Promise.all([grant(), grant(), grant()].map(one => ask('POST', '/v1/api-keys', one)))
    const [made] = answers.filter(({ status }) => status === 201)
    expect(answers.map(({ body }) => body.code).filter(code => code !== undefined)).toEqual([
      'client-taken',
      'client-taken',
    ])
    const renewed = await ask('POST', '/v1/api-keys', grant(), made!.body.key)
    expect([renewed.status, renewed.body.clientId, renewed.body.createdBy]).toEqual([201, clientId, made!.body.id])
    await ask('POST', `/v1/api-keys/${made!.body.id}/revocation`)
    expect((await ask('POST', '/v1/api-keys', grant())).body.code).toBe('client-taken')
  })

  test('for a client that has one is refused by the database as well, also under a maker that is not who made it', async () => {
    const [ana, berta] = [randomUUID(), randomUUID()]
    for (const id of [ana, berta]) await makeKey(service.db, service.clock, terms(id))
    const made = (maker: string, client: string) => sql`
      insert into api_key (id, client_id, name, role, read_only, secret_hash, created_at, created_by, created_by_client)
      values (${randomUUID()}, ${berta}, 'x', 'auditor', false, 'x', now(), ${maker}, ${client})`
    const forged = service.owner.execute(made(ana, ana))
    await expect(forged).rejects.toMatchObject({ cause: { constraint: 'api_key_client_renews_itself' } })
    const hidden = service.owner.execute(made(ana, berta))
    await expect(hidden).rejects.toMatchObject({ cause: { constraint: 'api_key_created_by_fkey' } })
    await service.owner.execute(made(berta, berta))
  })

  test.each([
    ['an administrator of some books only', { role: 'administrator', books: [randomUUID()] }, 'books'],
    ['an agent id for another role', { role: 'bank', agentId: randomUUID() }, 'agentId'],
    ['no books at all', { role: 'bank', books: [] }, 'books'],
    ['books left unsaid', { role: 'bank', books: undefined }, 'books'],
    ['books that are null', { role: 'bank', books: null }, 'books'],
    ['a book that is no id', { role: 'bank', books: ['CUSCO-PEN'] }, 'books.0'],
    ['no agent for the role agent', { role: 'agent' }, 'agentId'],
    ['an expiry in the past', { role: 'bank', expiresAt: '2026-03-31T14:59:59Z' }, 'expiresAt'],
    ['a misspelt term', { role: 'bank', readonly: true }, 'readonly'],
    ['a name of blanks', { role: 'bank', name: '  ' }, 'name'],
  ])('is refused with %s', async (_, wrong, path) => {
    const { status, body } = await ask('POST', '/v1/api-keys', { id: randomUUID(), name: 'x', books: 'all', ...wrong })
    expect([status, body.code, body.fields[0].path]).toEqual([400, 'request-invalid', path])
  })

  test('reaches only books that there are, and the refusal names the others', async () => {
    const { bookId } = await openField(service)
    const missing = randomUUID()
    const grant = { id: randomUUID(), name: 'x', role: 'bank', books: [bookId, missing] }
    const { status, body } = await ask('POST', '/v1/api-keys', grant)
    expect([status, body.code, body.facts]).toEqual([422, 'key-book-not-found', { books: [missing] }])
    expect(body.fields).toEqual([{ path: 'books.1', message: 'is no book' }])
    expect((await ask('GET', `/v1/api-keys/${grant.id}`)).status).toBe(404)
    expect((await ask('POST', '/v1/api-keys', { ...grant, books: [bookId] })).status).toBe(201)
  })

  test('of an agent is for one who is registered in each of its books, or in some book when it reaches all', async () => {
    const [here, there] = [await openField(service), await openField(service)]
    const make = (agentId: string, books: unknown) =>
      ask('POST', '/v1/api-keys', { id: randomUUID(), name: 'x', role: 'agent', books, agentId })
    const nobody = randomUUID()
    const refused = [await make(nobody, 'all'), await make(here.agentId, [here.bookId, there.bookId])]
    expect(refused.map(({ status, body }) => [status, body.code, body.facts])).toEqual([
      [422, 'key-agent-not-found', { agentId: nobody }],
      [422, 'key-agent-not-found', { agentId: here.agentId, books: [there.bookId] }],
    ])
    expect((await make(here.agentId, [here.bookId])).status).toBe(201)
    expect((await make(here.agentId.toUpperCase(), 'all')).body).toMatchObject({ agentId: here.agentId, books: 'all' })
  })

  test.each([
    ['an agent without her id', { role: 'agent' }, 'api_key_agent_id_is_an_agents'],
    ['an agent’s id in another role', { agentId: randomUUID() }, 'api_key_agent_id_is_an_agents'],
    ['no books', { books: [] }, 'api_key_books_not_empty'],
    [
      'an administrator of some books',
      { role: 'administrator', books: [randomUUID()] },
      'api_key_administrator_reaches_all_books',
    ],
  ])('with %s is refused by the database as well', async (_, wrong, constraint) => {
    const making = makeKey(service.db, service.clock, terms(randomUUID(), wrong))
    await expect(making).rejects.toMatchObject({ cause: { code: '23514', constraint } })
  })

  test('is refused from the moment it expires', async () => {
    const id = randomUUID()
    const expiresAt = new Date(service.clock.now().getTime() + 1000)
    const { text } = await makeKey(service.db, service.clock, terms(id, { expiresAt }))
    expect((await ask('GET', '/v1/me', undefined, text!)).status).toBe(200)
    service.clock.advance(1000)
    expect((await ask('GET', '/v1/me', undefined, text!)).status).toBe(401)
  })

  test('is revoked at once where it was revoked, once and for good', async () => {
    const key = await service.key('bank')
    const id = (await ask('GET', '/v1/me', undefined, key)).body.keyId
    const first = await ask('POST', `/v1/api-keys/${id}/revocation`)
    expect([first.status, first.body.replayed]).toEqual([201, false])
    expect((await ask('GET', '/v1/me', undefined, key)).status).toBe(401)
    service.clock.advance(1000)
    const again = await ask('POST', `/v1/api-keys/${id}/revocation`)
    expect([again.status, again.body]).toEqual([200, { ...first.body, replayed: true }])
    const none = await ask('POST', `/v1/api-keys/${randomUUID()}/revocation`)
    expect([none.status, none.body.code]).toEqual([404, 'api-key-not-found'])
  })

  test('revoked by another service is refused within a second', async () => {
    const other = await buildApp({ db: service.db, config: testConfig(), clock: service.clock })
    const headers = { authorization: `Bearer ${await service.key('bank')}` }
    const me = await other.inject({ url: '/v1/me', headers })
    await ask('POST', `/v1/api-keys/${me.json().keyId}/revocation`)
    await pause(1001)
    expect((await other.inject({ url: '/v1/me', headers })).statusCode).toBe(401)
    await other.close()
  })

  test('cannot be widened or deleted by the service, even by a fault of it', async () => {
    const widened = service.db.execute(sql`update api_key set role = 'administrator'`)
    await expect(widened).rejects.toMatchObject({ cause: { code: '42501' } })
    await expect(service.db.execute(sql`delete from api_key`)).rejects.toMatchObject({ cause: { code: '42501' } })
  })

  test.each(['null', "'infinity'", "revoked_at - interval '1 day'"])(
    'once revoked stays so since then, even by a fault of the service: not set to %s',
    async value => {
      const id = randomUUID()
      await makeKey(service.db, service.clock, terms(id))
      await revokeKey(service.db, service.clock, id)
      const revived = sql`update api_key set revoked_at = ${sql.raw(value)} where id = ${id}`
      for (const db of [service.db, service.owner]) {
        await expect(db.execute(revived)).rejects.toMatchObject({ cause: { code: 'QL901' } })
      }
    },
  )

  test('names its id in base 62, both ways', () => {
    for (const id of [randomUUID(), '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff']) {
      expect(keyName(id)).toHaveLength(22)
      expect(keyIdOf(keyName(id))).toBe(id)
    }
    expect(keyIdOf('z'.repeat(22))).toBeNull()
  })
})

describe('the list of keys', () => {
  test('reads every key once, oldest first, page by page', async () => {
    const made: string[] = []
    for (let index = 0; index < 5; index++) {
      const id = randomUUID()
      // Three of them in the same millisecond.
      if (index > 2) service.clock.advance(1)
      await makeKey(service.db, service.clock, terms(id))
      made.push(id)
    }
    const seen: { id: string; createdAt: string }[] = []
    for (let next: string | null = ''; next !== null; ) {
      const { body } = await ask('GET', `/v1/api-keys?limit=2${next && `&after=${next}`}`)
      expect(body.items.length).toBeLessThanOrEqual(2)
      seen.push(...body.items)
      next = body.next
    }
    expect(new Set(seen.map(key => key.id)).size).toBe(seen.length)
    expect(seen.map(key => key.id)).toEqual(expect.arrayContaining(made))
    expect(seen.map(key => key.createdAt)).toEqual(seen.map(key => key.createdAt).sort())
  })
})

describe('the first administrator', () => {
  test('is made once by however many services start at once, and again only when none is left', async () => {
    const fresh = await testApp()
    const start = () => ensureFirstAdministrator(fresh.db, fresh.clock)
    const texts = (await Promise.all([start(), start(), start(), start()])).filter(text => text !== null)
    expect(texts).toHaveLength(1)
    expect(await start()).toBeNull()
    const headers = { authorization: `Bearer ${texts[0]}` }
    const me = await fresh.app.inject({ url: '/v1/me', headers })
    expect(me.json()).toMatchObject({ role: 'administrator', books: 'all' })
    await revokeKey(fresh.db, fresh.clock, me.json().keyId)
    const next = await start()
    expect(next).not.toBeNull()
    expect(next).not.toBe(texts[0])
    await fresh.close()
  })

  test('is made whatever keys have the ids that it might have', async () => {
    const fresh = await testApp()
    const start = () => ensureFirstAdministrator(fresh.db, fresh.clock)
    const planted = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`
    await makeKey(fresh.db, fresh.clock, terms(planted(0)))
    const first = await start()
    await makeKey(fresh.db, fresh.clock, terms(planted(2)))
    const alike = { name: 'First administrator', role: 'administrator' as const }
    await makeKey(fresh.db, fresh.clock, terms(planted(3), alike))
    expect(await start()).toBeNull()
    await makeKey(fresh.db, fresh.clock, { ...terms(randomUUID()), clientId: planted(4) })
    for (const id of [keyIdOf(readKeyText(first!)!.name)!, planted(3)]) await revokeKey(fresh.db, fresh.clock, id)
    const texts = await Promise.all([start(), start(), start()])
    expect(texts.filter(text => text !== null)).toHaveLength(1)
    await fresh.close()
  })
})

describe('the cache of keys', () => {
  test('reads a key once for all requests that miss it together', async () => {
    const text = await service.key('bank')
    let reads = 0
    const counting = new Proxy(service.db, {
      get(db, name) {
        if (name === 'select') reads++
        return Reflect.get(db, name)
      },
    })
    const keys = keyCache(counting, service.clock, async () => [])
    const actors = await Promise.all(Array.from({ length: 20 }, () => keys.actorOf(text)))
    expect(actors.every(actor => actor?.role === 'bank')).toBe(true)
    expect(reads).toBe(1)
    expect(keys.actorOf(text)).toMatchObject({ role: 'bank' })
    expect(keys.actorOf(`${text.slice(0, -3)}xyz`)).toBeNull()
    expect(reads).toBe(1)
  })

  test('does not remember what it read before the key was changed', async () => {
    const text = await service.key('bank')
    const keys = keyCache(service.db, service.clock, async () => [])
    const before = keys.actorOf(text)
    const id = keyIdOf(readKeyText(text)!.name)!
    await revokeKey(service.db, service.clock, id)
    keys.forget(id)
    await before
    expect(await keys.actorOf(text)).toBeNull()
  })
})
