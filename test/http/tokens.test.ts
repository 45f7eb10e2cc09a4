import { createHmac, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { sql } from 'drizzle-orm'
import { exportSPKI } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientNames } from '../../src/http/client-names.ts'
import { tokenClientId } from '../../src/http/tokens/client.ts'
import { asking, openField } from '../savings/asking.ts'
import { type TestApp, testApp } from '../support/app.ts'
import {
  type IssuerKey,
  issuerKey,
  issuerName,
  type KeyServer,
  keyServer,
  rightClaims,
  type Said,
  settingsFile,
  signed,
  tokenSettings,
} from './issuer.ts'

let service: TestApp
let issuer: KeyServer
/** One of each kind that is taken, and one that the issuer has and the operator does not take. */
let keys: Record<'EdDSA' | 'ES256' | 'RS256' | 'ES384', IssuerKey>
let stranger: IssuerKey
let file: Awaited<ReturnType<typeof settingsFile>>

beforeAll(async () => {
  const made = await Promise.all(['EdDSA', 'ES256', 'RS256', 'ES384'].map(alg => issuerKey(alg, `${alg}-1`)))
  keys = Object.fromEntries(made.map(key => [key.alg, key])) as typeof keys
  stranger = await issuerKey('EdDSA', 'EdDSA-1')
  issuer = await keyServer(...made)
  file = await settingsFile(tokenSettings(issuer.address))
  service = await testApp({ env: { TOKENS_FILE: file.path } })
})

afterAll(async () => {
  await service.close()
  await issuer.close()
  await file.remove()
})

const token = (said?: Said, key = keys.EdDSA) => signed(key, service.clock.now(), said)

async function me(text: string) {
  const answer = await service.app.inject({ url: '/v1/me', headers: { authorization: `Bearer ${text}` } })
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers }
}

describe('a token lets in', () => {
  test.each(['EdDSA', 'ES256', 'RS256'] as const)('signed by a key of its issuer: %s', async alg => {
    const { status, body } = await me(await token({}, keys[alg]))
    expect(status).toBe(200)
    const clientId = tokenClientId({ issuer: issuerName, claim: 'sub', subject: '4f0c8f3e-quispe' })
    expect(body).toEqual({ clientId, keyId: null, role: 'administrator', books: 'all', agentId: null, readOnly: false })
  })

  test('whoever its subject is as one client, for ever', async () => {
    // By Python's hashlib. Were it ever computed otherwise, what she did before would be nobody's.
    expect((await me(await token())).body.clientId).toBe('7b382293-5f32-8efe-85df-bf6c166e2fe2')
  })

  test('a program by its client id, which is nobody’s subject', async () => {
    const word = 'nightly'
    const [program, person] = [
      await me(await token({ claims: { sub: undefined, client_id: word } })),
      await me(await token({ claims: { sub: word, client_id: 'portal' } })),
    ]
    expect(program.body.clientId).toBe(tokenClientId({ issuer: issuerName, claim: 'client_id', subject: word }))
    expect(person.body.clientId).toBe(tokenClientId({ issuer: issuerName, claim: 'sub', subject: word }))
    expect(program.body.clientId).not.toBe(person.body.clientId)
  })

  test('as the first of the mapped roles that it has, in a list or in words', async () => {
    const roleOf = async (roles: unknown) => (await me(await token({ claims: { roles } }))).body
    expect(await roleOf(['other', 'audit', 'office'])).toMatchObject({ role: 'administrator', readOnly: false })
    expect(await roleOf('openid reports profile')).toMatchObject({ role: 'auditor', readOnly: true, books: 'all' })
  })

  test('read-only to what changes nothing', async () => {
    const audit = asking(service, await token({ claims: { roles: 'reports' } }))
    expect((await audit.get('/v1/books')).status).toBe(200)
    const { body } = await asking(service, await token({ claims: { roles: 'reports' } })).post('/v1/books', {})
    expect(body.code).toBe('access-denied')
  })

  test('to its books and to no other', async () => {
    const [hers, other] = [await openField(service), await openField(service)]
    const ledger = { books: [hers.bookId.toUpperCase(), hers.bookId] }
    const bank = asking(service, await token({ claims: { roles: 'bank', ledger } }))
    expect((await bank.get('/v1/me')).body).toMatchObject({ role: 'bank', books: [hers.bookId] })
    expect((await bank.get(hers.book)).status).toBe(200)
    expect((await bank.get(other.book)).body.code).toBe('book-not-found')
  })

  test('an agent to the books in which she is registered, and to do her own field work', async () => {
    const [hers, other] = [await openField(service), await openField(service)]
    const claims = { roles: 'field', ledger: { books: 'all' }, agent_id: hers.agentId.toUpperCase() }
    const agent = asking(service, await token({ claims }))
    const { body } = await agent.get('/v1/me')
    expect(body).toMatchObject({ role: 'agent', agentId: hers.agentId, books: [hers.bookId] })
    expect((await agent.get(other.book)).body.code).toBe('book-not-found')
    const narrow = { ...claims, ledger: { books: [other.bookId] } }
    expect((await me(await token({ claims: narrow }))).body.books).toEqual([])
  })

  test('and what it posts bears its client', async () => {
    const office = asking(service, await token({ claims: { sub: 'rosa' } }))
    const id = randomUUID()
    await office.post('/v1/institutions', { id, code: id.slice(-12), name: 'Caja', kind: 'caja' })
    const { rows } = await service.owner.execute(sql`select actor from partner_institution where id = ${id}`)
    expect(rows).toEqual([{ actor: tokenClientId({ issuer: issuerName, claim: 'sub', subject: 'rosa' }) }])
  })

  test('beside keys, which work on', async () => {
    expect((await me(await service.key('auditor'))).body).toMatchObject({ role: 'auditor', keyId: expect.any(String) })
  })

  test('with an issuer that is asked for its keys once', async () => {
    const before = issuer.asked.length
    const texts = await Promise.all(Array.from({ length: 20 }, (_, place) => token({ claims: { sub: `p${place}` } })))
    const answers = await Promise.all(texts.flatMap(text => [me(text), me(text)]))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(issuer.asked.length).toBe(before)
    expect(before).toBe(1)
  })
})

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a token is refused with 401', () => {
  const seconds = () => Math.floor(service.clock.now().getTime() / 1000)
  const claimed = (claims: () => Record<string, unknown>) => () => token({ claims: claims() })
  const headed = (header: () => Record<string, unknown>) => () => token({ header: header() })

  /** Signed by HMAC with some bytes that everybody has. */
  async function symmetric(secret: string | Buffer): Promise<string> {
    const text = `${part({ alg: 'HS256', kid: 'RS256-1', typ: 'at+jwt' })}.${part(rightClaims(service.clock.now()))}`
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  }

  const forgeries: [string, () => Promise<string>, RegExp][] = [
    [
      'without a signature (none)',
      async () => `${part({ alg: 'none', typ: 'at+jwt' })}.${part(rightClaims(service.clock.now()))}.`,
      /signed in a way/,
    ],
    ['whose signature is left out', async () => (await token()).replace(/[^.]*$/, ''), /not signed|none that/],
    [
      'signed by HMAC with the public key’s PEM',
      async () => symmetric(await exportSPKI(keys.RS256.publicKey)),
      /signed in a way/,
    ],
    [
      'signed by HMAC with the public key as shown',
      async () => symmetric(JSON.stringify(keys.RS256.shown)),
      /signed in a way/,
    ],
    [
      'signed by HMAC with the key’s bytes',
      async () => symmetric(Buffer.from(keys.EdDSA.shown.x!, 'base64url')),
      /signed in a way/,
    ],
    [
      'signed by a stranger under the issuer’s name of a key',
      () => token({}, stranger),
      /not signed by a key of its issuer/,
    ],
    ['that brings its own key', () => token({ header: { jwk: stranger.shown } }, stranger), /not signed by a key/],
    [
      'that names an address of its key',
      () => token({ header: { jku: `${issuer.address}/forged` } }, stranger),
      /not signed by a key/,
    ],
    [
      'that names an address of its certificate',
      () => token({ header: { x5u: `${issuer.address}/forged` } }, stranger),
      /not signed by a key/,
    ],
    ['that names a key that is not there', headed(() => ({ kid: 'other' })), /not signed by a key/],
    ['that names a key as a path', headed(() => ({ kid: '../../../dev/null' })), /not signed by a key/],
    ['signed by a key of the issuer in a way that is not taken', () => token({}, keys.ES384), /signed in a way/],
    [
      'whose algorithm is another than its key’s',
      async () =>
        `${part({ alg: 'ES256', kid: 'EdDSA-1', typ: 'at+jwt' })}.${(await token()).split('.').slice(1).join('.')}`,
      /not signed by a key/,
    ],
    ['whose claims were changed', async () => changed(await token()), /not signed by a key/],
    ['of another issuer', claimed(() => ({ iss: `${issuerName}/` })), /another issuer/],
    ['of no issuer', claimed(() => ({ iss: undefined })), /another issuer/],
    ['for another audience', claimed(() => ({ aud: 'https://other.example' })), /another audience/],
    [
      'for other audiences',
      claimed(() => ({ aud: ['https://other.example', `${'https://ledger.example'}.evil`] })),
      /another audience/,
    ],
    ['for no audience', claimed(() => ({ aud: undefined })), /another audience/],
    ['of another type', headed(() => ({ typ: 'JWT' })), /another type/],
    ['of no type', headed(() => ({ typ: undefined })), /another type/],
    ['that has expired', claimed(() => ({ exp: seconds() - 5 })), /has expired/],
    ['that is not valid yet', claimed(() => ({ nbf: seconds() + 6 })), /not valid yet/],
    ['that never ends', claimed(() => ({ exp: undefined })), /when it ends/],
    ['whose end is a text', claimed(() => ({ exp: String(seconds() + 300) })), /when it ends/],
    ['that is valid for days', claimed(() => ({ exp: seconds() + 86_406 })), /longer than is taken/],
    ['of nobody', claimed(() => ({ sub: undefined })), /says nobody/],
    ['whose subject is no text', claimed(() => ({ sub: 7, client_id: 'portal' })), /says nobody/],
    ['whose subject holds what no text may', claimed(() => ({ sub: 'a\0' })), /says nobody/],
    ['whose subject is half a character', claimed(() => ({ sub: '\ud800' })), /says nobody/],
    ['whose subject is empty', claimed(() => ({ sub: '', client_id: 'portal' })), /says nobody/],
    ['with an extension that it calls critical', headed(() => ({ crit: ['exp2'], exp2: 1 })), /none that can be read/],
    [
      'that is no JSON',
      async () => `${Buffer.from('{').toString('base64url')}.e30.e30`,
      /none that can be read|not signed/,
    ],
    ['that is encrypted', async () => 'eyJhbGciOiJkaXIifQ..a.b.c', /unknown/],
    ['that is longer than any', async () => token({ claims: { more: 'x'.repeat(9000) } }), /Send your key or token/],
  ]

  /** The same token for another subject. */
  function changed(text: string): string {
    const [header, , signature] = text.split('.')
    return `${header}.${part(rightClaims(service.clock.now(), { sub: 'other' }))}.${signature}`
  }

  test.each(forgeries)('%s', async (_, forged, words) => {
    expect((await me(await token())).status).toBe(200)
    const before = issuer.asked.length
    const { status, body, headers } = await me(await forged())
    expect([status, body.code, body.retryable]).toEqual([401, 'authentication-required', false])
    expect(body.detail).toMatch(words)
    expect(headers['www-authenticate']).toContain('Bearer')
    // The issuer's keys were read moments ago: nothing that a token says has anybody asked.
    expect(issuer.asked.slice(before)).toEqual([])
  })

  test('once it has expired, also when it was taken before', async () => {
    const text = await token({ claims: { exp: seconds() + 2 } })
    expect((await me(text)).status).toBe(200)
    service.clock.advance(6_999)
    expect((await me(text)).status).toBe(200)
    service.clock.advance(1)
    expect((await me(text)).body.detail).toMatch(/has expired/)
  })
})

describe('a token that says who somebody is, but nothing that lets her in, is refused with 403', () => {
  test.each([
    ['no role', { roles: undefined }, /mapped to a role/],
    ['a role of another service', { roles: ['Office', 'admin', 7, null] }, /mapped to a role/],
    ['roles that are an object', { roles: { office: true } }, /mapped to a role/],
    ['no books', { roles: 'bank' }, /name its books/],
    ['an empty list of books', { roles: 'bank', ledger: { books: [] } }, /name its books/],
    ['books by another name', { roles: 'bank', ledger: { books: ['CUSCO-PEN'] } }, /name its books/],
    ['some book and all', { roles: 'bank', ledger: { books: ['all', randomUUID()] } }, /name its books/],
    ['books within what is no object', { roles: 'bank', ledger: 'all' }, /name its books/],
    ['no agent', { roles: 'field', ledger: { books: 'all' } }, /name the agent/],
    ['an agent that is no id', { roles: 'field', ledger: { books: 'all' }, agent_id: 'PR-07' }, /name the agent/],
  ])('%s', async (_, claims, words) => {
    const { status, body } = await me(await token({ claims }))
    expect([status, body.code]).toEqual([403, 'access-denied'])
    expect(body.detail).toMatch(words)
  })
})

test('two Authorization headers are refused, whichever would let in', async () => {
  if (!service.app.server.listening) await service.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = service.app.server.address() as AddressInfo
  const right = `Authorization: Bearer ${await token()}\r\n`
  const ask = async (lines: string) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', chunk => {
      answer += chunk
    })
    socket.write(`GET /v1/me HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${lines}\r\n`)
    await once(socket, 'close')
    return answer.slice(9, 12)
  }
  expect(await ask(right)).toBe('200')
  for (const lines of [right + right, `${right}authorization: Bearer x\r\n`, `AUTHORIZATION: Basic eDp5\r\n${right}`]) {
    expect(await ask(lines)).toMatch(/40[01]/)
  }
  expect(await ask(right + right)).toBe('400')
})

test('a token lets nobody in at the pages, as a key or as a session, and a session nobody at the API', async () => {
  const text = await token()
  const payload = new URLSearchParams({ key: text }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const logIn = await service.app.inject({ method: 'POST', url: '/session', headers, payload })
  expect([logIn.statusCode, logIn.headers['set-cookie']]).toEqual([401, undefined])
  const entry = { method: 'POST', url: '/session', headers, payload: `key=${await service.key('auditor')}` } as const
  const [session] = String((await service.app.inject(entry)).headers['set-cookie']).split(';')
  const [, end, seal] = session!.split('=')[1]!.split('.')
  const visit = async (cookie: string) =>
    (await service.app.inject({ url: '/reconciliation', headers: { cookie } })).statusCode
  expect(await visit(session!)).toBe(200)
  for (const other of [text, `${text}.${seal}`, `${randomUUID()}.${end}.${seal}`]) {
    expect(await visit(`qullqi_session=${other}`)).toBe(303)
  }
  expect((await service.app.inject({ url: '/v1/me', headers: { cookie: session! } })).statusCode).toBe(401)
  expect((await me(session!.split('=')[1]!)).status).toBe(401)
})

describe('who came in by tokens', () => {
  test('is listed, once for each role, for auditors and administrators', async () => {
    const subject = `audit-${randomUUID()}`
    const since = await token({ claims: { sub: subject, roles: 'audit' } })
    await me(since)
    await me(await token({ claims: { sub: subject, roles: 'audit', jti: '2' } }))
    await me(await token({ claims: { sub: subject, roles: 'office' } }))
    const seen: Record<string, unknown>[] = []
    for (let next: string | null = ''; next !== null; ) {
      const { body } = await asking(service, since).get(`/v1/token-clients?limit=2${next && `&after=${next}`}`)
      seen.push(...body.items)
      next = body.next
    }
    const mine = seen.filter(one => one.subject === subject)
    const common = { issuer: issuerName, claim: 'sub', subject, firstSeenAt: expect.any(String) }
    const clientId = tokenClientId({ issuer: issuerName, claim: 'sub', subject })
    expect(mine).toHaveLength(2)
    for (const role of ['auditor', 'administrator']) expect(mine).toContainEqual({ ...common, clientId, role })
    expect(new Set(seen.map(({ clientId: id, role }) => `${id} ${role}`)).size).toBe(seen.length)
  })

  test('is not known of a token that was refused', async () => {
    await me(await token({ claims: { sub: 'refused', roles: [] } }))
    const { rows } = await service.owner.execute(sql`select from token_client where subject = 'refused'`)
    expect(rows).toEqual([])
  })

  test.each(['update token_client set subject = issuer', 'delete from token_client', 'truncate token_client'])(
    'is never altered, not even by the owner: %s',
    async statement => {
      await me(await token())
      await expect(service.owner.execute(sql.raw(statement))).rejects.toThrow()
    },
  )
})

describe('a key for the client of a token', () => {
  const grant = (clientId: string) => ({ id: randomUUID(), name: 'x', role: 'administrator', books: 'all', clientId })
  const clientOf = (subject: string) => tokenClientId({ issuer: issuerName, claim: 'sub', subject })

  test('is made by nobody else, also before she was ever here', async () => {
    const others = [await service.key('administrator'), await token({ claims: { sub: 'other' } })]
    await me(await token({ claims: { sub: 'here' } }))
    for (const subject of ['here', `never-${randomUUID()}`]) {
      for (const other of others) {
        const { status, body } = await asking(service, other).post('/v1/api-keys', grant(clientOf(subject)))
        expect([status, body.code]).toEqual([409, 'client-taken'])
      }
      const clientId = clientOf(subject)
      const forged = sql`insert into api_key (id, client_id, name, role, read_only, secret_hash, created_at)
        values (${randomUUID()}, ${clientId}, 'x', 'auditor', false, 'x', now())`
      await expect(service.owner.execute(forged)).rejects.toMatchObject({
        cause: { constraint: 'api_key_token_client_renews_itself' },
      })
    }
  })

  test('is hers when she makes it, and says so; what the key makes is hers too', async () => {
    const subject = 'renews'
    const made = await asking(service, await token({ claims: { sub: subject } })).post(
      '/v1/api-keys',
      grant(clientOf(subject)),
    )
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      createdBy: null,
      createdByClient: clientOf(subject),
      clientId: clientOf(subject),
    })
    const byKey = asking(service, made.body.key)
    expect((await byKey.get('/v1/me')).body).toMatchObject({ clientId: clientOf(subject), keyId: made.body.id })
    const further = await byKey.post('/v1/api-keys', grant(clientOf(subject)))
    expect(further.body).toMatchObject({ createdBy: made.body.id, createdByClient: clientOf(subject) })
  })

  test('a token makes keys for others, and the key says whose', async () => {
    const { body, status } = await asking(service, await token({ claims: { sub: 'gives' } })).post('/v1/api-keys', {
      ...{ id: randomUUID(), name: 'Tablet', role: 'auditor', books: 'all' },
    })
    expect([status, body.createdBy, body.createdByClient]).toEqual([201, null, clientOf('gives')])
    const names = await clientNames(service.db, [clientOf('gives'), body.clientId, clientOf('renews'), randomUUID()])
    const known = { [clientOf('gives')]: 'gives', [body.clientId]: 'Tablet', [clientOf('renews')]: 'renews' }
    expect(Object.fromEntries(names)).toEqual(known)
  })
})
