import { setTimeout as pause } from 'node:timers/promises'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { transact } from '../../src/db/client.ts'
import { beginning, feedAfter, type Place } from '../../src/feed/feed.ts'
import type { FeedEvent, Telling } from '../../src/feed/kinds.ts'
import { tellEvents } from '../../src/feed/tell.ts'
import { openLedger } from '../../src/ledger/index.ts'
import { openBanking } from '../reconciliation/banking.ts'
import { type TestApp, testApp } from '../support/app.ts'

let service: TestApp

beforeAll(async () => {
  service = await testApp()
})

afterAll(() => service.close())

const telling = (): Telling => {
  const subject = uuid()
  return { kind: 'proof-ready', subject, facts: { bankAccountId: uuid(), matchingId: subject, day: '2026-03-02' } }
}

/** Writers at once, each of which takes a while to commit; some give up. Readers meanwhile go on from where they were. */
test('a reader who polls while many write misses nothing, and sees nothing twice or in another order', async () => {
  const { bookId } = await openBanking(service, 'PEN', '2026-01-01')
  const { db, clock } = service
  const ledger = openLedger({ db, clock })
  const { rows: accounts } = await db.$client.query<{ id: string }>(
    `select id from account where book_id = $1 and code in ('1010', '1090') order by code`,
    [bookId],
  )
  const [bank, clearing] = accounts.map(({ id }) => id) as [string, string]
  let writing = true

  async function post(): Promise<void> {
    for (let count = 0; count < 120; count++) {
      const entries = [
        { accountId: bank, direction: 'debit' as const, amount: 1n },
        { accountId: clearing, direction: 'credit' as const, amount: 1n },
      ]
      await ledger.post(bookId, { id: uuid(), kind: 'move', valueDate: '2026-03-02', entries }, 'tester')
      if (count % 5 === 0) await pause(Math.random() * 4)
    }
  }

  const told: string[] = []
  async function tell(): Promise<void> {
    for (let count = 0; count < 40; count++) {
      const events = Array.from({ length: 1 + (count % 3) }, telling)
      const isKept = count % 4 !== 0
      const done = transact(db, async tx => {
        await tellEvents(tx, bookId, clock.now(), events)
        await pause(Math.random() * 5)
        if (!isKept) throw new Error('given up')
      })
      await done.catch(error => expect(error.message).toBe('given up'))
      if (isKept) told.push(...events.map(({ subject }) => subject))
    }
  }

  async function read(limit: number): Promise<FeedEvent[]> {
    const seen: FeedEvent[] = []
    let place: Place = beginning
    for (;;) {
      const isLast = !writing
      const { events, more, next } = await feedAfter(db, bookId, place, { kind: null, limit })
      seen.push(...events)
      place = next
      if (isLast && !more) return seen
    }
  }

  const readers = Promise.all([read(1), read(7), read(200)])
  await Promise.all([post(), post(), tell(), tell(), tell()])
  writing = false
  const whole = await read(1000)
  for (const seen of await readers) expect(seen).toEqual(whole)
  const posted = whole.filter(({ kind }) => kind === 'transaction-posted')
  expect(posted.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 240 }, (_, place) => place + 1))
  const subjects = whole.flatMap(event => (event.kind === 'proof-ready' ? [event.facts.matchingId] : []))
  expect(subjects.sort()).toEqual(told.sort())
})
