import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'qullqi-config-'))
afterAll(() => rmSync(folder, { recursive: true }))

const key = 'ab'.repeat(32)

test('without variables the service is for this machine only, on port 3000, with the embedded database', () => {
  expect(loadConfig({ IDENTITY_KEY: key, SIGNING_KEY: key })).toEqual({
    host: '127.0.0.1',
    port: 3000,
    dataDir: resolve('data'),
    databaseUrl: undefined,
    databaseOwnerUrl: undefined,
    databasePoolSize: 10,
    databaseStatementTimeout: 60_000,
    databaseLongTimeout: 1_800_000,
    databasePrepare: true,
    logLevel: 'info',
    identityKey: Buffer.from(key, 'hex'),
    signingKey: Buffer.from(key, 'hex'),
    codeCommit: expect.toSatisfy(
      (commit: unknown) => commit === null || /^[0-9a-f]{40}(-dirty)?$/.test(String(commit)),
    ),
    schemaDir: null,
    tokensFile: null,
    bodyLimit: 8_388_608,
    clientLimit: 60_000,
    failureLimit: 60,
    pressureDelay: 1_000,
    pressureQueue: 500,
    requestTimeout: 60_000,
    stopTimeout: 20_000,
    suppressionK: { internal: 5, public: 10 },
    webhookPrivateAddresses: [],
    trustProxy: [],
  })
})

test('an empty variable counts as absent', () => {
  expect(loadConfig({ IDENTITY_KEY: key, SIGNING_KEY: key, PORT: '', DATABASE_URL: '' })).toMatchObject({
    port: 3000,
    databaseUrl: undefined,
  })
})

test.each([
  ['HOST', '999.1.1.1'],
  ['HOST', '127.0.0'],
  ['HOST', '::g'],
  ['HOST', 'http://localhost'],
  ['PORT', '3000abc'],
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['DATABASE_URL', 'mysql://localhost/books'],
  ['DATABASE_OWNER_URL', 'postgres://owner:secret@localhost/books'],
  ['DATABASE_OWNER_URL', 'mysql://localhost/books'],
  ['DATABASE_URL', 'localhost:5432'],
  ['DATABASE_POOL_SIZE', '1'],
  ['DATABASE_POOL_SIZE', '1e3'],
  ['DATABASE_STATEMENT_TIMEOUT', '1s'],
  ['DATABASE_LONG_TIMEOUT', '1h'],
  ['LOG_LEVEL', 'loud'],
  ['IDENTITY_KEY', 'abcd'],
  ['IDENTITY_KEY', 'zz'.repeat(32)],
  ['SIGNING_KEY', 'abcd'],
  ['CODE_COMMIT', 'main'],
  ['BODY_LIMIT', '8MB'],
  ['CLIENT_LIMIT', '10/s'],
  ['FAILURE_LIMIT', '-1'],
  ['PRESSURE_DELAY', '1s'],
  ['PRESSURE_QUEUE', 'none'],
  ['REQUEST_TIMEOUT', '1m'],
  ['STOP_TIMEOUT', '20s'],
  ['TRUST_PROXY', 'true'],
  ['TRUST_PROXY', '10.0.0.0/33'],
])('a wrong %s (%s) stops the start and is named, without its value', (name, value) => {
  const load = () => loadConfig({ IDENTITY_KEY: key, SIGNING_KEY: key, [name]: value })
  expect(load).toThrow(new RegExp(`^${name} must`))
  expect(load).not.toThrow(value)
})

test('every wrong variable is named at once', () => {
  expect(() => loadConfig({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/PORT must.*\nLOG_LEVEL must/)
})

test('trusted proxies are addresses and ranges', () => {
  const { trustProxy } = loadConfig({
    IDENTITY_KEY: key,
    SIGNING_KEY: key,
    TRUST_PROXY: '10.0.0.1, 192.168.0.0/16,::1',
  })
  expect(trustProxy).toEqual(['10.0.0.1', '192.168.0.0/16', '::1'])
})

test.each(['identity', 'signing'] as const)(
  'without its variable the %s key is made once, for its owner only',
  name => {
    const dataDir = join(folder, 'made', 'data')
    const keyIn = () => loadConfig({ DATA_DIR: dataDir })[`${name}Key`]
    const made = keyIn()
    expect(made).toHaveLength(32)
    expect(keyIn()).toEqual(made)
    const path = join(dataDir, `${name}.key`)
    expect(readFileSync(path, 'utf8').trim()).toBe(made.toString('hex'))
    expect(statSync(path).mode & 0o777).toBe(0o600)
  },
)

test('a damaged identity key is never replaced by a new one', () => {
  const dataDir = join(folder, 'damaged')
  loadConfig({ DATA_DIR: dataDir })
  const path = join(dataDir, 'identity.key')
  writeFileSync(path, '')
  expect(() => loadConfig({ DATA_DIR: dataDir })).toThrow('identity.key must hold 64 hexadecimal digits')
})

test('a data folder that cannot be is named', () => {
  expect(() => loadConfig({ DATA_DIR: '/dev/null/data' })).toThrow('DATA_DIR /dev/null/data cannot be written')
})
