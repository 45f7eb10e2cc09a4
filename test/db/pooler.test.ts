import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, inject, test } from 'vitest'
import { testDatabase } from '../support/database.ts'
import { launchService } from '../support/service.ts'

/** Where PgBouncer is installed, the service runs behind it, set as the operator's page says. */
const isInstalled = spawnSync('pgbouncer', ['--version']).status === 0

const src = join(import.meta.dirname, '..', '..', 'src')
const database = await testDatabase()
const folder = await mkdtemp(join(tmpdir(), `qullqi-test-${process.pid}-`))
const poolers: ChildProcess[] = []
const name = `${inject('prefix')}pooled`
const direct = Object.assign(new URL(database.ownerUrl), { username: name, password: 'plain' }).href
afterAll(async () => {
  for (const pooler of poolers) {
    pooler.kill('SIGKILL')
    await once(pooler, 'exit')
  }
  await database.owner.$client.query(`drop role if exists ${name}`)
  await database.close()
  await rm(folder, { recursive: true, force: true })
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  return port
}

/** Starts a PgBouncer before the test's database and gives the address by which the service's user enters. */
async function pooled(more: string[] = []): Promise<string> {
  const { hostname, port, pathname } = new URL(direct)
  const [file, own] = [join(folder, `${poolers.length}.ini`), await freePort()]
  await chmod(folder, 0o755)
  await writeFile(join(folder, 'userlist.txt'), `"${name}" "plain"\n`)
  const lines = [
    '[databases]',
    `* = host=${hostname} port=${port}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${own}`,
    'unix_socket_dir =',
    'auth_type = scram-sha-256',
    `auth_file = ${join(folder, 'userlist.txt')}`,
    'pool_mode = transaction',
    'default_pool_size = 3',
    ...more,
  ]
  await writeFile(file, `${lines.join('\n')}\n`)
  // It refuses to run as root.
  const who = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
  const child = spawn('pgbouncer', [file], { stdio: ['ignore', 'ignore', 'pipe'], cwd: '/', ...who })
  poolers.push(child)
  let said = ''
  child.stderr.setEncoding('utf8').on('data', text => (said += text))
  for (let waited = 0; waited < 5_000 && !said.includes('process up'); waited += 20) await pause(20)
  return Object.assign(new URL(direct), { hostname: '127.0.0.1', port: String(own), pathname }).href
}

async function runProgram(
  file: string,
  env: Record<string, string>,
  ...args: string[]
): Promise<{ code: number; out: string }> {
  const child = spawn(process.execPath, [join(src, file), ...args], { env })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (out += text))
  const [code] = await once(child, 'exit')
  return { code, out }
}

test.runIf(isInstalled)(
  'behind PgBouncer a year of a programme is loaded, twice, and verified',
  async () => {
    const env = { DATABASE_URL: await pooled(), DATABASE_PREPARE: 'no', DATA_DIR: folder }
    const service = launchService({ ...env, DATABASE_OWNER_URL: database.ownerUrl })
    try {
      const demo = { QULLQI_URL: await service.base, QULLQI_KEY: /^ {2}(qk_\w+)$/m.exec(service.out())![1]! }
      expect(service.err()).toBe('')
      const [first, second] = await Promise.all([1, 2].map(() => runProgram('demo.ts', demo, '--groups', '0')))
      expect([first, second]).toEqual(Array(2).fill({ code: 0, out: expect.stringContaining('Debits equal credits.') }))
      expect(await runProgram('verify.ts', env)).toEqual({ code: 0, out: expect.stringMatching(/right;[\s\S]*right;/) })
    } finally {
      await service.kill('SIGTERM')
    }
  },
  120_000,
)

test.runIf(isInstalled)(
  'what a pooler would spoil is refused at the start, with what to do',
  async () => {
    const strict = { DATABASE_URL: await pooled(), DATA_DIR: folder }
    expect(await runProgram('main.ts', { ...strict, PORT: '0' })).toEqual({
      code: 1,
      out: expect.stringContaining('unsupported startup parameter: options. Set DATABASE_PREPARE=no for a pooler'),
    })
    const careless = { DATABASE_URL: await pooled(['ignore_startup_parameters = options']), DATA_DIR: folder }
    expect(await runProgram('main.ts', { ...careless, PORT: '0' })).toEqual({
      code: 1,
      out: 'qullqi: A pooler lends connections by transaction; set DATABASE_PREPARE=no.\n',
    })
    await database.owner.$client.query(`alter role ${name} createrole`)
    expect(await runProgram('main.ts', { ...careless, DATABASE_PREPARE: 'no', PORT: '0' })).toEqual({
      code: 1,
      out: expect.stringContaining(`The sessions act as ${name} and not as qullqi_service`),
    })
  },
  60_000,
)
