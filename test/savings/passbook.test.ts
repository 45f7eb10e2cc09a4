import fc from 'fast-check'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bank, own } from '../../src/savings/chart.ts'
import type { Passbook } from '../../src/savings/passbook/passbook.ts'
import { passbookPdf } from '../../src/savings/passbook/passbook-pdf.ts'
import { textOfPdf } from '../incentives/paper.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { type Holder, type Money, newHolder, openMoney } from './money.ts'

let service: TestApp
let money: Money
beforeAll(async () => {
  service = await testApp()
  money = await openMoney(service)
})
afterAll(() => service.close())

const passbook = (holder: Holder, query = '') =>
  money.agent.get(`${money.book}/savings-accounts/${holder.accountId}/passbook${query}`)

const interest = (holder: Holder, amount: string, valueDate: string) =>
  money.move('interest', { savingsAccountId: holder.accountId, amount, reference: 'INT', valueDate })

let years = 0

/** A year of one saver: deposits, a withdrawal, interest, one taken back, one handed in late. */
async function year(): Promise<{ holder: Holder; reversed: string }> {
  const bankAccountNumber = `110-${String(++years).padStart(2, '0')}-2345678`
  const holder = await newHolder(money, undefined, { bankAccountNumber })
  await money.deposit(holder, '100.00', { valueDate: '2026-01-12' })
  const { body: twice } = await money.deposit(holder, '30.00', { valueDate: '2026-02-10' })
  await money.deposit(holder, '30.00', { valueDate: '2026-02-10' })
  await money.withdraw(holder, '45.50', { valueDate: '2026-03-01' })
  const reversal = { id: uuid(), valueDate: '2026-03-02', reason: 'twice' }
  await money.administrator.post(`${money.book}/transactions/${twice.id}/reversal`, reversal)
  await money.deposit(holder, '7.25', { valueDate: '2026-01-20' })
  await interest(holder, '1.15', '2026-03-10')
  return { holder, reversed: twice.id }
}

describe('a passbook', () => {
  it('tells every movement of every money by day, what is left after it, and whose it is by initials only', async () => {
    const { holder, reversed } = await year()
    const { status, body } = await passbook(holder)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      ...{ savingsAccountId: holder.accountId, book: 'Caja Cusco, soles', currency: 'PEN', holder: 'J. C. H.' },
      ...{ account: '…5678', money: null, from: '2026-01-12', knownAt: null, opening: '0.00', closing: '92.90' },
    })
    const told = body.lines.map((line: Passbook['lines'][number]) =>
      [line.valueDate, line.kind, line.money, line.direction, line.amount, line.balance].join(' '),
    )
    expect(told).toEqual([
      '2026-01-12 deposit own credit 100.00 100.00',
      '2026-01-20 deposit own credit 7.25 107.25',
      '2026-02-10 deposit own credit 30.00 137.25',
      '2026-02-10 deposit own credit 30.00 167.25',
      '2026-03-01 withdrawal own debit 45.50 121.75',
      '2026-03-02 reversal own debit 30.00 91.75',
      '2026-03-10 interest interest credit 1.15 92.90',
    ])
    const takenBack = body.lines.filter((line: Passbook['lines'][number]) => line.reversed)
    expect(takenBack.map((line: Passbook['lines'][number]) => line.transactionId)).toEqual([reversed])
    expect(JSON.stringify(body)).not.toMatch(/Juana|Condori/)
  })

  it('of some days begins with what the days before came to, and is of one money when asked', async () => {
    const { holder } = await year()
    const { body: march } = await passbook(holder, '?from=2026-03-01&to=2026-03-05')
    expect(march).toMatchObject({ opening: '167.25', closing: '91.75', from: '2026-03-01', to: '2026-03-05' })
    expect(march.lines).toHaveLength(2)
    const { body: own } = await passbook(holder, '?from=2026-03-01&money=own')
    expect(own).toMatchObject({ money: 'own', opening: '167.25', closing: '91.75' })
    const { body: earned } = await passbook(holder, '?money=interest')
    expect(earned).toMatchObject({ opening: '0.00', closing: '1.15', lines: [{ money: 'interest' }] })
    const { body: before } = await passbook(holder, '?to=2026-01-02')
    expect(before).toMatchObject({ from: '2026-01-02', opening: '0.00', closing: '0.00', lines: [] })
  })

  it('as known at an instant is what it was then', async () => {
    const holder = await newHolder(money)
    await money.deposit(holder, '10.00')
    const then = service.clock.now().toISOString()
    const { body: first } = await passbook(holder, `?knownAt=${then}`)
    service.clock.set(new Date(Date.parse(then) + 60_000).toISOString())
    await money.deposit(holder, '5.00', { valueDate: '2026-02-01' })
    const { body: again } = await passbook(holder, `?knownAt=${then}`)
    expect(again).toEqual(first)
    expect([first.closing, first.lines.length]).toEqual(['10.00', 1])
    expect((await passbook(holder)).body.closing).toBe('15.00')
  })

  it('of a day says what the balance of that day says, whatever was moved', async () => {
    const days = ['2026-01-15', '2026-02-01', '2026-02-02', '2026-03-09']
    const movements = fc.array(
      fc.record({ cents: fc.integer({ min: 1, max: 5000 }), day: fc.constantFrom(...days), out: fc.boolean() }),
      { minLength: 1, maxLength: 8 },
    )
    await fc.assert(
      fc.asyncProperty(movements, fc.constantFrom(...days), fc.constantFrom(...days), async (moves, one, other) => {
        const holder = await newHolder(money)
        for (const { cents, day, out } of moves) {
          const amount = (cents / 100).toFixed(2)
          if (out) await money.withdraw(holder, amount, { valueDate: day })
          else await money.deposit(holder, amount, { valueDate: day })
        }
        await interest(holder, '0.10', days[1]!)
        const [from, to] = [one, other].sort() as [string, string]
        const { body } = await passbook(holder, `?from=${from}&to=${to}`)
        const total = async (day: string) => {
          const address = `${money.book}/savings-accounts/${holder.accountId}/balance?asOf=${day}`
          return (await money.agent.get(address)).body.total.posted
        }
        const dayBefore = new Date(Date.parse(from) - 86_400_000).toISOString().slice(0, 10)
        expect([body.opening, body.closing]).toEqual([await total(dayBefore), await total(to)])
        expect(body.lines.at(-1)?.balance ?? body.opening).toBe(body.closing)
      }),
      { numRuns: 15 },
    )
  })

  it('is printed with the same lines on as many pages as it takes, and the same days give the same bytes', async () => {
    const { holder } = await year()
    const authorization = `Bearer ${await service.key('bank')}`
    const url = `${money.book}/savings-accounts/${holder.accountId}/passbook?to=2026-03-12`
    const print = () => service.app.inject({ url, headers: { authorization, accept: 'application/pdf' } })
    const [first, second] = [await print(), await print()]
    expect([first.statusCode, first.headers['content-type']]).toEqual([200, 'application/pdf'])
    expect(first.rawPayload.equals(second.rawPayload)).toBe(true)
    const [page, ...more] = textOfPdf(first.rawPayload)
    expect(more).toEqual([])
    const lines = page!.split('\n')
    expect(lines).toEqual(expect.arrayContaining(['LIBRETA DE AHORRO', 'J. C. H.', 'Depósito (anulado)']))
    const march = lines.slice(lines.indexOf('01/03/2026'))
    expect(march.slice(0, 6)).toEqual([
      '01/03/2026',
      expect.stringMatching(/^\d+$/),
      'Retiro',
      'ahorro',
      '45.50',
      '121.75',
    ])
    expect(page).not.toMatch(/Juana|Condori/)
    const { body } = await passbook(holder, '?to=2026-03-12')
    const long = { ...body, lines: Array.from({ length: 300 }, () => body.lines[0]) }
    const pages = textOfPdf(await passbookPdf(long))
    expect(pages.length).toBeGreaterThan(5)
    pages.forEach((text, place) => {
      expect(text).toContain('Movimiento')
      expect(text).toContain(`Página ${place + 1} de ${pages.length}`)
    })
  })

  it('is not given of what is not there, of days the wrong way round, of more lines than paper holds, or to an analyst', async () => {
    const none = { saverId: uuid(), accountId: uuid() }
    expect(await passbook(none)).toMatchObject({ status: 404, body: { code: 'savings-account-not-found' } })
    const wrongWay = await passbook(money.ana, '?from=2026-03-02&to=2026-03-01')
    expect(wrongWay).toMatchObject({ status: 400, body: { code: 'request-invalid' } })
    const beyond = await passbook(money.ana, '?from=2027-01-01')
    expect(beyond).toMatchObject({ status: 400, body: { fields: [{ path: 'from' }] } })
    const analyst = await money.as('analyst')
    const address = `${money.book}/savings-accounts/${money.ana.accountId}/passbook`
    expect((await analyst.get(address)).status).toBe(403)
    for (let list = 0; list < 3; list++) {
      const drafts = Array.from({ length: 700 }, () => ({
        ...{ id: uuid(), kind: 'imported', valueDate: '2026-03-14' },
        entries: [
          { accountId: bank(money.bookId), direction: 'debit', amount: '0.01' },
          { accountId: own(money.rosa.accountId), direction: 'credit', amount: '0.01' },
        ],
      }))
      const posted = await money.administrator.post(`${money.book}/transaction-lists`, { mode: 'atomic', drafts })
      expect(posted.status).toBeLessThan(300)
    }
    expect(await passbook(money.rosa)).toMatchObject({ status: 422, body: { code: 'passbook-too-long' } })
    expect((await passbook(money.rosa, '?to=2026-03-13')).status).toBe(200)
  })
})
