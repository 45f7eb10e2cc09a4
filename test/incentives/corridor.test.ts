import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addMonths, lastDay } from '../../src/dates.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { type Paying, payingProgramme, type Saver } from './programme.ts'

/** The worked case of CORREDOR-2003: US$, one saver, 48 months. */
describe('the worked case, by HTTP over 48 months', () => {
  let service: TestApp
  beforeAll(async () => {
    service = await testApp({ clock: testClock('2007-01-02T15:00:00Z') })
  })
  afterAll(async () => service.close())

  async function lived(paying: Paying, { accountId }: Saver): Promise<void> {
    const { book, said } = paying
    const move = (kind: string, amount: string, valueDate: string, more: object) =>
      said(`${book}/${kind}`, { id: uuid(), savingsAccountId: accountId, amount, valueDate, ...more })
    for (let n = 0; n < 48; n++) {
      const month = addMonths('2003-01', n)
      const saved = n === 0 ? '10.00' : n <= 31 ? '12.00' : n <= 46 ? '6.60' : '7.00'
      await move('deposits', saved, `${month}-10`, { channel: 'branch' })
      if (n >= 32) await move('withdrawals', '23.50', `${month}-20`, { channel: 'branch', purpose: 'household' })
      if (n % 12 === 11) await move('interest', '6.50', lastDay(month), {})
    }
  }

  async function moneysOf(paying: Paying, rosa: Saver) {
    const { body } = await paying.administrator.get(rosa.account)
    const { own, incentiveLocked, incentiveReleased, interest } = body.balances
    return [own, incentiveLocked, incentiveReleased, interest, body.total].map(({ posted }) => posted)
  }

  it('gives 103.00 of incentives, locked until the contract is over', async () => {
    const paying = await payingProgramme(service, { preset: 'CORREDOR-2003', currency: 'USD', openedOn: '2003-01-01' })
    const rosa = await paying.saver()
    await paying.fund('500.00', '2003-01-02')
    await lived(paying, rosa)
    for (let n = 0; n < 48; n++) {
      const month = addMonths('2003-01', n)
      const run = await paying.run(month, lastDay(month))
      expect(run.totals.paid, month).toBe(n === 0 ? '10.00' : n <= 31 ? '3.00' : '0.00')
    }
    expect(await moneysOf(paying, rosa)).toEqual(['112.00', '103.00', '0.00', '26.00', '241.00'])

    const { own } = (await paying.administrator.get(rosa.account)).body.accounts
    const { body: saved } = await paying.administrator.get(`${paying.book}/accounts/${own}/balance`)
    expect(saved).toMatchObject({ credits: '488.00', debits: '376.00' })

    const release = (on: string) => paying.said(`${paying.book}/lock-endings`, { on })
    expect(await release('2006-12-31')).toMatchObject({ released: { locks: 0 } })
    expect(await release('2007-01-01')).toMatchObject({ released: { locks: 1, amount: '103.00' } })
    expect(await release('2007-01-01')).toMatchObject({ released: { locks: 0, amount: '0.00' } })
    expect(await moneysOf(paying, rosa)).toEqual(['112.00', '0.00', '103.00', '26.00', '241.00'])
    const { body: fund } = await paying.administrator.get(`${paying.book}/funds/${paying.fundId}/summary`)
    expect(fund).toMatchObject({ received: '500.00', paid: '103.00', returned: '0.00', left: '397.00' })
  })

  it('gives 129.50 when deposits count without the withdrawals, also when one run pays for all 48 months', async () => {
    const paying = await payingProgramme(service, { preset: 'CORREDOR-2003', currency: 'USD', openedOn: '2003-01-01' })
    const { body: rules } = await paying.administrator.get(`/v1/programmes/${paying.programmeId}/incentive-rules`)
    const growth = rules.items.find(({ code }: { code: string }) => code === 'GROWTH')
    await paying.said(`/v1/programmes/${paying.programmeId}/incentive-rules/${growth.id}/end`, {
      validTo: '2003-01-01',
    })
    await paying.said(`/v1/programmes/${paying.programmeId}/incentive-rules`, {
      ...{ id: uuid(), code: 'GROWTH', title: 'Of deposits', currency: 'USD', validFrom: '2003-01-02' },
      terms: { ...growth.terms, basis: 'GROSS_DEPOSITS', caps: [{ amount: '250.00', per: 'lifetime' }] },
    })
    const rosa = await paying.saver()
    await paying.fund('500.00', '2003-01-02')
    await lived(paying, rosa)
    expect((await paying.run('2006-12', '2006-12-31')).totals.paid).toBe('129.50')
    expect(await moneysOf(paying, rosa)).toEqual(['112.00', '129.50', '0.00', '26.00', '267.50'])
  })
})
