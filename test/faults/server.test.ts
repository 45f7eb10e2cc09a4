import { chown, mkdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Db, openDatabase } from '../../src/db/client.ts'
import { postmasterPid } from '../../src/db/embedded.ts'
import { verifyBook } from '../../src/ledger/index.ts'
import { expectAllThere, openTheBook, settleTheRest } from '../journeys/acknowledged.ts'
import {
  type Accounts,
  type Chance,
  chanceFrom,
  lost,
  newOrder,
  note,
  type Order,
  type Target,
  work,
} from '../journeys/load.ts'
import { rebuild } from '../journeys/timeline.ts'
import { openClient } from '../support/http-client.ts'
import { launchService, type Service } from '../support/service.ts'
import { hasSmallDisks, openSmallDisk, type SmallDisk } from '../support/small-disk.ts'
import { assertSound, readBook } from '../support/stored-book.ts'
import { expectedState, stateOf } from '../support/stored-state.ts'

/** SERVER_SEED chooses what is asked and the moments. */
const seed = Number(process.env.SERVER_SEED ?? Date.now() % 2 ** 31)

/** Without a disk of its own, the machine's would have to be filled. */
const canFill = hasSmallDisks()

describe.skipIf(!canFill)(
  'a service whose PostgreSQL has a small disk of its own (as root, where mounting is allowed)',
  () => {
    let disk: SmallDisk
    let tables: SmallDisk
    let service: Service
    let target: Target
    let db: Db
    let chance: Chance
    let book: string
    let accounts: Accounts
    let orders: Order[]

    beforeAll(async () => {
      disk = openSmallDisk(256)
      tables = openSmallDisk(24)
      service = launchService({ DATA_DIR: disk.folder })
      target = { base: await service.base, key: /^ {2}(qk_\w+)$/m.exec(service.out())![1]! }
      const password = (await readFile(join(disk.folder, 'postgres.password'), 'utf8')).trim()
      const port = (await readFile(join(disk.folder, 'postgres.port'), 'utf8')).trim()
      db = openDatabase({ url: `postgres://qullqi:${password}@127.0.0.1:${port}/qullqi`, max: 2, isOwner: true })
      chance = chanceFrom(seed)
      book = uuid()
      accounts = { bank: uuid(), savers: Array.from({ length: 10 }, () => uuid()) }
      orders = []
      await openTheBook(target, book, accounts)
    }, 120_000)

    afterAll(async () => {
      await db?.$client.end()
      await service?.kill('SIGTERM')
      tables?.close()
      disk?.close()
    }, 60_000)

    /** Lets clients work while `strike` goes on, and for a while after the service is back. */
    async function underLoad(strike: () => Promise<void>): Promise<void> {
      let going = true
      const working = Promise.all(
        Array.from({ length: 6 }, () =>
          work({ target: () => target, goOn: () => going, order: () => newOrder(book, accounts, [], chance), chance }),
        ),
      )
      // When a client fails first, that is what is told.
      working.catch(() => {})
      await pause(200)
      await strike()
      await ready()
      await pause(300)
      going = false
      for (const worked of await working) orders.push(...worked.orders)
      await expectAllThere(db, book, orders)
    }

    /** The service has to come back by itself: nobody starts it anew. */
    async function ready(): Promise<void> {
      const order = newOrder(book, accounts, [], chance)
      orders.push(order)
      for (let waited = 0; waited < 40_000; waited += 100) {
        const client = openClient({ ...target, patience: 10_000 })
        const answer = await client.ask('POST', order.path, order.body).catch(lost)
        client.close()
        if (answer && note(order, answer)) return
        await pause(100)
      }
      throw new Error(`the service did not recover: ${service.err()}`)
    }

    async function expectSound(): Promise<void> {
      await settleTheRest(target, orders)
      await expectAllThere(db, book, orders)
      const stored = await readBook(db, book)
      assertSound(stored)
      expect(expectedState(rebuild(stored))).toEqual(stateOf(stored))
      expect(await verifyBook(db, book)).toMatchObject({ ok: true, faults: [] })
    }

    async function statusOf(path: string): Promise<number | undefined> {
      const client = openClient({ ...target, patience: 10_000 })
      const answer = await client.ask('GET', path).catch(lost)
      client.close()
      return answer?.status
    }

    test('goes on when PostgreSQL is started anew in order under load', { timeout: 90_000 }, async () => {
      for (let times = 0; times < 3; times++) {
        const before = await postmasterPid(disk.folder)
        await underLoad(async () => {
          // What `pg_ctl restart -m fast` says to it: sessions are ended, and a checkpoint is made.
          process.kill(before!, 'SIGINT')
          await pause(200 + chance.below(400))
        })
        expect(await postmasterPid(disk.folder)).not.toBe(before)
      }
      await expectSound()
    })

    test('says that there is no room when its tables cannot grow, reads on, leaves nothing half done, and posts again when there is', {
      timeout: 90_000,
    }, async () => {
      const { uid, gid } = await stat(join(disk.folder, 'postgres'))
      const place = join(tables.folder, 'tables')
      await mkdir(place)
      await chown(place, uid, gid)
      await db.$client.query(`create tablespace small location '${place}'`)
      for (const table of ['transaction', 'entry']) await db.$client.query(`alter table ${table} set tablespace small`)
      await tables.fill()
      const client = openClient({ ...target, patience: 20_000 })
      const refused = await untilRefused()
      expect(refused.body).toMatchObject({ code: 'database-unavailable', status: 503, retryable: true })
      expect(refused.body.detail).toContain('no room')
      expect(refused.headers['retry-after']).toBe('1')
      await expectAllThere(db, book, orders)
      expect(await statusOf(`/v1/books/${book}/trial-balance`)).toBe(200)
      await underLoad(() => tables.makeRoom())
      await expectSound()
      client.close()

      /** Posts lists until one finds no room. */
      async function untilRefused() {
        for (let count = 0; count < 2_000; count++) {
          const order = newOrder(book, accounts, [], chance)
          orders.push(order)
          const answer = await client.ask('POST', order.path, order.body)
          if (!note(order, answer)) return answer
        }
        throw new Error('there was room for everything')
      }
    })

    test('comes back by itself after its whole disk was full, where PostgreSQL gives up', {
      timeout: 150_000,
    }, async () => {
      await underLoad(async () => {
        await disk.fill()
        let refused = 0
        for (let waited = 0; waited < 30_000 && refused < 3; waited += 200) {
          // It begins another file of its log: at first one that lay ready, then one for which there is no room.
          await db.$client.query('select pg_switch_wal()').catch(() => {})
          if ((await statusOf('/ready')) === 503) refused += 1
          await pause(200)
        }
        expect(refused).toBe(3)
        expect(await statusOf('/health')).toBe(200)
        await disk.makeRoom()
      })
      await expectSound()
    })
  },
)
