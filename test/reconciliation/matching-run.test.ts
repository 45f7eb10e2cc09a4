import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { type Banking, openBanking } from './banking.ts'
import { mt940 } from './written.ts'

let service: TestApp

beforeAll(async () => {
  service = await testApp()
})

afterAll(() => service.close())

const number = '191-2345678-0-12'

type Money = { amount: string; day: string; reference?: string; account?: string }

/** A book in soles with savers whose accounts have numbers, and the account at the bank. */
async function savings() {
  const banking = await openBanking(service, 'PEN')
  const bankAccountId = await banking.account(number)
  const accounts = new Map<string, string>()
  for (const called of ['110-01-0000001', '110-01-0000002']) {
    const [saverId, id] = [uuid(), uuid()]
    const person = { givenNames: 'Juana', familyNames: 'Condori', sex: 'female', districtCode: '080101' }
    await said(banking, '/savers', { id: saverId, ...person, registeredOn: '2026-01-05' })
    await said(banking, '/savings-accounts', { id, saverId, bankAccountNumber: called, openedOn: '2026-01-05' })
    accounts.set(called, id)
  }
  const accountOf = ({ account = '110-01-0000001' }: Money) => accounts.get(account)!
  const of = `/bank-accounts/${bankAccountId}`
  return {
    ...banking,
    bankAccountId,
    async deposit(money: Money): Promise<number> {
      const { amount, day, reference } = money
      const body = {
        id: uuid(),
        savingsAccountId: accountOf(money),
        amount,
        valueDate: day,
        channel: 'branch',
        reference,
      }
      return (await said(banking, '/deposits', body)).sequence
    },
    async match(more: object = {}) {
      return said(banking, `${of}/matchings`, { id: uuid(), ...more })
    },
    async breaks(query = '') {
      return (await banking.get(`${of}/breaks?limit=200${query}`)).body.items
    },
    async matches() {
      return (await banking.get(`${of}/matches?limit=200`)).body.items
    },
    async proofs(from: string, to: string) {
      const { status, body } = await banking.get(`${of}/proofs?from=${from}&to=${to}`)
      expect({ status, code: body.code }).toEqual({ status: 200, code: undefined })
      return body.items
    },
  }
}

async function said(banking: Banking, address: string, body: object) {
  const answer = await banking.post(address, body)
  if (answer.status !== 201 && answer.status !== 200) throw new Error(`${address}: ${JSON.stringify(answer.body)}`)
  return answer.body
}

// biome-ignore lint/suspicious/noExplicitAny: answers are whatever the service says; the tests look at them.
const brief = (found: any[]) => found.map(one => `${one.of} ${one.day} ${one.amount} ${one.reason}`).sort()

test('what a bank tells is matched with what we recorded, claimed once, and the rest has one reason each', async () => {
  const book = await savings()
  await book.deposit({ amount: '100.00', day: '2026-03-02', reference: 'OP-004711' })
  await book.deposit({ amount: '35.50', day: '2026-03-03', account: '110-01-0000002' })
  await book.deposit({ amount: '7.00', day: '2026-03-30' })
  const file = mt940([
    { day: '260302', number: '1', opening: '0,00', closing: '100,00', lines: ['C100,00OP-004711'] },
    { day: '260303', number: '2', opening: '100,00', closing: '130,00', lines: ['C35,50', 'D5,50'] },
    { day: '260331', number: '3', opening: '130,00', closing: '130,00' },
  ])
  expect((await book.send(file)).status).toBe(201)

  const tried = await book.match({ dryRun: true })
  expect(tried.told).toMatchObject({ lines: 3, entries: 3, matches: 2, breaksOpened: 2 })
  expect([await book.matches(), await book.breaks()]).toEqual([[], []])

  const run = await book.match()
  expect(run.told).toEqual({ ...tried.told })
  expect(run.told.byRule.map((one: { rule: string }) => one.rule)).toEqual(['amount-and-day', 'reference'])
  expect(
    (await book.matches()).map((one: { lines: object[]; entries: object[] }) => [one.lines.length, one.entries.length]),
  ).toEqual([
    [1, 1],
    [1, 1],
  ])
  expect(brief(await book.breaks())).toEqual([
    'entry 2026-03-30 -7.00 in-transit',
    'line 2026-03-03 -5.50 missing-in-ledger',
  ])

  const again = await book.match()
  expect(again.told).toMatchObject({ lines: 1, entries: 1, matches: 0, breaksOpened: 0, breaksEnded: 0 })
  const replay = await said(book, `/bank-accounts/${book.bankAccountId}/matchings`, { id: run.id })
  expect(replay).toEqual({ ...run, replayed: true })
})

test('a break ends when what was missing comes, and is as old as what it is of', async () => {
  const book = await savings()
  await book.send(mt940([{ day: '260302', opening: '0,00', closing: '12,00', lines: ['C12,00OP-1'] }]))
  await book.match()
  const [open] = await book.breaks()
  expect(open).toMatchObject({ reason: 'missing-in-ledger', amount: '12.00', age: 29, status: 'open' })
  await book.deposit({ amount: '12.00', day: '2026-03-02', reference: 'OP-1' })
  await book.match()
  expect(await book.breaks()).toEqual([])
  const [ended] = await book.breaks('&status=ended')
  expect(ended).toMatchObject({ id: open.id, status: 'ended' })
})

test('what another’s clock recorded a moment ahead is ended no earlier than it began', async () => {
  const book = await savings()
  await book.send(mt940([{ day: '260302', opening: '0,00', closing: '12,00', lines: ['C12,00OP-1'] }]))
  const now = service.clock.now().toISOString()
  service.clock.advance(1_500)
  await book.match()
  service.clock.set(now)
  await book.deposit({ amount: '12.00', day: '2026-03-02', reference: 'OP-1' })
  const { recordedAt } = await book.match()
  const [ended] = await book.breaks('&status=ended')
  expect([ended.endedAt, recordedAt]).toEqual([ended.openedAt, ended.openedAt])
  expect(ended.openedAt > now).toBe(true)
})

test('identical deposits of one day are ambiguous together, and none of them is lost', async () => {
  const book = await savings()
  for (let one = 0; one < 50; one++) await book.deposit({ amount: '10.00', day: '2026-03-02' })
  const lines = Array.from({ length: 50 }, () => 'C10,00')
  await book.send(mt940([{ day: '260302', opening: '0,00', closing: '500,00', lines }]))
  const { told } = await book.match()
  expect(told.byReason).toEqual([{ reason: 'ambiguous', lines: 50, entries: 50, amount: '0.00' }])
  const breaks = await book.breaks()
  expect(new Set(breaks.map((one: { question: string }) => one.question)).size).toBe(1)
  const [proof] = await book.proofs('2026-03-02', '2026-03-02')
  expect(proof).toMatchObject({ ledger: '500.00', bank: '500.00', residue: '0.00', status: 'proved' })
})

test('what differs is suggested with its score, and never claimed', async () => {
  const book = await savings()
  await book.deposit({ amount: '100.00', day: '2026-03-02', reference: 'OP-004711' })
  await book.send(mt940([{ day: '260302', opening: '0,00', closing: '99,00', lines: ['C99,00OP-004711'] }]))
  const { told } = await book.match()
  expect(told.matches).toBe(0)
  const breaks = await book.breaks()
  expect(brief(breaks)).toEqual(['entry 2026-03-02 -100.00 amount-differs', 'line 2026-03-02 99.00 amount-differs'])
  expect(breaks[0].question).toBe(breaks[1].question)
  expect(breaks[0].score).toBeGreaterThan(0)
  expect(await book.breaks(`&question=${breaks[0].question}`)).toHaveLength(2)
  expect(await book.breaks('&reason=in-transit')).toEqual([])
})

test('each day is proved, whatever is on one side only, and what the statements lack has a name', async () => {
  const book = await savings()
  await book.deposit({ amount: '100.00', day: '2026-03-02', reference: 'OP-1' })
  await book.deposit({ amount: '40.00', day: '2026-03-03', reference: 'OP-2' })
  await book.send(
    mt940([
      { day: '260302', number: '1', opening: '0,00', closing: '0,00' },
      { day: '260303', number: '2', opening: '0,00', closing: '97,00', lines: ['C100,00OP-1', 'D3,00'] },
    ]),
  )
  await book.match()
  const days = await book.proofs('2026-03-01', '2026-03-04')
  expect(days.map((one: { day: string; status: string }) => `${one.day} ${one.status}`)).toEqual([
    '2026-03-01 not-covered',
    '2026-03-02 proved',
    '2026-03-03 proved',
    '2026-03-04 not-covered',
  ])
  expect(days[1]).toMatchObject({
    ledger: '100.00',
    bank: '0.00',
    items: [],
    underWay: { matches: 1, amount: '-100.00' },
  })
  expect(days[2]).toMatchObject({
    ...{ ledger: '137.00', suspense: '-3.00', bank: '97.00', residue: '0.00' },
    ...{ underWay: { matches: 0, amount: '0.00' }, because: [] },
    items: [
      { reason: 'in-transit', lines: 0, entries: 1, amount: '-40.00' },
      { reason: 'missing-in-ledger', lines: 1, entries: 0, amount: '-3.00' },
    ],
  })
  await book.send(mt940([{ day: '260306', number: '4', opening: '98,00', closing: '98,00' }]))
  const [friday] = await book.proofs('2026-03-06', '2026-03-06')
  expect(friday).toMatchObject({ status: 'broken', bank: '98.00', residue: '1.00' })
  expect(friday.because.map((one: { reason: string }) => one.reason)).toEqual([
    'statement-gap',
    'statement-opening-differs',
  ])
  // Between the two, the bank had what it had after the first of them.
  expect((await book.proofs('2026-03-05', '2026-03-05'))[0]).toMatchObject({ bank: '97.00', status: 'proved' })
})

test('two who match four accounts at once while deposits go on claim no line and no entry twice', {
  timeout: 120_000,
}, async () => {
  const books = await Promise.all(Array.from({ length: 4 }, savings))
  const references = Array.from({ length: 30 }, (_, place) => `OP-${1000 + place}`)
  const lines = references.map(reference => `C1,00${reference}`)
  await Promise.all(
    books.map(async book => {
      for (const reference of references.slice(0, 15))
        await book.deposit({ amount: '1.00', day: '2026-03-02', reference })
      await book.send(mt940([{ day: '260302', opening: '0,00', closing: '30,00', lines }]))
    }),
  )
  const other = await testAppOn(service)
  await Promise.all(
    books.flatMap(book => [
      ...references.slice(15).map(reference => book.deposit({ amount: '1.00', day: '2026-03-02', reference })),
      ...[0, 1, 2].map(() => book.match()),
      ...[0, 1, 2].map(() => other(book)),
    ]),
  )
  for (const book of books) {
    await book.match()
    const matches = (await book.matches()) as { lines: { line: number }[]; entries: { sequence: number }[] }[]
    expect(new Set(matches.flatMap(one => one.lines.map(({ line }) => line))).size).toBe(30)
    expect(new Set(matches.flatMap(one => one.entries.map(({ sequence }) => sequence))).size).toBe(30)
    expect(matches).toHaveLength(30)
    expect(await book.breaks()).toEqual([])
  }
})

test('the database refuses a second claim, and one that does not come to the same', async () => {
  const book = await savings()
  await book.deposit({ amount: '5.00', day: '2026-03-02', reference: 'OP-1' })
  await book.send(mt940([{ day: '260302', opening: '0,00', closing: '7,00', lines: ['C5,00OP-1', 'C2,00'] }]))
  const run = await book.match()
  const sql = service.db.$client
  const { rows } = await sql.query(`select * from bank_claim where book_id = $1 and statement_id is not null`, [
    book.bookId,
  ])
  const [claim] = rows
  const matched = async (line: number, moves: number, ...more: [line: number, moves: number][]) => {
    const id = uuid()
    const { rows: before } = await sql.query(
      `select coalesce(max(number), 0) + 1 as next from bank_match where run_id = $1`,
      [run.id],
    )
    await sql.query(
      `with m as (insert into bank_match (book_id, id, bank_account_id, run_id, number, rule, reasons)
        values ($1, $2, $3, $4, $5, 'by hand', '[]')) select 1`,
      [book.bookId, id, book.bankAccountId, run.id, before[0].next],
    )
    const values = [[line, moves], ...more].map(
      ([at, by], place) =>
        `('${book.bookId}', '${id}', ${place + 1}, '${claim.statement_id}', ${at}, null, null, ${by})`,
    )
    await sql.query(
      `insert into bank_claim (book_id, match_id, number, statement_id, line, sequence, position, moves) values ${values}`,
    )
  }
  await expect(matched(1, 500)).rejects.toThrow(/same money on both sides|bank_claim_line_once/)
  await expect(matched(2, 200)).rejects.toThrow(/same money on both sides/)
  await expect(matched(2, 0)).rejects.toThrow(/bank_claim_moves_something/)
  await expect(sql.query(`delete from bank_claim`)).rejects.toThrow(/permission denied/)
  await expect(service.owner.$client.query(`update bank_claim set moves = 1`)).rejects.toThrow()
})

test('without a statement there is nothing to match', async () => {
  const book = await savings()
  const answer = await book.post(`/bank-accounts/${book.bankAccountId}/matchings`, { id: uuid() })
  expect([answer.status, answer.body.code]).toEqual([409, 'bank-statement-missing'])
  expect((await book.post(`/bank-accounts/${book.bankAccountId}/matchings`, { id: uuid() }, book.bankKey)).status).toBe(
    403,
  )
})

/** Another service on the same database, as another process would be. */
async function testAppOn({ db, clock, key }: TestApp) {
  const { buildApp } = await import('../../src/app.ts')
  const { testConfig } = await import('../support/config.ts')
  const app = await buildApp({ db, config: testConfig(), clock })
  const headers = { authorization: `Bearer ${await key('administrator')}` }
  return async ({ book, bankAccountId }: { book: string; bankAccountId: string }) => {
    const url = `${book}/bank-accounts/${bankAccountId}/matchings`
    const answer = await app.inject({ method: 'POST', url, headers, payload: { id: uuid() } })
    expect(answer.statusCode).toBe(201)
  }
}
