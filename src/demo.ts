import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { buildApp } from './app.ts'
import { loadConfig } from './config.ts'
import { systemClock } from './dates.ts'
import { actingRole, openDatabase } from './db/client.ts'
import { startEmbedded } from './db/embedded.ts'
import { migrateDatabase } from './db/migrate.ts'
import { openClient, Unable } from './demo/client.ts'
import { readInput } from './demo/files.ts'
import { load } from './demo/load.ts'
import { openProgress } from './demo/progress.ts'
import { show } from './demo/show.ts'
import { makeKey, revokeKey } from './http/keys.ts'
import { openLog } from './http/log.ts'
import { requireIdentityKey } from './savings/identity.ts'

/**
 * `npm run demo`: loads a year of a believable programme through the public API, and shows what came of it. With QULLQI_KEY it
 * asks the service at QULLQI_URL; without, it runs a service of its own for as long as it takes, on the database that `npm start`
 * uses, also beside it. Every id is computed, so a second run changes nothing.
 */
const { QULLQI_KEY: key, QULLQI_URL: url = 'http://127.0.0.1:3000' } = process.env
try {
  if (key === undefined) await withOwnService(run)
  else await run(url, key)
} catch (error) {
  if (!(error instanceof Unable)) throw error
  console.error(`\n${error.message}`)
  process.exitCode = 1
}

async function run(url: string, key: string): Promise<void> {
  const client = openClient(url, key)
  console.log(`Loading a year of a programme through ${url}/v1`)
  const { count, warnings, refusedLines } = await load(client, readInput(), openProgress(process.stdout))
  console.log(
    `\n${count.made} made, ${count.there} there already; ${refusedLines} lines of sheets refused and handed in again;`,
  )
  console.log(`${warnings} accounts whose CCI has wrong check digits, kept with a warning.`)
  if (count.made === 0) console.log('Everything was there already: nothing was done twice.')
  await show(client, readInput().programme.books)
  console.log(`\nLook further: start the service (npm start) and open its /docs; npm run verify proves the books.`)
}

/** Runs `work` against a service of this process, with an administrator's key that ends with it. */
async function withOwnService(work: (url: string, key: string) => Promise<void>): Promise<void> {
  const config = loadConfig(process.env)
  const embedded =
    config.databaseUrl === undefined ? await startEmbedded({ dataDir: config.dataDir, say: console.error }) : undefined
  const databaseUrl = config.databaseUrl ?? embedded!.url
  await migrateDatabase(databaseUrl)
  const db = openDatabase({ url: databaseUrl, role: actingRole, max: config.databasePoolSize })
  await requireIdentityKey(db, config.identityKey)
  const app = await buildApp({ db, config, clock: systemClock, log: openLog('silent') })
  const id = randomUUID()
  try {
    await app.listen({ host: '127.0.0.1', port: 0 })
    const hour = new Date(systemClock.now().getTime() + 3_600_000)
    const grant = { id, clientId: id, name: 'demo', role: 'administrator', books: null, agentId: null } as const
    const { text } = await makeKey(db, systemClock, { ...grant, readOnly: false, expiresAt: hour })
    await work(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, text!)
  } finally {
    await revokeKey(db, systemClock, id).catch(() => {})
    await app.close()
    await db.$client.end()
    await embedded?.stop()
  }
}
