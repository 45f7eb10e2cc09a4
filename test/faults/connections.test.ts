import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { v7 as uuid } from 'uuid'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { verifyBook } from '../../src/ledger/index.ts'
import { expectAllThere, openTheBook, settleTheRest } from '../journeys/acknowledged.ts'
import { type Accounts, chanceFrom, lost, newOrder, type Order, type Target, work } from '../journeys/load.ts'
import { rebuild } from '../journeys/timeline.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { type Answer, openClient } from '../support/http-client.ts'
import { readStatements } from '../support/postgres-wire.ts'
import { launchService, type Service } from '../support/service.ts'
import { assertSound, readBook } from '../support/stored-book.ts'
import { expectedState, stateOf } from '../support/stored-state.ts'
import { type Link, openProxy, type TcpProxy } from '../support/tcp-proxy.ts'

/** CONNECTIONS_SEED chooses what is asked and the moments. */
const seed = Number(process.env.CONNECTIONS_SEED ?? Date.now() % 2 ** 31)

/** Milliseconds that PostgreSQL gives a statement of this service; so many more, and what says nothing is given up. */
const [statementTimeout, grace] = [1_000, 5_000]

let database: TestDatabase
let dataDir: string
let service: Service
/** What lies between the service and PostgreSQL, and between clients and the service. */
let [behind, before]: TcpProxy[] = []
let target: Target

beforeAll(async () => {
  database = await testDatabase()
  dataDir = await mkdtemp(join(tmpdir(), `qullqi-test-${process.pid}-`))
  const url = new URL(database.ownerUrl)
  behind = await openProxy(Number(url.port))
  url.port = String(behind.port)
  service = launchService({
    ...{ DATABASE_URL: url.href, DATA_DIR: dataDir, LOG_LEVEL: 'error' },
    DATABASE_STATEMENT_TIMEOUT: String(statementTimeout),
  })
  const base = new URL(await service.base)
  before = await openProxy(Number(base.port))
  target = { base: `http://127.0.0.1:${before.port}`, key: /^ {2}(qk_\w+)$/m.exec(service.out())![1]! }
}, 60_000)

afterEach(() => {
  for (const proxy of [behind, before]) {
    proxy!.weather({ kind: 'fair' })
    proxy!.watch(undefined)
  }
})

afterAll(async () => {
  await service.kill('SIGTERM')
  await Promise.all([behind!.close(), before!.close()])
  await database.close()
  await rm(dataDir, { recursive: true, force: true })
})

/** Asks until it is answered by something else than that it is not known. Answers that, and how long it took, in milliseconds. */
async function askUntilKnown(method: string, path: string, body?: object): Promise<Answer & { ms: number }> {
  const begun = performance.now()
  for (;;) {
    const client = openClient({ ...target, patience: 10_000 })
    const answer = await client.ask(method, path, body).catch(lost)
    client.close()
    const ms = performance.now() - begun
    if (answer && answer.status !== 503) return { ...answer, ms }
    if (ms > 30_000) throw new Error(`the service did not recover: ${service.err()}`)
    await pause(50)
  }
}

/** What happens to the connections behind, before, or on both sides of the service while clients work. */
type Fault = { name: string; strike: (proxy: TcpProxy, chance: ReturnType<typeof chanceFrom>) => Promise<void> }

const cutAll = (how: 'reset' | 'in order') => async (proxy: TcpProxy, chance: ReturnType<typeof chanceFrom>) => {
  for (let times = 0; times < 6; times++) {
    for (const link of proxy.links()) link.cut(how)
    await pause(20 + chance.below(80))
  }
}

const faults: Fault[] = [
  { name: 'cut by a reset, again and again', strike: cutAll('reset') },
  { name: 'cut in order, again and again', strike: cutAll('in order') },
  {
    name: 'slow, then cut',
    async strike(proxy) {
      proxy.weather({ kind: 'slow', milliseconds: 120 })
      await pause(500)
      for (const link of proxy.links()) link.cut('reset')
      proxy.weather({ kind: 'fair' })
    },
  },
  {
    name: 'half-closed by the one that asks',
    async strike(proxy) {
      for (let times = 0; times < 4; times++) {
        for (const { server } of proxy.links()) server.end()
        await pause(60)
      }
    },
  },
  {
    name: 'half-closed by the one that answers',
    async strike(proxy) {
      for (let times = 0; times < 4; times++) {
        for (const { client } of proxy.links()) client.end()
        await pause(60)
      }
    },
  },
  {
    name: 'not to be had',
    async strike(proxy) {
      proxy.weather({ kind: 'shut' })
      for (const link of proxy.links()) link.cut('reset')
      await pause(400)
      proxy.weather({ kind: 'fair' })
    },
  },
]

describe.each([
  ['between the service and PostgreSQL', () => behind!],
  ['between clients and the service', () => before!],
])('when connections %s are', (where, proxyOf) => {
  test.each(faults)('$name, what was acknowledged is there exactly once', { timeout: 60_000 }, async ({ strike }) => {
    const chance = chanceFrom(seed + where.length)
    const [book, accounts] = [uuid(), newAccounts()]
    await openTheBook(target, book, accounts)
    let going = true
    const working = Promise.all(
      Array.from({ length: 6 }, () =>
        work({ target: () => target, goOn: () => going, order: () => newOrder(book, accounts, [], chance), chance }),
      ),
    )
    // When a client fails first, that is what is told.
    working.catch(() => {})
    await pause(100)
    await strike(proxyOf(), chance)
    proxyOf().weather({ kind: 'fair' })
    const { ms } = await askUntilKnown('GET', `/v1/books/${book}/trial-balance`)
    expect(ms).toBeLessThan(10_000)
    await pause(150)
    going = false
    const orders: Order[] = (await working).flatMap(({ orders }) => orders)
    await expectAllThere(database.db, book, orders)
    await settleTheRest(target, orders)
    await expectAllThere(database.db, book, orders)
    expect(orders.length).toBeGreaterThan(10)
    await expectBookSound(book)
  })
})

function newAccounts(): Accounts {
  return { bank: uuid(), savers: Array.from({ length: 8 }, () => uuid()) }
}

async function expectBookSound(book: string): Promise<void> {
  const stored = await readBook(database.db, book)
  assertSound(stored)
  expect(expectedState(rebuild(stored))).toEqual(stateOf(stored))
  expect(await verifyBook(database.db, book)).toMatchObject({ ok: true, faults: [] })
}

/** When a connection is cut: before what was said is passed on; when it is; or when PostgreSQL has done it and says so. */
const moments = ['before it is sent', 'just after it was sent', 'after it was done and before that is heard'] as const

type Moment = (typeof moments)[number]

/** Cuts the connection that next says a statement like this, once, and answers how often it did. */
function cutAt(proxy: TcpProxy, isMeant: (statement: string) => boolean, moment: Moment): () => number {
  const readers = new WeakMap<Link, ReturnType<typeof readStatements>>()
  const struck = new WeakSet<Link>()
  let cuts = 0
  // What is under way is not known from its beginning; new connections are.
  for (const link of proxy.links()) link.cut('in order')
  proxy.watch((link, bytes, from) => {
    if (from === 'server') {
      if (!struck.has(link)) return true
      link.cut('reset')
      return false
    }
    const read = readers.get(link) ?? readStatements()
    readers.set(link, read)
    const isNow = cuts === 0 && read(bytes).some(({ statement }) => isMeant(statement))
    if (!isNow) return true
    cuts += 1
    if (moment === 'before it is sent') {
      link.cut('reset')
      return false
    }
    if (moment === 'after it was done and before that is heard') struck.add(link)
    else setImmediate(() => link.cut('in order'))
    return true
  })
  return () => cuts
}

describe('when the connection is cut', () => {
  let field: { book: string; saverId: string; accountId: string; agentId: string }

  beforeAll(async () => {
    const [institutionId, bookId, agentId, saverId, accountId] = [uuid(), uuid(), uuid(), uuid(), uuid()]
    const book = `/v1/books/${bookId}`
    const code = bookId.slice(-12)
    const made = async (path: string, body: object) =>
      expect((await askUntilKnown('POST', path, body)).status).toBe(201)
    await made('/v1/institutions', { id: institutionId, code, name: 'Caja', kind: 'caja' })
    const opening = { id: bookId, code, name: 'Caja', currency: 'PEN', institutionId, openedOn: '2026-01-01' }
    await made('/v1/books', opening)
    await made(`${book}/agents`, { id: agentId, code: 'PR-07', name: 'Rosa Quispe', startsOn: '2026-01-05' })
    await made(`${book}/savers`, saver(saverId))
    await made(`${book}/savings-accounts`, { id: accountId, saverId, openedOn: '2026-01-12' })
    field = { book, saverId, accountId, agentId }
  })

  function saver(id: string) {
    const person = { givenNames: 'Juana', familyNames: 'Condori', sex: 'female', districtCode: '080101' }
    return { id, ...person, registeredOn: '2026-01-12' }
  }

  const asked: Record<string, () => { path: string; body: object }> = {
    'a deposit': () => ({
      path: '/deposits',
      body: { savingsAccountId: field.accountId, amount: '12.50', valueDate: '2026-01-13', channel: 'branch' },
    }),
    'a saver': () => ({ path: '/savers', body: saver('') }),
    'a savings account': () => ({
      path: '/savings-accounts',
      body: { saverId: field.saverId, openedOn: '2026-01-13' },
    }),
    'a fund': () => ({
      path: '/funds',
      body: { code: uuid().slice(-12), name: 'Fund', fundingSource: 'FIDA', openedOn: '2026-01-01' },
    }),
  }

  /** What makes it stay: a posting that is called alone, or the end of a database transaction. */
  const isLast = (statement: string) => /^commit\b/i.test(statement) || /^select ledger_post\(/.test(statement)

  describe.each(Object.keys(asked))('at %s,', what => {
    test.each(moments)('%s, it is done once, and a repeat answers as at first', { timeout: 60_000 }, async moment => {
      const id = uuid()
      const { path, body } = asked[what]!()
      const counted = async () => (await rowsOf(id)).filter(({ rows }) => rows > 0)
      const cuts = cutAt(behind!, isLast, moment)
      const first = await askOnce(`${field.book}${path}`, { ...body, id })
      expect(cuts(), `${what} ends by a statement that is known`).toBe(1)
      behind!.watch(undefined)
      // Whoever is told that it is not known may ask again, and learns it.
      expect([201, 503]).toContain(first.status)
      const again = await askUntilKnown('POST', `${field.book}${path}`, { ...body, id })
      expect([200, 201]).toContain(again.status)
      if (first.status === 201) {
        expect(again.status).toBe(200)
        expect(again.body).toEqual({ ...first.body, replayed: true })
        expect(first.body.replayed).toBe(false)
      } else if (moment !== 'just after it was sent') {
        // What PostgreSQL never heard was not done, and what it had said was.
        expect(again.status).toBe(moment === 'before it is sent' ? 201 : 200)
      }
      const stored = await counted()
      const third = await askUntilKnown('POST', `${field.book}${path}`, { ...body, id })
      expect(third.body).toEqual({ ...again.body, replayed: true })
      expect(await counted()).toEqual(stored)
      expect(stored.map(({ rows }) => rows)).toEqual(stored.map(() => 1))
      expect(stored.length).toBeGreaterThan(0)
    })
  })

  async function askOnce(path: string, body: object): Promise<Answer> {
    const client = openClient({ ...target, patience: 15_000 })
    return client.ask('POST', path, body).finally(() => client.close())
  }

  /** How many rows of the tables have this id. */
  async function rowsOf(id: string): Promise<{ table: string; rows: number }[]> {
    const tables = ['transaction', 'saver', 'savings_account', 'fund']
    return Promise.all(
      tables.map(async table => {
        const { rows } = await database.db.$client.query(`select count(*)::int as rows from ${table} where id = $1`, [
          id,
        ])
        return { table, rows: rows[0].rows as number }
      }),
    )
  }
})

test('when PostgreSQL’s answers are swallowed, nobody waits longer than the limits say, and it goes on when they come again', {
  timeout: 60_000,
}, async () => {
  const [book, accounts] = [uuid(), newAccounts()]
  await openTheBook(target, book, accounts)
  const order = newOrder(book, accounts, [], chanceFrom(seed))
  behind!.weather({ kind: 'answers are swallowed' })
  const begun = performance.now()
  const read = openClient({ ...target, patience: 30_000 })
  const posting = openClient({ ...target, patience: 30_000 })
  const [listed, posted] = await Promise.all([
    read.ask('GET', `/v1/books/${book}/accounts`),
    posting.ask('POST', order.path, order.body),
  ])
  read.close()
  posting.close()
  expect([listed.status, posted.status]).toEqual([503, 503])
  expect([listed.body.code, posted.body.code]).toEqual(['database-unavailable', 'database-unavailable'])
  // A posting is asked again for ten seconds, and the last asking may wait as long as the first.
  expect(performance.now() - begun).toBeLessThan(10_000 + 2 * (statementTimeout + grace))
  behind!.weather({ kind: 'fair' })
  const { ms } = await askUntilKnown('GET', `/v1/books/${book}/trial-balance`)
  expect(ms).toBeLessThan(statementTimeout + grace + 2_000)
  expect(await settled(order)).toBe(true)
  await expectAllThere(database.db, book, [order])
  await expectBookSound(book)

  async function settled(one: Order): Promise<boolean> {
    await settleTheRest(target, [one])
    return one.settled
  }
})
