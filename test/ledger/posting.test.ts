import { setTimeout } from 'node:timers/promises'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeBatch, postStatement } from '../../src/ledger/batch.ts'
import {
  balancesOf,
  changeAccounts,
  closeMonth,
  type Draft,
  headOf,
  openAccounts,
  openBook,
  openLedger,
  placeHold,
  reverse,
  sequenceKnownAt,
  verifyBook,
} from '../../src/ledger/index.ts'
import { testDatabase } from '../support/database.ts'

const clock = { now: () => new Date('2026-11-24T15:00:00.000Z') }
const actor = 'tester'

type Money = { book: string; bank: string; ana: string; rosa: string }

describe('posting', () => {
  let test: Awaited<ReturnType<typeof testDatabase>>
  let ledger: ReturnType<typeof openLedger>

  beforeAll(async () => {
    test = await testDatabase()
    ledger = openLedger({ db: test.db, clock })
  })
  afterAll(async () => {
    await ledger.drain()
    await test.close()
  })

  async function newBook(): Promise<Money> {
    const money = { book: uuid(), bank: uuid(), ana: uuid(), rosa: uuid() }
    await openBook(
      test.db,
      { id: money.book, code: `b-${money.book}`, name: 'Book', currency: 'PEN' },
      clock.now(),
      actor,
    )
    await openAccounts(
      test.db,
      money.book,
      [
        { id: money.bank, code: '1010', name: 'Bank', type: 'asset', floor: null, openedOn: '2026-01-01' },
        { id: money.ana, code: '2010.ana', name: 'Own money', type: 'liability', floor: 0n, openedOn: '2026-01-01' },
        { id: money.rosa, code: '2010.rosa', name: 'Own money', type: 'liability', floor: 0n, openedOn: '2026-01-01' },
      ],
      clock.now(),
      actor,
    )
    return money
  }

  const move = (debit: string, credit: string, amount: bigint, more: Partial<Draft> = {}): Draft => ({
    id: uuid(),
    kind: 'move',
    valueDate: '2026-11-01',
    entries: [
      { accountId: debit, direction: 'debit', amount },
      { accountId: credit, direction: 'credit', amount },
    ],
    ...more,
  })

  async function posted(money: Money): Promise<Record<string, bigint>> {
    const { balances } = await balancesOf(test.db, money.book, [money.bank, money.ana, money.rosa], clock)
    const by = Object.fromEntries(balances.map(balance => [balance.accountId, balance.posted]))
    return { bank: by[money.bank]!, ana: by[money.ana]!, rosa: by[money.rosa]! }
  }

  it('moves money from debit to credit and numbers transactions without a gap', async () => {
    const money = await newBook()
    const all = await Promise.all(
      [1n, 2n, 3n, 4n].map(n => ledger.post(money.book, move(money.bank, money.ana, n * 100n), actor)),
    )
    expect(all.map(one => one.sequence).sort()).toEqual([1n, 2n, 3n, 4n])
    expect(await posted(money)).toEqual({ bank: 1000n, ana: 1000n, rosa: 0n })
  })

  it('answers the same id and content again as at first, and refuses other content', async () => {
    const money = await newBook()
    const draft = move(money.bank, money.ana, 500n)
    const first = await ledger.post(money.book, draft, actor)
    const again = await ledger.post(money.book, draft, 'another')
    expect(again).toEqual({ ...first, replayed: true })
    await expect(ledger.post(money.book, { ...draft, valueDate: '2026-11-02' }, actor)).rejects.toMatchObject({
      code: 'id-reused',
    })
    const twin = move(money.bank, money.ana, 1n)
    const twins = await Promise.all([1, 2, 3].map(() => ledger.post(money.book, twin, actor)))
    expect(twins.filter(one => one.replayed)).toHaveLength(2)
    expect(await posted(money)).toMatchObject({ ana: 501n })
  })

  it('never lets an account fall below its floor, and tells what is available', async () => {
    const money = await newBook()
    await ledger.post(money.book, move(money.bank, money.ana, 500n), actor)
    const both = await Promise.allSettled(
      [1, 2].map(() => ledger.post(money.book, move(money.ana, money.bank, 300n), actor)),
    )
    const refused = both.filter(one => one.status === 'rejected')
    expect(refused).toHaveLength(1)
    expect(refused[0]?.reason).toMatchObject({
      code: 'balance-below-floor',
      facts: { accountId: money.ana, available: '2.00' },
    })
    expect(await posted(money)).toEqual({ bank: 200n, ana: 200n, rosa: 0n })
  })

  it('posts an atomic list whole or not at all, and says every reason', async () => {
    const money = await newBook()
    const drafts = [move(money.bank, money.ana, 100n), move(money.rosa, money.bank, 1n), move(money.bank, uuid(), 1n)]
    const outcomes = await ledger.postList(money.book, drafts, 'atomic', actor)
    expect(outcomes.map(outcome => ('refusal' in outcome ? outcome.refusal.code : 'posted'))).toEqual([
      'list-refused',
      'balance-below-floor',
      'account-not-found',
    ])
    expect(await posted(money)).toEqual({ bank: 0n, ana: 0n, rosa: 0n })
    expect((await headOf(test.db, money.book)).sequence).toBe(0n)
    const independent = await ledger.postList(money.book, drafts, 'independent', actor)
    expect(independent.map(outcome => 'posted' in outcome)).toEqual([true, false, false])
    expect(await posted(money)).toEqual({ bank: 100n, ana: 100n, rosa: 0n })
  })

  it('reverses once, with a date of its own', async () => {
    const money = await newBook()
    const draft = move(money.bank, money.ana, 700n)
    await ledger.post(money.book, draft, actor)
    const reversal = { reverses: draft.id, valueDate: '2026-11-05', reason: 'typed twice' }
    await reverse(ledger, money.book, { ...reversal, id: uuid() }, actor)
    await expect(reverse(ledger, money.book, { ...reversal, id: uuid() }, actor)).rejects.toMatchObject({
      code: 'transaction-already-reversed',
    })
    expect(await posted(money)).toEqual({ bank: 0n, ana: 0n, rosa: 0n })
  })

  it('captures a hold in part, which frees the rest', async () => {
    const money = await newBook()
    await ledger.post(money.book, move(money.bank, money.ana, 1000n), actor)
    const hold = uuid()
    await placeHold(test.db, money.book, { id: hold, accountId: money.ana, amount: 800n }, clock.now(), actor)
    await expect(ledger.post(money.book, move(money.ana, money.bank, 300n), actor)).rejects.toMatchObject({
      code: 'balance-below-floor',
      facts: { available: '2.00' },
    })
    await expect(
      ledger.post(money.book, move(money.ana, money.bank, 900n, { holdId: hold }), actor),
    ).rejects.toMatchObject({ code: 'hold-exceeded' })
    await ledger.post(money.book, move(money.ana, money.bank, 500n, { holdId: hold }), actor)
    const { balances } = await balancesOf(test.db, money.book, [money.ana], clock)
    expect(balances[0]).toMatchObject({ posted: 500n, held: 0n, available: 500n })
    await expect(
      ledger.post(money.book, move(money.ana, money.bank, 1n, { holdId: hold }), actor),
    ).rejects.toMatchObject({ code: 'hold-not-placed' })
  })

  it('refuses value dates of a closed month with the next open date', async () => {
    const money = await newBook()
    await ledger.post(money.book, move(money.bank, money.ana, 1n, { valueDate: '2026-09-02' }), actor)
    expect(await closeMonth(test.db, money.book, '2026-09', clock.now(), actor)).toBe(true)
    await expect(
      ledger.post(money.book, move(money.bank, money.ana, 1n, { valueDate: '2026-09-30' }), actor),
    ).rejects.toMatchObject({
      code: 'month-closed',
      facts: { nextOpenDate: '2026-10-01' },
    })
    await ledger.post(money.book, move(money.bank, money.ana, 1n, { valueDate: '2026-10-01' }), actor)
  })

  it('closes first the month of the earliest value date, or the one the book was opened in', async () => {
    const money = await newBook()
    const close = (month: string) => closeMonth(test.db, money.book, month, clock.now(), actor)
    const outOfOrder = (nextMonth: string) => ({ code: 'month-out-of-order', facts: { nextMonth } })
    await expect(close('2026-10')).rejects.toMatchObject(outOfOrder('2026-11'))
    for (const valueDate of ['2026-08-31', '2026-07-04', '2026-10-01']) {
      await ledger.post(money.book, move(money.bank, money.ana, 1n, { valueDate }), actor)
    }
    await expect(close('2026-10')).rejects.toMatchObject(outOfOrder('2026-07'))
    await expect(close('2026-06')).rejects.toMatchObject(outOfOrder('2026-07'))
    expect(await close('2026-07')).toBe(true)
    expect(await verifyBook(test.db, money.book)).toMatchObject({ ok: true })
  })

  it('closes the empty months of a book that was opened long before it was recorded', async () => {
    const book = { id: uuid(), code: uuid(), name: 'Book', currency: 'PEN' as const, openedOn: '2026-07-15' }
    expect(await openBook(test.db, book, clock.now(), actor)).toBe(true)
    expect(await openBook(test.db, book, clock.now(), actor)).toBe(false)
    await expect(openBook(test.db, { ...book, openedOn: '2026-07-14' }, clock.now(), actor)).rejects.toMatchObject({
      code: 'id-reused',
    })
    const ahead = { ...book, id: uuid(), code: uuid(), openedOn: '2026-11-25' }
    await expect(openBook(test.db, ahead, clock.now(), actor)).rejects.toMatchObject({ code: 'date-in-future' })
    const close = (month: string) => closeMonth(test.db, book.id, month, clock.now(), actor)
    await expect(close('2026-06')).rejects.toMatchObject({ facts: { nextMonth: '2026-07' } })
    for (const month of ['2026-07', '2026-08', '2026-09', '2026-10']) expect(await close(month)).toBe(true)
    expect(await verifyBook(test.db, book.id)).toMatchObject({ ok: true })
  })

  it('keeps what was known at an instant, though it was asked while more was on its way', async () => {
    const money = await newBook()
    const running = { now: () => new Date() }
    const services = [0, 1].map(() => openLedger({ db: test.db, clock: running }))
    let busy = true
    const load = [0, 1, 2, 3].map(async n => {
      while (busy) await services[n % 2]!.post(money.book, move(money.bank, money.ana, 1n), actor)
    })
    const asked: { instant: Date; sequence: bigint }[] = []
    for (let n = 0; n < 150; n++) {
      const instant = new Date()
      asked.push({ instant, sequence: await sequenceKnownAt(test.db, money.book, instant, running) })
      if (n % 3 === 0) await setTimeout(1)
    }
    busy = false
    await Promise.all(load)
    const { sequence } = await headOf(test.db, money.book)
    expect(sequence).toBeGreaterThan(100n)
    for (const { instant, sequence } of asked) {
      expect(await sequenceKnownAt(test.db, money.book, instant, running)).toBe(sequence)
    }
    expect(await verifyBook(test.db, money.book)).toMatchObject({ ok: true })
  })

  it('settles an instant once, and none that the book has passed', async () => {
    const money = await newBook()
    const before = await headOf(test.db, money.book)
    const passed = new Date(clock.now().getTime() - 1)
    expect(await sequenceKnownAt(test.db, money.book, passed, clock)).toBe(0n)
    expect(await headOf(test.db, money.book)).toEqual(before)
    for (let n = 0; n < 2; n++) {
      expect(await sequenceKnownAt(test.db, money.book, clock.now(), clock)).toBe(0n)
      const { eventNumber, recordedAt } = await headOf(test.db, money.book)
      expect(eventNumber).toBe(before.eventNumber + 1n)
      expect(recordedAt.getTime()).toBe(clock.now().getTime() + 1)
    }
  })

  it('settles no instant that has not come, whoever asks', async () => {
    const money = await newBook()
    const before = await headOf(test.db, money.book)
    const settle = (instant: string) =>
      test.db.$client.query('select ledger_settle_instant($1, $2, $3)', [money.book, clock.now(), instant])
    await expect(settle('9998-01-01T00:00:00Z')).rejects.toMatchObject({ code: 'QL001', message: 'instant-in-future' })
    expect(await headOf(test.db, money.book)).toEqual(before)
  })

  it('closes no account and no month ahead of its time, whoever asks', async () => {
    const money = await newBook()
    const closing = [{ id: money.ana, status: 'closed' as const, closedOn: '2026-11-25' }]
    await expect(changeAccounts(test.db, money.book, closing, clock.now(), actor)).rejects.toMatchObject({
      code: 'date-in-future',
      facts: { accountId: money.ana },
    })
    await ledger.post(money.book, move(money.bank, money.ana, 1n), actor)
    await expect(
      test.db.$client.query(`select ledger_close_month($1, $2, '2030-01-01', 'tester', '2026-11-30', '{}')`, [
        money.book,
        clock.now(),
      ]),
    ).rejects.toMatchObject({ code: 'QL001', message: 'month-not-over' })
  })

  it('writes what it judged and nothing else, whatever its arguments are', async () => {
    const money = await newBook()
    const drafts = [move(money.bank, money.ana, 500n), move(money.ana, money.rosa, 500n)]
    const submissions = drafts.map(draft => ({ draft, actor, contentHash: Buffer.alloc(32) }))
    const values = encodeBatch(money.book, [{ submissions, atomic: false }], clock.now(), '2026-11-24')
    const [today, ids, same, kinds, dates, reverses, first, entryAccounts, accounts] = [2, 3, 5, 6, 7, 11, 13, 14, 16]
    const before = await headOf(test.db, money.book)
    const call = (changes: Record<number, unknown>) => {
      const { text } = postStatement(1)
      return test.db.$client.query(
        text,
        values.map((value, place) => (place in changes ? changes[place] : value)),
      )
    }
    const listed = String(values[accounts!]).slice(1, -1).split(',')
    const wrongs: Record<string, Record<number, unknown>> = {
      'entries that no draft looks at': { [first!]: '{1,1,1}' },
      'a draft without entries': { [first!]: '{1,1,5}' },
      'places that go back': { [first!]: '{1,5,3}' },
      'no place of the end': { [first!]: '{1,3}' },
      'an account twice': { [accounts!]: `{${[listed[0], listed[1], listed[1]]}}`, [entryAccounts!]: '{1,2,2,3}' },
      'accounts out of order': { [accounts!]: `{${listed.toReversed()}}` },
      'accounts counted from 0': { [accounts!]: `[0:2]={${listed}}` },
      'a twin that is none': { [same!]: '{0,1}' },
      'a draft that is its own twin': { [same!]: '{0,2}' },
      'a day ahead of the clock': { [today!]: '2030-01-01', [dates!]: '{2029-01-01,2029-01-01}' },
      'a reversal of nothing': { [kinds!]: '{reversal,move}' },
      'a reversal of nothing beside one of something': { [kinds!]: '{reversal,move}', [reverses!]: '{null,null}' },
    }
    for (const [wrong, changes] of Object.entries(wrongs)) {
      await expect(call(changes), wrong).rejects.toMatchObject({ code: 'QL002' })
    }
    for (const place of [kinds!, dates!]) {
      const short = String(values[place]).replace(/,[^,]*}$/, '}')
      await expect(call({ [place]: short })).rejects.toThrow()
    }
    expect(await headOf(test.db, money.book)).toEqual(before)
    await call({})
    expect(await posted(money)).toEqual({ bank: 500n, ana: 0n, rosa: 500n })
    // Counted from 0, other accounts are told of, or none: those are written that were judged.
    await call({ [ids!]: `{${uuid()},${uuid()}}`, [entryAccounts!]: `[0:3]=${values[entryAccounts!]}` })
    const asOfToday = await balancesOf(test.db, money.book, [money.bank, money.ana, money.rosa], clock, {
      asOf: '2026-11-24',
    })
    const now = await balancesOf(test.db, money.book, [money.bank, money.ana, money.rosa], clock)
    expect(asOfToday.balances).toEqual(now.balances)
  })

  it('refuses a reversal that is no mirror, though its draft claims to be one', async () => {
    const money = await newBook()
    const draft = move(money.bank, money.ana, 500n)
    const { sequence } = await ledger.post(money.book, draft, actor)
    const reversing = (more: Partial<Draft>) =>
      ledger.post(
        money.book,
        { ...move(money.ana, money.bank, 500n), kind: 'reversal', reverses: { id: draft.id, sequence }, ...more },
        actor,
      )
    const before = await headOf(test.db, money.book)
    const wrongs: Partial<Draft>[] = [
      { entries: move(money.ana, money.bank, 499n).entries },
      { entries: move(money.rosa, money.bank, 500n).entries },
      { entries: draft.entries },
      { kind: 'correction', entries: [...move(money.ana, money.bank, 500n).entries].reverse() },
      { valueDate: '2026-10-31', entries: [...move(money.ana, money.bank, 500n).entries].reverse() },
    ]
    for (const wrong of wrongs) {
      await expect(reversing(wrong)).rejects.toMatchObject({ code: 'QL002' })
    }
    expect(await headOf(test.db, money.book)).toEqual(before)
    // A mirror has its entries in the order of the original's.
    await reversing({ entries: [...move(money.ana, money.bank, 500n).entries].reverse() })
  })

  it('refuses to hold more than any balance could be', async () => {
    const money = await newBook()
    const place = () =>
      placeHold(
        test.db,
        money.book,
        { id: uuid(), accountId: money.bank, amount: 999_999_999_999_999n },
        clock.now(),
        actor,
      )
    for (let n = 0; n < 101; n++) await place()
    await expect(place()).rejects.toMatchObject({ code: 'account-total-too-large', facts: { accountId: money.bank } })
    const { balances } = await balancesOf(test.db, money.book, [money.bank], clock)
    expect(balances[0]).toMatchObject({ held: 101n * 999_999_999_999_999n })
  })

  it('refuses blocked and closed accounts', async () => {
    const money = await newBook()
    await changeAccounts(test.db, money.book, [{ id: money.ana, status: 'blocked' }], clock.now(), actor)
    await expect(ledger.post(money.book, move(money.bank, money.ana, 1n), actor)).rejects.toMatchObject({
      code: 'account-blocked',
    })
    await changeAccounts(
      test.db,
      money.book,
      [{ id: money.ana, status: 'closed', closedOn: '2026-11-24' }],
      clock.now(),
      actor,
    )
    await expect(ledger.post(money.book, move(money.bank, money.ana, 1n), actor)).rejects.toMatchObject({
      code: 'account-closed',
    })
  })
})
