import { randomBytes } from 'node:crypto'
import { link, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { makeFolder } from '../config.ts'
import { makeLogin } from './login.ts'
import { EmbeddedError, findPlace, makeCluster, type Place } from './place.ts'
import {
  bringUp,
  halt,
  loginPassword,
  loginUrlOf,
  loginUser,
  running,
  type Server,
  unlessMissing,
  urlOf,
  user,
} from './postmaster.ts'

const database = 'qullqi'

/** Each program that uses the server holds this advisory lock shared; whoever can have it alone is the last to leave. */
const presence = 7_881_200_018

export type Embedded = {
  /** For a user that may do the service's work and nothing else. */
  url: string
  /** For a superuser of the cluster, who migrates and owns everything. */
  ownerUrl: string
  /** Where the cluster really lies, which may be outside of the data folder. */
  folder: string
  /** Leaves the server, and stops it if nobody else uses it. */
  stop(): Promise<void>
  /** Resolves when the server answers, after starting it again if need be. */
  ensureRunning(): Promise<void>
}

/**
 * Starts the PostgreSQL kept in `dataDir`, or joins it when it runs already: left by a service that was killed, or used by
 * another one. From then on a lost server is started again by itself. Whoever leaves last stops it. The programs are
 * driven by pg_ctl, which detaches the server from the terminal: Ctrl-C reaches us alone and we stop it when drained.
 * `throwaway` trades durability for speed and removes the data when it stops: for tests only.
 * @throws EmbeddedError saying why there can be no server here.
 */
export async function startEmbedded(options: {
  dataDir: string
  throwaway?: boolean
  say?: (line: string) => void
}): Promise<Embedded> {
  const { dataDir, throwaway = false, say = () => {} } = options
  makeFolder(dataDir)
  const place = await findPlace(dataDir)
  const password = await keptPassword(dataDir, place)
  await makeCluster(place, user, password, throwaway)
  const server: Server = { place, dataDir, password, throwaway, say }
  const port = await bringUp(server)
  const keeper = await keep(server, port)
  const urls = { url: loginUrlOf(server, port, database), ownerUrl: urlOf(server, port, database) }
  return { ...urls, folder: await realpath(place.cluster), ...keeper }
}

/** The number of the running postmaster of `dataDir`; undefined when none runs. */
export async function postmasterPid(dataDir: string): Promise<number | undefined> {
  return (await running(join(dataDir, 'postgres')))?.pid
}

async function keptPassword(dataDir: string, place: Place): Promise<string> {
  const path = join(dataDir, 'postgres.password')
  const kept = await readFile(path, 'utf8').catch(unlessMissing)
  if (kept !== undefined) return kept.trim()
  if (await realpath(place.cluster).catch(() => undefined)) {
    throw new EmbeddedError(
      `${path} is missing, which opens the database in ${place.cluster}. Restore it from a backup.`,
    )
  }
  // Linked into place whole: of two services starting at once, both take the password of the first.
  const candidate = `${path}.${process.pid}`
  await writeFile(candidate, randomBytes(24).toString('base64url'), { mode: 0o600, flush: true })
  await link(candidate, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(candidate, { force: true })
  return (await readFile(path, 'utf8')).trim()
}

/** Stays connected: that is both our sign of presence to others and how we learn at once that the server went away. */
async function keep(server: Server, firstPort: number): Promise<Pick<Embedded, 'stop' | 'ensureRunning'>> {
  let leaving = false
  let present = await attach(server, firstPort)
  let back = Promise.resolve()

  async function watch(): Promise<void> {
    for (;;) {
      await present.lost
      if (leaving) return
      back = comeBack()
      await back
    }
  }

  async function comeBack(): Promise<void> {
    server.say('the embedded PostgreSQL went away; starting it again')
    for (let wait = 100; !leaving; wait = Math.min(wait * 2, 5_000)) {
      try {
        present = await attach(server, await bringUp(server))
        server.say('the embedded PostgreSQL answers again')
        return
      } catch (error) {
        server.say(`the embedded PostgreSQL is not back yet: ${String(error)}`)
        await pause(wait)
      }
    }
  }

  async function stop(): Promise<void> {
    leaving = true
    await back
    const last = await isLast(present.client)
    if (last) await halt(server)
    await present.client.end().catch(() => {})
    await watching
    if (last && server.throwaway) await remove(server)
  }

  const watching = watch()
  return { stop, ensureRunning: () => back }
}

async function attach(server: Server, port: number): Promise<{ client: pg.Client; lost: Promise<void> }> {
  await furnish(server, port)
  const client = clientOf(loginUrlOf(server, port, 'postgres'))
  const lost = new Promise<void>(settle => client.once('end', settle))
  await client.connect()
  await client.query('select pg_advisory_lock_shared($1)', [presence])
  return { client, lost }
}

/** Makes, as the owner, the database and the user that the service enters it by; no connection of the owner's stays. */
async function furnish(server: Server, port: number): Promise<void> {
  const owner = clientOf(urlOf(server, port, 'postgres'))
  await owner.connect()
  try {
    await makeDatabase(owner)
    await makeLogin(owner, { name: loginUser, password: loginPassword(server), renew: true })
  } finally {
    await owner.end().catch(() => {})
  }
}

function clientOf(url: string): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'qullqi keeper',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  })
  client.on('error', () => {})
  return client
}

/** Two that leave at once cannot both see the other and stay: the second to ask has it, or the first had. */
async function isLast(client: pg.Client): Promise<boolean> {
  try {
    await client.query('select pg_advisory_unlock_shared($1)', [presence])
    const { rows } = await client.query<{ alone: boolean }>('select pg_try_advisory_lock($1) as alone', [presence])
    return rows[0]?.alone === true
  } catch {
    return false
  }
}

async function makeDatabase(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [database])
  if (rowCount) return
  await client.query(`create database ${database}`).catch((error: pg.DatabaseError) => {
    // Another service made it in the same moment.
    if (error.code !== '42P04' && error.code !== '23505') throw error
  })
}

async function remove(server: Server): Promise<void> {
  await rm(await realpath(server.place.cluster), { recursive: true, force: true })
  await rm(server.dataDir, { recursive: true, force: true })
}
