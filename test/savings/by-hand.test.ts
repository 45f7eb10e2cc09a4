import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { day, type Money, openMoney } from './money.ts'

let service: TestApp
let money: Money
beforeAll(async () => {
  service = await testApp()
})
afterAll(() => service.close())
beforeEach(async () => {
  money = await openMoney(service)
  await money.deposit(money.ana, '100.00')
  const fund = { id: uuid(), code: 'FIDA-1', name: 'FIDA', fundingSource: 'FIDA', openedOn: '2026-01-01' }
  await money.administrator.post(`${money.book}/funds`, fund)
})

/** An account of the book below this control account, whoever's it is. */
async function below(control: string): Promise<string> {
  const { body } = await money.administrator.get(`${money.book}/accounts?control=${control}`)
  return body.items[0].id
}

async function adjustment(from: string, to: string, more: object = {}) {
  const { body } = await money.administrator.get(`${money.book}/savings-accounts/${money.ana.accountId}`)
  const side = (account: string) => (account === 'own' ? body.accounts.own : below(account))
  return {
    ...{ id: uuid(), kind: 'adjustment', valueDate: day, reason: 'by hand' },
    entries: [
      { accountId: await side(from), direction: 'debit', amount: '10.00' },
      { accountId: await side(to), direction: 'credit', amount: '10.00' },
    ],
    ...more,
  }
}

const post = (body: object) => money.administrator.post(`${money.book}/transactions`, body)
const send = (mode: string, ...drafts: object[]) =>
  money.administrator.post(`${money.book}/transaction-lists`, { mode, drafts })

describe('a transaction written by hand', () => {
  it.each([
    ['own', '2020', 1],
    ['2030', 'own', 0],
    ['2100', '2030', 0],
    ['own', '2100', 1],
  ])('does not move money of incentives and funds: from %s to %s', async (from, to, place) => {
    for (const kind of ['adjustment', 'transaction']) {
      const { status, body } = await post(await adjustment(from, to, { kind }))
      expect([kind, status, body.code]).toEqual([kind, 409, 'account-not-by-hand'])
      const fields = body.fields.map(({ path }: { path: string }) => path)
      expect(fields).toContain(`entries.${place}.accountId`)
    }
    expect(await money.balance(money.ana)).toMatchObject({ own: '100.00' })
  })

  it('sets nothing aside there either, and does of her own', async () => {
    const place = (accountId: string) =>
      money.administrator.post(`${money.book}/holds`, { id: uuid(), accountId, amount: '0.01', reason: 'by hand' })
    for (const control of ['2020', '2030', '2100']) {
      const { status, body } = await place(await below(control))
      expect([status, body.code, body.fields[0].path]).toEqual([409, 'account-not-by-hand', 'accountId'])
    }
    const { body } = await money.administrator.get(`${money.book}/savings-accounts/${money.ana.accountId}`)
    expect((await place(body.accounts.own)).status).toBe(201)
  })

  it('adjusts her own money, and of a list only what is at fault is refused', async () => {
    expect((await post(await adjustment('own', '1010'))).status).toBe(201)
    const [good, bad] = [await adjustment('own', '1010'), await adjustment('own', '2030')]
    const { body } = await send('independent', bad, good)
    expect(body).toMatchObject({ posted: 1, refused: 1 })
    expect(body.outcomes[0].problem).toMatchObject({ code: 'account-not-by-hand' })
    const whole = await send('atomic', await adjustment('own', '1010'), bad)
    expect([whole.status, whole.body.fields[0].path]).toEqual([400, 'drafts.1.entries.1.accountId'])
    expect(await money.balance(money.ana)).toMatchObject({ own: '80.00' })
  })
})
