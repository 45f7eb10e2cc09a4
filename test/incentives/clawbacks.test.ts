import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyBook } from '../../src/ledger/index.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { type Paying, payingProgramme, type Saver } from './programme.ts'

let service: TestApp
beforeAll(async () => {
  service = await testApp({ clock: testClock('2026-12-31T15:00:00Z') })
})
afterAll(async () => service.close())

const growth = { award: 'credit', basis: 'NET_GROWTH', rate: '0.25', cadence: 'monthly', openingCounts: true }

/** A programme that pays openings up to 5.00 into a lock, and a quarter of what each month adds as the terms say. */
async function programme(terms: object = {}): Promise<Paying> {
  const paying = await payingProgramme(service, {
    ...{ preset: 'CORREDOR-2003', currency: 'PEN', openedOn: '2026-01-01' },
    agreed: { OPENING: { caps: [{ amount: '5.00', per: 'event' }] } },
  })
  await rule(paying, paying.programmeId, terms)
  await paying.fund('500.00', '2026-01-02')
  return paying
}

const rule = ({ said }: Paying, programmeId: string, terms: object) =>
  said(`/v1/programmes/${programmeId}/incentive-rules`, {
    ...{ id: uuid(), code: 'GROWTH', title: 'A quarter', currency: 'PEN', validFrom: '2026-01-02' },
    terms: { ...growth, ...terms },
  })

/** Another programme in the same book, which another fund pays. */
async function besides(paying: Paying, fundId: string): Promise<Paying> {
  const { said, book } = paying
  const programmeId = uuid()
  const named = { id: programmeId, code: programmeId.slice(-12), name: 'Another', contractMonths: 48 }
  await said('/v1/programmes', { ...named, validFrom: '2026-01-01' })
  await rule(paying, programmeId, {})
  const fund = { id: fundId, code: 'RO-1', name: 'RO', fundingSource: 'RO', openedOn: '2026-01-01' }
  await said(`${book}/funds`, fund)
  const receipt = { id: uuid(), fundId, amount: '50.00', valueDate: '2026-01-02', reference: 'SIAF-2' }
  await said(`${book}/fund-receipts`, receipt)
  await said(`${book}/financings`, {
    ...{ id: uuid(), programmeId, validFrom: '2026-01-01' },
    shares: [{ fundId, budgetCode: '2.5.32', share: '1' }],
  })
  async function run(month: string, valueDate: string) {
    const id = uuid()
    await said(`${book}/incentive-runs`, { id, programmeId, month, valueDate })
    return (await paying.approver.post(`${book}/incentive-runs/${id}/approve`, {})).body
  }
  return { ...paying, programmeId, fundId, run: run as Paying['run'] }
}

async function puts({ said, book }: Paying, { accountId }: Saver, amount: string, valueDate: string) {
  const id = uuid()
  await said(`${book}/deposits`, { id, savingsAccountId: accountId, amount, valueDate, channel: 'branch' })
  return id
}

const takesOut = ({ said, book }: Paying, { accountId }: Saver, amount: string, valueDate: string) =>
  said(`${book}/withdrawals`, {
    ...{ id: uuid(), savingsAccountId: accountId, amount, valueDate, channel: 'branch', purpose: 'household' },
    money: 'incentive-released',
  })

const reverses = ({ said, book }: Paying, id: string, valueDate: string) =>
  said(`${book}/transactions/${id}/reversal`, { id: uuid(), valueDate, reason: 'counted twice' })

/** Another savings account of hers. */
async function opensAnother({ said, book }: Paying, saver: Saver): Promise<Saver> {
  const accountId = uuid()
  await said(`${book}/savings-accounts`, { id: accountId, saverId: saver.saverId, openedOn: '2026-01-01' })
  return { ...saver, accountId, account: `${book}/savings-accounts/${accountId}` }
}

const carries = ({ said, book }: Paying, from: Saver, to: Saver, amount: string, valueDate: string) =>
  said(`${book}/transfers`, {
    ...{ id: uuid(), fromSavingsAccountId: from.accountId, toSavingsAccountId: to.accountId, amount, valueDate },
    money: 'incentive-released',
  })

const ends = ({ said, book }: Paying, { enrolmentId }: Saver, endsOn: string) =>
  said(`${book}/enrolment-ends`, { enrolmentId, endsOn, reason: 'withdrew' })

const moneys = async ({ administrator }: Paying, { account }: Saver) => {
  const { balances } = (await administrator.get(account)).body
  return [balances.incentiveLocked.posted, balances.incentiveReleased.posted]
}

/** What a run says of what it takes, or does not take, back. */
async function told({ administrator, book }: Paying, run: { id: string }, rule = 'GROWTH') {
  const { body } = await administrator.get(`${book}/incentive-runs/${run.id}/lines?limit=200`)
  return body.items
    .filter((line: { rule: string; amount: string; revision: number }) => line.rule === rule && line.revision > 0)
    .map(({ period, amount, outcome, reason, explanation }: never) => {
      const { notTakenBack, forfeited, takenFrom } = explanation as Record<string, unknown>
      return { period, amount, outcome, reason, notTakenBack, forfeited, takenFrom }
    })
}

const fundOf = async ({ administrator, book }: Paying, fundId: string) => {
  const { paid, returned, left } = (await administrator.get(`${book}/funds/${fundId}/summary`)).body
  return { paid, returned, left }
}

const sound = async ({ bookId }: Paying) => expect(await verifyBook(service.db, bookId)).toMatchObject({ ok: true })

describe('a clawback', () => {
  it('finds what she moved to her second account', async () => {
    const paying = await programme()
    const rosa = await paying.saver()
    const second = await opensAnother(paying, rosa)
    const twice = await puts(paying, rosa, '40.00', '2026-02-10')
    expect((await paying.run('2026-02', '2026-03-01')).totals.paid).toBe('15.00')
    await carries(paying, rosa, second, '10.00', '2026-03-02')
    await reverses(paying, twice, '2026-03-03')
    const run = await paying.run('2026-03', '2026-04-01')
    expect(run.totals.takenBack).toBe('15.00')
    expect(await told(paying, run)).toEqual([
      {
        ...{ period: '2026-02', amount: '-10.00', outcome: 'posted', reason: 'no-growth' },
        takenFrom: [{ savingsAccountId: second.accountId, money: 'incentive-released', amount: '10.00' }],
      },
    ])
    expect([await moneys(paying, rosa), await moneys(paying, second)]).toEqual([
      ['0.00', '0.00'],
      ['0.00', '0.00'],
    ])
    expect(await fundOf(paying, paying.fundId)).toEqual({ paid: '15.00', returned: '15.00', left: '500.00' })
    await sound(paying)
  })

  it('goes into an account of hers that is open when the one that was credited is closed', async () => {
    const paying = await programme({ openingCounts: true, caps: [{ amount: '8.00', per: 'period' }] })
    await paying.said(`/v1/programmes/${paying.programmeId}/incentive-rules`, {
      ...{ id: uuid(), code: 'OPENING', title: 'None', currency: 'PEN', validFrom: '2026-01-02' },
      terms: {
        ...growth,
        basis: 'OPENING_DEPOSIT',
        cadence: 'once',
        rate: '0.1',
        caps: [{ amount: '1.00', per: 'event' }],
      },
    })
    const rosa = await paying.saver()
    const second = await opensAnother(paying, rosa)
    const twice = await puts(paying, rosa, '32.00', '2026-02-10')
    expect((await paying.run('2026-02', '2026-03-01')).totals.paid).toBe('9.00')
    await carries(paying, rosa, second, '9.00', '2026-03-02')
    await reverses(paying, twice, '2026-03-03')
    await paying.said(`${rosa.account}/status`, {
      id: uuid(),
      status: 'closed',
      reason: 'one is enough',
      closedOn: '2026-03-04',
    })
    expect((await paying.run('2026-03', '2026-04-01')).totals.takenBack).toBe('9.00')
    expect(await moneys(paying, second)).toEqual(['0.00', '0.00'])
    await sound(paying)
  })

  it('takes it out of two accounts at once, in one transaction', async () => {
    const paying = await programme()
    const rosa = await paying.saver()
    const second = await opensAnother(paying, rosa)
    const twice = await puts(paying, rosa, '40.00', '2026-02-10')
    await paying.run('2026-02', '2026-03-01')
    await carries(paying, rosa, second, '4.00', '2026-03-02')
    await takesOut(paying, second, '1.00', '2026-03-03')
    await reverses(paying, twice, '2026-03-03')
    const [line] = await told(paying, await paying.run('2026-03', '2026-04-01'))
    expect(line).toMatchObject({ amount: '-9.00', notTakenBack: '1.00' })
    expect(line.takenFrom).toHaveLength(2)
    expect(line.takenFrom).toEqual(
      expect.arrayContaining([
        { savingsAccountId: rosa.accountId, money: 'incentive-released', amount: '6.00' },
        { savingsAccountId: second.accountId, money: 'incentive-released', amount: '3.00' },
      ]),
    )
    expect([await moneys(paying, rosa), await moneys(paying, second)]).toEqual([
      ['0.00', '0.00'],
      ['0.00', '0.00'],
    ])
    await sound(paying)
  })

  it('takes nothing of another incentive, programme or fund: the rest is reported, and stays', async () => {
    const paying = await programme()
    const fundId = uuid()
    const other = await besides(paying, fundId)
    const rosa = await paying.saver()
    const contract = { saverId: rosa.saverId, programmeId: other.programmeId, startsOn: '2026-01-01', cohort: '1' }
    await paying.said(`${paying.book}/enrolments`, { id: uuid(), ...contract })
    const twice = await puts(paying, rosa, '40.00', '2026-02-10')
    await puts(paying, rosa, '8.00', '2026-03-10')
    await paying.run('2026-02', '2026-04-01')
    expect((await other.run('2026-03', '2026-04-01')).totals.paid).toBe('12.00')
    await paying.run('2026-03', '2026-04-02')
    // 10.00 of February, then 12.00 of the other programme, then 2.00 of March: taken out in that order.
    expect(await moneys(paying, rosa)).toEqual(['5.00', '24.00'])
    await takesOut(paying, rosa, '7.00', '2026-04-03')
    await reverses(paying, twice, '2026-04-04')
    const run = await paying.run('2026-04', '2026-05-01')
    expect(await told(paying, run)).toMatchObject([{ period: '2026-02', amount: '-3.00', notTakenBack: '7.00' }])
    expect(await fundOf(paying, fundId)).toEqual({ paid: '12.00', returned: '0.00', left: '38.00' })
    expect(await moneys(paying, rosa)).toEqual(['5.00', '14.00'])
    // The other programme takes its own, whole; and the first finds nothing more, however much else she holds.
    expect((await other.run('2026-04', '2026-05-01')).totals.takenBack).toBe('10.00')
    await puts(paying, rosa, '400.00', '2026-05-10')
    const next = await paying.run('2026-05', '2026-06-01')
    expect(next.totals).toMatchObject({ paid: '100.00', takenBack: '0.00' })
    expect(await told(paying, next)).toMatchObject([
      { period: '2026-02', amount: '0.00', reason: 'nothing-left-to-take-back', notTakenBack: '7.00' },
    ])
    expect(await fundOf(paying, fundId)).toEqual({ paid: '12.00', returned: '10.00', left: '48.00' })
    await sound(paying)
  })

  it('is left to the next run when she moved it after the run was prepared', async () => {
    const paying = await programme()
    const rosa = await paying.saver()
    const second = await opensAnother(paying, rosa)
    const twice = await puts(paying, rosa, '40.00', '2026-02-10')
    await puts(paying, rosa, '40.00', '2026-03-10')
    await paying.run('2026-03', '2026-04-01')
    await reverses(paying, twice, '2026-04-02')
    const id = uuid()
    const body = { id, programmeId: paying.programmeId, month: '2026-03', valueDate: '2026-04-03' }
    expect((await paying.said(`${paying.book}/incentive-runs`, body)).totals.takenBack).toBe('10.00')
    await carries(paying, rosa, second, '10.00', '2026-04-02')
    const { body: run } = await paying.approver.post(`${paying.book}/incentive-runs/${id}/approve`, {})
    expect(run).toMatchObject({ status: 'posted', totals: { takenBack: '0.00', lines: { refused: 1 } } })
    expect(await told(paying, { id })).toMatchObject([
      { period: '2026-02', outcome: 'refused', reason: 'moved-since-prepared' },
      { period: '2026-03', reason: 'already-paid' },
    ])
    expect([await moneys(paying, rosa), await moneys(paying, second)]).toEqual([
      ['5.00', '10.00'],
      ['0.00', '10.00'],
    ])
    expect((await paying.run('2026-03', '2026-04-04')).totals.takenBack).toBe('10.00')
    expect([await moneys(paying, rosa), await moneys(paying, second)]).toEqual([
      ['5.00', '10.00'],
      ['0.00', '0.00'],
    ])
    await sound(paying)
  })

  it('takes nothing of what the same run pays, and pays nothing of what it takes', async () => {
    const paying = await programme()
    const rosa = await paying.saver()
    const twice = await puts(paying, rosa, '40.00', '2026-02-10')
    await paying.run('2026-02', '2026-03-01')
    await takesOut(paying, rosa, '10.00', '2026-03-02')
    await reverses(paying, twice, '2026-03-03')
    await puts(paying, rosa, '80.00', '2026-03-10')
    const run = await paying.run('2026-03', '2026-04-01')
    expect(run.totals).toMatchObject({ paid: '20.00', takenBack: '0.00' })
    expect(await told(paying, run)).toMatchObject([{ period: '2026-02', amount: '0.00', notTakenBack: '10.00' }])
    expect((await moneys(paying, rosa))[1]).toBe('20.00')
    expect((await paying.run('2026-03', '2026-04-02')).totals.takenBack).toBe('0.00')
  })
})

describe('what a contract forfeited', () => {
  it('is not taken back besides: one run says so, and none after it', async () => {
    const paying = await programme({ locked: true, earlyExit: 'forfeit' })
    const rosa = await paying.saver()
    const [opening, twice] = [
      await puts(paying, rosa, '8.00', '2026-01-05'),
      await puts(paying, rosa, '40.00', '2026-02-10'),
    ]
    await paying.run('2026-02', '2026-03-01')
    await reverses(paying, twice, '2026-03-02')
    await ends(paying, rosa, '2026-03-03')
    const ended = await paying.said(`${paying.book}/lock-endings`, { on: '2026-03-04' })
    expect(ended.forfeited).toEqual({ locks: 1, amount: '17.00' })
    const run = await paying.run('2026-03', '2026-04-01')
    expect(await told(paying, run)).toEqual([
      { period: '2026-02', amount: '0.00', outcome: 'nothing', reason: 'contract-forfeited', forfeited: '10.00' },
    ])
    for (const month of ['2026-03', '2026-04'])
      expect(await told(paying, await paying.run(month, '2026-05-01'))).toEqual([])
    // What is found out later is told then, once as well.
    await reverses(paying, opening, '2026-05-02')
    expect(await told(paying, await paying.run('2026-05', '2026-06-01'), 'OPENING')).toMatchObject([
      { amount: '0.00', reason: 'contract-forfeited', forfeited: '5.00' },
    ])
    expect(await told(paying, await paying.run('2026-05', '2026-06-01'), 'OPENING')).toEqual([])
    expect(await fundOf(paying, paying.fundId)).toEqual({ paid: '17.00', returned: '17.00', left: '500.00' })
    await sound(paying)
  })
})

describe('a lock', () => {
  it('is not ended on a day before what is in it was credited', async () => {
    const paying = await programme({ locked: true, earlyExit: 'keep' })
    const rosa = await paying.saver()
    await puts(paying, rosa, '40.00', '2026-02-10')
    await ends(paying, rosa, '2026-02-20')
    await paying.run('2026-02', '2026-03-10')
    const end = (on: string) => paying.said(`${paying.book}/lock-endings`, { on })
    expect(await end('2026-03-09')).toMatchObject({ released: { locks: 0 }, forfeited: { locks: 0 }, refused: 2 })
    expect(await moneys(paying, rosa)).toEqual(['15.00', '0.00'])
    expect(await end('2026-03-10')).toMatchObject({
      ...{ released: { locks: 1, amount: '10.00' }, forfeited: { locks: 1, amount: '5.00' }, refused: 0 },
    })
    for (const day of ['2026-03-09', '2026-03-10']) {
      const { balances } = (await paying.administrator.get(`${rosa.account}/balance?asOf=${day}`)).body
      expect(Number(balances.incentiveLocked.posted), day).toBe(0)
    }
    await sound(paying)
  })

  it('is ended once by however many end it at once', async () => {
    const paying = await programme({ locked: true, earlyExit: 'forfeit' })
    const rosa = await paying.saver()
    await puts(paying, rosa, '40.00', '2026-02-10')
    await ends(paying, rosa, '2026-02-20')
    await paying.run('2026-02', '2026-03-10')
    const end = (on: string) => paying.said(`${paying.book}/lock-endings`, { on })
    const ended = await Promise.all(['2026-03-10', '2026-03-11', '2026-03-12', '2026-03-12'].map(end))
    expect(ended.map(({ forfeited, refused }) => [forfeited.amount, refused]).sort()).toEqual([
      ['0.00', 0],
      ['0.00', 0],
      ['0.00', 0],
      ['15.00', 0],
    ])
    expect(await moneys(paying, rosa)).toEqual(['0.00', '0.00'])
    await sound(paying)
  })

  it('that ended leaves what was in it to be taken back from where she carried it', async () => {
    const paying = await programme({ locked: true, earlyExit: 'keep' })
    const rosa = await paying.saver()
    const second = await opensAnother(paying, rosa)
    await puts(paying, rosa, '20.00', '2026-01-10')
    const twice = await puts(paying, rosa, '40.00', '2026-02-10')
    await paying.run('2026-02', '2026-03-01')
    await ends(paying, rosa, '2026-03-02')
    await paying.said(`${paying.book}/lock-endings`, { on: '2026-03-02' })
    expect(await moneys(paying, rosa)).toEqual(['0.00', '15.00'])
    await carries(paying, rosa, second, '12.00', '2026-03-03')
    await reverses(paying, twice, '2026-03-04')
    // Of January's 5.00 all went with it, being older, and 7.00 of February's 10.00.
    const [line] = await told(paying, await paying.run('2026-03', '2026-04-01'))
    expect(line).toMatchObject({ amount: '-10.00' })
    expect([await moneys(paying, rosa), await moneys(paying, second)]).toEqual([
      ['0.00', '0.00'],
      ['0.00', '5.00'],
    ])
    expect(await paying.said(`${paying.book}/lock-endings`, { on: '2026-04-02' })).toMatchObject({
      ...{ released: { locks: 0 }, forfeited: { locks: 0 }, refused: 0 },
    })
    await sound(paying)
  })
})
