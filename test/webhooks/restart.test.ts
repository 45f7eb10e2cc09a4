import { v7 as uuid } from 'uuid'
import { expect, test } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { transact } from '../../src/db/client.ts'
import { tellEvents } from '../../src/feed/tell.ts'
import { openBanking } from '../reconciliation/banking.ts'
import { testApp } from '../support/app.ts'
import { testConfig } from '../support/config.ts'
import { openReceiver, until } from './receiver.ts'

const env = { WEBHOOK_PRIVATE_ADDRESSES: '127.0.0.1' }

test('a service that stops breaks off what is not answered, and the next one sends it', async () => {
  const service = await testApp({ env })
  const receiver = await openReceiver()
  receiver.answer(() => {})
  const bank = await openBanking(service, 'PEN', '2026-01-01')
  await bank.post('/webhooks', { id: uuid(), url: receiver.url, kinds: ['proof-ready'] })
  const subject = uuid()
  const facts = { bankAccountId: uuid(), matchingId: subject, day: '2026-03-02' }
  const { db, clock } = service
  await transact(db, tx => tellEvents(tx, bank.bookId, clock.now(), [{ kind: 'proof-ready', subject, facts }]))
  await until(() => receiver.received.length === 1)
  const since = performance.now()
  await service.app.close()
  expect(performance.now() - since).toBeLessThan(8_000)
  const left = async () =>
    (await db.$client.query('select status, attempts, failures, last_outcome from webhook_delivery')).rows
  expect(await left()).toEqual([{ status: 'waiting', attempts: 1, failures: 0, last_outcome: 'interrupted' }])
  receiver.answer((_, response) => response.writeHead(204).end())
  const next = await buildApp({ db, config: testConfig(env), clock })
  await until(async () => (await left())[0].status === 'delivered')
  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual(
    Array(2).fill(receiver.received[0]!.headers['webhook-id']),
  )
  await next.close()
  await receiver.close()
  await service.close()
})
