import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changeAccounts, type Draft, openLedger } from '../../src/ledger/index.ts'
import { type VerificationProgress, verifyBook } from '../../src/ledger/verify.ts'
import { testClock } from '../support/app.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { type EventfulBook, eventfulBook } from './eventful-book.ts'

describe('verifying', () => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await testDatabase()
  })
  afterAll(() => test.close())

  it('finds nothing wrong with books that the ledger has kept, whatever happened in them', async () => {
    for (const seed of [1, 2, 3]) {
      const { id, code } = await eventfulBook(test.db, { seed, steps: 200 })
      const verified = await verifyBook(test.db, id, { most: 10 })
      expect(verified).toMatchObject({ faults: [], faultCount: 0, ok: true, book: { id, code } })
      const { rows } = await test.db.$client.query(
        `select sequence, encode(hash, 'hex') as hash, event_number, encode(event_hash, 'hex') as event_hash,
           (select count(*)::int from entry where book_id = $1) as entries, (select count(*)::int from hold where book_id = $1) as holds
         from book_head where book_id = $1`,
        [id],
      )
      const [{ sequence, hash, event_number, event_hash, entries, holds }] = rows
      expect(verified).toMatchObject({ sequence: BigInt(sequence), hash, eventNumber: BigInt(event_number) })
      expect(verified.eventHash).toBe(event_hash)
      expect(verified.counts).toMatchObject({ transactions: Number(sequence), entries, accounts: 10, holds })
    }
  })

  it('tells how far it is', async () => {
    const { id, accounts } = await eventfulBook(test.db, { seed: 21, steps: 0 })
    const ledger = openLedger({ db: test.db, clock: testClock('2026-11-24T15:00:00Z') })
    for (let list = 0; list < 2; list++) {
      const drafts = Array.from({ length: 1000 }, (): Draft => move(accounts.bank!, accounts.ana!, 1n))
      await ledger.postList(id, drafts, 'atomic', 'tester')
    }
    const told: VerificationProgress[] = []
    const { counts } = await verifyBook(test.db, id, { onProgress: progress => told.push(progress) })
    expect(told.map(({ part }) => part)).toEqual(told.map(({ part }) => part).toSorted((one, other) => one - other))
    expect(told.length).toBeGreaterThan(2)
    expect(told.at(-1)).toEqual({ transactions: counts.transactions, part: 1 })
  })

  it('refuses a book that is not there', async () => {
    await expect(verifyBook(test.db, uuid())).rejects.toMatchObject({ code: 'book-not-found' })
  })

  it('looks at one moment while money moves', async () => {
    const { id, accounts } = await eventfulBook(test.db, { seed: 22, steps: 20 })
    const ledger = openLedger({ db: test.db, clock: testClock('2026-11-24T15:00:00Z') })
    let moving = true
    const moves = (async () => {
      while (moving) await ledger.post(id, move(accounts.bank!, accounts.ana!, 1n), 'tester')
    })()
    for (let time = 0; time < 10; time++) expect(await verifyBook(test.db, id)).toMatchObject({ faults: [], ok: true })
    moving = false
    await moves
  })

  /**
   * Posts while the owner has changed a row that would have refused it, and puts the row back: every hash is right, the deed
   * is not. Answers the first fault.
   */
  async function forge(book: EventfulBook, away: string, back: string, draft: Draft) {
    const ledger = openLedger({ db: test.db, clock: testClock('2026-11-24T15:00:00Z') })
    await test.owner.$client.query(away)
    const { sequence } = await ledger.post(book.id, draft, 'tester')
    await test.owner.$client.query(back)
    const { faults } = await verifyBook(test.db, book.id)
    return { rule: faults[0]?.rule, isOurs: faults[0]?.sequence === sequence }
  }

  it('names what the ledger would have refused, although every hash is right', async () => {
    const book = await eventfulBook(test.db, { seed: 31, steps: 0 })
    const { bank, luz, ana } = book.accounts
    const at = new Date('2026-11-24T14:00:00Z')
    const changes = [
      { id: ana!, status: 'blocked' as const },
      { id: luz!, closedOn: '2026-11-20' },
    ]
    await changeAccounts(test.db, book.id, changes, at, 'tester')
    const set = (id: string, columns: string) => `update account set ${columns} where id = '${id}'`
    const unblock = [set(ana!, `status = 'open'`), set(ana!, `status = 'blocked'`)] as const
    const open = [set(luz!, 'closed_on = null'), set(luz!, `closed_on = '2026-11-20'`)] as const

    const late = await forge(book, ...open, move(bank!, luz!, 5n))
    expect(late).toEqual({ rule: 'account-not-effective', isOurs: true })
    // The first stays the first: from here on it is the earlier one that is named.
    expect(await forge(book, ...unblock, move(bank!, ana!, 5n))).toEqual({ ...late, isOurs: false })

    const second = await eventfulBook(test.db, { seed: 32, steps: 0 })
    await changeAccounts(test.db, second.id, [{ id: second.accounts.ana!, status: 'blocked' }], at, 'tester')
    const { ana: blocked } = second.accounts
    const again = [set(blocked!, `status = 'open'`), set(blocked!, `status = 'blocked'`)] as const
    expect(await forge(second, ...again, move(second.accounts.bank!, blocked!, 5n))).toEqual({
      rule: 'account-not-open',
      isOurs: true,
    })

    const third = await eventfulBook(test.db, { seed: 33, steps: 0 })
    const overdraw = move(third.accounts.rosa!, third.accounts.bank!, 90_000_000n)
    // Its check would not let the floor be put back, so that the row is wrong as well: the transaction comes first.
    const withoutFloor = await forge(third, set(third.accounts.rosa!, 'floor = null'), 'select', overdraw)
    expect(withoutFloor).toEqual({ rule: 'below-floor', isOurs: true })

    const fourth = await eventfulBook(test.db, { seed: 34, steps: 0 })
    const head = (columns: string) => `update book_head set ${columns} where book_id = '${fourth.id}'`
    const { rows } = await test.db.$client.query('select closed_through from book_head where book_id = $1', [fourth.id])
    const closed = rows[0].closed_through as string
    const reopened = [head('closed_through = null'), head(`closed_through = '${closed}'`)] as const
    const draft = { ...move(fourth.accounts.bank!, fourth.accounts.rosa!, 5n), valueDate: closed }
    expect(await forge(fourth, ...reopened, draft)).toEqual({ rule: 'value-date-in-closed-month', isOurs: true })
  })

  it('names what is recorded later than it is now', async () => {
    const { id } = await eventfulBook(test.db, { seed: 51, steps: 30 })
    const { rows } = await test.db.$client.query('select recorded_at as at from book_head where book_id = $1', [id])
    const at = (milliseconds: number) => new Date(rows[0].at.getTime() + milliseconds)
    expect(await verifyBook(test.db, id, { now: at(-60_000) })).toMatchObject({ ok: true })
    const { rows: late } = await test.db.$client.query(
      'select min(sequence) as first from transaction where book_id = $1 and recorded_at > $2',
      [id, at(-7_200_000 + 300_000)],
    )
    const { ok, faults } = await verifyBook(test.db, id, { now: at(-7_200_000) })
    const where = late[0].first === null ? {} : { sequence: BigInt(late[0].first) }
    expect({ ok, first: faults[0] }).toMatchObject({ ok: false, first: { rule: 'recorded-in-future', ...where } })
  })

  it('names a reversal that is none, which only a careless ledger could post', async () => {
    const cases: [string, (original: Draft) => Partial<Draft>][] = [
      ['reversal-not-mirror', ({ entries }) => ({ entries })],
      [
        'reversal-not-mirror',
        ({ entries: [debit, credit] }) => ({ entries: move(credit!.accountId, debit!.accountId, 4n).entries }),
      ],
      ['reversal-kind', () => ({ kind: 'correction' })],
      ['reversal-original', () => ({ valueDate: '2026-11-01' })],
    ]
    const { rows } = await test.owner.$client.query(`select pg_get_functiondef('ledger_post'::regproc) as careful`)
    const careless = rows[0].careful.replace('if found then raise exception', 'if false then raise exception')
    expect(careless).not.toBe(rows[0].careful)
    await test.owner.$client.query(careless)
    for (const [rule, wrong] of cases) {
      const { id, accounts } = await eventfulBook(test.db, { seed: 41, steps: 0, code: uuid() })
      const ledger = openLedger({ db: test.db, clock: testClock('2026-11-24T15:00:00Z') })
      const original = move(accounts.bank!, accounts.rosa!, 5n)
      const { sequence } = await ledger.post(id, original, 'tester')
      const mirror = move(accounts.rosa!, accounts.bank!, 5n)
      const entries = [mirror.entries[1]!, mirror.entries[0]!]
      const draft: Draft = {
        ...mirror,
        kind: 'reversal',
        entries,
        reverses: { id: original.id, sequence },
        ...wrong(original),
      }
      const reversal = await ledger.post(id, draft, 'tester')
      const { faults } = await verifyBook(test.db, id)
      expect(faults[0]).toMatchObject({ rule, sequence: reversal.sequence })
    }
    await test.owner.$client.query(rows[0].careful)
  })
})

function move(debit: string, credit: string, amount: bigint): Draft {
  return {
    id: uuid(),
    kind: 'move',
    valueDate: '2026-11-24',
    entries: [
      { accountId: debit, direction: 'debit', amount },
      { accountId: credit, direction: 'credit', amount },
    ],
  }
}
