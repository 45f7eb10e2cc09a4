import { Webhook } from 'standardwebhooks'
import { v7 as uuid } from 'uuid'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { transact } from '../../src/db/client.ts'
import { tellEvents } from '../../src/feed/tell.ts'
import { openLog } from '../../src/http/log.ts'
import { verifyBook } from '../../src/ledger/index.ts'
import { claimNext, keepAttempt } from '../../src/webhooks/deliveries/claim.ts'
import { queueDeliveries } from '../../src/webhooks/deliveries/queue.ts'
import { verifyWebhooks } from '../../src/webhooks/verify.ts'
import { type Banking, openBanking } from '../reconciliation/banking.ts'
import type { Answer } from '../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { testConfig } from '../support/config.ts'
import { openReceiver, type Receiver, until } from './receiver.ts'

const env = { WEBHOOK_PRIVATE_ADDRESSES: '127.0.0.1' }

let service: TestApp
let receiver: Receiver
let bank: Banking

beforeAll(async () => {
  service = await testApp({ env, clock: testClock(new Date().toISOString()) })
})

afterAll(() => service.close())

beforeEach(async () => {
  receiver = await openReceiver()
  bank = await openBanking(service, 'PEN', '2026-01-01')
})

/** Nothing is left to be posted to a receiver that is gone. */
afterEach(async () => {
  const { items } = (await bank.get('/webhooks', bank.administratorKey)).body
  for (const { id } of items) await bank.post(`/webhooks/${id}/disable`, {})
  await receiver.close()
})

async function tell(count = 1): Promise<void> {
  const events = Array.from({ length: count }, () => {
    const subject = uuid()
    const facts = { bankAccountId: uuid(), matchingId: subject, day: '2026-03-02' }
    return { kind: 'proof-ready' as const, subject, facts }
  })
  await transact(service.db, tx => tellEvents(tx, bank.bookId, service.clock.now(), events))
}

async function add(more: object = {}, key?: string): Promise<Answer['body']> {
  const answer = await bank.post('/webhooks', { id: uuid(), url: receiver.url, kinds: ['proof-ready'], ...more }, key)
  expect([answer.status, answer.body.detail]).toEqual([201, undefined])
  return answer.body
}

async function deliveries(id: string, query = ''): Promise<Answer['body'][]> {
  return (await bank.get(`/webhooks/${id}/deliveries?limit=200${query}`, bank.administratorKey)).body.items
}

const statuses = async (id: string) => (await deliveries(id)).map(({ status }) => status)
const [arrived, isOver] = [
  (count: number) => () => receiver.received.length >= count,
  (id: string, status: string) => async () => {
    const all = await statuses(id)
    return all.length > 0 && all.every(one => one === status)
  },
]

test('an event is posted as Standard Webhooks has it, and its signature is verified', async () => {
  const { id, secret } = await add()
  await tell()
  await until(arrived(1))
  const [{ headers, body }] = receiver.received as [Receiver['received'][number]]
  const told = (await bank.get('/events?kind=proof-ready')).body.items[0]
  expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toEqual({
    ...{ type: 'proof-ready', timestamp: told.recordedAt },
    data: { id: told.id, bookId: bank.bookId, sequence: 0, address: told.address, ...told.facts },
  })
  expect(headers['webhook-id']).toBe(told.id)
  expect(() => new Webhook(secret).verify(`${body} `, headers as Record<string, string>)).toThrow()
  await until(isOver(id, 'delivered'))
  expect(await deliveries(id)).toMatchObject([
    { eventId: told.id, attempts: 1, lastStatus: 204, lastOutcome: 'accepted' },
  ])
})

test('it is told what happens from then on, of its kinds alone', async () => {
  await tell(3)
  const [proofs, breaks] = [await add(), await add({ kinds: ['break-opened'] })]
  await tell(2)
  await until(arrived(2))
  await until(isOver(proofs.id, 'delivered'))
  expect([(await deliveries(proofs.id)).length, await deliveries(breaks.id)]).toEqual([2, []])
})

test('while a secret is replaced both are valid, then the new one alone; it is shown once', async () => {
  const { id, secret: first } = await add()
  const rotation = { id: uuid(), overlapHours: 1 }
  const rotated = await bank.post(`/webhooks/${id}/rotations`, rotation)
  const { secret: second } = rotated.body
  expect((await bank.post(`/webhooks/${id}/rotations`, rotation)).body).toMatchObject({ secret: null, replayed: true })
  expect(JSON.stringify((await bank.get(`/webhooks/${id}`, bank.administratorKey)).body)).not.toContain('whsec_')
  await tell()
  await until(arrived(1))
  const verified = (secret: string, place: number) => {
    const { headers, body } = receiver.received[place]!
    return new Webhook(secret).verify(body, headers as Record<string, string>)
  }
  expect(receiver.received[0]!.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/)
  expect(verified(first, 0)).toEqual(verified(second, 0))
  expect((await bank.post(`/webhooks/${id}/rotations`, { id: uuid(), overlapHours: 0 })).status).toBe(201)
  await tell()
  await until(arrived(2))
  expect(receiver.received[1]!.headers['webhook-signature']).toMatch(/^v1,\S+$/)
  for (const secret of [first, second]) expect(() => verified(secret, 1)).toThrow('No matching signature')
})

test('what fails is tried ten times, is a dead letter then, and a person sends it again', async () => {
  receiver.answer((_, response) => response.writeHead(500).end())
  const { id } = await add()
  await tell()
  for (let attempt = 1; attempt <= 10; attempt++) {
    await until(async () => (await deliveries(id))[0]?.lastAt != null && receiver.received.length === attempt)
    await until(async () => (await deliveries(id))[0]?.lastAt === service.clock.now().toISOString())
    service.clock.advance(27 * 3_600_000)
  }
  await until(isOver(id, 'dead'))
  const [dead] = await deliveries(id, '&status=dead')
  expect(dead).toMatchObject({ attempts: 10, dueAt: null, lastOutcome: 'declined', lastStatus: 500 })
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
  receiver.answer((_, response) => response.writeHead(200).end())
  const unknown = await bank.post(`/webhooks/${id}/redelivery`, { eventIds: [uuid()] })
  expect(unknown.body.code).toBe('webhook-delivery-not-found')
  expect((await bank.post(`/webhooks/${id}/redelivery`, {})).body).toEqual({ deliveries: 1 })
  await until(isOver(id, 'delivered'))
  expect((await bank.post(`/webhooks/${id}/redelivery`, { eventIds: [dead!.eventId] })).body.deliveries).toBe(1)
  await until(arrived(12))
})

test('410 disables a webhook; what waited is dead, and enabled again it is told what comes then', async () => {
  receiver.answer((_, response) => response.writeHead(410).end())
  const { id } = await add()
  await tell(3)
  await until(async () => (await bank.get(`/webhooks/${id}`, bank.administratorKey)).body.status === 'disabled')
  expect((await bank.get(`/webhooks/${id}`, bank.administratorKey)).body.disabledBecause).toBe('gone')
  await until(isOver(id, 'dead'))
  expect([(await deliveries(id)).length, receiver.received.length]).toEqual([3, 1])
  expect((await bank.post(`/webhooks/${id}/redelivery`, {})).body.code).toBe('webhook-disabled')
  await tell()
  receiver.answer((_, response) => response.writeHead(204).end())
  expect((await bank.post(`/webhooks/${id}/enable`, {})).body).toMatchObject({
    status: 'enabled',
    disabledBecause: null,
  })
  await tell()
  await until(arrived(2))
  expect((await deliveries(id)).length).toBe(4)
})

test('a bank has webhooks of its own, sees no others, and none of other books', async () => {
  const [its, programmes] = [await add({}, bank.bankKey), await add()]
  expect([its.party, programmes.party]).toEqual(['bank', 'programme'])
  expect((await bank.get('/webhooks')).body.items.map(({ id }: { id: string }) => id)).toEqual([its.id])
  expect((await bank.get('/webhooks', bank.administratorKey)).body.items.length).toBe(2)
  for (const address of ['', '/deliveries'])
    expect((await bank.get(`/webhooks/${programmes.id}${address}`)).body.code).toBe('webhook-not-found')
  for (const verb of ['disable', 'enable', 'redelivery', 'rotations'])
    expect(
      (
        await bank.post(
          `/webhooks/${programmes.id}/${verb}`,
          { ...(verb === 'rotations' && { id: uuid() }) },
          bank.bankKey,
        )
      ).body.code,
    ).toBe('webhook-not-found')
  const other = await openBanking(service, 'PEN')
  expect((await bank.get('/webhooks', other.bankKey)).body.code).toBe('book-not-found')
  expect((await other.get(`/webhooks/${its.id}`)).body.code).toBe('webhook-not-found')
})

test('private addresses are refused, the same id is a replay, and a book has twenty at the most', async () => {
  const refused = await bank.post('/webhooks', { id: uuid(), url: 'https://10.0.0.1/', kinds: ['proof-ready'] })
  expect(refused.body).toMatchObject({ status: 422, code: 'webhook-url-refused', fields: [{ path: 'url' }] })
  const body = { id: uuid(), url: receiver.url, kinds: ['proof-ready'] }
  const all = await Promise.all(Array.from({ length: 24 }, () => bank.post('/webhooks', { ...body, id: uuid() })))
  const codes = all.map(({ status }) => status).sort()
  expect(codes).toEqual([...Array(20).fill(201), ...Array(4).fill(409)])
  const [{ body: one }] = all.filter(({ status }) => status === 201) as [Answer]
  const again = await bank.post('/webhooks', { ...body, id: one.id })
  expect(again).toMatchObject({ status: 200, body: { secret: null, replayed: true } })
  expect((await bank.post('/webhooks', { ...body, id: one.id, kinds: ['break-opened'] })).body.code).toBe('id-reused')
})

test('of two services one makes each attempt, and the log tells nothing of what was in it', async () => {
  const lines: string[] = []
  const log = openLog('debug', { write: line => void lines.push(line) })
  const { db, clock } = service
  const second = await buildApp({ db, config: testConfig(env), clock, log })
  receiver.answer((_, response) => void setTimeout(() => response.writeHead(204).end(), 10))
  const { id, secret } = await add()
  await tell(60)
  await until(isOver(id, 'delivered'), 20_000)
  const ids = receiver.received.map(({ headers }) => headers['webhook-id'])
  expect([ids.length, new Set(ids).size]).toEqual([60, 60])
  receiver.answer((_, response) => response.writeHead(500).end())
  await tell()
  await until(arrived(61))
  await second.close()
  expect(lines.join('')).not.toMatch(
    new RegExp(`${secret.slice(6, 30)}|whsec_|bankAccountId|127\\.0\\.0\\.1:${receiver.port}`),
  )
})

test('what a killed service left is taken over when its lease is over, and it changes nothing any more', async () => {
  const { db, clock } = service
  const { id } = await add()
  receiver.answer((_, response) => response.writeHead(500).end())
  await tell()
  await until(arrived(1))
  await until(async () => (await deliveries(id))[0]?.lastOutcome === 'declined')
  const of = { bookId: bank.bookId, webhookId: id }
  let claimed: Awaited<ReturnType<typeof claimNext>> = null
  // The service may be faster, and fail; then the next attempt is ours.
  while (claimed === null) {
    clock.advance(27 * 3_600_000)
    claimed = await claimNext(db, of, clock.now())
  }
  receiver.answer((_, response) => response.writeHead(204).end())
  expect(await claimNext(db, of, clock.now())).toBeNull()
  clock.advance(61_000)
  await until(isOver(id, 'delivered'))
  await keepAttempt(db, claimed, { outcome: 'declined', status: 500 }, clock.now(), 0)
  expect(await deliveries(id)).toMatchObject([{ status: 'delivered', attempts: claimed.attempt + 1 }])
})

test('a webhook that somebody changed is found', async () => {
  const { id } = await add()
  await bank.post(`/webhooks/${id}/rotations`, { id: uuid() })
  const { owner, db } = service
  const faults = async () => {
    const { faults } = await verifyBook(db, bank.bookId, {
      most: 20,
      now: service.clock.now(),
      further: [verifyWebhooks],
    })
    return faults.map(({ table }) => table)
  }
  expect(await faults()).toEqual([])
  const client = await owner.$client.connect()
  for (const [table, text, back] of [
    ['webhook', `url = 'https://other.example/'`, `url = '${receiver.url}'`],
    ['webhook', `kinds = '{break-opened}'`, `kinds = '{proof-ready}'`],
    [
      'webhook_rotation',
      `previous_until = previous_until + interval '1 hour'`,
      `previous_until = previous_until - interval '1 hour'`,
    ],
  ] as const) {
    const set = async (what: string) => {
      await client.query('set session_replication_role = replica')
      await client.query(`update ${table} set ${what} where book_id = '${bank.bookId}'`)
      await client.query('set session_replication_role = origin')
    }
    await set(text)
    expect(await faults()).toEqual([table])
    await set(back)
  }
  client.release()
  await queueDeliveries(db, service.clock.now())
  expect(await faults()).toEqual([])
})
