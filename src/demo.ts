import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { buildApp } from './app.ts'
import { ConfigError, loadConfig } from './config.ts'
import { addMonths, limaDate, monthOf, systemClock } from './dates.ts'
import { startEmbedded } from './db/embedded.ts'
import { openLogin, prepareDatabase } from './db/login.ts'
import { EmbeddedError } from './db/place.ts'
import { UnfitError } from './db/unfit.ts'
import { openClient, Unable } from './demo/client.ts'
import { readInput } from './demo/files.ts'
import { loadHighlands } from './demo/highlands/load.ts'
import { load } from './demo/load.ts'
import { openProgress, plus } from './demo/progress.ts'
import { show } from './demo/show.ts'
import { makeKey, revokeKey } from './http/keys.ts'
import { openLog } from './http/log.ts'
import { requireIdentityKey } from './savings/identity.ts'

/**
 * `npm run demo`: loads two believable programmes through the public API, and shows what came of it: a year of six groups with
 * everything that may happen, from files, and since 2022 a programme of 462 groups of 20 women, or as many as `--groups` says.
 * With QULLQI_KEY it asks the service at QULLQI_URL; without, it runs a service of its own for as long as it takes, on the
 * database that `npm start` uses, also beside it. Every id is computed, so a second run changes nothing.
 */
const { QULLQI_KEY: key, QULLQI_APPROVER_KEY, QULLQI_URL: url } = process.env
const anHour = 3_600_000

try {
  if (key) await run(url || 'http://127.0.0.1:3000', key, QULLQI_APPROVER_KEY)
  else if (url) throw new Unable('QULLQI_URL was given without QULLQI_KEY, an administrator’s key of that service.')
  else await withOwnService(run)
} catch (error) {
  if (!isExpected(error)) throw error
  console.error(`\nqullqi: ${error.message}`)
  process.exitCode = 1
}

function isExpected(error: unknown): error is Error {
  return [Unable, ConfigError, EmbeddedError, UnfitError].some(known => error instanceof known)
}

async function run(url: string, key: string, approverKey: string | undefined): Promise<void> {
  const groups = groupCount()
  const client = await openClient(url, key)
  const approver = approverKey === undefined ? null : await openClient(url, approverKey)
  const input = readInput()
  const progress = openProgress(process.stdout)
  console.log(`Loading a year of a programme through ${url}/v1`)
  const loaded = await load(client, input, progress)
  const { warnings, refusedLines } = loaded
  let count = loaded.count
  if (groups > 0) {
    console.log(`\nLoading a programme of ${groups} groups, month by month until now`)
    const last = addMonths(monthOf(limaDate(systemClock.now())), -1)
    count = plus(count, await loadHighlands(client, approver, groups, last, progress))
  }
  console.log(`\n${count.made} made, ${count.there} there already.`)
  if (count.made === 0) console.log('Everything was there already: nothing was done twice.')
  console.log(`Lines of sheets that were refused, and handed in again otherwise: ${refusedLines}.`)
  if (groups > 0 && approver === null)
    console.log('The first incentives wait for another person’s approval: give her key as QULLQI_APPROVER_KEY.')
  console.log(`Accounts kept with a warning, for their CCI has wrong check digits: ${warnings}.`)
  await show(client, input.programme.books)
  const look = key === process.env.QULLQI_KEY ? `open ${url}/` : 'start the service (npm start), open its page'
  console.log(`\nTo see how many keep saving, ${look} and log in with a key. To prove the books, npm run verify.`)
}

/** How many groups the large programme is to have. @throws Unable */
function groupCount(): number {
  let groups: string | undefined
  try {
    groups = parseArgs({ options: { groups: { type: 'string', default: '462' } } }).values.groups
  } catch (cause) {
    throw new Unable(`There is only --groups, and a number behind it: ${(cause as Error).message}`)
  }
  if (/^\d{1,3}$/.test(groups) && Number(groups) <= 462) return Number(groups)
  throw new Unable('--groups says how many groups the large programme has: 0 to 462.')
}

/** Runs `work` against a service of this process, with keys of two administrators that end with it. */
async function withOwnService(work: (url: string, key: string, approverKey: string) => Promise<void>): Promise<void> {
  const config = loadConfig(process.env)
  const embedded =
    config.databaseUrl === undefined ? await startEmbedded({ dataDir: config.dataDir, say: console.error }) : undefined
  try {
    const urls = embedded ?? { url: config.databaseUrl!, ownerUrl: config.databaseOwnerUrl }
    const login = await prepareDatabase(urls, { say: console.error })
    const db = await openLogin(login, { max: config.databasePoolSize, prepares: config.databasePrepare })
    await requireIdentityKey(db, config.identityKey)
    const app = await buildApp({ db, config, clock: systemClock, log: openLog('silent') })
    const ids = [randomUUID(), randomUUID()] as const
    try {
      await app.listen({ host: '127.0.0.1', port: 0 })
      // While these keys live there is an administrator, and a first start shows no key: they must not outlive a killed demo.
      const expiresAt = new Date(systemClock.now().getTime() + anHour)
      const keyOf = async (id: string, name: string) => {
        const grant = { id, clientId: id, name, role: 'administrator', books: 'all', agentId: null } as const
        return (await makeKey(db, systemClock, { ...grant, readOnly: false, expiresAt })).text!
      }
      const [first, second] = [await keyOf(ids[0], 'demo'), await keyOf(ids[1], 'demo: who approves')]
      const { port } = app.server.address() as AddressInfo
      await unlessStopped(work(`http://127.0.0.1:${port}`, first, second))
    } finally {
      for (const id of ids) await revokeKey(db, systemClock, id).catch(() => {})
      await app.close()
      await db.$client.end()
    }
  } finally {
    await embedded?.stop()
  }
}

/** Ctrl-C ends the waiting and not the process, so that the key is revoked and the server stopped. */
async function unlessStopped(work: Promise<void>): Promise<void> {
  const stopped = Promise.withResolvers<never>()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stopped.reject(new Unable('Stopped. Run it again, and it goes on where it was.')))
  }
  await Promise.race([work, stopped.promise])
}
