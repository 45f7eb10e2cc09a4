import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { ConfigError } from '../../src/config.ts'
import { keySet, loadKeys, type Pace } from '../../src/http/tokens/key-set.ts'
import { readTokenSettings } from '../../src/http/tokens/settings.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { testConfig } from '../support/config.ts'
import { type IssuerKey, issuerKey, type KeyServer, keyServer, settingsFile, signed, tokenSettings } from './issuer.ts'

let old: IssuerKey
let next: IssuerKey
let issuer: KeyServer

beforeAll(async () => {
  old = await issuerKey('ES256', 'old')
  next = await issuerKey('EdDSA', 'next')
})
beforeEach(async () => {
  issuer = await keyServer(old)
})
afterEach(() => issuer.close())

const leisure: Pace = { fresh: 60_000, useful: 60_000, cooldown: 60_000, retry: 60_000 }

/** The keys at the issuer's address, and what went wrong when they were read. */
function keysOf(more: Partial<Pace> = {}) {
  const failures: unknown[] = []
  const find = keySet(loadKeys(issuer.address), failure => failures.push(failure), { ...leisure, ...more })
  const named = async ({ alg, kid }: IssuerKey) => {
    try {
      await find({ alg, kid }, {} as never)
      return 'found'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  return { named, failures }
}

const unknown = 'ERR_JWKS_NO_MATCHING_KEY'
type By = Parameters<KeyServer['answers']>[0]

const broken: By = (_, response) => response.writeHead(500).end()

describe('the keys of an issuer', () => {
  test('are read once for all who ask together, and then not for each', async () => {
    const { named } = keysOf()
    expect(await Promise.all([named(old), named(old), named(old)])).toEqual(['found', 'found', 'found'])
    expect(await named(old)).toBe('found')
    expect(issuer.asked).toEqual(['/keys'])
  })

  test('are read anew for a key that is not known, but not for each who names one', async () => {
    const { named } = keysOf({ cooldown: 100 })
    expect(await named(next)).toBe(unknown)
    expect(await named(next)).toBe(unknown)
    issuer.shows(old, next)
    expect(await named(next)).toBe(unknown)
    expect(issuer.asked).toHaveLength(1)
    await pause(101)
    expect(await Promise.all([named(next), named(next)])).toEqual(['found', 'found'])
    expect(issuer.asked).toHaveLength(2)
  })

  test('no longer hold one that the issuer took away, once they were read anew', async () => {
    const { named } = keysOf({ fresh: 50, cooldown: 0 })
    expect(await named(old)).toBe('found')
    issuer.shows(next)
    await pause(51)
    // This one still serves, and has them read.
    expect(await named(old)).toBe('found')
    await pause(100)
    expect(await named(old)).toBe(unknown)
    expect(await named(next)).toBe('found')
  })

  test('go on while the issuer cannot be reached, and a key that is not known may be asked for again', async () => {
    const { named, failures } = keysOf({ fresh: 0, cooldown: 0, retry: 0 })
    expect(await named(old)).toBe('found')
    await issuer.close()
    expect(await named(old)).toBe('found')
    expect(await named(next)).toBe('token-keys-unavailable')
    expect(await named(old)).toBe('found')
    expect(failures.length).toBeGreaterThan(0)
  })

  test('serve no more when they could not be read for too long', async () => {
    const { named } = keysOf({ useful: 50, cooldown: 0, retry: 0 })
    expect(await named(old)).toBe('found')
    issuer.answers(broken)
    await pause(51)
    expect(await named(old)).toBe('token-keys-unavailable')
    issuer.shows(old)
    expect(await named(old)).toBe('found')
  })

  test('are not asked for without a pause where they cannot be had', async () => {
    issuer.answers(broken)
    const { named } = keysOf({ retry: 100 })
    for (let count = 0; count < 5; count++) expect(await named(old)).toBe('token-keys-unavailable')
    expect(issuer.asked).toHaveLength(1)
    issuer.shows(old)
    await pause(101)
    expect(await named(old)).toBe('found')
  })

  test.each<[string, By]>([
    ['leads elsewhere', (_, response) => response.writeHead(302, { location: '/elsewhere' }).end()],
    ['is a fault', broken],
    ['is no JSON', (_, response) => response.end('<html>')],
    ['is no set of keys', (_, response) => response.end('{"keys":{}}')],
    ['does not end', (_, response) => response.write('x'.repeat(1_100_000))],
    ['breaks off', (_, response) => response.writeHead(200).write('{"keys"') && response.destroy()],
  ])('are none where the answer %s', async (_, by) => {
    issuer.answers(by)
    const { named, failures } = keysOf()
    expect(await named(old)).toBe('token-keys-unavailable')
    expect(failures).toHaveLength(1)
    expect(issuer.asked).toEqual(['/keys'])
  })
})

describe('a service', () => {
  let service: TestApp
  beforeAll(async () => {
    service = await testApp()
  })
  afterAll(() => service.close())

  /** Another service on the same database, that takes tokens by these keys. */
  async function taking(keys: string, beside: Record<string, unknown> = {}) {
    const file = await settingsFile(tokenSettings(keys), beside)
    const app = await buildApp({ db: service.db, config: testConfig({ TOKENS_FILE: file.path }), clock: service.clock })
    const me = async (text: string) => {
      const answer = await app.inject({ url: '/v1/me', headers: { authorization: `Bearer ${text}` } })
      return { status: answer.statusCode, code: answer.json().code, wait: answer.headers['retry-after'] }
    }
    const close = async () => {
      await app.close()
      await file.remove()
    }
    return { me, file, close }
  }

  test('that cannot reach the issuer says to ask again, not that the token is wrong; keys are taken as ever', async () => {
    issuer.answers(broken)
    const { me, close } = await taking(issuer.address)
    const token = await signed(old, service.clock.now())
    expect(await me(token)).toEqual({ status: 503, code: 'token-keys-unavailable', wait: '1' })
    expect((await me(await service.key('auditor'))).status).toBe(200)
    await close()
  })

  test('takes keys from a file beside its settings', async () => {
    const { me, close } = await taking('./jwks.json', { 'jwks.json': { keys: [old.shown] } })
    expect((await me(await signed(old, service.clock.now()))).status).toBe(200)
    expect((await me(await signed(next, service.clock.now()))).status).toBe(401)
    await close()
  })

  test('with wrong settings does not start', async () => {
    await expect(taking('http://login.example/keys')).rejects.toThrow(ConfigError)
  })

  test('without settings takes no token', async () => {
    const headers = { authorization: `Bearer ${await signed(old, service.clock.now())}` }
    expect((await service.app.inject({ url: '/v1/me', headers })).statusCode).toBe(401)
  })
})

describe('settings of tokens', () => {
  async function faultOf(settings: unknown): Promise<string> {
    const file = await settingsFile(settings)
    try {
      readTokenSettings(file.path)
      return 'none'
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      return error.message.replaceAll(file.path, 'F')
    } finally {
      await file.remove()
    }
  }
  const right = 'https://login.example/keys'
  const one = (value: object) => ({ roles: { claim: 'roles', values: [{ value: 'x', ...value }] } })

  test('have defaults that are narrow', async () => {
    const file = await settingsFile(tokenSettings(right))
    expect(readTokenSettings(file.path)).toMatchObject({
      ...{ algorithms: ['EdDSA', 'ES256', 'RS256'], type: 'at+jwt', clockTolerance: 5, longestLife: 86_400 },
      ...{ keys: right, roles: { claim: ['roles'] }, booksClaim: ['ledger', 'books'] },
    })
    const beside = await settingsFile(tokenSettings('keys/jwks.json'))
    expect(readTokenSettings(beside.path).keys).toBe(join(beside.folder, 'keys/jwks.json'))
    for (const { remove } of [file, beside]) await remove()
  })

  test.each([
    ['no algorithm at all', { algorithms: ['none'] }, /algorithms\.0 must be one of EdDSA/],
    [
      'an algorithm by which whoever checks can sign',
      { algorithms: ['EdDSA', 'HS256'] },
      /algorithms\.1 must be one of/,
    ],
    ['an empty list of algorithms', { algorithms: [] }, /algorithms must have at least 1/],
    ['keys by plain http', { keys: 'http://login.example/keys' }, /keys must be an address by https/],
    ['keys of another machine by plain http', { keys: 'http://127.0.0.1.evil.example/keys' }, /keys must be/],
    ['keys on loopback without saying so', { keys: 'http://127.0.0.1:1/', plainHttpOnLoopback: false }, /keys must be/],
    ['keys by another way', { keys: 'ftp://login.example/keys' }, /keys must be an address by https/],
    ['keys by a file’s address', { keys: 'file:///etc/keys' }, /keys must be an address by https/],
    ['a password in the address of keys', { keys: 'https://me:secret@login.example/keys' }, /keys must be/],
    ['a role that there is not', one({ role: 'owner' }), /roles\.values\.0\.role must be one of agent/],
    ['no role', { roles: { claim: 'roles', values: [] } }, /roles\.values must have at least 1/],
    ['a role for nothing', one({ value: ' ', role: 'auditor' }), /roles\.values\.0\.value must be a word/],
    ['books that nobody says', { ...one({ role: 'bank' }), booksClaim: undefined }, /values\.0\.books must be "all"/],
    ['an agent whom nobody names', { ...one({ role: 'agent' }), agentClaim: undefined }, /must have an agentClaim/],
    ['a misspelt name', { audiences: 'x' }, /audiences is not known here/],
    ['no issuer', { issuer: undefined }, /issuer is needed/],
    ['an empty audience', { audience: '' }, /audience must have at least 1/],
    ['a week of tolerance', { clockTolerance: 604_800 }, /clockTolerance must be at most 300/],
  ])('with %s are refused at the start, by name and without the value', async (_, more, words) => {
    expect(await faultOf(tokenSettings(right))).toBe('none')
    const fault = await faultOf(tokenSettings(right, more))
    expect(fault).toMatch(/^TOKENS_FILE F: /)
    expect(fault).toMatch(words)
    expect(fault).not.toContain('secret')
  })

  test('that are no JSON, or not there, are refused at the start', async () => {
    expect(await faultOf('{')).toBe('TOKENS_FILE F cannot be read (it is no JSON)')
    expect(() => readTokenSettings('/nowhere/tokens.json')).toThrow('cannot be read (ENOENT)')
  })
})
