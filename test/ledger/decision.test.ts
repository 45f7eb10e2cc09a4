import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { limaDate } from '../../src/dates.ts'
import { type Draft, type DraftEntry, type Ledger, openAccounts, openBook, openLedger } from '../../src/ledger/index.ts'
import { testDatabase } from '../support/database.ts'
import { decideBatch, openOracle, type Verdict } from '../support/oracle.ts'
import { oracleOpen } from '../support/oracle-register.ts'
import { assertSound, readBook } from '../support/stored-book.ts'

const now = new Date('2026-11-24T15:00:00.000Z')
const moment = { now: now.getTime(), today: limaDate(now) }
const actor = 'tester'

/** Cases that random steps come to too rarely: the decision is the oracle's there as well. */
describe('the decision', () => {
  let test: Awaited<ReturnType<typeof testDatabase>>
  let ledger: Ledger
  beforeAll(async () => {
    test = await testDatabase()
    ledger = openLedger({ db: test.db, clock: { now: () => now } })
  })
  afterAll(async () => {
    await ledger.drain()
    await test.close()
  })

  async function newBook() {
    const [book, bank, fund, ana] = [uuid(), uuid(), uuid(), uuid()]
    const openings = [
      { id: bank, code: '1010', name: 'Bank', type: 'asset' as const, floor: null, openedOn: '2026-01-01' },
      { id: fund, code: '5010', name: 'Fund', type: 'equity' as const, floor: null, openedOn: '2026-01-01' },
      { id: ana, code: '2010.ana', name: 'Own money', type: 'liability' as const, floor: 0n, openedOn: '2026-01-01' },
    ]
    await openBook(test.db, { id: book, code: book, name: 'Book', currency: 'PEN' }, now, actor)
    await openAccounts(test.db, book, openings, now, actor)
    const oracle = openOracle(book, now.getTime(), limaDate(now), actor)
    oracleOpen(oracle, openings, moment, actor)
    return { book, bank, fund, ana, oracle }
  }

  /** Asks both, and answers what both said. */
  async function askBoth(
    { book, oracle }: Awaited<ReturnType<typeof newBook>>,
    drafts: Draft[],
    mode: 'atomic' | 'independent',
  ): Promise<string[]> {
    const outcomes = (await ledger.postList(book, drafts, mode, actor)).map(outcome => {
      if ('refusal' in outcome) return outcome.refusal.code
      return `${outcome.posted.replayed ? 'replayed' : 'posted'} ${outcome.posted.sequence}`
    })
    const inWords = (verdict: Verdict) =>
      'sequence' in verdict ? `${verdict.outcome} ${verdict.sequence}` : verdict.outcome
    expect(outcomes).toEqual(decideBatch(oracle, [{ drafts, mode, actor }], moment)[0]!.map(inWords))
    assertSound(await readBook(test.db, book))
    return outcomes
  }

  const draft = (entries: DraftEntry[], more: Partial<Draft> = {}): Draft => ({
    ...{ id: uuid(), kind: 'move', valueDate: '2026-11-01', entries },
    ...more,
  })
  const move = (debit: string, credit: string, amount: bigint) =>
    draft([
      { accountId: debit, direction: 'debit', amount },
      { accountId: credit, direction: 'credit', amount },
    ])

  it('leaves an id free when it is refused, until it is posted, in one batch and for ever', async () => {
    const money = await newBook()
    const take = move(money.ana, money.bank, 5n)
    const give = move(money.bank, money.ana, 7n)
    const other = { ...take, kind: 'other' }
    expect(await askBoth(money, [take, take, give, other, take, other, take], 'independent')).toEqual([
      'balance-below-floor',
      'balance-below-floor',
      'posted 1',
      'posted 2',
      'id-reused',
      'replayed 2',
      'id-reused',
    ])
    expect(await askBoth(money, [take, other], 'independent')).toEqual(['id-reused', 'replayed 2'])
  })

  it('takes back a list that falls, whatever it repeats, and tells its replays of what stood before', async () => {
    const money = await newBook()
    const first = move(money.bank, money.ana, 5n)
    const second = move(money.bank, money.ana, 6n)
    await askBoth(money, [first], 'atomic')
    expect(await askBoth(money, [first, second, second, move(money.ana, money.bank, 100n)], 'atomic')).toEqual([
      'replayed 1',
      'list-refused',
      'list-refused',
      'balance-below-floor',
    ])
    expect(await askBoth(money, [first, second, second], 'atomic')).toEqual(['replayed 1', 'posted 2', 'replayed 2'])
  })

  it('lets no account grow beyond what can be counted, and posts on beside it', async () => {
    const money = await newBook()
    const amount = 999_999_999_999_999n
    const legs = (accountId: string, direction: 'debit' | 'credit') =>
      Array.from({ length: 500 }, (): DraftEntry => ({ accountId, direction, amount }))
    const large = Array.from({ length: 20 }, () => draft([...legs(money.bank, 'debit'), ...legs(money.fund, 'credit')]))
    const outcomes = [
      ...(await askBoth(money, large.slice(0, 10), 'independent')),
      ...(await askBoth(money, large.slice(10), 'independent')),
      ...(await askBoth(money, [move(money.bank, money.ana, 1n)], 'independent')),
    ]
    expect(outcomes[17]).toBe('posted 18')
    expect(outcomes.slice(18)).toEqual(['account-total-too-large', 'account-total-too-large', 'posted 19'])
    expect(await askBoth(money, [move(money.ana, money.ana, 1n)], 'atomic')).toEqual(['posted 20'])
  })

  it('decides a thousand drafts of one list in their order', async () => {
    const money = await newBook()
    const drafts = Array.from({ length: 1000 }, (_, n) =>
      n % 3 === 0
        ? move(money.bank, money.ana, BigInt(n + 1))
        : move(money.ana, money.bank, BigInt((n * 7) % 500) + 1n),
    )
    const outcomes = await askBoth(money, drafts, 'independent')
    expect(outcomes.filter(outcome => outcome === 'balance-below-floor').length).toBeGreaterThan(10)
    expect(await askBoth(money, drafts, 'independent')).toEqual(
      outcomes.map(outcome =>
        outcome.startsWith('posted') ? outcome.replace('posted', 'replayed') : expect.anything(),
      ),
    )
  })

  it('never takes two spellings of one id for two', async () => {
    const money = await newBook()
    const drafts = [
      { ...move(money.bank, money.ana, 1n), id: uuid().toUpperCase() },
      move(money.bank.toUpperCase(), money.ana, 1n),
    ]
    for (const one of drafts) await expect(ledger.post(money.book, one, actor)).rejects.toThrow('lower case')
    expect((await readBook(test.db, money.book)).transactions).toHaveLength(0)
  })
})
