import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildApp } from '../../src/app.ts'
import type { App } from '../../src/http/openapi.ts'
import { verifyBook } from '../../src/ledger/index.ts'
import { chanceFrom } from '../journeys/load.ts'
import { rebuild } from '../journeys/timeline.ts'
import { type Answer, asking } from '../savings/asking.ts'
import { type Money, openMoney } from '../savings/money.ts'
import { type TestApp, type TestClock, testApp, testClock } from '../support/app.ts'
import { testConfig } from '../support/config.ts'
import { assertSound, readBook } from '../support/stored-book.ts'
import { expectedState, stateOf } from '../support/stored-state.ts'

/** CLOCKS_SEED chooses who does what. */
const seed = Number(process.env.CLOCKS_SEED ?? Date.now() % 2 ** 31)

/** Noon in Lima, so that an hour is no other day. */
const noon = '2026-03-31T17:00:00Z'
const [minute, hour] = [60_000, 3_600_000]

let service: TestApp
/** Two further services on the same database. */
let others: { app: App; clock: TestClock }[]
let money: Money
let key: string

beforeAll(async () => {
  service = await testApp({ clock: testClock(noon) })
  others = await Promise.all(
    [-4 * minute, 4 * minute].map(async ahead => {
      const clock = testClock(noon)
      clock.advance(ahead)
      return { app: await buildApp({ db: service.db, config: testConfig(), clock }), clock }
    }),
  )
  money = await openMoney(service)
  key = await service.key('administrator')
}, 60_000)

afterAll(async () => {
  for (const { app } of others) await app.close()
  await service.close()
})

const by = (one: { app: App }) => asking(one, key)
const all = () => [service, ...others]

function deposit(one: { app: App }, id: string, valueDate = '2026-03-14'): Promise<Answer> {
  const body = { id, savingsAccountId: money.ana.accountId, amount: '1.00', valueDate, channel: 'branch' }
  return by(one).post(`${money.book}/deposits`, body)
}

async function expectBookSound(): Promise<void> {
  const stored = await readBook(service.db, money.bookId)
  assertSound(stored)
  expect(expectedState(rebuild(stored))).toEqual(stateOf(stored))
  expect(await verifyBook(service.db, money.bookId)).toMatchObject({ ok: true, faults: [] })
}

test('services whose clocks differ by minutes record in one order, and answer a repeat alike', async () => {
  const chance = chanceFrom(seed)
  const firsts = new Map<string, Answer>()
  for (let turn = 0; turn < 40; turn++) {
    for (const { clock } of all()) clock.advance(chance.below(2_000))
    const ids = Array.from({ length: 3 }, () => uuid())
    const answers = await Promise.all(ids.map(id => deposit(chance.oneOf(all()), id)))
    for (const [place, id] of ids.entries()) firsts.set(id, answers[place]!)
  }
  const told = [...firsts.values()].map(({ body }) => body).sort((one, other) => one.sequence - other.sequence)
  expect(told.map(({ sequence }) => sequence)).toEqual(told.map((_, place) => place + 1))
  const instants = told.map(({ recordedAt }) => Date.parse(recordedAt))
  expect(instants).toEqual(instants.toSorted((one, other) => one - other))
  for (const [id, { status, body }] of firsts) {
    expect([status, body.replayed]).toEqual([201, false])
    for (const one of all()) {
      const again = await deposit(one, id)
      expect([again.status, again.body]).toEqual([200, { ...body, replayed: true }])
    }
  }
  await expectBookSound()
})

test('when a clock is moved back by hours, nothing is recorded before what was, and what was known stays as it was', async () => {
  const posted = await deposit(service, uuid())
  const known = posted.body.recordedAt as string
  const view = (one: { app: App }) => by(one).get(`${money.book}/trial-balance?knownAt=${encodeURIComponent(known)}`)
  // What was recorded bears the instant of the clock that is ahead of this one.
  service.clock.advance(5 * minute)
  const { status, body: before } = await view(service)
  expect(status).toBe(200)
  for (const { clock } of all()) clock.advance(-3 * hour)
  const after: Answer[] = []
  for (const one of all()) for (let times = 0; times < 3; times++) after.push(await deposit(one, uuid()))
  expect(after.map(({ status }) => status)).toEqual(after.map(() => 201))
  for (const { body } of after) expect(Date.parse(body.recordedAt)).toBeGreaterThanOrEqual(Date.parse(known))
  await expectBookSound()
  // By the clock that was moved back it is an instant to come.
  expect((await view(service)).body.code).toBe('instant-in-future')
  for (const { clock } of all()) clock.advance(3 * hour + minute)
  expect((await view(service)).body).toEqual(before)
  await expectBookSound()
})

test('when a clock is moved back over midnight, the day that had begun has not come yet, and a repeat of what was posted on it is a replay', async () => {
  for (const { clock } of all()) clock.set('2026-04-01T17:00:00Z')
  const id = uuid()
  const first = await deposit(service, id, '2026-04-01')
  expect(first.status).toBe(201)
  service.clock.set('2026-03-31T17:00:00Z')
  const early = await deposit(service, uuid(), '2026-04-01')
  expect([early.status, early.body.code, early.body.retryable]).toEqual([422, 'value-date-in-future', true])
  const again = await deposit(service, id, '2026-04-01')
  expect([again.status, again.body]).toEqual([200, { ...first.body, replayed: true }])
  // Another service, whose clock is right, takes it.
  expect((await deposit(others[0]!, uuid(), '2026-04-01')).status).toBe(201)
  service.clock.set('2026-04-01T17:05:00Z')
  await expectBookSound()
})
