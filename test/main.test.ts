import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, expect, inject, test } from 'vitest'
import { postmasterPid } from '../src/db/embedded.ts'
import { testDatabase } from './support/database.ts'
import { removeServers } from './support/server.ts'

const main = join(import.meta.dirname, '..', 'src', 'main.ts')
const { ownerUrl, owner, close } = await testDatabase()
const dataDir = await mkdtemp(join(tmpdir(), `qullqi-test-${process.pid}-`))
await chmod(dataDir, 0o711)

type Service = { child: ChildProcess; out: string; err: string; ended: Promise<[number | null, NodeJS.Signals | null]> }
const services: Service[] = []

afterEach(async () => {
  for (const { child, ended } of services.splice(0)) {
    child.kill('SIGKILL')
    await ended
  }
})
afterAll(async () => {
  await close()
  await removeServers(dataDir)
})

function launch(
  env: Record<string, string>,
  [command = process.execPath, ...args] = [process.execPath, main],
): Service {
  const child = spawn(command, args, { env: { PORT: '0', DATA_DIR: dataDir, ...env } })
  const ended = once(child, 'exit') as Service['ended']
  const service = { child, out: '', err: '', ended }
  child.stdout.on('data', chunk => (service.out += chunk))
  child.stderr.on('data', chunk => (service.err += chunk))
  services.push(service)
  return service
}

/** Waits until the service says where it listens. */
async function addressOf(service: Service): Promise<string> {
  for (let waited = 0; waited < 30_000; waited += 20) {
    const health = /Health +(\S+)\/health/.exec(service.out)
    if (health) return health[1]!
    if (service.child.exitCode !== null) break
    await pause(20)
  }
  throw new Error(`the service did not start: ${service.out}${service.err}`)
}

async function statusOf(url: string, init: RequestInit = {}): Promise<number> {
  return (await fetch(url, { signal: AbortSignal.timeout(10_000), ...init })).status
}

test('a service whose clock is not the database’s does not start', async () => {
  const ahead = `const D = Date; globalThis.Date = class extends D { constructor(...a) { a.length ? super(...a) : super(D.now() + 6e5) }
    static now() { return D.now() + 6e5 } }`
  const service = launch({
    DATABASE_URL: ownerUrl,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(ahead)}`,
  })
  expect(await service.ended).toEqual([1, null])
  expect(service.err).toMatch(/clock is (599|600) seconds ahead of the database’s/)
})

const keyShown = /^ {2}qk_\w+$/m

test('the start says where everything is, and shows the first administrator key once', async () => {
  const first = launch({ DATABASE_URL: ownerUrl })
  const address = await addressOf(first)
  expect(first.out).toContain(`API            ${address}/v1`)
  expect(first.out).toContain(`Documentation  ${address}/docs`)
  expect(first.out).toMatch(keyShown)
  expect(await statusOf(`${address}/health`)).toBe(200)
  expect(await statusOf(`${address}/ready`)).toBe(200)
  first.child.kill('SIGTERM')
  expect(await first.ended).toEqual([0, null])

  const second = launch({ DATABASE_URL: ownerUrl })
  await addressOf(second)
  expect(second.out).not.toMatch(keyShown)
})

test('people read standard output, machines read JSON on standard error', async () => {
  const service = launch({ DATABASE_URL: ownerUrl })
  await statusOf(`${await addressOf(service)}/health`)
  service.child.kill('SIGTERM')
  await service.ended
  const lines = service.err.trim().split('\n')
  expect(lines.map(line => typeof JSON.parse(line))).toEqual(lines.map(() => 'object'))
})

test('the owner’s address alone serves with a warning; beside it a user of the service’s own needs none', async () => {
  const alone = launch({ DATABASE_URL: ownerUrl, LOG_LEVEL: 'warn' })
  await addressOf(alone)
  const [line] = alone.err.trim().split('\n')
  expect(JSON.parse(line!).msg).toMatch(/, the user of DATABASE_URL, is a superuser; give the service one of its own/)

  const own = new URL(ownerUrl)
  Object.assign(own, { username: `${inject('prefix')}main`, password: 'plain' })
  const beside = launch({ DATABASE_URL: own.href, DATABASE_OWNER_URL: ownerUrl, LOG_LEVEL: 'warn' })
  expect(await statusOf(`${await addressOf(beside)}/ready`)).toBe(200)
  expect(beside.err).toBe('')
  beside.child.kill('SIGTERM')
  await beside.ended
  await owner.$client.query(`drop role ${own.username}`)
})

test('a request under way is answered before the service stops', async () => {
  const service = launch({ DATABASE_URL: ownerUrl })
  const address = await addressOf(service)
  const unknown = `qk_${'0'.repeat(22)}_${'0'.repeat(43)}`
  const held = await owner.$client.connect()
  try {
    await held.query('begin')
    await held.query('lock table api_key in access exclusive mode')
    const answer = statusOf(`${address}/metrics`, { headers: { authorization: `Bearer ${unknown}` } })
    await pause(300)
    service.child.kill('SIGTERM')
    await pause(300)
    expect(service.child.exitCode).toBeNull()
    await held.query('rollback')
    expect(await answer).toBe(401)
    expect(await service.ended).toEqual([0, null])
  } finally {
    held.release(true)
  }
})

test('Ctrl-C that arrives twice, from the terminal and from npm, is one Ctrl-C', async () => {
  const service = launch({ DATABASE_URL: ownerUrl })
  await addressOf(service)
  service.child.kill('SIGINT')
  await pause(5)
  service.child.kill('SIGINT')
  expect(await service.ended).toEqual([0, null])
})

test('stopping npm stops the service: no shell stands between them', async () => {
  const path = { PATH: process.env.PATH!, HOME: process.env.HOME ?? dataDir }
  const service = launch({ ...path, DATABASE_URL: ownerUrl, npm_config_update_notifier: 'false' }, ['npm', 'start'])
  const address = await addressOf(service)
  service.child.kill('SIGTERM')
  await service.ended
  await expect(statusOf(`${address}/health`)).rejects.toThrow()
})

test('a wrong variable is named in one line and ends the start with 2', async () => {
  const service = launch({ DATABASE_URL: ownerUrl, PORT: 'three' })
  expect(await service.ended).toEqual([2, null])
  expect(service.err).toBe('qullqi: PORT must be a whole number\n')
})

test('a service with another identity key than the database was begun with is refused its start', async () => {
  const first = launch({ DATABASE_URL: ownerUrl })
  await addressOf(first)
  const second = launch({ DATABASE_URL: ownerUrl, IDENTITY_KEY: 'ab'.repeat(32) })
  expect(await second.ended).toEqual([2, null])
  expect(second.err).toMatch(
    /^qullqi: IDENTITY_KEY \(or DATA_DIR\/identity\.key\) is not the key this database was begun with/m,
  )
})

test('a port in use is named in one line and ends the start with 1', async () => {
  const squatter = createServer().listen(0, '127.0.0.1')
  await once(squatter, 'listening')
  const { port } = squatter.address() as { port: number }
  const service = launch({ DATABASE_URL: ownerUrl, PORT: String(port), LOG_LEVEL: 'silent' })
  expect(await service.ended).toEqual([1, null])
  expect(service.err).toBe(`qullqi: port ${port} at 127.0.0.1 is in use; set PORT to a free one.\n`)
  squatter.close()
})

test.each(['999.1.1.1', '192.0.2.1', 'nobody.invalid'])(
  'a host that is none of this machine (%s) is named in one line and ends the start with 2',
  async host => {
    const service = launch({ DATABASE_URL: ownerUrl, HOST: host, LOG_LEVEL: 'silent' })
    expect(await service.ended).toEqual([2, null])
    expect(service.err).toMatch(/^qullqi: HOST .*\n$/)
  },
)

test('a database that refuses us is told in one line and ends the start with 1', async () => {
  const wrong = new URL(ownerUrl)
  wrong.pathname = '/no_such_database'
  const service = launch({ DATABASE_URL: wrong.href })
  expect(await service.ended).toEqual([1, null])
  expect(service.err).toBe('qullqi: The database cannot be opened: database "no_such_database" does not exist\n')
})

test('a service killed on the embedded database starts again at once; stopped, it leaves nothing running', async () => {
  const killed = launch({})
  await addressOf(killed)
  killed.child.kill('SIGKILL')
  await killed.ended

  const again = launch({})
  const address = await addressOf(again)
  expect(again.out).not.toMatch(keyShown)
  expect(await statusOf(`${address}/ready`)).toBe(200)
  again.child.kill('SIGTERM')
  expect(await again.ended).toEqual([0, null])
  expect(await postmasterPid(dataDir)).toBeUndefined()
})

test('while the embedded database is away requests are refused as unavailable, and it comes back by itself', async () => {
  const service = launch({})
  const address = await addressOf(service)
  process.kill((await postmasterPid(dataDir))!, 'SIGQUIT')
  const seen = new Set<number>()
  for (let waited = 0; waited < 20_000 && !(seen.has(503) && seen.has(200)); waited += 10) {
    seen.add(await statusOf(`${address}/ready`))
    await pause(10)
  }
  expect([...seen].sort()).toEqual([200, 503])
  expect(await statusOf(`${address}/ready`)).toBe(200)
  service.child.kill('SIGTERM')
  expect(await service.ended).toEqual([0, null])
})
