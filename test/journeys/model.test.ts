import fc from 'fast-check'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { actingRole, type Db, openDatabase } from '../../src/db/client.ts'
import type { App } from '../../src/http/openapi.ts'
import { type TestClock, testClock } from '../support/app.ts'
import { testConfig } from '../support/config.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import type { Verdict } from '../support/oracle.ts'
import { launchService, type Service } from '../support/service.ts'
import { administratorKey } from './administrator.ts'
import { type Command, type Exchange, playBook, scriptsOf } from './play.ts'

/** Seconds each way of running the service is asked for; MODEL_SECONDS=300 asks longer. MODEL_SEED repeats the requests. */
const seconds = Number(process.env.MODEL_SECONDS ?? 8)
const firstSeed = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31)
const clients = 6

describe('clients at once', () => {
  let test: TestDatabase
  let clock: TestClock
  let key: string
  beforeAll(async () => {
    test = await testDatabase()
    clock = testClock('2026-11-24T15:00:00Z')
    key = await administratorKey(test.db)
  })
  afterAll(() => test.close())

  describe('of one service', () => {
    let app: App
    beforeAll(async () => {
      app = await listening(test.db)
    })
    afterAll(() => app.close())
    it('are answered as if one had come after the other', async () => await play([addressOf(app)], clock), limit)
  })

  describe('of two services on one database', () => {
    const apps: App[] = []
    const pools: Db[] = []
    beforeAll(async () => {
      for (let n = 0; n < 2; n++) {
        const db = openDatabase({ url: test.ownerUrl, role: actingRole, max: 4 })
        pools.push(db)
        apps.push(await listening(db))
      }
    })
    afterAll(async () => {
      for (const app of apps) await app.close()
      for (const db of pools) await db.$client.end()
    })
    it('are answered as if one had come after the other', async () => await play(apps.map(addressOf), clock), limit)
  })

  describe('of two processes on one database', () => {
    const services: Service[] = []
    beforeAll(() => {
      const env = { DATABASE_URL: test.ownerUrl, IDENTITY_KEY: '5a'.repeat(32), DATA_DIR: '/nonexistent' }
      services.push(launchService(env), launchService(env))
    })
    afterAll(async () => {
      for (const service of services) await service.kill('SIGTERM')
    })
    it(
      'are answered as if one had come after the other',
      async () => {
        const bases = await Promise.all(services.map(({ base }) => base))
        await play(bases, null)
      },
      limit,
    )
  })

  const limit = (seconds + 90) * 1000

  async function listening(db: Db): Promise<App> {
    const app = await buildApp({ db, config: testConfig(), clock })
    await app.listen({ host: '127.0.0.1', port: 0 })
    return app
  }

  /** Runs random scripts until the time is over. `clock` is the services', null when they go by the system's. */
  async function play(bases: string[], clock: TestClock | null): Promise<void> {
    const begun = performance.now()
    let seed = firstSeed
    const exchanges: Exchange[] = []
    const property = fc.asyncProperty(scriptsOf(clients), async scripts => {
      exchanges.push(...(await playBook({ db: test.db, key, bases, clock }, scripts)))
    })
    do {
      await fc.assert(property, { seed, numRuns: 3, endOnFailure: true, reporter })
      seed += 1
    } while (performance.now() - begun < seconds * 1000)
    const verdicts = exchanges.flatMap(({ answer }) => (Array.isArray(answer) ? (answer.flat(2) as Verdict[]) : []))
    const told = [
      `${exchanges.length} requests`,
      `${verdicts.filter(({ outcome }) => outcome === 'posted').length} of ${verdicts.length} drafts posted`,
      `${exchanges.filter(({ from, to }) => to - from > 1).length} times more than one thing happened meanwhile`,
    ]
    console.log(`seeds ${firstSeed} to ${seed - 1}: ${told.join(', ')}`)
  }
})

/** Which request came first is chance, so the requests alone, which are many, repeat nothing: their seed is told. */
function reporter(run: fc.RunDetails<[Command[][]]>): void {
  if (run.failed) throw new Error(`MODEL_SEED=${run.seed} makes these requests again`, { cause: run.errorInstance })
}

function addressOf(app: App): string {
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
}
