import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { type Answer, type Asking, saverBody } from './asking.ts'
import { day, type Money, openMoney } from './money.ts'

let service: TestApp
let money: Money
beforeAll(async () => {
  service = await testApp()
})
afterAll(() => service.close())
beforeEach(async () => {
  service.clock.set('2026-03-31T15:00:00Z')
  money = await openMoney(service)
})

type Operation = { type: string; bookId: string; body: Record<string, unknown> }
type Result = { index: number; type: string; id: string; status: string; result?: object; problem?: { code: string } }

const sync = (operations: unknown[], by: Asking = money.agent) => by.post('/v1/sync', { operations })

function operation(type: string, body: object): Operation {
  return { type, bookId: money.bookId, body: { id: uuid(), ...body } }
}

function deposit(savingsAccountId: string, amount: string, more: object = {}): Operation {
  const cash = { channel: 'agent-cash', agentId: money.agentId }
  return operation('deposit', { savingsAccountId, amount, valueDate: day, ...cash, ...more })
}

function withdrawal(savingsAccountId: string, amount: string, more: object = {}): Operation {
  const how = { channel: 'branch', purpose: 'household' }
  return operation('withdrawal', { savingsAccountId, amount, valueDate: day, ...how, ...more })
}

/** Weeks of field work in the order in which it was done: a group, its members, their accounts, meetings. */
function fieldWork(members = 6): Operation[] {
  const groupId = uuid()
  const form = { code: 'GR-9', name: 'Sumaq', districtCode: '080101', formedOn: '2026-01-10' }
  const work = [operation('form-group', { ...form, id: groupId })]
  const accounts: string[] = []
  let coordinator = ''
  for (let member = 0; member < members; member++) {
    const [saverId, accountId, secondId] = [uuid(), uuid(), uuid()]
    coordinator ||= saverId
    accounts.push(accountId)
    work.push(
      operation('register-saver', { ...saverBody(), id: saverId }),
      operation('join-group', { groupId, saverId, startsOn: '2026-01-15' }),
      operation('open-savings-account', { id: accountId, saverId, openedOn: '2026-01-15' }),
      operation('open-savings-account', { id: secondId, saverId, openedOn: '2026-01-15' }),
      deposit(accountId, `${10 + member}.50`),
      withdrawal(accountId, `${2 + member}.00`),
      operation('transfer', {
        fromSavingsAccountId: accountId,
        toSavingsAccountId: secondId,
        amount: '3.00',
        valueDate: day,
      }),
      withdrawal(secondId, '2.50', { channel: 'agent-cash', agentId: money.agentId }),
    )
  }
  const signedBy = { coordinator, agent: money.agentId }
  const lines = accounts.map((savingsAccountId, place) => ({ line: place + 1, savingsAccountId, deposit: '1.00' }))
  const sheet = {
    groupId,
    agentId: money.agentId,
    meetingDate: '2026-03-20',
    cashCount: `${members}.00`,
    signedBy,
    lines,
  }
  work.push(
    operation('name-coordinator', { groupId, saverId: coordinator, startsOn: '2026-01-15' }),
    operation('collection-sheet', sheet),
    operation('banking', { agentId: money.agentId, amount: '12.00', valueDate: '2026-03-25', reference: 'OP-9' }),
  )
  return work
}

/** What every account of the book holds, by the id of its savings account. */
async function balances(): Promise<Record<string, string>> {
  const { body } = await money.administrator.get(`${money.book}/savings-accounts?limit=200`)
  const own = body.items.map((item: { id: string; total: { posted: string } }) => [item.id, item.total.posted])
  return { ...Object.fromEntries(own), cash: (await money.cash()).cash }
}

/** The same numbers always, so that a failure can be had again. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  let state = seed
  const next = () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return state
  }
  return items
    .map(item => ({ item, key: next() }))
    .sort((one, other) => one.key - other.key)
    .map(({ item }) => item)
}

const statuses = (body: { results: Result[] }) => body.results.map(({ status }) => status)

describe('a synchronisation', () => {
  it('gives the same balances in whatever order the work comes', async () => {
    const work = fieldWork()
    const straight = await sync(work)
    expect(straight.body, JSON.stringify(straight.body.results.find((r: Result) => r.problem))).toMatchObject({
      applied: work.length,
      duplicate: 0,
      rejected: 0,
      conflict: 0,
    })
    const expected = Object.values(await balances()).sort()
    for (const seed of [1, 2, 3]) {
      money = await openMoney(service)
      const shuffledWork = shuffled(fieldWork(), seed)
      const { body } = await sync(seed === 3 ? fieldWork().toReversed() : shuffledWork)
      expect(body.applied, JSON.stringify(body.results.find((r: Result) => r.problem))).toBe(work.length)
      expect(Object.values(await balances()).sort()).toEqual(expected)
    }
  })

  it('answers each operation as its route would, in the order of the request', async () => {
    const operations = [deposit(money.ana.accountId, '5.00'), withdrawal(money.rosa.accountId, '1.00')]
    const { status, body } = await sync(operations)
    expect(status).toBe(200)
    const route = await money.agent.post(`${money.book}/deposits`, operations[0]!.body)
    expect(body.results[0]).toEqual({
      index: 0,
      type: 'deposit',
      id: operations[0]!.body.id,
      status: 'applied',
      result: { ...route.body, replayed: false },
    })
    const refused = await money.agent.post(`${money.book}/withdrawals`, operations[1]!.body)
    expect(body.results[1]).toMatchObject({ index: 1, type: 'withdrawal', status: 'rejected' })
    expect({ ...body.results[1].problem, instance: '' }).toEqual({ ...refused.body, instance: '' })
    expect(body.results[1].result).toBeUndefined()
  })

  it('sent again, after weeks and in another order, is all duplicates', async () => {
    const work = fieldWork(3)
    await sync(work)
    const before = await balances()
    service.clock.advance(60 * 86_400_000)
    const { body } = await sync(shuffled(work, 7))
    expect(body).toMatchObject({ applied: 0, duplicate: work.length })
    expect(await balances()).toEqual(before)
  })

  it('the rest of which was lost goes on where it ended', async () => {
    const work = fieldWork(3)
    await sync(work.slice(0, 10))
    const { body } = await sync(work)
    expect(body).toMatchObject({ applied: work.length - 10, duplicate: 10, rejected: 0 })
  })

  it('does an operation once that is in it twice', async () => {
    const twice = deposit(money.ana.accountId, '5.00')
    const { body } = await sync([twice, twice])
    expect(statuses(body).sort()).toEqual(['applied', 'duplicate'])
    expect(await money.balance(money.ana)).toMatchObject({ own: '5.00' })
  })

  it('tells a conflict: an id used before, for other content, of money or of a register', async () => {
    const first = deposit(money.ana.accountId, '5.00')
    const saver = operation('register-saver', saverBody())
    await sync([first, saver])
    const { body } = await sync([
      { ...first, body: { ...first.body, amount: '6.00' } },
      { ...saver, body: { ...saver.body, familyNames: 'Mamani' } },
    ])
    expect(statuses(body)).toEqual(['conflict', 'conflict'])
    expect(body.results[0].problem.code).toBe('id-reused')
    expect(await money.balance(money.ana)).toMatchObject({ own: '5.00' })
  })

  it('rejects what is wrong in one operation, and does the others', async () => {
    const elsewhere = await openMoney(service)
    const good = deposit(money.ana.accountId, '5.00')
    const { body } = await sync([
      good,
      { ...good, body: { ...good.body, id: uuid(), amount: '-5' } },
      { ...good, body: { ...good.body, id: undefined } },
      { ...good, type: 'gift' },
      { ...good, bookId: 'B' },
      { ...good, bookId: elsewhere.bookId },
      { ...good, bookId: uuid() },
      operation('interest', { savingsAccountId: money.ana.accountId, amount: '1.00', valueDate: day }),
      deposit(money.ana.accountId, '1.00', { agentId: uuid() }),
      { ...deposit(money.ana.accountId, '1.00'), later: true },
      deposit(uuid(), '1.00'),
    ])
    const codes = body.results.map((result: Result) => result.problem?.code ?? result.status)
    expect(codes).toEqual([
      'applied',
      'request-invalid',
      'request-invalid',
      'request-invalid',
      'request-invalid',
      'book-not-found',
      'book-not-found',
      'access-denied',
      'access-denied',
      'request-invalid',
      'savings-account-not-found',
    ])
    expect(body.results[1].problem.fields).toEqual(
      expect.arrayContaining([expect.objectContaining({ path: 'amount' })]),
    )
    expect({ ...body.results[5].problem, instance: '' }).toEqual({ ...body.results[6].problem, instance: '' })
    expect(await money.balance(money.ana)).toMatchObject({ own: '5.00' })
  })

  it('rejects what is no operation at all, and does the others', async () => {
    const [good, id] = [deposit(money.ana.accountId, '5.00'), uuid()]
    const bad = [null, 7, [], {}, { type: 'deposit', body: { id } }, { ...good, bookId: 7 }, { ...good, body: null }]
    const { status, body } = await sync([...bad, good])
    expect(status).toBe(200)
    expect(body).toMatchObject({ applied: 1, rejected: bad.length })
    const told = body.results.map((one: Answer['body']) => [one.index, one.type, one.id, one.problem?.fields[0].path])
    expect(told).toEqual([
      [0, null, null, 'operation'],
      [1, null, null, 'operation'],
      [2, null, null, 'operation'],
      [3, null, null, 'type'],
      [4, 'deposit', id, 'bookId'],
      [5, 'deposit', good.body.id, 'bookId'],
      [6, 'deposit', null, 'body'],
      [7, 'deposit', good.body.id, undefined],
    ])
  })

  it('rejects what would not be kept as it was meant, saying where, and does the others', async () => {
    const good = deposit(money.ana.accountId, '5.00')
    const flawed = [
      operation('withdrawal', { purpose: 'Half \ud800', id: uuid() }),
      operation('withdrawal', { purpose: 'Zero \0', id: uuid() }),
    ].map(one => JSON.stringify(one))
    const twice = JSON.stringify(deposit(money.ana.accountId, '1.00')).replace('"amount"', '"amount":"9.00","amount"')
    const reaching = JSON.stringify(deposit(money.ana.accountId, '1.00')).replace('"amount"', '"__proto__":{},"amount"')
    const otherType = JSON.stringify(good).replace('"type"', '"type":"withdrawal","type"')
    const list = [...flawed, twice, JSON.stringify(good), reaching, otherType]
    const { status, body } = await money.agent.post('/v1/sync', `{"operations":[${list.join(',')}]}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ applied: 1, rejected: 5 })
    const told = body.results.map((one: Answer['body']) => [one.type, one.status, one.problem?.fields[0]])
    const unstorable = 'holds a zero character or half of a character'
    expect(told).toEqual([
      ['withdrawal', 'rejected', { path: 'purpose', message: unstorable }],
      ['withdrawal', 'rejected', { path: 'purpose', message: unstorable }],
      ['deposit', 'rejected', { path: 'amount', message: 'is there twice' }],
      ['deposit', 'applied', undefined],
      ['deposit', 'rejected', { path: '__proto__', message: 'is no name that is taken' }],
      ['deposit', 'rejected', { path: 'type', message: 'is there twice' }],
    ])
    expect(await money.balance(money.ana)).toMatchObject({ own: '5.00' })
    const { body: whole } = await money.agent.post('/v1/sync', `{"operations":[${list.join(',')}],"operations":[]}`)
    expect(whole).toMatchObject({ status: 400, fields: [{ path: 'operations', message: 'is there twice' }] })
  })

  it('goes on when one operation meets a fault of ours, and says that it may pass', async () => {
    const organisation = { name: 'Comunidad', kind: 'community', districtCode: '080101', registeredOn: '2026-01-10' }
    const operations = [operation('register-organisation', organisation), deposit(money.ana.accountId, '5.00')]
    await service.owner.$client.query('revoke insert on organisation from qullqi_service')
    const { body } = await sync(operations)
    await service.owner.$client.query('grant insert on organisation to qullqi_service')
    expect(body.results[0]).toMatchObject({
      status: 'rejected',
      problem: { code: 'internal-fault', retryable: true, detail: 'The fault was recorded; the request id finds it.' },
    })
    expect(body.results[1].status).toBe('applied')
    expect(statuses((await sync(operations)).body)).toEqual(['applied', 'duplicate'])
  })

  it('reaches several books with one key', async () => {
    const first = money
    const second = await openMoney(service)
    const one = deposit(first.ana.accountId, '5.00', { agentId: first.agentId })
    const other = deposit(second.ana.accountId, '7.00', { agentId: second.agentId })
    const operations = [
      { ...one, bookId: first.bookId },
      { ...other, bookId: second.bookId },
    ]
    expect((await sync(operations, first.administrator)).body).toMatchObject({ applied: 2 })
    expect(await first.balance(first.ana)).toMatchObject({ own: '5.00' })
    expect(await second.balance(second.ana)).toMatchObject({ own: '7.00' })
  })

  it('takes 1 to 500 operations, of those who do field work', async () => {
    const operations = Array.from({ length: 500 }, () => deposit(money.ana.accountId, '0.10'))
    expect((await sync(operations)).body).toMatchObject({ applied: 500 })
    expect(await money.balance(money.ana)).toMatchObject({ own: '50.00' })
    const { rows } = await service.owner.$client.query(
      'select count(distinct xmin::text)::int as written from transaction where book_id = $1',
      [money.bookId],
    )
    expect(rows, 'all in one database transaction').toEqual([{ written: 1 }])
    expect((await sync([...operations, operations[0]!])).status).toBe(400)
    expect((await sync([])).status).toBe(400)
    for (const role of ['analyst', 'auditor'] as const) {
      expect((await sync([operations[0]!], await money.as(role))).status).toBe(403)
    }
  })

  it('resolves a chain of money of any length: each withdrawal stands on the deposit after it', async () => {
    const operations: Operation[] = []
    for (let place = 0; place < 20; place++) {
      operations.push(withdrawal(money.ana.accountId, '1.00'), deposit(money.ana.accountId, '1.00'))
    }
    expect((await sync(operations)).body).toMatchObject({ applied: 40 })
    expect(await money.balance(money.ana)).toMatchObject({ own: '0.00' })
  })
})
