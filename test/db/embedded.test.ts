import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync } from 'node:fs'
import { chmod, lstat, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { type Embedded, postmasterPid, startEmbedded } from '../../src/db/embedded.ts'
import { run } from '../../src/db/place.ts'

const isRoot = process.getuid?.() === 0
const holder = join(import.meta.dirname, '..', 'support', 'hold-embedded.ts')
const opened: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

async function folder(mode = 0o711): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), `qullqi-test-${process.pid}-`))
  await chmod(path, mode)
  opened.push(() => rm(path, { recursive: true, force: true }))
  return path
}

async function embedded(dataDir: string): Promise<Embedded> {
  const server = await startEmbedded({ dataDir })
  opened.push(() => server.stop())
  return server
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end().catch(() => {})
  }
}

async function hold(
  dataDir: string,
  who: { uid?: number; gid?: number } = {},
): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [holder, dataDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    env: {},
    ...who,
  })
  opened.push(async () => void child.kill('SIGKILL'))
  let said = ''
  child.stderr?.on('data', chunk => (said += chunk))
  const first = await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')])
  if (!String(first[0]).startsWith('postgres://')) throw new Error(`the holder did not start: ${first[0]} ${said}`)
  return { child, url: String(first[0]).trim() }
}

test('a server left by a service that was killed is joined, not started again', async () => {
  const dataDir = await folder()
  const { child, url } = await hold(dataDir)
  const pid = await postmasterPid(dataDir)
  await query(url, 'create table kept (id int)')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await postmasterPid(dataDir)).toBe(pid)

  const server = await embedded(dataDir)
  expect(await postmasterPid(dataDir)).toBe(pid)
  expect(server.ownerUrl).toBe(url)
  await query(server.ownerUrl, 'select id from kept')
  await server.stop()
  expect(await postmasterPid(dataDir)).toBeUndefined()
})

test.each(['SIGKILL', 'SIGQUIT'] as const)(
  'a server that ends by %s comes back by itself with all it acknowledged',
  async signal => {
    const dataDir = await folder()
    const server = await embedded(dataDir)
    await query(server.ownerUrl, 'create table kept (id int)')
    await query(server.ownerUrl, 'insert into kept select generate_series(1, 100)')
    const pid = (await postmasterPid(dataDir))!
    process.kill(pid, signal)
    for (let waited = 0; (await postmasterPid(dataDir)) === pid && waited < 10_000; waited += 20) await pause(20)
    for (let waited = 0; (await postmasterPid(dataDir)) === undefined && waited < 20_000; waited += 20) await pause(20)
    await server.ensureRunning()
    expect(await query(server.ownerUrl, 'select count(*)::int as kept from kept')).toEqual([{ kept: 100 }])
  },
)

test('the last to leave stops the server, whoever started it', async () => {
  const dataDir = await folder()
  const first = await embedded(dataDir)
  const second = await embedded(dataDir)
  await first.stop()
  expect(await query(second.ownerUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  await second.stop()
  expect(await postmasterPid(dataDir)).toBeUndefined()
})

test('two services that start at once in an empty folder share one cluster', async () => {
  const dataDir = await folder()
  const [first, second] = await Promise.all([hold(dataDir), hold(dataDir)])
  expect(first.url).toBe(second.url)
  const gone = [once(first.child, 'exit'), once(second.child, 'exit')]
  first.child.kill('SIGTERM')
  second.child.kill('SIGTERM')
  expect(await Promise.all(gone)).toEqual([
    [0, null],
    [0, null],
  ])
  expect(await postmasterPid(dataDir)).toBeUndefined()
})

test('a process number that another program took since the crash does not keep the server from starting', async () => {
  const dataDir = await folder()
  const server = await embedded(dataDir)
  const path = join(dataDir, 'postgres', 'postmaster.pid')
  const lines = (await readFile(path, 'utf8')).split('\n')
  await server.stop()
  await writeFile(path, [process.pid, ...lines.slice(1)].join('\n'))
  if (isRoot) {
    const { uid, gid } = await stat(join(dataDir, 'postgres'))
    chownSync(path, uid, gid)
  }
  const again = await embedded(dataDir)
  expect(await query(again.url, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('nothing is traded for speed, and only this machine gets in, with the password', async () => {
  const dataDir = await folder()
  const server = await embedded(dataDir)
  const names = [
    'fsync',
    'synchronous_commit',
    'full_page_writes',
    'data_checksums',
    'listen_addresses',
    'unix_socket_directories',
    'server_encoding',
  ]
  const [settings] = await query(
    server.ownerUrl,
    `select ${names.map(name => `current_setting('${name}') as ${name}`)}`,
  )
  expect(settings).toEqual({
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    data_checksums: 'on',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    server_encoding: 'UTF8',
  })
  const wrong = new URL(server.ownerUrl)
  wrong.password = 'guessed'
  await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed')
  expect((await stat(join(dataDir, 'postgres.password'))).mode & 0o777).toBe(0o600)
})

test('a lost password is named, and the cluster is left alone', async () => {
  const dataDir = await folder()
  await (await embedded(dataDir)).stop()
  await rm(join(dataDir, 'postgres.password'))
  await expect(startEmbedded({ dataDir })).rejects.toThrow('postgres.password is missing')
  expect((await lstat(join(dataDir, 'postgres'))).isDirectory()).toBe(true)
})

test.runIf(isRoot)(
  'as root below a folder that is ours alone, the cluster lies elsewhere and a link leads to it',
  async () => {
    const home = await folder(0o700)
    const dataDir = join(home, 'clone', 'data')
    await mkdir(dirname(dataDir))
    const server = await startEmbedded({ dataDir, throwaway: true })
    opened.push(() => server.stop())
    expect((await lstat(join(dataDir, 'postgres'))).isSymbolicLink()).toBe(true)
    expect(await query(server.ownerUrl, 'select 1 as one')).toEqual([{ one: 1 }])
  },
)

const clone = join(import.meta.dirname, '..', '..')
const nobody = { uid: 65_534, gid: 65_534 }
const nobodyEnters =
  isRoot && (await run(process.execPath, ['--check', join(clone, 'src', 'main.ts')], nobody)).code === 0

test.runIf(nobodyEnters)('a user without privileges runs it as himself in a folder that is his alone', async () => {
  const home = await folder(0o700)
  chownSync(home, nobody.uid, nobody.gid)
  const { child, url } = await hold(join(home, 'data'), nobody)
  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }])
  expect((await stat(join(home, 'data', 'postgres'))).uid).toBe(nobody.uid)
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await gone).toEqual([0, null])
})
