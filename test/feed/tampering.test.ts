import type pg from 'pg'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sqlState } from '../../src/db/errors.ts'
import { sessionOf } from '../../src/db/stream.ts'
import { verifyFeed } from '../../src/feed/verify.ts'
import { verifyWithin } from '../../src/ledger/verify.ts'
import { verifyReconciliation } from '../../src/reconciliation/verify.ts'
import { openResolving, type Resolving } from '../reconciliation/resolving.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { change, changes, columns, someRows, tampering } from '../support/tampering.ts'

let service: TestApp
let client: pg.PoolClient
let book: Resolving

beforeAll(async () => {
  service = await testApp()
  client = await service.owner.$client.connect()
  book = await openResolving(service)
  await book.deposit({ amount: '10.00', day: '2026-03-02', reference: 'OP-1' })
  const lines = ['C10,00OP-1', 'C2,00OP-2', 'C3,00OP-3']
  await book.statement({ day: '260302', number: '1', opening: '0,00', closing: '15,00', lines })
  await book.match()
  const [one] = await book.like({ amount: '2.00' })
  await book.resolve({ kind: 'accept', breaks: [one] })
  await book.deposit({ amount: '3.00', day: '2026-03-02', reference: 'OP-3' })
  await book.match()
})

afterAll(async () => {
  client.release()
  await service.close()
})

const further = [verifyFeed, verifyReconciliation]

const faultsAfter = async (tamper: () => Promise<unknown>) => {
  const { faults } = await tampering(client, tamper, () =>
    verifyWithin(sessionOf(client), book.bookId, { most: 20, further }),
  )
  return faults.filter(({ rule }) => rule !== 'guard-missing')
}

test('what was told is right', async () => {
  expect(await faultsAfter(async () => {})).toEqual([])
  expect((await book.get('/verification', await service.key('auditor'))).body).toMatchObject({ ok: true })
})

test('any field of an event that somebody changed is found', async () => {
  const missed: string[] = []
  for (const column of await columns(client, ['feed_event']))
    for (const { ctid } of await someRows(client, book.bookId, column))
      for (const ways of changes(column)) {
        const faults = await faultsAfter(async () => {
          for (const way of ways) {
            const text = `update feed_event set ${column.column} = ${way} where ctid = $1::tid`
            if ((await change(client, text, [ctid])) === 'done') return
          }
          throw new Error(`say how ${column.column} may be changed`)
        })
        if (faults.length === 0) missed.push(`${column.column} at ${ctid}`)
      }
  expect(missed).toEqual([])
})

const rehashed = `update feed_event e set hash = feed_hash(e.book_id, e.position, e.after_sequence, e.kind, e.subject, e.facts, e.recorded_at)`

test.each([
  ['an event that is gone', `delete from feed_event where position = 2`],
  ['the last event, gone', `delete from feed_event where position = (select max(position) from feed_event)`],
  [
    'a reason, with its hash',
    `update feed_event set facts = replace(facts, 'missing-in-ledger', 'in-transit'); ${rehashed}`,
  ],
  [
    'an event of nothing',
    `insert into feed_event select book_id, position + 1, after_sequence, kind, '${uuid()}', facts, recorded_at, hash
       from feed_event where position = (select max(position) from feed_event); ${rehashed}`,
  ],
  ['a break that was closed', `update reconciliation_break set ended_at = opened_at where ended_at is null`],
  ['events in another order', `update feed_event set after_sequence = 0 where position > 2; ${rehashed}`],
  ['an event ahead of the book', `update feed_event set after_sequence = after_sequence + 100; ${rehashed}`],
])('%s is found', async (_, text) => {
  const faults = await faultsAfter(async () => {
    for (const statement of text.split(';')) await client.query(statement)
  })
  expect(faults.map(({ table }) => table)).toContain('feed_event')
})

test('the service neither writes nor alters events but by telling, and nobody alters them', async () => {
  const writes = [
    `insert into feed_event select * from feed_event`,
    `update feed_event set kind = kind`,
    `delete from feed_event`,
    `truncate feed_event cascade`,
  ]
  const states = (db: TestApp['db']) =>
    Promise.all(writes.map(text => db.$client.query(text).then(() => 'done', sqlState)))
  expect(await states(service.db)).toEqual(writes.map(() => '42501'))
  expect((await states(service.owner)).slice(1)).toEqual(['QL901', 'QL901', 'QL901'])
})
