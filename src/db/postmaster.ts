import { createHmac } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, readlink, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { isConnectionLoss } from './errors.ts'
import { EmbeddedError, isAlive, type Place, run } from './place.ts'

/** One embedded server: where it is, how it is opened, and whom to tell what it does. */
export type Server = {
  place: Place
  dataDir: string
  password: string
  throwaway: boolean
  say: (line: string) => void
}

export const user = 'qullqi'

export function urlOf(server: Server, port: number, database: string): string {
  return `postgres://${user}:${server.password}@127.0.0.1:${port}/${database}`
}

/** The user that the service logs in as. */
export const loginUser = 'qullqi_login'

/** Computed from the owner's password, which cannot be computed back. */
export function loginPassword(server: Server): string {
  return createHmac('sha256', server.password).update(loginUser).digest('base64url')
}

export function loginUrlOf(server: Server, port: number, database: string): string {
  return `postgres://${loginUser}:${loginPassword(server)}@127.0.0.1:${port}/${database}`
}

const serverSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '300',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  min_wal_size: '256MB',
  checkpoint_timeout: '15min',
  // A young table outgrows its statistics within a minute, and plans made by them look through whole books.
  autovacuum_naptime: '5s',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Terse, for the detail of a broken constraint repeats the row's values, which may be a person's.
  log_error_verbosity: 'terse',
}

const keptLog = {
  logging_collector: 'on',
  log_directory: 'log',
  log_filename: 'postgresql-%a.log',
  log_rotation_age: '1d',
  log_rotation_size: '0',
  log_truncate_on_rotation: 'on',
}

/** Quick and careless: for servers whose whole content is thrown away. */
const throwawaySettings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '128MB',
}

/**
 * What postmaster.pid says, if that process runs and is the server of `cluster`. After a crash the number may belong to
 * another program, or to a dead process that nobody collected; where /proc is, the process's folder tells.
 */
export async function running(cluster: string): Promise<{ pid: number; port: number } | undefined> {
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(unlessMissing))?.split('\n')
  const [pid, port] = [Number(lines?.[0]), Number(lines?.[3])]
  if (!pid || !isAlive(pid)) return undefined
  if (existsSync('/proc/self/cwd')) {
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined)
    if (folder !== (await realpath(cluster))) return undefined
  }
  return { pid, port }
}

export function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return
  throw new EmbeddedError(`${error.path} cannot be read (${error.code}); start as the same user as before.`)
}

/** Joins the running server or starts it, and waits until it answers. Gives its port. */
export async function bringUp(server: Server): Promise<number> {
  const { cluster } = server.place
  let failures = 0
  for (const begun = performance.now(); ; ) {
    const found = await running(cluster)
    if (found) {
      const problem = found.port ? await tryAnswer(server, found.port) : undefined
      if (problem === undefined && found.port) return found.port
      if (problem !== undefined && !isConnectionLoss(problem)) {
        throw new EmbeddedError(`The database in ${cluster} does not open: ${String(problem)}`, { cause: problem })
      }
      if (performance.now() - begun > 600_000)
        throw new EmbeddedError(`The database in ${cluster} does not answer.`, { cause: problem })
      await pause(100)
      continue
    }
    const outcome = await launch(server)
    if (outcome !== undefined && ++failures === 8) throw new EmbeddedError(`PostgreSQL does not start: ${outcome}`)
    if (outcome !== undefined) await pause(250 * failures)
  }
}

/** Asks the server at `port` whether it is ours: another one may have taken the port since. Gives the problem, if any. */
async function tryAnswer(server: Server, port: number): Promise<unknown> {
  const client = new pg.Client({ connectionString: urlOf(server, port, 'postgres'), connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ data_directory: string }>('show data_directory')
    const ours = await realpath(server.place.cluster)
    if (rows[0]?.data_directory !== ours) return new Error(`another server answers at port ${port}`)
    return undefined
  } catch (error) {
    return error
  } finally {
    await client.end().catch(() => {})
  }
}

/** Starts the server with pg_ctl and waits until it accepts connections. Gives what it said when it did not start. */
async function launch(server: Server): Promise<string | undefined> {
  const { place, throwaway } = server
  const cluster = await realpath(place.cluster)
  // A process number may have been given to another program since the crash; PostgreSQL would then refuse to start.
  const stale = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => undefined)
  if (stale !== undefined && !(await running(cluster))) await rm(join(cluster, 'postmaster.pid'), { force: true })

  const settings = {
    ...serverSettings,
    ...(throwaway ? throwawaySettings : keptLog),
    port: await choosePort(server.dataDir),
  }
  const flags = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
  const log = join(cluster, 'start.log')
  const args = ['start', '-D', cluster, '-l', log, '-w', '-t', '600', '-s', '-o', flags.join(' ')]
  const outcome = await run(join(place.bin, 'pg_ctl'), args, place.owner)
  if (outcome.code === 0) return undefined
  const said = await readFile(log, 'utf8').catch(() => '')
  return `${outcome.output}\n${said.split('\n').slice(-12).join('\n')}`.trim()
}

/**
 * The port of last time while it is free, so that open pools find the server again. New ones are below those that systems
 * give to outgoing connections, which could otherwise sit on ours when the server comes back.
 */
async function choosePort(dataDir: string): Promise<number> {
  const path = join(dataDir, 'postgres.port')
  const kept = Number(await readFile(path, 'utf8').catch(unlessMissing))
  if (kept && (await isFree(kept))) return kept
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 17_000)
    if (!(await isFree(port))) continue
    await writeFile(`${path}.${process.pid}`, `${port}\n`)
    await rename(`${path}.${process.pid}`, path)
    return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise(settle => {
    const probe = createServer()
    probe.once('error', () => settle(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => settle(true)))
  })
}

/** Stops the server at once but in order: sessions are ended, nothing acknowledged is lost. */
export async function halt(server: Server): Promise<void> {
  const cluster = await realpath(server.place.cluster)
  const args = ['stop', '-D', cluster, '-m', 'fast', '-w', '-t', '120', '-s']
  const outcome = await run(join(server.place.bin, 'pg_ctl'), args, server.place.owner)
  if (outcome.code !== 0) server.say(`the embedded PostgreSQL did not stop: ${outcome.output}`)
}
