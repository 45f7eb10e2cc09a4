import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { allowance, networkOf } from '../../src/http/limits.ts'
import { asking } from '../savings/asking.ts'
import { type TestApp, testApp } from '../support/app.ts'

describe('an allowance', () => {
  let at = 0
  const now = () => at
  function had(perMinute: number, tries: number, name = 'a', of = allowance(perMinute, now)) {
    return Array.from({ length: tries }, () => {
      const wait = of.wait(name)
      if (wait === 0) of.use(name)
      return wait
    })
  }

  test('is as much at once as a minute has, and then what comes back', () => {
    const of = allowance(60, now)
    expect(had(60, 61, 'a', of).filter(wait => wait === 0)).toHaveLength(60)
    expect(of.wait('a')).toBe(1000)
    at += 999
    expect(of.wait('a')).toBe(1)
    at += 1
    expect(had(60, 2, 'a', of)).toEqual([0, 1000])
  })

  test('never gathers more than a minute’s', () => {
    const of = allowance(60, now)
    had(60, 60, 'a', of)
    at += 3_600_000
    expect(had(60, 100, 'a', of).filter(wait => wait === 0)).toHaveLength(60)
  })

  test('is each one’s own', () => {
    const of = allowance(1, now)
    expect([...had(1, 2, 'a', of), ...had(1, 2, 'b', of)]).toEqual([0, 60_000, 0, 60_000])
  })

  test('of zero is no limit, and counts nobody', () => {
    const of = allowance(0, now)
    expect(new Set(had(0, 1000, 'a', of))).toEqual(new Set([0]))
    expect(of.isUsed()).toBe(false)
  })

  test('that is used up is not lost further by trying on', () => {
    const of = allowance(60, now)
    for (let count = 0; count < 1000; count++) of.use('a')
    expect(of.wait('a')).toBeLessThanOrEqual(1000)
  })
})

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2::1', '2001:db8:1:2'],
  ['2001:0DB8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

let service: TestApp
afterEach(() => service?.close())

async function asked(text: string | null, more: { url?: string; remoteAddress?: string; for?: string } = {}) {
  const headers = {
    ...(text !== null && { authorization: `Bearer ${text}` }),
    ...(more.for !== undefined && { 'x-forwarded-for': more.for }),
  }
  const { url = '/v1/me', remoteAddress = '10.0.0.1' } = more
  const answer = await service.app.inject({ url, headers, remoteAddress })
  const code = answer.statusCode < 400 ? undefined : answer.json().code
  return { status: answer.statusCode, code, wait: answer.headers['retry-after'] }
}

describe('a client', () => {
  test('that asks too often is told when to ask again, and is let in then; others are not kept waiting', async () => {
    service = await testApp({ env: { CLIENT_LIMIT: '60' } })
    const [busy, other] = [await service.key('auditor'), await service.key('auditor')]
    const answers = await Promise.all(Array.from({ length: 70 }, () => asked(busy)))
    const refused = answers.filter(({ status }) => status !== 200)
    expect(refused.length).toBeGreaterThanOrEqual(9)
    for (const one of refused) expect(one).toEqual({ status: 429, code: 'too-many-requests', wait: '1' })
    expect((await asked(other)).status).toBe(200)
    await pause(1000)
    expect((await asked(busy)).status).toBe(200)
  })

  test('is counted over all its keys, and may always see how the service is', async () => {
    service = await testApp({ env: { CLIENT_LIMIT: '3' } })
    const first = asking(service, await service.key('administrator'))
    const { body: me } = await first.get('/v1/me')
    const grant = { id: randomUUID(), name: 'x', role: 'administrator', books: 'all', clientId: me.clientId }
    const { body } = await first.post('/v1/api-keys', grant)
    expect((await asked(body.key)).status).toBe(200)
    expect(await asked(body.key)).toMatchObject({ status: 429, wait: '20' })
    expect((await first.get('/v1/me')).body.code).toBe('too-many-requests')
    for (const url of ['/metrics', '/health', '/ready']) expect((await asked(body.key, { url })).status).toBe(200)
  })
})

describe('an address from which come keys that nobody has', () => {
  const wrong = () => `qk_${'0'.repeat(22)}_${randomUUID().replaceAll('-', '')}${'x'.repeat(11)}`

  test('waits, also with tokens and at the log-in; others do not, and who was let in before from there neither', async () => {
    service = await testApp({ env: { FAILURE_LIMIT: '3', TRUST_PROXY: '10.0.0.1' } })
    const [known, unknown] = [await service.key('auditor'), await service.key('auditor')]
    const there = { for: '203.0.113.7' }
    expect((await asked(known, there)).status).toBe(200)
    for (const text of [wrong(), 'nonsense', 'a.b.c']) expect((await asked(text, there)).status).toBe(401)
    expect(await asked(wrong(), there)).toEqual({ status: 429, code: 'too-many-requests', wait: '20' })
    expect((await asked(unknown, there)).status).toBe(429)
    expect((await asked(known, there)).status).toBe(200)
    expect((await asked(unknown, { for: '203.0.113.8' })).status).toBe(200)
    const form = { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': there.for }
    const logIn = async (headers: object) => {
      const payload = `key=${wrong()}`
      const asked = { method: 'POST', url: '/session', headers, payload, remoteAddress: '10.0.0.1' } as const
      const answer = await service.app.inject(asked as never)
      return [answer.statusCode, answer.headers['retry-after']]
    }
    expect(await logIn(form)).toEqual([429, '20'])
    const fresh = { ...form, 'x-forwarded-for': '203.0.113.9' }
    for (let count = 0; count < 3; count++) expect(await logIn(fresh)).toEqual([401, undefined])
    expect(await logIn(fresh)).toEqual([429, '20'])
  })

  test('is the one that is seen, where nobody who may tell another does', async () => {
    service = await testApp({ env: { FAILURE_LIMIT: '3', TRUST_PROXY: '10.0.0.1' } })
    const spoofed = (count: number) => ({ remoteAddress: '198.51.100.1', for: `203.0.113.${count}` })
    for (let count = 0; count < 3; count++) expect((await asked(wrong(), spoofed(count))).status).toBe(401)
    expect((await asked(wrong(), spoofed(4))).status).toBe(429)
    // Of several the proxy's own word counts, which is the last.
    const told = (count: number) => ({ for: `203.0.113.${count}, 192.0.2.1` })
    for (let count = 0; count < 3; count++) expect((await asked(wrong(), told(count))).status).toBe(401)
    expect((await asked(wrong(), told(4))).status).toBe(429)
  })

  test('is not one from which nobody says who he is', async () => {
    service = await testApp({ env: { FAILURE_LIMIT: '1' } })
    for (let count = 0; count < 5; count++) expect((await asked(null)).status).toBe(401)
    expect((await asked(await service.key('auditor'))).status).toBe(200)
  })
})
