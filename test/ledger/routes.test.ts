import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nameId } from '../../src/ids.ts'
import { expireHolds } from '../../src/ledger/holds.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'

let service: TestApp
let key: string
const clock = testClock('2026-06-15T15:00:00Z')
const book = uuid()
const [ana, rosa] = [uuid(), uuid()]

beforeAll(async () => {
  service = await testApp({ clock })
  key = await service.key('administrator')
  const institutionId = uuid()
  await ask('POST', '/v1/institutions', { id: institutionId, code: 'CAJA', name: 'Caja', kind: 'caja' })
  const opening = { id: book, code: 'BOOK', name: 'Book', currency: 'PEN', institutionId, openedOn: '2026-01-01' }
  await ask('POST', '/v1/books', opening)
  for (const id of [ana, rosa]) {
    const account = { id, code: `X.${id}`, name: 'Account', type: 'liability', floor: '0', openedOn: '2026-01-01' }
    await ask('POST', `/v1/books/${book}/accounts`, account)
    for (const day of ['03', '03', '03', '07', '07']) {
      await ask('POST', `/v1/books/${book}/transactions`, {
        id: uuid(),
        valueDate: `2026-03-${day}`,
        entries: [
          { accountId: nameId('bank', book), direction: 'debit', amount: '1.50' },
          { accountId: id, direction: 'credit', amount: '1.50' },
        ],
      })
    }
  }
})
afterAll(() => service.close())

async function ask(method: 'GET' | 'POST' | 'PATCH', url: string, body?: object) {
  const answer = await service.app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { payload: body }),
  })
  return { ...answer.json(), status: answer.statusCode }
}

const statement = (account: string, query: string) =>
  ask('GET', `/v1/books/${book}/accounts/${account}/statement?${query}`)
const balancesOf = ({ items }: { items: { balance: string }[] }) => items.map(({ balance }) => balance)

test('the running balance goes on from page to page, also within a day', async () => {
  const first = await statement(ana, 'limit=2')
  const second = await statement(ana, `limit=2&after=${first.next}`)
  const third = await statement(ana, `limit=2&after=${second.next}`)
  expect([first, second, third].map(balancesOf)).toEqual([['1.50', '3.00'], ['4.50', '6.00'], ['7.50']])
})

test('a statement’s place is taken for that statement only', async () => {
  const { next } = await statement(ana, 'limit=2')
  const refused = { status: 400, code: 'request-invalid' }
  expect(await statement(rosa, `limit=2&after=${next}`)).toMatchObject(refused)
  expect(await statement(ana, `limit=2&from=2026-03-01&after=${next}`)).toMatchObject(refused)
  expect(await statement(ana, `limit=2&knownAt=2026-05-01T00:00:00Z&after=${next}`)).toMatchObject(refused)
  const ahead = { ...JSON.parse(Buffer.from(next, 'base64url').toString()), known: '99' }
  expect(
    await statement(ana, `limit=2&after=${Buffer.from(JSON.stringify(ahead)).toString('base64url')}`),
  ).toMatchObject(refused)
  const forged = { ...JSON.parse(Buffer.from(next, 'base64url').toString()), balance: '99999900' }
  const after = Buffer.from(JSON.stringify(forged)).toString('base64url')
  expect(await statement(ana, `limit=2&after=${after}`)).toMatchObject(refused)
})

test('a line of a statement tells why it was posted', async () => {
  const entries = [
    { accountId: nameId('bank', book), direction: 'debit', amount: '0.10' },
    { accountId: rosa, direction: 'credit', amount: '0.10' },
  ]
  const draft = { id: uuid(), kind: 'adjustment', valueDate: '2026-03-08', reason: 'counted twice', entries }
  expect(await ask('POST', `/v1/books/${book}/transactions`, draft)).toMatchObject({ status: 201 })
  const { items } = await statement(rosa, 'from=2026-03-07')
  expect(items.at(-1)).toMatchObject({ kind: 'adjustment', reason: 'counted twice' })
  expect(items[0]).toMatchObject({ reason: null })
})

test('a range of days has its ends in order', async () => {
  const query = 'from=2026-05-01&to=2026-04-01'
  expect(await statement(ana, query)).toMatchObject({ status: 400, fields: [{ path: 'to' }] })
  expect(await ask('GET', `/v1/books/${book}/transactions?${query}`)).toMatchObject({
    status: 400,
    fields: [{ path: 'to' }],
  })
})

test('an account that the address names and the book has not is not found', async () => {
  const path = `/v1/books/${book}/accounts/${uuid()}`
  for (const rest of ['', '/balance', '/statement', '/holds']) {
    expect(await ask('GET', path + rest)).toMatchObject({ status: 404, code: 'ledger-account-not-found' })
  }
  expect(await ask('PATCH', path, { status: 'blocked' })).toMatchObject({
    status: 404,
    code: 'ledger-account-not-found',
  })
})

test('accounts that belong to the book, a saver, an agent or a fund are not changed by hand', async () => {
  for (const change of [{ floor: null }, { status: 'open' }, { name: 'Other' }]) {
    const answer = await ask('PATCH', `/v1/books/${book}/accounts/${nameId('bank', book)}`, change)
    expect(answer).toMatchObject({ status: 409, code: 'account-not-by-hand' })
  }
  expect(await ask('PATCH', `/v1/books/${book}/accounts/${rosa}`, { floor: null })).toMatchObject({
    status: 200,
    floor: null,
  })
})

test('what was known at an instant stays what it was, whatever is opened, changed and held later', async () => {
  const path = `/v1/books/${book}`
  const id = uuid()
  clock.advance(60_000)
  const before = clock.now().toISOString()
  const views = [`trial-balance?knownAt=${before}`, `trial-balance?knownAt=${before}&asOf=2026-03-31`]
  const read = () => Promise.all(views.map(view => ask('GET', `${path}/${view}`)))
  const then = await read()
  clock.advance(60_000)
  const opening = { id, code: 'Z.1', name: 'Later', type: 'asset', openedOn: '2026-04-01' }
  expect(await ask('POST', `${path}/accounts`, opening)).toMatchObject({ status: 201 })
  expect(await read()).toEqual(then)
  const controls = async (query: string) =>
    (await ask('GET', `${path}/trial-balance${query}`)).lines.map(({ control }: { control: string }) => control)
  expect(await controls('?asOf=2026-03-31')).not.toContain('Z')
  expect(await controls('?asOf=2026-04-01')).toContain('Z')
  const balance = (query: string) => ask('GET', `${path}/accounts/${id}/balance${query}`)
  expect(await balance(`?knownAt=${before}`)).toMatchObject({ status: 404, code: 'ledger-account-not-found' })
  expect(await statement(id, `knownAt=${before}`)).toMatchObject({ status: 404, code: 'ledger-account-not-found' })
  expect(await balance('?asOf=2026-03-31')).toMatchObject({ status: 200, posted: '0.00' })
})

test('what is held is told of the day that is asked for', async () => {
  const path = `/v1/books/${book}`
  const hold = { id: uuid(), accountId: ana, amount: '2.00' }
  const today = clock.now().toISOString().slice(0, 10)
  expect(await ask('POST', `${path}/holds`, hold)).toMatchObject({ status: 201 })
  const held = async (query: string) => {
    const { held, available } = await ask('GET', `${path}/accounts/${ana}/balance${query}`)
    return [held, available]
  }
  expect(await held('')).toEqual(['2.00', '5.50'])
  expect(await held('?asOf=2026-01-31')).toEqual(['0.00', '0.00'])
  expect(await held('?asOf=2026-06-14')).toEqual(['0.00', '7.50'])
  clock.advance(86_400_000)
  expect(await held(`?asOf=${today}`)).toEqual(['2.00', '5.50'])
  expect(await held(`?asOf=2026-06-14&knownAt=${clock.now().toISOString()}`)).toEqual(['0.00', '7.50'])
  expect(await held(`?asOf=${today}&knownAt=${clock.now().toISOString()}`)).toEqual(['2.00', '5.50'])
  await ask('POST', `${path}/holds/${hold.id}/release`, {})
  expect(await held('')).toEqual(['0.00', '7.50'])
  expect(await held(`?asOf=${today}`)).toEqual(['2.00', '5.50'])
})

test('a replay answers what was made at first, whatever became of it since', async () => {
  const path = `/v1/books/${book}`
  const account = { id: uuid(), code: 'Y.2', name: 'First name', type: 'asset', openedOn: '2026-01-01' }
  const first = await ask('POST', `${path}/accounts`, account)
  expect(first).toMatchObject({ status: 201, replayed: false })
  const changed = await ask('PATCH', `${path}/accounts/${account.id}`, { name: 'Other name', floor: '0.00' })
  expect(changed).toMatchObject({ name: 'Other name' })
  expect(await ask('POST', `${path}/accounts`, account)).toEqual({ ...first, status: 200, replayed: true })

  const expiresAt = new Date(clock.now().getTime() + 60_000).toISOString()
  const hold = { id: uuid(), accountId: ana, amount: '1.00', expiresAt }
  const placed = await ask('POST', `${path}/holds`, hold)
  expect(placed).toMatchObject({ status: 201, expiresAt, replayed: false })
  clock.advance(120_000)
  const read = () => ask('GET', `${path}/holds/${hold.id}`)
  const before = await read()
  expect(before).toMatchObject({ status: 200, endedAt: expiresAt })
  clock.advance(1_000)
  await expireHolds(service.db, clock.now())
  expect(await read()).toEqual(before)
  const { items } = await ask('GET', `${path}/accounts/${ana}/holds`)
  const listed = items.find(({ id }: { id: string }) => id === hold.id)
  expect(listed).toMatchObject({ status: 'expired', endedAt: expiresAt })
  const again = await ask('POST', `${path}/holds`, hold)
  expect(again).toEqual({ ...placed, status: 200, replayed: true })
})

test('an account is not closed as of a day that has not come', async () => {
  const id = uuid()
  const account = { id, code: 'Y.1', name: 'Other', type: 'liability', openedOn: '2026-01-01' }
  expect(await ask('POST', `/v1/books/${book}/accounts`, account)).toMatchObject({ status: 201 })
  const close = (closedOn: string) => ask('PATCH', `/v1/books/${book}/accounts/${id}`, { status: 'closed', closedOn })
  expect(await close('2030-06-01')).toMatchObject({
    ...{ status: 422, code: 'date-in-future', facts: { today: '2026-06-16' }, fields: [{ path: 'closedOn' }] },
  })
  expect(await close('2026-06-15')).toMatchObject({ status: 200, closedOn: '2026-06-15' })
})

test('an account below a control account of others is not opened by hand', async () => {
  const account = { name: 'Other', type: 'liability', floor: null, openedOn: '2026-01-01' }
  const open = (code: string) => ask('POST', `/v1/books/${book}/accounts`, { ...account, id: uuid(), code })
  for (const code of ['2010', '2010.suspense', '1020.x', '2100.x.y', '1010.second']) {
    expect(await open(code), code).toMatchObject({ status: 409, code: 'account-not-by-hand' })
  }
  for (const code of ['2010x', '20.10', '2990.2010']) expect(await open(code), code).toMatchObject({ status: 201 })
})

test('a refused hold tells what is available as every amount is told', async () => {
  const answer = await ask('POST', `/v1/books/${book}/holds`, { id: uuid(), accountId: ana, amount: '99.00' })
  expect(answer).toMatchObject({
    status: 422,
    code: 'balance-below-floor',
    facts: { accountId: ana, available: '7.50' },
  })
})

test('a list tells apart what it posted and what was there', async () => {
  const draft = (amount: string) => ({
    id: uuid(),
    valueDate: '2026-03-09',
    entries: [
      { accountId: ana, direction: 'debit', amount },
      { accountId: rosa, direction: 'credit', amount },
    ],
  })
  const [first, second, tooMuch] = [draft('1.00'), draft('0.50'), draft('99.00')]
  const list = (...drafts: object[]) =>
    ask('POST', `/v1/books/${book}/transaction-lists`, { mode: 'independent', drafts })
  expect(await list(first)).toMatchObject({ posted: 1, replayed: 0, refused: 0 })
  expect(await list(first, second, tooMuch)).toMatchObject({ posted: 1, replayed: 1, refused: 1 })
})

describe('of a list in which a draft is not well formed', () => {
  const draft = (more: object = {}) => ({
    id: uuid(),
    valueDate: '2026-03-09',
    entries: [
      { accountId: ana, direction: 'debit', amount: '0.10' },
      { accountId: rosa, direction: 'credit', amount: '0.10' },
    ],
    ...more,
  })
  const good = draft()
  const zero = { accountId: ana, direction: 'debit', amount: '0' }
  const bad = [
    draft({ valueDate: '2026-02-30' }),
    draft({ entries: [zero, zero] }),
    { ...draft(), valueDate: undefined },
    draft({ kind: 'reversal' }),
    draft({ entries: [{ ...zero, amount: '0.001' }, zero] }),
    draft({ reason: 'half \ud800' }),
    null,
  ]
  const places = ['valueDate', 'entries.0.amount', 'valueDate', 'kind', 'entries.1.amount', 'reason', 'draft']

  test('the others are posted when each stands for itself', async () => {
    const drafts = [...bad.slice(0, 3), good, ...bad.slice(3)]
    const answer = await ask('POST', `/v1/books/${book}/transaction-lists`, { mode: 'independent', drafts })
    expect(answer).toMatchObject({ status: 200, posted: 1, replayed: 0, refused: bad.length })
    const outcomes = answer.outcomes.toSpliced(3, 1)
    const told = outcomes.map((one: { problem: { fields: { path: string }[] } }) =>
      one.problem.fields.map(({ path }) => path),
    )
    expect(told).toEqual(places.map(place => expect.arrayContaining([place])))
    expect(outcomes.map(({ id }: { id: string | null }) => id)).toEqual(bad.map(one => one?.id ?? null))
    expect(answer.outcomes[3]).toMatchObject({ id: good.id, transaction: { id: good.id } })
  })

  test('nothing is posted when all or none is asked, and each place is told', async () => {
    const drafts = [draft(), ...bad]
    const answer = await ask('POST', `/v1/books/${book}/transaction-lists`, { mode: 'atomic', drafts })
    expect(answer).toMatchObject({ status: 400, code: 'request-invalid' })
    const found = answer.fields.map(({ path }: { path: string }) => path)
    expect(found).toEqual(
      expect.arrayContaining(
        places.map((place, index) => (place === 'draft' ? 'drafts.7.draft' : `drafts.${index + 1}.${place}`)),
      ),
    )
    const found404 = await ask('GET', `/v1/books/${book}/transactions/${drafts[0]!.id}`)
    expect(found404.status).toBe(404)
  })

  test('what would hold the book for long is refused', async () => {
    const bank = nameId('bank', book)
    const side = (direction: string) => ({ accountId: direction === 'debit' ? bank : rosa, direction, amount: '0.01' })
    const entries = Array.from({ length: 1000 }, (_, index) => side(index % 2 ? 'debit' : 'credit'))
    const drafts = Array.from({ length: 11 }, () => draft({ entries }))
    const send = (some: object[]) =>
      ask('POST', `/v1/books/${book}/transaction-lists`, { mode: 'independent', drafts: some })
    const refused = await send(drafts)
    expect(refused).toMatchObject({ status: 400, fields: [{ path: 'drafts' }] })
    expect(await send(drafts.slice(1))).toMatchObject({ status: 200, posted: 10 })
  })
})

test('a statement is had again by the instant printed on it, whatever was on its way', async () => {
  const printed = await statement(rosa, 'limit=1')
  await ask('POST', `/v1/books/${book}/transactions`, {
    id: uuid(),
    valueDate: '2026-03-09',
    entries: [
      { accountId: nameId('bank', book), direction: 'debit', amount: '1.50' },
      { accountId: rosa, direction: 'credit', amount: '1.50' },
    ],
  })
  clock.advance(1_000)
  expect(await statement(rosa, `limit=1&knownAt=${printed.knownAt}`)).toEqual(printed)
  expect((await statement(rosa, 'limit=1')).closing).not.toBe(printed.closing)
})
