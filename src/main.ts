import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import about from '../package.json' with { type: 'json' }
import { buildApp } from './app.ts'
import { type Config, ConfigError, loadConfig } from './config.ts'
import { systemClock } from './dates.ts'
import type { Db } from './db/client.ts'
import { requireClocksAgree, watchClocks } from './db/clocks.ts'
import { type Embedded, startEmbedded } from './db/embedded.ts'
import { databaseMessage, sqlState } from './db/errors.ts'
import { openLogin, prepareDatabase } from './db/login.ts'
import { EmbeddedError } from './db/place.ts'
import { UnfitError } from './db/unfit.ts'
import { ensureFirstAdministrator } from './http/keys.ts'
import { openLog } from './http/log.ts'
import { requireIdentityKey } from './savings/identity.ts'

/** What the start has made so far, and so what the stop has to close. */
type Parts = { embedded?: Embedded; db?: Db; app?: Awaited<ReturnType<typeof buildApp>> }

/** How listening fails where HOST is at fault: an address of another machine, of no kind that there is here, or no name. */
const hostFaults = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL', 'ENOTFOUND', 'EAI_AGAIN'])

const parts: Parts = {}
const config = readConfig()

// Words for people go to standard output, the log to standard error, so that either can be read alone.
const log = openLog(config.logLevel)
const starting = start(config, log)
stopOnSignals(starting)
await starting.catch(fail)

function readConfig(): Config {
  try {
    return loadConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    for (const line of error.message.split('\n')) console.error(`qullqi: ${line}`)
    process.exit(2)
  }
}

async function start(config: Config, log: Logger): Promise<void> {
  const say = (line: string) => log.warn(line)
  if (config.databaseUrl === undefined) {
    parts.embedded = await startEmbedded({ dataDir: config.dataDir, say })
  }
  const urls = parts.embedded ?? { url: config.databaseUrl!, ownerUrl: config.databaseOwnerUrl }
  const login = await prepareDatabase(urls, { say })
  if (login.power !== undefined) {
    say(`${login.user}, the user of DATABASE_URL, ${login.power}; give the service one of its own (docs/operator.md)`)
  }
  const db = await openLogin(login, {
    max: config.databasePoolSize,
    statementTimeout: config.databaseStatementTimeout,
    longTimeout: config.databaseLongTimeout,
    prepares: config.databasePrepare,
    onLost: () => say('a connection to the database was lost'),
    say,
  })
  parts.db = db
  await requireClocksAgree(db, systemClock)
  await requireIdentityKey(db, config.identityKey)
  const app = await buildApp({ db, config, clock: systemClock, log })
  parts.app = app
  watchClocks(db, systemClock, say)
  await app.listen({ host: config.host, port: config.port }).catch(error => {
    throw hostFaults.has(error.code) ? new ConfigError(`HOST ${config.host} is not an address of this machine`) : error
  })
  announce(app.server.address() as AddressInfo, await ensureFirstAdministrator(db, systemClock))
}

function announce({ address, port }: AddressInfo, key: string | null): void {
  const host =
    address === '0.0.0.0' || address === '::' ? 'localhost' : address.includes(':') ? `[${address}]` : address
  const base = `http://${host}:${port}`
  const database = parts.embedded ? `embedded PostgreSQL in ${parts.embedded.folder}` : 'PostgreSQL at DATABASE_URL'
  const lines = [
    `Qullqi ${about.version} is listening`,
    `  API            ${base}/v1`,
    `  Page           ${base}/`,
    `  Documentation  ${base}/docs`,
    `  Health         ${base}/health`,
    `  Database       ${database}`,
    ...(key ? ['', 'The first administrator key, shown this once; keep it:', `  ${key}`] : []),
  ]
  console.log(lines.join('\n'))
}

/**
 * Stops in order: no new requests, those under way are finished, then the pool, then the server. When that takes longer
 * than STOP_TIMEOUT the rest is cut; whoever had no answer asks again with the same id.
 */
async function stop(): Promise<boolean> {
  const inTime = await within(config.stopTimeout, async () => {
    await parts.app?.close()
    await parts.db?.$client.end()
  })
  if (!inTime) log.error('requests were still under way after STOP_TIMEOUT and are cut')
  await parts.embedded?.stop()
  return inTime
}

async function within(limit: number, work: () => Promise<void>): Promise<boolean> {
  const late = new AbortController()
  const done = work().then(() => true)
  const outcome = await Promise.race([done, pause(limit, false, { signal: late.signal })])
  late.abort()
  return outcome
}

function stopOnSignals(starting: Promise<void>): void {
  let since: number | undefined
  async function leave(code: number): Promise<void> {
    since = performance.now()
    // A start under way is let finish, so that it leaves nothing behind that nobody knows of.
    await starting.catch(() => {})
    const clean = await stop().catch(error => log.error(error, 'stopping failed'))
    process.exit(clean ? code : 1)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (since === undefined) return void leave(0)
      // Ctrl-C reaches us twice under npm: from the terminal and passed on. Only a later one means "at once".
      if (performance.now() - since > 1_000) process.exit(1)
    })
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.fatal(error, event)
      if (since === undefined) void leave(1)
    })
  }
}

/** The start failed: one plain line where we know the reason, and nothing left running. */
async function fail(error: unknown): Promise<never> {
  console.error(`qullqi: ${reasonOf(error)}`)
  await stop().catch(() => {})
  process.exit(error instanceof ConfigError ? 2 : 1)
}

function reasonOf(error: unknown): string {
  const { code, message, stack } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return `port ${config.port} at ${config.host} is in use; set PORT to a free one.`
  if (code === 'EACCES' && message.startsWith('listen')) return `port ${config.port} may not be opened by this user.`
  if (error instanceof EmbeddedError || error instanceof UnfitError || error instanceof ConfigError) return message
  // A failed query's own text repeats its parameters.
  return sqlState(error) ? databaseMessage(error) : (stack ?? String(error))
}
