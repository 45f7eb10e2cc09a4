import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAccounts } from '../../src/ledger/index.ts'
import { initials } from '../../src/savings/receipts/receipt.ts'
import { receiptText } from '../../src/savings/receipts/receipt-text.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { books } from './journal.ts'
import { type Money, newHolder, openMoney } from './money.ts'

let service: TestApp
let money: Money
beforeAll(async () => {
  service = await testApp()
  money = await openMoney(service)
})
afterAll(() => service.close())

const receipt = (id: string) => money.agent.get(`${money.book}/transactions/${id}/receipt`)

async function printed(id: string): Promise<string> {
  const url = `${money.book}/transactions/${id}/receipt`
  const authorization = `Bearer ${await service.key('bank')}`
  const answer = await service.app.inject({ url, headers: { authorization, accept: 'text/plain' } })
  expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
  return answer.body
}

describe('a receipt', () => {
  it('says what moved and what is left, by initials and the end of a number, never by a name', async () => {
    const ana = await newHolder(money, money.ana.saverId, { bankAccountNumber: '110-01-2345678' })
    await money.deposit(ana, '100.00')
    const deposit = await money.deposit(ana, '12.50')
    await money.deposit(ana, '50.00')
    const answer = await receipt(deposit.body.id)
    expect(answer).toMatchObject({
      status: 200,
      body: {
        transactionId: deposit.body.id,
        book: 'Caja Cusco, soles',
        kind: 'deposit',
        sequence: 2,
        hash: deposit.body.hash,
        reversedBy: null,
        lines: [
          {
            savingsAccountId: ana.accountId,
            holder: 'J. C. H.',
            account: '…5678',
            money: 'own',
            direction: 'credit',
            amount: '12.50',
            balanceAfter: '112.50',
          },
        ],
      },
    })
    expect(JSON.stringify(answer.body)).not.toMatch(/Juana|Condori/)
    expect(await printed(deposit.body.id)).toBe(
      `${books(`
                         RECIBO
                   Caja Cusco, soles
        ----------------------------------------
        Depósito                      14/03/2026
        ----------------------------------------
        Titular                         J. C. H.
        Cuenta                             …5678
        Entra                           S/ 12.50
        Saldo de ahorro                S/ 112.50
        ----------------------------------------
        N.º en el libro                        2
        ${deposit.body.hash.slice(0, 32)}
        ${deposit.body.hash.slice(32)}`)}\n`,
    )
  })

  it.each([
    [undefined, 200, 'application/json'],
    ['*/*', 200, 'application/json'],
    ['Text/Plain', 200, 'text/plain'],
    ['text/*', 200, 'text/plain'],
    ['text/html, text/plain;q=0.9, application/json;q=0.1', 200, 'text/plain'],
    ['text/plain;q=0.2, application/json;q=0.8', 200, 'application/json'],
    ['text/plain;q=0, */*', 200, 'application/json'],
    ['image/png', 406, 'application/problem+json'],
  ])('is given to who accepts %s with %i as %s', async (accept, status, form) => {
    const { body } = await money.deposit(money.ana, '5.00')
    const url = `${money.book}/transactions/${body.id}/receipt`
    const authorization = `Bearer ${await service.key('bank')}`
    const answer = await service.app.inject({ url, headers: { authorization, ...(accept && { accept }) } })
    expect([answer.statusCode, answer.headers.vary]).toEqual([status, 'accept'])
    expect(answer.headers['content-type']).toMatch(form)
    if (status === 406) expect(answer.json()).toMatchObject({ code: 'media-type-not-acceptable' })
  })

  it('of a reversed movement says so', async () => {
    const deposit = await money.deposit(money.rosa, '5.00')
    const address = `${money.book}/transactions/${deposit.body.id}/reversal`
    const reversal = await money.administrator.post(address, { id: uuid(), valueDate: '2026-03-20', reason: 'twice' })
    expect((await receipt(deposit.body.id)).body.reversedBy).toBe(reversal.body.id)
    expect(await printed(deposit.body.id)).toContain('*** ANULADO ***')
    expect(await printed(reversal.body.id)).toContain('Anulación')
  })

  it('is not given for money that is nobody’s, nor for what is not there, nor to an analyst', async () => {
    await money.deposit(money.ana, '5.00')
    const banked = await money.move('bankings', { agentId: money.agentId, amount: '1.00', reference: 'OP-1' })
    expect(await receipt(banked.body.id)).toMatchObject({ status: 422, body: { code: 'receipt-not-given' } })
    expect(await receipt(uuid())).toMatchObject({ status: 404, body: { code: 'transaction-not-found' } })
    const analyst = await money.as('analyst')
    const { status } = await analyst.get(`${money.book}/transactions/${banked.body.id}/receipt`)
    expect(status).toBe(403)
  })

  it('is not looked for in an account that the ledger was told to open under a code like theirs', async () => {
    const [odd, other] = [uuid(), uuid()]
    const account = { name: 'Other', type: 'liability' as const, floor: null, openedOn: '2026-01-10' }
    const openings = [
      { ...account, id: odd, code: '2010.suspense' },
      { ...account, id: other, code: '2990' },
    ]
    await openAccounts(service.db, money.bookId, openings, service.clock.now(), 'tester')
    const entries = [
      { accountId: odd, direction: 'debit', amount: '1.00' },
      { accountId: other, direction: 'credit', amount: '1.00' },
    ]
    const moved = await money.administrator.post(`${money.book}/transactions`, {
      id: uuid(),
      valueDate: '2026-03-14',
      entries,
    })
    expect((await receipt(moved.body.id)).body.code).toBe('receipt-not-given')
  })

  it('prints within forty columns, however long a name is', () => {
    const line = {
      savingsAccountId: uuid(),
      direction: 'debit',
      amount: '9999999999999.99',
      balanceAfter: '0.00',
    } as const
    const text = receiptText({
      transactionId: uuid(),
      book: 'Cooperativa de Ahorro y Crédito de los Santos Patronos',
      currency: 'BOB',
      kind: 'lrac-transfer',
      valueDate: '2026-03-14',
      recordedAt: '2026-03-14T00:00:00.000Z',
      sequence: 1_000_000,
      hash: 'a'.repeat(64),
      reversedBy: null,
      lines: [
        {
          ...line,
          holder: 'Asociación de Productores Agropecuarios de Ccorca',
          account: '…1',
          money: 'incentive-locked',
        },
      ],
    })
    expect(Math.max(...text.split('\n').map(row => [...row].length))).toBe(40)
    expect(text).toContain('Transferencia del CLAR')
    expect(text).toContain('Sale                BOB 9999999999999.99')
  })
})

describe('initials', () => {
  it.each([
    ['Juana Condori Huamán', 'J. C. H.'],
    ['  ñusta   de la Cruz ', 'Ñ. D. L. C.'],
    ['Élida', 'É.'],
  ])('of %s are %s', (names, expected) => expect(initials(names)).toBe(expected))
})
