import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyBook } from '../../src/ledger/index.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { type Paying, payingProgramme, type Saver } from './programme.ts'

/**
 * A group of twenty of SIERRA SUR through a year. Eighteen save S/10.00 at each month's meeting. Rosa opens with S/50.00 and
 * saves S/60.00 a month. Luz opens with S/5.00 in April and never comes again.
 */
describe('a group of SIERRA SUR, through a year', () => {
  let service: TestApp
  let paying: Paying
  let group: Saver[]
  let rosa: Saver
  let luz: Saver
  beforeAll(async () => {
    service = await testApp({ clock: testClock('2027-01-31T15:00:00Z') })
    paying = await payingProgramme(service, { preset: 'SIERRA-SUR-II', currency: 'PEN', openedOn: '2026-01-01' })
    group = []
    for (let n = 0; n < 20; n++) group.push(await paying.saver())
    rosa = group[18]!
    luz = group[19]!
    await paying.fund('2000.00', '2026-01-02')
  })
  afterAll(async () => service.close())

  async function saves({ accountId }: Saver, amount: string, valueDate: string) {
    const body = { savingsAccountId: accountId, amount, valueDate, channel: 'branch' }
    await paying.said(`${paying.book}/deposits`, { id: uuid(), ...body })
  }

  async function takes({ accountId }: Saver, amount: string, valueDate: string, purpose: string, proof: object = {}) {
    const body = { savingsAccountId: accountId, amount, valueDate, channel: 'branch', purpose, ...proof }
    await paying.said(`${paying.book}/withdrawals`, { id: uuid(), ...body })
  }

  /** Of each saver: her own money, and what she was paid. */
  async function books(): Promise<Record<string, [own: string, incentives: string]>> {
    const book: Record<string, [string, string]> = {}
    for (const [n, { account }] of group.entries()) {
      const { balances } = (await paying.administrator.get(account)).body
      const name = n === 18 ? 'Rosa' : n === 19 ? 'Luz' : 'each other'
      const line: [string, string] = [balances.own.posted, balances.incentiveReleased.posted]
      if (book[name]) expect(line).toEqual(book[name])
      book[name] = line
    }
    return book
  }

  const meetings = async (months: readonly string[]) => {
    for (const month of months) {
      for (const saver of group.slice(0, 18)) await saves(saver, '10.00', `2026-${month}-12`)
      await saves(rosa, month === '01' ? '50.00' : '60.00', `2026-${month}-12`)
    }
  }

  it('first quarter: the opening deposit doubled up to 30.00, and a fifth of the growth up to 20.00', async () => {
    await meetings(['01', '02', '03'])
    // Each other: opening 10.00; growth 30.00 → 6.00. Rosa: opening 30.00; growth 170.00 → 34.00, capped at 20.00.
    const run = await paying.run('2026-03', '2026-04-02')
    expect(run.totals).toMatchObject({ paid: '338.00', takenBack: '0.00', lines: { posted: 38, nothing: 2 } })
    expect(await books()).toEqual({
      'each other': ['30.00', '16.00'],
      Rosa: ['170.00', '50.00'],
      Luz: ['0.00', '0.00'],
    })
  })

  it('second quarter: Luz opens with too little to grow, Rosa pays the school', async () => {
    await meetings(['04', '05', '06'])
    await saves(luz, '5.00', '2026-04-12')
    await takes(rosa, '300.00', '2026-06-20', 'education', { reference: 'BOL-0071', documentSha256: 'ab'.repeat(32) })
    // Each other: growth 30.00 → 6.00. Rosa: 180.00 less 300.00 is no growth; a tenth of the withdrawal is 30.00. Luz: opening 5.00.
    const run = await paying.run('2026-06', '2026-07-02')
    expect(run.totals).toMatchObject({ paid: '143.00', lines: { posted: 20, nothing: 2 } })
    expect(await books()).toEqual({ 'each other': ['60.00', '22.00'], Rosa: ['50.00', '80.00'], Luz: ['5.00', '5.00'] })
    const { body } = await paying.administrator.get(
      `${paying.book}/incentive-runs/${run.id}/lines?saverId=${luz.saverId}`,
    )
    expect(body.items.map(({ rule, amount, reason }: Record<string, string>) => [rule, amount, reason])).toEqual([
      ['1-APERTURA', '5.00', null],
      ['2-MANTENIMIENTO-CRECIMIENTO', '0.00', 'below-minimum-balance'],
    ])
  })

  it('third quarter: what Rosa takes for the house earns nothing, for a business up to 50.00 a year', async () => {
    await meetings(['07', '08', '09'])
    await takes(rosa, '20.00', '2026-08-20', 'household')
    await takes(rosa, '210.00', '2026-09-20', 'business', { reference: 'FAC-0113', documentSha256: 'cd'.repeat(32) })
    // Rosa: 180.00 less 230.00 is no growth; a tenth of 210.00 is 21.00, of which 20.00 are left of the year's 50.00.
    const run = await paying.run('2026-09', '2026-10-02')
    expect(run.totals).toMatchObject({ paid: '128.00', lines: { posted: 19 } })
    expect(await books()).toEqual({ 'each other': ['90.00', '28.00'], Rosa: ['0.00', '100.00'], Luz: ['5.00', '5.00'] })
  })

  it('fourth quarter: what came late from August is paid with the year, and the fund says what it paid', async () => {
    await meetings(['10', '11', '12'])
    await saves(luz, '50.00', '2026-08-12')
    // Luz: growth of the third quarter 50.00 → 10.00, with 55.00 in her account by its end. Rosa: 180.00 → 36.00, capped at 20.00.
    const run = await paying.run('2026-12', '2027-01-05')
    expect(run.totals).toMatchObject({ paid: '138.00', takenBack: '0.00' })
    expect(await books()).toEqual({
      'each other': ['120.00', '34.00'],
      Rosa: ['180.00', '120.00'],
      Luz: ['55.00', '15.00'],
    })
    const { body: fund } = await paying.administrator.get(`${paying.book}/funds/${paying.fundId}/summary`)
    expect(fund).toMatchObject({ received: '2000.00', paid: '747.00', returned: '0.00', left: '1253.00' })
    expect(await verifyBook(service.db, paying.bookId)).toMatchObject({ ok: true })
  })
})
