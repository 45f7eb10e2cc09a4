import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyBook } from '../../src/ledger/index.ts'
import { furnishedBook } from '../http/furnished-book.ts'
import { documentOf, operationsOf } from '../http/operations.ts'
import { chanceFrom } from '../journeys/load.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { digestOf, readBook } from '../support/stored-book.ts'
import { openJudge } from './judging.ts'
import { type MadeRequest, type Making, makeRequest } from './made-requests.ts'
import { openSender } from './sending.ts'

/** MALFORMED_COUNT=100000 goes on for longer; MALFORMED_SEED chooses what is asked. */
const count = Number(process.env.MALFORMED_COUNT ?? 10_000)
const seed = Number(process.env.MALFORMED_SEED ?? 20_260_331)

/** Every so many requests one is torn on its way. */
const tornOnceIn = 20

/** As many are under way at the same time. */
const together = 6

/** Stands in every name of the other book, and nowhere else. */
const mark = 'Q’hawaqmanta'

let service: TestApp
let port: number
let making: Making
let secrets: string[]

beforeAll(async () => {
  const env = { BODY_LIMIT: '262144', CLIENT_LIMIT: '0', FAILURE_LIMIT: '0', PRESSURE_QUEUE: '0' }
  service = await testApp({ env })
  await service.app.listen({ host: '127.0.0.1', port: 0 })
  port = (service.app.server.address() as AddressInfo).port
  const ours = await furnishedBook(service)
  const theirs = await furnishedBook(service, mark)
  const of = async (key: Promise<string>) => `Bearer ${await key}`
  const books = [ours.bookId!]
  const callers = {
    administrator: await of(service.key('administrator')),
    'administrator who reads': await of(service.key('administrator', { readOnly: true })),
    agent: await of(service.key('agent', { books, agentId: ours.agentId! })),
    bank: await of(service.key('bank', { books })),
    analyst: await of(service.key('analyst', { books })),
    auditor: await of(service.key('auditor', { books })),
    nobody: null,
    'somebody unknown': `Bearer qk_${'1'.repeat(32)}_${'A'.repeat(43)}`,
  }
  const operations = operationsOf(service.app)
  const administrators = ['administrator', 'administrator who reads']
  making = { operations, ours, theirs, callers, administrators }
  // What belongs to no book is everybody's to know.
  const { programmeId: _, ruleId: __, ...own } = theirs
  secrets = [mark, ...new Set(Object.values(own))]
}, 120_000)

afterAll(() => service.close())

/** Who reaches every book may know of the other one, unless it was ours that was asked. */
function mayKnow({ as, url }: MadeRequest): boolean {
  return making.administrators.includes(as) && !url.startsWith(`/v1/books/${making.ours.bookId}`)
}

type Tally = {
  faults: string[]
  statuses: Map<string, number>
  flaws: Map<string, number>
  succeeded: Set<string>
  slowest: number
}

/** Asks `count` requests of a seed and answers what was wrong with their answers, each with what was asked. */
async function askMany(options: {
  making: Making
  count: number
  seed: number
  patience?: number
  document?: object
}): Promise<Tally> {
  const { making, count, seed, patience = 10_000, document = documentOf(service.app) } = options
  const judge = openJudge({ document, secrets, mayKnow, patience })
  const sender = openSender({ port, patience: patience + 2_000 })
  const tally: Tally = { faults: [], statuses: new Map(), flaws: new Map(), succeeded: new Set(), slowest: 0 }
  let next = 0
  async function work(): Promise<void> {
    for (let number = next++; number < count; number = next++) {
      // Each has a chance of its own, so that it is the same whatever else is asked.
      const chance = chanceFrom(seed * 1_000_003 + number * 7_919 + 1)
      const made = makeRequest(making, number, chance)
      judge.sending(made)
      const isTorn = number % tornOnceIn === tornOnceIn - 1
      const sent = isTorn ? await sender.sendTorn(made, chance) : await sender.send(made)
      const flaws = 'how' in sent ? [...made.flaws, `torn: ${sent.how}`] : made.flaws
      note(tally, { ...made, flaws }, sent)
      for (const fault of judge.faultsOf(made, sent)) tally.faults.push(told(number, { ...made, flaws }, fault))
    }
  }
  await Promise.all(Array.from({ length: together }, work))
  sender.close()
  return tally
}

/** What the other book holds. That an instant is over in it may be noted for whoever asks about all books as of then. */
async function stateOfOther(): Promise<string> {
  const { head, events, ...rest } = await readBook(service.db, making.theirs.bookId!)
  const { sequence, hash } = head
  return digestOf({
    ...rest,
    head: { sequence, hash },
    events: events.filter(({ kind }) => kind !== 'instant-settled'),
  })
}

function note(tally: Tally, made: MadeRequest, sent: { ms: number; status?: number }): void {
  const status = String(sent.status ?? 'none')
  tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + 1)
  for (const flaw of made.flaws) {
    const kind = flaw.replace(/^path .*/, 'path')
    tally.flaws.set(kind, (tally.flaws.get(kind) ?? 0) + 1)
  }
  if (status < '300') tally.succeeded.add(made.operation.operationId)
  tally.slowest = Math.max(tally.slowest, sent.ms)
}

function told(number: number, made: MadeRequest, fault: string): string {
  const { operation, as, method, url, flaws, payload } = made
  const asked = `${method} ${url.slice(0, 300)} ${String(payload ?? '').slice(0, 400)}`
  return `${number} ${operation.operationId} as ${as} (${flaws.join(', ')}): ${fault}\n  ${asked}`
}

describe(`${count} requests made from the document, whole and malformed`, () => {
  let tally: Tally
  let before: string

  beforeAll(async () => {
    before = await stateOfOther()
    tally = await askMany({ making, count, seed })
    const sorted = [...tally.statuses].sort(([one], [other]) => (one < other ? -1 : 1))
    const statuses = sorted.map(([status, times]) => `${status}: ${times}`).join(', ')
    console.log(
      `seed ${seed}: ${statuses}; ${tally.succeeded.size} operations succeeded; slowest ${Math.round(tally.slowest)} ms`,
    )
  }, 300_000)

  test('are each answered as the document says, in time, and without a word of another book', () => {
    expect(tally.faults.slice(0, 20).join('\n'), `${tally.faults.length} faults of MALFORMED_SEED=${seed}`).toBe('')
  })

  test('are of every kind, and many are done', () => {
    for (const status of [
      '200',
      '201',
      '400',
      '401',
      '403',
      '404',
      '405',
      '409',
      '413',
      '414',
      '415',
      '417',
      '422',
      '431',
    ]) {
      expect([status, tally.statuses.get(status) ?? 0]).toEqual([status, expect.any(Number)])
      expect(tally.statuses.get(status) ?? 0, status).toBeGreaterThan(0)
    }
    expect(tally.succeeded.size).toBeGreaterThan(making.operations.length / 2)
    expect(Math.min(...tally.flaws.values())).toBeGreaterThan(0)
  })

  test('leave the other book as it was, and both sound', async () => {
    expect(await stateOfOther()).toBe(before)
    for (const { bookId } of [making.ours, making.theirs]) {
      expect(await verifyBook(service.db, bookId!)).toMatchObject({ ok: true, faults: [] })
    }
  })

  test('are the same ones for the same seed', () => {
    const made = () =>
      Array.from({ length: 300 }, (_, number) => makeRequest(making, number, chanceFrom(seed + number)))
    expect(made()).toEqual(made())
  })
})

describe('a planted fault is told:', () => {
  test('a key that reaches another book', async () => {
    const bank = `Bearer ${await service.key('bank')}`
    const { faults } = await askMany({ making: { ...making, callers: { bank } }, count: 800, seed })
    expect(faults.filter(fault => fault.includes('tells of another book')).length).toBeGreaterThan(0)
  })

  test('an answer without what the document promises', async () => {
    const document = structuredClone(documentOf(service.app))
    const book = document.components.schemas.Book as { required: string[] }
    book.required = [...book.required, 'promised']
    const operations = making.operations.filter(({ operationId }) => operationId === 'listBooks')
    const { faults } = await askMany({ making: { ...making, operations }, count: 40, seed, document })
    expect(faults.join()).toContain("must have required property 'promised'")
  })

  test('a table that waits for somebody', async () => {
    const holder = await service.owner.$client.connect()
    await holder.query('begin')
    await holder.query('lock table saver in access exclusive mode')
    const operations = making.operations.filter(({ operationId }) => operationId === 'listSavers')
    const { faults } = await askMany({ making: { ...making, operations }, count: 12, seed, patience: 300 })
    await holder.query('rollback')
    holder.release()
    expect(faults.join()).toMatch(/it took \d+ ms/)
  })

  test('a fault of ours', async () => {
    const rename = (from: string, to: string) =>
      service.owner.$client.query(`alter table saver rename column ${from} to ${to}`)
    await rename('family_names', 'renamed')
    const operations = making.operations.filter(({ path }) => path.startsWith('/v1/books/{bookId}/savers'))
    const { faults } = await askMany({ making: { ...making, operations }, count: 60, seed })
    await rename('renamed', 'family_names')
    expect(faults.join()).toContain('internal-fault')
  })
})
