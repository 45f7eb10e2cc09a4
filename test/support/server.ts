import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { postmasterPid, startEmbedded } from '../../src/db/embedded.ts'
import { migrateDatabase, migrationsFolder } from '../../src/db/migrate.ts'
import { isAlive } from '../../src/db/place.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server of this run, as a role that may create databases; its database is of no concern. */
    serverUrl: string
    /** A migrated, empty database to clone. */
    template: string
    /** What the clones' names begin with, so that the run can remove those it forgot. */
    prefix: string
  }
}

/** One PostgreSQL for the run, with a migrated template that each test file clones. */
export default async function serve(project: TestProject): Promise<() => Promise<void>> {
  const server = await testServer()
  const prefix = `qullqi_test_${randomBytes(4).toString('hex')}_`
  try {
    project.provide('serverUrl', server.url)
    project.provide('prefix', prefix)
    project.provide('template', await template(server.url))
  } catch (error) {
    await server.stop()
    throw error
  }
  return async () => {
    await dropDatabases(server.url, prefix)
    await server.stop()
  }
}

/** TEST_DATABASE_URL, else a container where a Docker engine answers, else the embedded server with a folder of its own. */
export async function testServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env.TEST_DATABASE_URL
  if (given) return { url: given, stop: async () => {} }
  if (await dockerAnswers()) {
    const { PostgreSqlContainer } = await import('@testcontainers/postgresql')
    const container = await new PostgreSqlContainer('postgres:18').withCommand(['postgres', '-c', 'fsync=off']).start()
    return { url: container.getConnectionUri(), stop: async () => void (await container.stop()) }
  }
  await removeAbandoned()
  const dataDir = await mkdtemp(join(tmpdir(), `qullqi-test-${process.pid}-`))
  // As root, the server runs as another user, who has to pass through here.
  await chmod(dataDir, 0o711)
  const { ownerUrl: url, stop } = await startEmbedded({ dataDir, throwaway: true })
  return { url, stop }
}

function dockerAnswers(): Promise<boolean> {
  const host = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock'
  const where = host.startsWith('unix://')
    ? { socketPath: host.slice('unix://'.length) }
    : { host: new URL(host).hostname, port: new URL(host).port }
  if (where.socketPath !== undefined && !existsSync(where.socketPath)) return Promise.resolve(false)
  return new Promise(settle => {
    const ping = request({ ...where, path: '/_ping', timeout: 2_000 }, answer => {
      answer.resume()
      settle(answer.statusCode === 200)
    })
    ping.on('timeout', () => ping.destroy())
    ping.on('error', () => settle(false))
    ping.end()
  })
}

/** Stops and removes the servers of runs of tests and benches that were killed. */
export async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = /^qullqi-(?:test|bench)-(\d+)-/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) await removeServers(join(tmpdir(), name))
  }
}

/** Removes a folder with every embedded server in it: stopped if it runs, and with a cluster that lies elsewhere. */
export async function removeServers(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  for (const name of names.filter(name => basename(name) === 'postgres.password')) {
    const dataDir = join(folder, dirname(name))
    const pid = await postmasterPid(dataDir).catch(() => undefined)
    // Whoever joins a running server leaves it in order, the last of all.
    const server = pid && (await startEmbedded({ dataDir, throwaway: true }).catch(() => undefined))
    if (server) await server.stop()
    const cluster = await realpath(join(dataDir, 'postgres')).catch(() => undefined)
    if (cluster !== undefined) await rm(cluster, { recursive: true, force: true })
  }
  await rm(folder, { recursive: true, force: true }).catch(() => {})
}

/** Makes the template unless a run before made it from the same migrations. Renamed into place whole. */
export async function template(serverUrl: string): Promise<string> {
  const name = `qullqi_template_${await fingerprint()}`
  const admin = new pg.Client({ connectionString: serverUrl })
  await admin.connect()
  try {
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [name])
    if (rowCount) return name
    const making = `${name}_${randomBytes(3).toString('hex')}`
    await admin.query(`create database ${making} template template0`)
    await migrateDatabase(databaseUrl(serverUrl, making))
    await admin.query(`alter database ${making} rename to ${name}`).catch(async (error: pg.DatabaseError) => {
      await admin.query(`drop database ${making}`)
      if (error.code !== '42P04') throw error
    })
    return name
  } finally {
    await admin.end()
  }
}

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256')
  const files = (await readdir(migrationsFolder, { recursive: true })).filter(name => /^\d+.*\.sql$/.test(name)).sort()
  for (const file of files) hash.update(file).update(await readFile(join(migrationsFolder, file)))
  return hash.digest('hex').slice(0, 12)
}

export function databaseUrl(serverUrl: string, database: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${database}`
  return url.href
}

async function dropDatabases(serverUrl: string, prefix: string): Promise<void> {
  const admin = new pg.Client({ connectionString: serverUrl })
  await admin.connect()
  const { rows } = await admin.query<{ datname: string }>(
    'select datname from pg_database where starts_with(datname, $1)',
    [prefix],
  )
  for (const { datname } of rows) await admin.query(`drop database if exists ${datname} with (force)`)
  await admin.end()
}
