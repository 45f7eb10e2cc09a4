import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { type Money, openMoney } from './money.ts'

let service: TestApp
let money: Money

beforeAll(async () => {
  service = await testApp()
  money = await openMoney(service)
  for (const month of ['2026-01', '2026-02']) {
    expect((await money.administrator.post(`${money.book}/closings`, { month })).status).toBe(200)
  }
})

afterAll(() => service.close())

const tomorrow = '2026-04-01'
const today = '2026-03-31'

/** The same request now, and again a day later. */
async function twice(path: string, body: object) {
  const ask = () => money.administrator.post(`${money.book}/${path}`, body)
  service.clock.set(`${today}T15:00:00Z`)
  const first = await ask()
  service.clock.set(`${tomorrow}T15:00:00Z`)
  return [first, await ask()] as const
}

test.each([
  ['deposits', 'value-date-in-future', () => ({ ...deposit('1.00'), valueDate: tomorrow })],
  [
    'interest-lists',
    'value-date-in-future',
    () => ({
      ...{ id: uuid(), valueDate: tomorrow },
      lines: [{ savingsAccountId: money.ana.accountId, amount: '0.10' }],
    }),
  ],
  ['organisations', 'date-in-future', () => ({ ...organisation(), registeredOn: tomorrow })],
  ['closings', 'month-not-over', () => ({ month: '2026-03' })],
])(
  'what only has to wait for its day (%s) is retryable, and passes unchanged when it has come',
  async (path, code, body) => {
    const [early, later] = await twice(path, body())
    expect(early.body).toMatchObject({ code, retryable: true })
    expect([200, 201]).toContain(later.status)
  },
)

test('what waits for somebody is not retryable, and passes unchanged once that is done', async () => {
  const withdrawal = { ...deposit('5.00'), savingsAccountId: money.rosa.accountId, purpose: 'household' }
  const ask = () => money.administrator.post(`${money.book}/withdrawals`, withdrawal)
  expect((await ask()).body).toMatchObject({ code: 'balance-below-floor', retryable: false })
  await money.deposit(money.rosa, '5.00', { valueDate: tomorrow })
  expect((await ask()).status).toBe(201)
})

test('an independent list sent again may post what was refused at first', async () => {
  const { accounts } = (await money.administrator.get(`${money.book}/savings-accounts/${money.ana.accountId}`)).body
  const other = (await money.administrator.get(`${money.book}/savings-accounts/${money.rosa.accountId}`)).body.accounts
  const draft = (from: string, to: string, amount: string) => ({
    ...{ id: uuid(), kind: 'gift', valueDate: tomorrow },
    entries: [
      { accountId: from, direction: 'debit', amount },
      { accountId: to, direction: 'credit', amount },
    ],
  })
  const drafts = [draft(accounts.own, other.own, '1.00'), draft(accounts.own, other.own, '7.00')]
  const list = { mode: 'independent', drafts }
  const send = async () => (await money.administrator.post(`${money.book}/transaction-lists`, list)).body
  expect(await send()).toMatchObject({ posted: 1, replayed: 0, refused: 1 })
  await money.deposit(money.ana, '7.00', { valueDate: tomorrow })
  expect(await send()).toMatchObject({ posted: 1, replayed: 1, refused: 0 })
})

function deposit(amount: string) {
  return { id: uuid(), savingsAccountId: money.ana.accountId, amount, valueDate: tomorrow, channel: 'branch' }
}

function organisation() {
  return { id: uuid(), name: 'Asociación Sumaq', kind: 'association', districtCode: '080101' }
}
