import { chmod, mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Db, openDatabase } from '../../src/db/client.ts'
import { postmasterPid } from '../../src/db/embedded.ts'
import { verifyBook } from '../../src/ledger/index.ts'
import { openClient } from '../support/http-client.ts'
import { removeServers } from '../support/server.ts'
import { launchService, type Service } from '../support/service.ts'
import { assertSound, readBook } from '../support/stored-book.ts'
import { expectedState, stateOf } from '../support/stored-state.ts'
import { expectAllThere, openTheBook, settleTheRest } from './acknowledged.ts'
import { type Accounts, chanceFrom, lost, newOrder, type Order, type Target, work } from './load.ts'
import { rebuild } from './timeline.ts'

/** CRASH_ROUNDS=200 goes on for longer; CRASH_SEED chooses the moments. */
const rounds = Number(process.env.CRASH_ROUNDS ?? 20)
const seed = Number(process.env.CRASH_SEED ?? Date.now() % 2 ** 31)
const clients = 8

type Blow = 'the service is killed' | 'PostgreSQL stops at once' | 'both are gone together'

describe('whatever dies at whatever moment', () => {
  const chance = chanceFrom(seed)
  let dataDir: string
  let service: Service
  let target: Target
  let db: Db | undefined
  const book = uuid()
  const accounts: Accounts = { bank: uuid(), savers: Array.from({ length: 20 }, () => uuid()) }
  const orders: Order[] = []

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), `qullqi-test-${process.pid}-`))
    await chmod(dataDir, 0o711)
    service = launchService({ DATA_DIR: dataDir })
    const base = await service.base
    target = { base, key: /^ {2}(qk_\w+)$/m.exec(service.out())![1]! }
    await openTheBook(target, book, accounts)
  }, 120_000)
  afterAll(async () => {
    await db?.$client.end()
    await service.kill('SIGTERM')
    // Whatever the service left, should it have failed: its server goes with it.
    await removeServers(dataDir)
  }, 60_000)

  it(
    `leaves what was acknowledged there exactly once, ${rounds} times`,
    async () => {
      const blows: Blow[] = Array.from({ length: rounds }, (_, n) =>
        n % 5 === 4 ? 'both are gone together' : n % 2 === 0 ? 'the service is killed' : 'PostgreSQL stops at once',
      )
      const outages: number[] = []
      for (const [n, blow] of blows.entries()) {
        outages.push(
          await round(blow).catch(error => {
            throw new Error(`round ${n + 1} of CRASH_SEED=${seed}, ${blow}: ${service.err()}`, { cause: error })
          }),
        )
        await expectAllThere(await database(), book, orders)
      }
      await settleTheRest(target, orders)
      await expectAllThere(await database(), book, orders)

      const stored = await readBook(await database(), book)
      const told = orders.flatMap(order => [...order.told.values()])
      expect(stored.transactions).toHaveLength(told.filter(one => 'sequence' in one).length)
      assertSound(stored)
      expect(expectedState(rebuild(stored))).toEqual(stateOf(stored))
      expect(await verifyBook(await database(), book)).toMatchObject({ ok: true })
      const longest = Math.round(Math.max(...outages))
      console.log(
        `seed ${seed}: ${rounds} rounds, ${stored.transactions.length} transactions, longest outage ${longest} ms`,
      )
    },
    60_000 + rounds * 15_000,
  )

  /** Lets clients work, strikes at some moment, and lets them go on until the service is back and for a while after. */
  async function round(blow: Blow): Promise<number> {
    let going = true
    const known = orders
      .flatMap(({ told }) => [...told].filter(([, one]) => 'sequence' in one).map(([id]) => id))
      .slice(-500)
    const working = Promise.all(
      Array.from({ length: clients }, () =>
        work({ target: () => target, goOn: () => going, order: () => newOrder(book, accounts, known, chance), chance }),
      ),
    )
    await pause(100 + chance.below(500))
    const struck = performance.now()
    if (blow !== 'the service is killed') await stopDatabaseAtOnce()
    if (blow !== 'PostgreSQL stops at once') {
      await service.kill('SIGKILL')
      service = launchService({ DATA_DIR: dataDir })
      target = { ...target, base: await service.base }
    }
    await ready()
    const outage = performance.now() - struck
    await pause(200)
    going = false
    for (const worked of await working) orders.push(...worked.orders)
    return outage
  }

  async function stopDatabaseAtOnce(): Promise<void> {
    const pid = await postmasterPid(dataDir)
    expect(pid).toBeDefined()
    // What `pg_ctl stop -m immediate` does: no checkpoint, every session is cut.
    process.kill(pid!, 'SIGQUIT')
  }

  /** The service has to come back by itself: nobody helps it. */
  async function ready(): Promise<void> {
    const client = openClient({ ...target, patience: 5_000 })
    for (let waited = 0; waited < 30_000; waited += 50) {
      const answer = await client.ask('GET', `/v1/books/${book}/trial-balance`).catch(lost)
      if (answer?.status === 200) return client.close()
      await pause(50)
    }
    throw new Error('the service did not recover')
  }

  /** A look at what is stored, beside the service. */
  async function database(): Promise<Db> {
    if (db) return db
    const password = (await readFile(join(dataDir, 'postgres.password'), 'utf8')).trim()
    const port = (await readFile(join(dataDir, 'postgres.port'), 'utf8')).trim()
    db = openDatabase({ url: `postgres://qullqi:${password}@127.0.0.1:${port}/qullqi`, max: 1 })
    return db
  }
})
