import { randomUUID } from 'node:crypto'
import { get, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openAccounts, openLedger } from '../../src/ledger/index.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { type EventfulBook, eventfulBook } from './eventful-book.ts'

let service: TestApp
let book: EventfulBook
let auditor: string

beforeAll(async () => {
  service = await testApp()
  book = await eventfulBook(service.db, { seed: 71, steps: 20 })
  auditor = await service.key('auditor', { books: [book.id], readOnly: true })
})
afterAll(() => service.close())

function read(path: string, key = auditor) {
  return service.app.inject({ url: `/v1/books/${book.id}/${path}`, headers: { authorization: `Bearer ${key}` } })
}

it('an auditor with a key for reading verifies a book, and learns where its chains end', async () => {
  const answer = await read('verification')
  expect(answer.statusCode).toBe(200)
  const { rows } = await service.db.$client.query(
    `select sequence::int, encode(hash, 'hex') as hash, event_number::int as "eventNumber", encode(event_hash, 'hex') as "eventHash"
     from book_head where book_id = $1`,
    [book.id],
  )
  expect(answer.json()).toEqual({
    ok: true,
    bookId: book.id,
    bookCode: book.code,
    at: service.clock.now().toISOString(),
    milliseconds: expect.any(Number),
    counts: expect.objectContaining({ transactions: rows[0].sequence, accounts: 10, events: rows[0].eventNumber }),
    ...rows[0],
    faultCount: 0,
    faults: [],
  })
})

it('a wrong transaction is named, without what may be personal', async () => {
  const client = await service.owner.$client.connect()
  await client.query('begin')
  await client.query('set local session_replication_role = replica')
  await client.query(`update transaction set reason = 'because of Ana' where book_id = $1 and sequence in (7, 9)`, [
    book.id,
  ])
  await client.query(`update account set name = 'Ana Quispe' where book_id = $1 and id = $2`, [
    book.id,
    book.accounts.ana,
  ])
  await client.query('commit')
  client.release()
  const answer = await read('verification')
  expect(answer.json()).toMatchObject({ ok: false, faultCount: 3 })
  expect(answer.json().faults).toMatchObject([
    { rule: 'content-hash', sequence: 7, meaning: 'the stored content does not give the content hash' },
    { rule: 'content-hash', sequence: 9 },
    { rule: 'account-differs', accountId: book.accounts.ana, field: 'name' },
  ])
  expect(answer.body).not.toMatch(/Ana|Own money/)
  expect((await read('verification?faults=1')).json().faults).toHaveLength(1)
  expect((await read('verification?faults=0')).statusCode).toBe(400)
})

it('a book is exported as a journal', async () => {
  const answer = await read('journal')
  expect(answer.statusCode).toBe(200)
  expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
  expect(answer.body).toMatch(/^; The book B71-PEN/)
  expect(answer.body).toMatch(
    /; End of the journal of B71-PEN: transactions 1 to \d+; the last one's hash is [0-9a-f]{64}\.\n$/,
  )
})

it('journals that nobody reads to the end are given up, and few are read at a time', { timeout: 90_000 }, async () => {
  const long = await bookOfManyEntries()
  const address = await service.app.listen({ port: 0 })
  const headers = { authorization: `Bearer ${await service.key('auditor')}` }
  const asked = () =>
    new Promise<IncomingMessage>((answered, failed) => {
      get(`${address}/v1/books/${long}/journal`, { headers, agent: false }, answered).on('error', failed)
    })
  const inUse = () => service.db.$client.totalCount - service.db.$client.idleCount
  for (let round = 0; round < 2; round++) {
    // Nobody reads on: what is more than the buffers between us hold has to wait.
    const open = await Promise.all([asked(), asked(), asked()])
    expect(open.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200])
    const refused = await asked()
    expect(JSON.parse(await text(refused))).toMatchObject({ status: 503, code: 'overloaded', retryable: true })
    await expect.poll(inUse, { timeout: 20_000 }).toBe(3)
    for (const answer of open) answer.destroy()
    await expect.poll(inUse, { timeout: 20_000 }).toBe(0)
  }
  const answer = await asked()
  expect(await text(answer)).toMatch(/; End of the journal of .*\n$/)
  await expect.poll(inUse, { timeout: 20_000 }).toBe(0)
})

/** A book whose journal is of some ten megabytes. */
async function bookOfManyEntries(): Promise<string> {
  const { id, accounts } = await eventfulBook(service.db, { seed: 72, steps: 0 })
  const ledger = openLedger({ db: service.db, clock: service.clock })
  const now = service.clock.now()
  const longest = { id: randomUUID(), code: 'x'.repeat(80), name: 'x', type: 'asset' as const, floor: null }
  await openAccounts(service.db, id, [{ ...longest, openedOn: '2026-01-01' }], now, 'tester')
  const entries = Array.from({ length: 1000 }, (_, place) => ({
    accountId: place % 2 === 0 ? longest.id : accounts.ana!,
    direction: place % 2 === 0 ? ('debit' as const) : ('credit' as const),
    amount: 1n,
  }))
  for (let list = 0; list < 15; list++) {
    const drafts = Array.from({ length: 10 }, () => ({
      id: randomUUID(),
      kind: 'move',
      valueDate: '2026-02-01',
      entries,
    }))
    await ledger.postList(id, drafts, 'atomic', 'tester')
  }
  return id
}

it('a book out of reach is not there', async () => {
  const other = await service.key('auditor', { books: [randomUUID()] })
  for (const path of ['verification', 'journal']) {
    expect((await read(path, other)).json()).toMatchObject({ status: 404, code: 'book-not-found' })
    expect((await read(path, await service.key('bank'))).statusCode).toBe(403)
  }
})
