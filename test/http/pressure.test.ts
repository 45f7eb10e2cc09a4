import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'

let service: TestApp
let key: string

afterEach(() => service.close())

async function start(env: Record<string, string>): Promise<void> {
  service = await testApp({ env })
  key = await service.key('administrator')
}

async function ask(method: 'GET' | 'POST' | 'HEAD', url: string, payload?: object) {
  const headers = { authorization: `Bearer ${key}` }
  const answer = await service.app.inject({ method, url, headers, ...(payload && { payload }) })
  const isProblem = String(answer.headers['content-type']).startsWith('application/problem+json') && method !== 'HEAD'
  return [answer.statusCode, isProblem ? answer.json().code : undefined]
}

const overloaded = [503, 'overloaded']

/** Something that changes the books' world a little, as a posting does. */
function change() {
  const id = randomUUID()
  return ask('POST', '/v1/institutions', { id, code: id.slice(-12), name: 'Caja', kind: 'caja' })
}

/** Waits for a connection of the pool, as so many requests would. */
function waitFor(count: number): Promise<pg.PoolClient>[] {
  return Array.from({ length: count }, () => service.db.$client.connect())
}

test('when many wait for the database, reads are refused first, postings later, and never what tells how the service is', async () => {
  await start({ PRESSURE_QUEUE: '2' })
  const pool = service.db.$client
  const held = await Promise.all(waitFor(pool.options.max!))
  const waiting = waitFor(2)
  const free = async () => {
    for (const client of held.splice(0)) client.release()
    for (const one of waiting.splice(0)) (await one).release()
  }
  try {
    // As many as may wait: this one waits too.
    const patient = ask('GET', '/v1/institutions')
    while (pool.waitingCount < 3) await pause(5)
    expect(await ask('GET', '/v1/institutions')).toEqual(overloaded)
    expect(await ask('HEAD', '/v1/institutions')).toEqual([503, undefined])
    expect(await ask('POST', '/v1/statistics/permanent-active-savers', {})).toEqual(overloaded)
    expect(await ask('GET', '/')).toEqual([503, undefined])
    expect(await ask('GET', '/health')).toEqual([200, undefined])
    const posting = change()
    while (pool.waitingCount < 4) await pause(5)
    waiting.push(...waitFor(3))
    expect(pool.waitingCount).toBe(7)
    expect(await change()).toEqual(overloaded)
    expect(await ask('GET', '/health')).toEqual([200, undefined])
    await free()
    expect(await posting).toEqual([201, undefined])
    expect(await patient).toEqual([200, undefined])
  } finally {
    await free()
  }
  expect(await ask('GET', '/v1/institutions')).toEqual([200, undefined])
})

test('a refusal says when to come again', async () => {
  await start({ PRESSURE_QUEUE: '1' })
  const held = await Promise.all(waitFor(service.db.$client.options.max!))
  const waiting = waitFor(2)
  const { headers, ...answer } = await service.app.inject('/v1/me')
  expect([answer.statusCode, answer.json().retryable, headers['retry-after']]).toEqual([503, true, '1'])
  for (const client of held) client.release()
  for (const one of waiting) (await one).release()
})

/** Keeps the thread of requests busy, so that each of its turns takes so long, for some time. */
async function stall(turn: number, milliseconds: number): Promise<void> {
  for (const end = performance.now() + milliseconds; performance.now() < end; ) {
    for (const until = performance.now() + turn; performance.now() < until; );
    await nextTurn()
  }
}

test('when the thread is late, reads are refused first and postings later; when it is in time again, nobody is', async () => {
  await start({ PRESSURE_DELAY: '200' })
  expect(await ask('GET', '/v1/institutions')).toEqual([200, undefined])
  await stall(350, 2_500)
  expect(await ask('GET', '/v1/institutions')).toEqual(overloaded)
  expect(await change()).toEqual([201, undefined])
  await stall(900, 3_000)
  expect(await change()).toEqual(overloaded)
  expect(await ask('GET', '/metrics')).toEqual([200, undefined])
  await pause(2_100)
  expect(await ask('GET', '/v1/institutions')).toEqual([200, undefined])
})

test('a mark of zero is none', async () => {
  await start({ PRESSURE_QUEUE: '0', PRESSURE_DELAY: '0' })
  await stall(500, 1_500)
  const held = await Promise.all(waitFor(service.db.$client.options.max!))
  const waiting = waitFor(20)
  const answer = ask('GET', '/v1/institutions')
  for (const client of held) client.release()
  for (const one of waiting) (await one).release()
  expect(await answer).toEqual([200, undefined])
})
