import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openLedger } from '../../src/ledger/index.ts'
import { bank, moneyAccount } from '../../src/savings/chart.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { type Listing, openListing, short } from './listing.ts'

let service: TestApp
let book: Listing
const day = '2026-03-10'

beforeAll(async () => {
  service = await testApp({ clock: testClock('2026-03-20T15:00:00Z') })
}, 60_000)

beforeEach(async () => {
  book = await openListing(service)
})

afterAll(() => service.close())

const numbers = (count: number) => Array.from({ length: count }, (_, nth) => `110-01-000000${nth}`)

/** Savers under these numbers, each with 100.00 since long ago. */
async function savers(count: number): Promise<string[]> {
  const ids: string[] = []
  for (const number of numbers(count)) {
    const id = await book.saver(number)
    await book.deposit(id, '100.00', '2026-02-02')
    ids.push(id)
  }
  return ids
}

async function taken(rows: readonly string[], asOf = day) {
  const answer = await book.list(asOf, rows)
  expect([answer.status, answer.body.detail]).toEqual([201, undefined])
  return answer.body
}

const told = async (rows: readonly string[], asOf = day) => (await book.lines(await taken(rows, asOf))).map(short)

const [a, b, c] = numbers(3)

describe('a bank’s list of balances', () => {
  test('is compared one by one with all that each saver has, with totals and counts that tie', async () => {
    const [first, second] = await savers(3)
    await book.saver(null)
    await book.said('/interest', { id: uuid(), savingsAccountId: first!, amount: '2.50', valueDate: '2026-03-01' })
    const change = { id: uuid(), status: 'blocked', reason: 'stolen' }
    await book.said(`/savings-accounts/${second}/status`, change)
    const list = await taken(
      [
        `${a},102.50`,
        `${b},100.00,,,activa`,
        '999-99-9999999,7.00',
        '888-88-8888888,1.00',
        '888-88-8888888,1.00',
        '777-77-7777777,5.00,,,,USD',
      ],
      '2026-03-20',
    )
    expect((await book.lines(list)).map(short)).toEqual([
      `${a} equal 102.50 102.50 0.00`,
      `${b} status-differs 100.00 100.00 0.00`,
      '999-99-9999999 only-theirs 7.00 7.00',
      '888-88-8888888 twice 1.00 1.00',
      '888-88-8888888 twice 1.00 1.00',
      '777-77-7777777 currency 0.00',
      `${c} only-ours 100.00 -100.00`,
      '– only-ours 0.00 0.00',
    ])
    const { ours, theirs, difference, outcomes } = list.comparison
    expect([ours, theirs, difference]).toEqual([
      { accounts: 4, total: '302.50' },
      { lines: 6, total: '211.50' },
      '-91.00',
    ])
    expect(outcomes.map((one: Record<string, unknown>) => `${one.outcome} ${one.lines} ${one.difference}`)).toEqual([
      'equal 1 0.00',
      'status-differs 1 0.00',
      'only-ours 2 -100.00',
      'only-theirs 1 7.00',
      'twice 2 2.00',
      'currency 1 0.00',
    ])
    const { body } = await book.get('/trial-balance?asOf=2026-03-20')
    const savings = body.lines.filter(({ control }: { control: string }) => control.startsWith('20'))
    const sum = savings.reduce(
      (all: number, line: { debits: string; credits: string }) => all + Number(line.credits) - Number(line.debits),
      0,
    )
    expect(sum.toFixed(2)).toBe('302.50')
  })

  test('tells one outcome alone, and pages by place', async () => {
    await savers(3)
    const list = await taken([`${a},100.00`, `${b},90.00`, `${c},100.00`])
    expect((await book.lines(list, '&outcome=differs')).map(short)).toEqual([`${b} differs 100.00 90.00 -10.00`])
    const at = `/balance-lists/${list.id}/comparisons/${list.comparison.id}/lines?limit=2`
    const page = (await book.get(at)).body
    const rest = (await book.get(`${at}&after=${page.next}`)).body
    expect([...page.items, ...rest.items].map(({ number }: { number: number }) => number)).toEqual([1, 2, 3])
    expect(rest.next).toBeNull()
  })

  test('counts what had happened by its day, whatever came later, and accounts as they were then', async () => {
    const [first, , third] = await savers(3)
    await book.deposit(first!, '5.00', '2026-03-11')
    await book.said('/withdrawals', {
      ...{ id: uuid(), savingsAccountId: third, amount: '100.00', valueDate: '2026-03-12', purpose: 'education' },
      channel: 'branch',
    })
    const closing = { id: uuid(), status: 'closed', reason: 'moved away', closedOn: '2026-03-12' }
    await book.said(`/savings-accounts/${third}/status`, closing)
    const block = { id: uuid(), status: 'blocked', reason: 'stolen' }
    await book.said(`/savings-accounts/${first}/status`, block)
    const opened = await book.saver('110-01-0000009', { openedOn: '2026-03-15' })
    await book.deposit(opened, '1.00', '2026-03-15')
    const rows = [`${a},100.00,,,activa`, `${b},100.00`]
    expect(await told(rows)).toEqual([
      `${a} equal 100.00 100.00 0.00`,
      `${b} equal 100.00 100.00 0.00`,
      `${c} only-ours 100.00 -100.00`,
    ])
    expect(await told(rows, '2026-03-20')).toEqual([
      `${a} differs 105.00 100.00 -5.00`,
      `${b} equal 100.00 100.00 0.00`,
      '110-01-0000009 only-ours 1.00 -1.00',
    ])
  })

  test('stays as it was compared; compared again, what was recorded since counts', async () => {
    const [first] = await savers(1)
    const list = await taken([`${a},104.00`])
    await book.deposit(first!, '4.00', '2026-03-09')
    service.clock.advance(1000)
    expect((await book.lines(list)).map(short)).toEqual([`${a} differs 100.00 104.00 4.00`])
    const id = uuid()
    const again = await book.post(`/balance-lists/${list.id}/comparisons`, { id }, book.bankKey)
    expect([again.status, again.body.difference]).toEqual([201, '0.00'])
    expect((await book.post(`/balance-lists/${list.id}/comparisons`, { id }, book.bankKey)).status).toBe(200)
    const other = await taken([`${a},1.00`])
    expect((await book.post(`/balance-lists/${other.id}/comparisons`, { id })).body.code).toBe('id-reused')
    const read = (await book.get(`/balance-lists/${list.id}`)).body
    expect([read.comparison.id, read.comparison.difference]).toEqual([id, '0.00'])
    const { items } = (await book.get(`/balance-lists/${list.id}/comparisons`)).body
    expect(items.map((one: { difference: string }) => one.difference)).toEqual(['4.00', '0.00'])
  })

  test('is kept as it came, and answered as at first however often it comes', async () => {
    await savers(1)
    const [id, rows] = [uuid(), [`${a},100.00`]]
    const first = await book.list(day, rows, { id })
    expect(first.status).toBe(201)
    const again = await book.list(day, rows, { id })
    expect([again.status, again.body]).toEqual([200, { ...first.body, replayed: true }])
    const elsewhere = await book.list(day, rows)
    expect([elsewhere.status, elsewhere.body.id, elsewhere.body.replayed]).toEqual([200, id, true])
    expect((await book.list(day, [`${a},99.00`], { id })).body.code).toBe('id-reused')
    expect((await book.list('2026-03-09', rows, { id })).body.code).toBe('id-reused')
    const other = await book.list('2026-03-09', rows)
    expect([other.status, other.body.sha256 === first.body.sha256]).toEqual([201, true])
    expect((await book.list('2026-03-09', rows, { id })).body.code).toBe('id-reused')
    const bytes = await service.app.inject({
      url: `${book.book}/balance-lists/${id}/bytes`,
      headers: { authorization: `Bearer ${book.bankKey}` },
    })
    expect(bytes.body).toBe(`bankAccountNumber,balance,interest,fees,status,currency\r\n${a},100.00\r\n`)
    const { items } = (await book.get('/balance-lists')).body
    expect(items.map((one: { asOf: string }) => one.asOf)).toEqual([day, '2026-03-09'])
  })

  test('sent by several at once is one list', async () => {
    await savers(1)
    const answers = await Promise.all(Array.from({ length: 4 }, () => book.list(day, [`${a},100.00`])))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201])
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
  })

  test('that cannot be read leaves nothing behind, and says of every line why', async () => {
    await savers(1)
    const answer = await book.list(day, [`${a},1oo.00`, ',1.00', `${a},100.00`])
    expect([answer.status, answer.body.code]).toEqual([422, 'file-refused'])
    expect(answer.body.facts).toMatchObject({
      ...{ lines: 3, refusedLines: 2, problemCount: 2, notListed: 0 },
      problems: [
        { row: 2, field: 'balance', message: 'is no amount with a decimal point' },
        { row: 3, field: 'bankAccountNumber', message: 'is needed' },
      ],
    })
    expect(JSON.stringify(answer.body)).not.toContain(a)
    expect((await book.get('/balance-lists')).body.items).toEqual([])
    const ahead = await book.list('2026-03-21', [`${a},100.00`])
    expect(ahead.body.code).toBe('date-in-future')
  })

  test('may come in a form, with a name and decimal commas', async () => {
    await savers(1)
    const boundary = 'x'
    const form = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="saldos.csv"\r\n\r\ncuenta;saldo\r\n${a};100,00\r\n--${boundary}--\r\n`
    const answer = await service.app.inject({
      method: 'POST',
      url: `${book.book}/balance-lists?asOf=${day}&decimal=comma&id=${uuid()}`,
      headers: { authorization: `Bearer ${book.bankKey}`, 'content-type': `multipart/form-data; boundary=${boundary}` },
      payload: form,
    })
    expect([answer.statusCode, answer.json().name, answer.json().comparison.difference]).toEqual([
      201,
      'saldos.csv',
      '0.00',
    ])
  })

  test('is nobody’s but of its book: another bank finds neither list nor lines', async () => {
    await savers(1)
    const list = await taken([`${a},100.00`])
    const other = await openListing(service)
    const lines = `/balance-lists/${list.id}/comparisons/${list.comparison.id}/lines`
    for (const path of ['', '/bytes', '/comparisons', '/proposals'])
      expect([path, (await other.get(`/balance-lists/${list.id}${path}`)).body.code]).toEqual([
        path,
        'balance-list-not-found',
      ])
    expect((await book.get(lines, other.bankKey)).body.code).toBe('book-not-found')
    const second = await taken([`${a},1.00`])
    expect((await book.get(`/balance-lists/${second.id}/comparisons/${list.comparison.id}/lines`)).body.code).toBe(
      'balance-comparison-not-found',
    )
    for (const role of ['agent', 'analyst'] as const)
      expect((await book.get(lines, await service.key(role))).body.code).toBe('access-denied')
    expect((await book.get(lines, await service.key('auditor'))).status).toBe(200)
  })
})

describe('what differs is explained by', () => {
  test('cash that an agent has not banked, as far as it is not banked', async () => {
    const [first, second, third] = await savers(3)
    const cash = { channel: 'agent-cash', agentId: book.agentId }
    await book.deposit(first!, '30.00', '2026-03-03', cash)
    await book.deposit(second!, '20.00', '2026-03-07', cash)
    await book.deposit(third!, '25.00', '2026-03-08', cash)
    await book.said('/bankings', {
      id: uuid(),
      agentId: book.agentId,
      amount: '30.00',
      valueDate: '2026-03-05',
      reference: 'OP-1',
    })
    expect(await told([`${a},100.00`, `${b},100.00`, `${c},100.00`])).toEqual([
      `${a} differs 130.00 100.00 -30.00`,
      `${b} differs 120.00 100.00 -20.00 in-transit`,
      `${c} differs 125.00 100.00 -25.00 in-transit`,
    ])
  })

  test('a deposit that is taken back no longer', async () => {
    const [first] = await savers(1)
    const cash = { channel: 'agent-cash', agentId: book.agentId }
    const mistaken = await book.deposit(first!, '30.00', '2026-03-07', cash)
    await book.said(`/transactions/${mistaken.id}/reversal`, {
      id: uuid(),
      valueDate: '2026-03-08',
      reason: 'typed twice',
    })
    expect(await told([`${a},70.00`])).toEqual([`${a} differs 100.00 70.00 -30.00`])
  })

  test('days: what one of us booked on that day or the one before, and the other on the two after it', async () => {
    const [first, second, third] = await savers(3)
    await book.deposit(first!, '11.00', day)
    await book.deposit(second!, '12.00', '2026-03-12')
    await book.deposit(third!, '13.00', '2026-03-07')
    expect(await told([`${a},100.00`, `${b},112.00`, `${c},100.00`])).toEqual([
      `${a} differs 111.00 100.00 -11.00 value-date`,
      `${b} differs 100.00 112.00 12.00 value-date`,
      `${c} differs 113.00 100.00 -13.00`,
    ])
  })

  test('incentives that the bank does not have, the last or all of them', async () => {
    const ids = await savers(3)
    const ledger = openLedger(service)
    for (const id of ids)
      for (const [valueDate, amount] of [
        ['2026-01-31', 500n],
        ['2026-02-28', 300n],
      ] as const) {
        const entries = [
          { accountId: bank(book.bookId), direction: 'debit', amount },
          { accountId: moneyAccount(id, 'incentive-locked'), direction: 'credit', amount },
        ] as const
        await ledger.post(book.bookId, { id: uuid(), kind: 'incentive', valueDate, entries }, 'test')
      }
    expect(await told([`${a},105.00`, `${b},100.00`, `${c},104.00`])).toEqual([
      `${a} differs 108.00 105.00 -3.00 incentive`,
      `${b} differs 108.00 100.00 -8.00 incentive`,
      `${c} differs 108.00 104.00 -4.00`,
    ])
  })

  test('interest and fees that the list tells, together with what else there is', async () => {
    const [, , third] = await savers(3)
    await book.deposit(third!, '20.00', day)
    expect(await told([`${a},101.35,1.35`, `${b},98.35,1.35,3.00`, `${c},101.35,1.35`])).toEqual([
      `${a} differs 100.00 101.35 1.35 interest`,
      `${b} differs 100.00 98.35 -1.65 interest + fees`,
      `${c} differs 120.00 101.35 -18.65 interest + value-date`,
    ])
  })
})

describe('interest and fees that were found', () => {
  const rows = [`${a},101.35,1.35`, `${b},97.00,0.00,3.00`, `${c},98.35,1.35,3.00`]
  const proposals = async (listId: string, query = '') =>
    (await book.get(`/balance-lists/${listId}/proposals?limit=200${query}`)).body.items

  test('are proposals, posted when another person approves them; the list compared again is equal', async () => {
    const ids = await savers(3)
    const list = await taken(rows)
    expect(list.proposals).toEqual([
      { kind: 'fees', status: 'waiting', count: 2, total: '6.00' },
      { kind: 'interest', status: 'waiting', count: 2, total: '2.70' },
    ])
    const found = await proposals(list.id)
    const bankId = (await book.get(`/balance-lists/${list.id}`)).body.actor
    expect(
      found.map((one: Record<string, unknown>) => [
        one.savingsAccountId,
        one.kind,
        one.amount,
        one.line,
        one.status,
        one.proposedBy,
      ]),
    ).toEqual([
      [ids[0], 'interest', '1.35', 1, 'waiting', bankId],
      [ids[1], 'fees', '3.00', 2, 'waiting', bankId],
      [ids[2], 'fees', '3.00', 3, 'waiting', bankId],
      [ids[2], 'interest', '1.35', 3, 'waiting', bankId],
    ])
    expect((await book.decide(list.id, {}, book.bankKey)).body.code).toBe('access-denied')
    const id = uuid()
    const decided = await book.decide(list.id, { id })
    expect([decided.status, decided.body]).toEqual([
      201,
      { ...decided.body, outcome: 'approved', proposals: 4, waiting: 0, replayed: false },
    ])
    const again = await book.decide(list.id, { id })
    expect([again.status, again.body]).toEqual([200, { ...decided.body, replayed: true }])
    expect(await Promise.all(ids.map(book.balance))).toEqual(['101.35', '97.00', '98.35'])
    const { body } = await book.post(`/balance-lists/${list.id}/comparisons`, { id: uuid() }, book.bankKey)
    expect(body.outcomes).toEqual([
      { outcome: 'equal', lines: 3, ours: '296.70', theirs: '296.70', difference: '0.00' },
    ])
    const [interest] = await proposals(list.id, '&status=approved&kind=interest')
    const transaction = (await book.get(`/transactions/${interest.transactionId}`, book.checkerKey)).body
    expect([transaction.kind, transaction.valueDate, transaction.evidence]).toEqual([
      'interest',
      day,
      {
        savingsAccountId: ids[0],
        balanceListId: list.id,
        balanceListSeal: expect.stringMatching(/^[0-9a-f]{64}$/),
        proposedBy: bankId,
      },
    ])
    expect(interest.decision).toMatchObject({ id, by: transaction.actor, reason: null })
    const [fee] = await proposals(list.id, '&kind=fees')
    const taken1 = (await book.get(`/transactions/${fee.transactionId}`, book.checkerKey)).body
    expect([
      taken1.kind,
      taken1.entries.map((one: Record<string, unknown>) => `${one.direction} ${one.amount}`),
    ]).toEqual(['bank-fee', ['debit 3.00', 'credit 3.00']])
    const verification = (await book.get('/verification', await service.key('auditor'))).body
    expect([verification.ok, verification.faults]).toEqual([true, []])
  })

  test('are decided some by some, and once', async () => {
    const ids = await savers(3)
    const list = await taken(rows)
    const reject = { outcome: 'rejected', kind: 'fees', except: [ids[1]] }
    expect((await book.decide(list.id, reject)).body.code).toBe('request-invalid')
    expect((await book.decide(list.id, { ...reject, reason: 'the agreement has none' })).body).toMatchObject({
      proposals: 1,
      waiting: 3,
    })
    expect((await book.decide(list.id, { accounts: [ids[0]] })).body).toMatchObject({ proposals: 1, waiting: 2 })
    const twice = await book.decide(list.id, { accounts: [ids[0], ids[1]] })
    expect([twice.status, twice.body.code, twice.body.facts]).toEqual([
      409,
      'balance-proposal-not-waiting',
      { accounts: [ids[0]] },
    ])
    expect((await proposals(list.id)).map((one: { status: string }) => one.status)).toEqual([
      'approved',
      'waiting',
      'rejected',
      'waiting',
    ])
    expect((await book.decide(list.id)).body).toMatchObject({ proposals: 2, waiting: 0 })
    expect((await book.decide(list.id)).body.code).toBe('balance-proposal-not-waiting')
    expect(await Promise.all(ids.map(book.balance))).toEqual(['101.35', '97.00', '101.35'])
    await book.post(`/balance-lists/${list.id}/comparisons`, { id: uuid() })
    expect(
      (await book.get(`/balance-lists/${list.id}`)).body.proposals.filter(
        (one: { status: string }) => one.status === 'waiting',
      ),
    ).toEqual([])
  })

  test('are not approved by whoever had the list compared, nor by a key of hers', async () => {
    await savers(3)
    const { body: list } = await book.list(day, rows, { key: book.administratorKey })
    for (const outcome of ['approved', 'rejected'])
      expect((await book.decide(list.id, { outcome, reason: 'so' }, book.administratorKey)).body.code).toBe(
        'second-actor-needed',
      )
    const made = await service.app.inject({
      method: 'POST',
      url: '/v1/api-keys',
      headers: { authorization: `Bearer ${book.administratorKey}` },
      payload: { id: uuid(), name: 'another', role: 'administrator', books: 'all' },
    })
    const key = /qk_\w+/.exec(made.body)![0]
    expect((await book.decide(list.id, {}, key)).body.code).toBe('second-actor-needed')
    expect((await book.decide(list.id)).status).toBe(201)
  })

  test('are not posted when they make up the difference no more, nor with any that is refused', async () => {
    const ids = await savers(3)
    const list = await taken(rows)
    await book.said('/interest', { id: uuid(), savingsAccountId: ids[0], amount: '1.35', valueDate: day })
    const withdrawal = {
      id: uuid(),
      savingsAccountId: ids[1],
      amount: '99.00',
      valueDate: '2026-03-15',
      purpose: 'education',
    }
    await book.said('/withdrawals', { ...withdrawal, channel: 'branch' })
    const answer = await book.decide(list.id)
    expect([answer.status, answer.body.code]).toEqual([422, 'lines-refused'])
    expect(answer.body.facts.lines).toMatchObject([
      { savingsAccountId: ids[0], kind: 'interest', code: 'balance-proposal-outdated', difference: '0.00' },
      { savingsAccountId: ids[1], kind: 'fees', code: 'balance-below-floor', money: 'own' },
    ])
    expect(await book.balance(ids[2]!)).toBe('100.00')
    expect((await book.decide(list.id, { except: [ids[0], ids[1]] })).body).toMatchObject({ proposals: 2, waiting: 2 })
    expect(await book.balance(ids[2]!)).toBe('98.35')
  })

  test('are posted once, however many approve them at once', async () => {
    const [first] = await savers(1)
    const list = await taken([`${a},101.35,1.35`])
    const third = await service.key('administrator')
    const answers = await Promise.all(
      [book.checkerKey, third, book.checkerKey, third].map(key => book.decide(list.id, {}, key)),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409])
    expect(await book.balance(first!)).toBe('101.35')
  })

  test('of which another thing might be the cause are not proposed', async () => {
    const [first] = await savers(1)
    await book.deposit(first!, '1.35', '2026-03-11')
    const list = await taken([`${a},101.35,1.35`])
    expect((await book.lines(list)).map(short)).toEqual([`${a} differs 100.00 101.35 1.35 interest or value-date`])
    expect(list.proposals).toEqual([])
  })
})
