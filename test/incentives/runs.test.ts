import pg from 'pg'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { verifyBook } from '../../src/ledger/index.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { type Paying, payingProgramme, type Saver } from './programme.ts'

let service: TestApp
beforeAll(async () => {
  service = await testApp({ clock: testClock('2026-12-31T15:00:00Z') })
})
afterAll(async () => service.close())

const corredor = () => payingProgramme(service, { preset: 'CORREDOR-2003', currency: 'PEN', openedOn: '2026-01-01' })

async function deposit({ said, book }: Paying, { accountId }: Saver, amount: string, valueDate: string) {
  const id = uuid()
  await said(`${book}/deposits`, { id, savingsAccountId: accountId, amount, valueDate, channel: 'branch' })
  return id
}

async function withdraw(
  { said, book }: Paying,
  { accountId }: Saver,
  amount: string,
  valueDate: string,
  more: object = {},
) {
  const body = { savingsAccountId: accountId, amount, valueDate, channel: 'branch', purpose: 'household', ...more }
  await said(`${book}/withdrawals`, { id: uuid(), ...body })
}

const reverse = ({ said, book }: Paying, id: string, valueDate: string) =>
  said(`${book}/transactions/${id}/reversal`, { id: uuid(), valueDate, reason: 'counted twice' })

const moneys = async ({ administrator }: Paying, { account }: Saver) => {
  const { balances } = (await administrator.get(account)).body
  return [balances.own.posted, balances.incentiveLocked.posted, balances.incentiveReleased.posted]
}

const linesOf = async ({ administrator, book }: Paying, runId: string) =>
  (await administrator.get(`${book}/incentive-runs/${runId}/lines`)).body.items

describe('a run', () => {
  it('is prepared by one and approved by another, and posts nothing before', async () => {
    const paying = await corredor()
    const [rosa, luz] = [await paying.saver(), await paying.saver()]
    await paying.fund('100.00', '2026-01-02')
    await deposit(paying, rosa, '8.00', '2026-01-10')
    await deposit(paying, rosa, '20.00', '2026-02-10')
    const id = uuid()
    const body = { id, programmeId: paying.programmeId, month: '2026-02', valueDate: '2026-03-01' }
    const prepared = await paying.said(`${paying.book}/incentive-runs`, body)
    expect(prepared).toMatchObject({
      status: 'prepared',
      totals: { due: '13.00', paid: '0.00', lines: { due: 2, nothing: 2 } },
      funds: [{ needed: '13.00', available: '100.00', after: '87.00' }],
      replayed: false,
    })
    expect(await paying.said(`${paying.book}/incentive-runs`, body)).toEqual({ ...prepared, replayed: true })
    const lines = await linesOf(paying, id)
    expect(
      lines.map(({ saverId, rule, period, amount, outcome, reason }: Record<string, string>) =>
        [saverId === rosa.saverId ? 'rosa' : 'luz', rule, period, amount, outcome, reason].join(' '),
      ),
    ).toEqual([
      'rosa OPENING once 8.00 due ',
      'rosa GROWTH 2026-02 5.00 due ',
      'luz OPENING once 0.00 nothing no-deposit-yet',
      'luz GROWTH 2026-02 0.00 nothing no-growth',
    ])
    expect(luz).toBeDefined()
    expect(await moneys(paying, rosa)).toEqual(['28.00', '0.00', '0.00'])

    const approve = (by: Paying['approver']) => by.post(`${paying.book}/incentive-runs/${id}/approve`, {})
    expect(await approve(paying.administrator)).toMatchObject({ status: 409, body: { code: 'second-actor-needed' } })
    expect(await approve(paying.approver)).toMatchObject({
      status: 200,
      body: { status: 'posted', totals: { paid: '13.00', due: '0.00' } },
    })
    expect(await approve(paying.approver)).toMatchObject({ status: 200, body: { status: 'posted' } })
    expect(await moneys(paying, rosa)).toEqual(['28.00', '13.00', '0.00'])
    expect(await verifyBook(service.db, paying.bookId)).toMatchObject({ ok: true })
  })

  it('that exceeds its fund is refused before anything is posted, and says by how much', async () => {
    const paying = await corredor()
    const rosa = await paying.saver()
    await paying.fund('5.00', '2026-01-02')
    await deposit(paying, rosa, '8.00', '2026-01-10')
    const id = uuid()
    await paying.said(`${paying.book}/incentive-runs`, { id, programmeId: paying.programmeId, month: '2026-01' })
    const { status, body } = await paying.approver.post(`${paying.book}/incentive-runs/${id}/approve`, {})
    expect(status).toBe(422)
    expect(body).toMatchObject({
      code: 'fund-exceeded',
      facts: { funds: [{ fundId: paying.fundId, needed: '8.00', available: '5.00', short: '3.00' }] },
    })
    expect(await moneys(paying, rosa)).toEqual(['8.00', '0.00', '0.00'])
    await paying.fund('3.00', '2026-01-02')
    expect((await paying.approver.post(`${paying.book}/incentive-runs/${id}/approve`, {})).body.status).toBe('posted')
    expect(await moneys(paying, rosa)).toEqual(['8.00', '8.00', '0.00'])
  })

  it('is paid by what its fund had on the value date, not by what came later or is spent on a later day', async () => {
    const paying = await corredor()
    const rosa = await paying.saver()
    await paying.fund('6.00', '2026-01-02')
    await paying.fund('50.00', '2026-05-10')
    await deposit(paying, rosa, '8.00', '2026-01-10')
    const id = uuid()
    const body = { id, programmeId: paying.programmeId, month: '2026-01', valueDate: '2026-04-01' }
    const prepared = await paying.said(`${paying.book}/incentive-runs`, body)
    expect(prepared.funds).toMatchObject([{ needed: '8.00', available: '6.00', after: '-2.00' }])
    const approve = () => paying.approver.post(`${paying.book}/incentive-runs/${id}/approve`, {})
    const exceeded = (available: string, short: string) => ({
      status: 422,
      body: {
        code: 'fund-exceeded',
        facts: { on: '2026-04-01', funds: [{ fundId: paying.fundId, needed: '8.00', available, short }] },
      },
    })
    expect(await approve()).toMatchObject(exceeded('6.00', '2.00'))
    await paying.fund('10.00', '2026-04-01')
    // Of the 16.00 that were there then, another spent 9.00 before more came in.
    const spent = { fundId: paying.fundId, amount: '9.00', valueDate: '2026-05-09' }
    const act = { reference: 'ACTA-7', date: '2026-05-09' }
    const prize = { ...spent, id: uuid(), savingsAccountId: rosa.accountId, act }
    await paying.said(`${paying.book}/competition-prizes`, prize)
    expect(await approve()).toMatchObject(exceeded('7.00', '1.00'))
    await paying.fund('1.00', '2026-03-31')
    expect((await approve()).body.status).toBe('posted')
    for (const day of ['2026-04-01', '2026-05-09']) {
      const { body: fund } = await paying.administrator.get(`${paying.book}/funds/${paying.fundId}/summary?asOf=${day}`)
      expect(Number(fund.left), day).toBeGreaterThanOrEqual(0)
    }
  })

  it('is one at a time of a programme, and can be given up before it is approved', async () => {
    const paying = await corredor()
    const open = (id: string, month: string) =>
      paying.administrator.post(`${paying.book}/incentive-runs`, { id, programmeId: paying.programmeId, month })
    const [first, second] = [uuid(), uuid()]
    expect((await open(first, '2026-03')).status).toBe(201)
    expect(await open(second, '2026-03')).toMatchObject({ status: 409, body: { code: 'incentive-run-open' } })
    expect(await open(uuid(), '2027-01')).toMatchObject({ status: 409, body: { code: 'month-not-over' } })
    expect((await paying.said(`${paying.book}/incentive-runs/${first}/cancel`, {})).status).toBe('cancelled')
    expect((await open(second, '2026-03')).status).toBe(201)
    expect((await paying.approver.post(`${paying.book}/incentive-runs/${second}/approve`, {})).body.status).toBe(
      'posted',
    )
    expect(await open(uuid(), '2026-02')).toMatchObject({ status: 409, body: { code: 'incentive-run-out-of-order' } })
  })
})

describe('what came late or was taken back', () => {
  it('is posted by the next run as the difference, with what it follows from', async () => {
    const paying = await corredor()
    const rosa = await paying.saver()
    await paying.fund('100.00', '2026-01-02')
    await deposit(paying, rosa, '8.00', '2026-01-10')
    const double = await deposit(paying, rosa, '20.00', '2026-02-10')
    await deposit(paying, rosa, '20.00', '2026-02-10')
    expect((await paying.run('2026-02', '2026-03-01')).totals.paid).toBe('18.00')

    await reverse(paying, double, '2026-03-05')
    await deposit(paying, rosa, '10.00', '2026-01-05')
    const run = await paying.run('2026-03', '2026-04-01')
    // The opening is now the 10.00 of 5 January, and the 8.00 of the 10th are growth of that month.
    expect(run.totals).toMatchObject({ paid: '4.00', takenBack: '5.00' })
    const lines = (await linesOf(paying, run.id)).filter(({ outcome }: { outcome: string }) => outcome === 'posted')
    expect(
      lines.map(({ rule, period, revision, amount, explanation }: never) => ({
        rule,
        period,
        revision,
        amount,
        explanation,
      })),
    ).toMatchObject([
      {
        rule: 'OPENING',
        period: 'once',
        revision: 1,
        amount: '2.00',
        explanation: { owed: '10.00', paidBefore: '8.00' },
      },
      { rule: 'GROWTH', period: '2026-01', revision: 0, amount: '2.00' },
      {
        rule: 'GROWTH',
        period: '2026-02',
        revision: 1,
        amount: '-5.00',
        explanation: { owed: '5.00', paidBefore: '10.00' },
      },
    ])
    expect(await moneys(paying, rosa)).toEqual(['38.00', '17.00', '0.00'])
    const { body: fund } = await paying.administrator.get(`${paying.book}/funds/${paying.fundId}/summary`)
    expect(fund).toMatchObject({ paid: '22.00', returned: '5.00', left: '83.00' })
    expect((await paying.run('2026-03', '2026-04-01')).totals).toMatchObject({ paid: '0.00', takenBack: '0.00' })
  })

  it('is never taken below what she still holds of it; the rest is told, and none of it is taken of another incentive', async () => {
    const paying = await payingProgramme(service, { preset: 'SIERRA-SUR-II', currency: 'PEN', openedOn: '2026-01-01' })
    const rosa = await paying.saver()
    await paying.fund('100.00', '2026-01-02')
    const only = await deposit(paying, rosa, '30.00', '2026-01-10')
    expect((await paying.run('2026-01', '2026-02-01')).totals.paid).toBe('30.00')
    await withdraw(paying, rosa, '25.00', '2026-02-05', { money: 'incentive-released' })
    await reverse(paying, only, '2026-02-06')
    const run = await paying.run('2026-02', '2026-03-01')
    expect(run.totals.takenBack).toBe('5.00')
    const [line] = (await linesOf(paying, run.id)).filter(({ rule }: { rule: string }) => rule === '1-APERTURA')
    expect(line).toMatchObject({
      amount: '-5.00',
      explanation: { owed: '0.00', paidBefore: '30.00', notTakenBack: '25.00' },
    })
    expect(await moneys(paying, rosa)).toEqual(['0.00', '0.00', '0.00'])

    // She saves again: the opening is of 12.00 now, so that 13.00 of what she was paid for it are still to come back.
    await deposit(paying, rosa, '12.00', '2026-03-10')
    const next = await paying.run('2026-03', '2026-04-01')
    expect(next.totals).toMatchObject({ paid: '2.40', takenBack: '0.00' })
    expect((await paying.run('2026-03', '2026-04-02')).totals).toMatchObject({ paid: '0.00', takenBack: '0.00' })
    expect(await moneys(paying, rosa)).toEqual(['12.00', '0.00', '2.40'])
  })
})

describe('the incentives of a saver', () => {
  it('are those of a saver of the book: another book’s is not found, and one who was paid nothing has none', async () => {
    const [paying, other] = [await corredor(), await corredor()]
    const [rosa, luz] = [await paying.saver(), await other.saver()]
    const asked = ({ saverId }: Saver) => paying.administrator.get(`${paying.book}/savers/${saverId}/incentives`)
    expect(await asked(rosa)).toMatchObject({ status: 200, body: { items: [] } })
    expect(await asked(luz)).toMatchObject({ status: 404, body: { code: 'saver-not-found' } })
    expect(await asked({ ...rosa, saverId: uuid() })).toMatchObject({ status: 404, body: { code: 'saver-not-found' } })
  })
})

describe('what a run tells', () => {
  it('has everybody in it, also who was paid all that is owed before', async () => {
    const paying = await corredor()
    const [rosa, luz] = [await paying.saver(), await paying.saver()]
    await paying.fund('100.00', '2026-01-02')
    await deposit(paying, rosa, '8.00', '2026-01-10')
    await paying.run('2026-01', '2026-02-01')
    await deposit(paying, luz, '4.00', '2026-01-12')
    const { id } = await paying.run('2026-01', '2026-02-02')
    const told = (await linesOf(paying, id)).map(({ saverId, rule, amount, outcome, reason }: Record<string, string>) =>
      [saverId === rosa.saverId ? 'rosa' : 'luz', rule, amount, outcome, reason].join(' '),
    )
    expect(told).toEqual([
      'rosa OPENING 0.00 nothing already-paid',
      'rosa GROWTH 0.00 nothing no-growth',
      'luz OPENING 4.00 posted ',
      'luz GROWTH 0.00 nothing no-growth',
    ])
  })

  it('is what its funds had before and have after, clawbacks counted, and still is when it is posted', async () => {
    const paying = await corredor()
    const [rosa, luz] = [await paying.saver(), await paying.saver()]
    await paying.fund('100.00', '2026-01-02')
    const twice = await deposit(paying, rosa, '8.00', '2026-01-10')
    await paying.run('2026-01', '2026-02-01')
    // Another fund pays from now on; what is taken back goes to the one that had paid.
    const fundId = uuid()
    const fund = { id: fundId, code: 'RO-1', name: 'RO', fundingSource: 'RO', openedOn: '2026-01-01' }
    await paying.said(`${paying.book}/funds`, fund)
    await paying.said(`${paying.book}/financings`, {
      ...{ id: uuid(), programmeId: paying.programmeId, validFrom: '2026-03-01' },
      shares: [{ fundId, budgetCode: '2.5.32', share: '1' }],
    })
    const receipt = { id: uuid(), fundId, amount: '50.00', valueDate: '2026-03-01', reference: 'SIAF-2' }
    await paying.said(`${paying.book}/fund-receipts`, receipt)
    await reverse(paying, twice, '2026-02-05')
    await deposit(paying, luz, '4.00', '2026-02-12')
    const id = uuid()
    const body = { id, programmeId: paying.programmeId, month: '2026-02', valueDate: '2026-03-02' }
    const funds = [
      { fundId, share: '1', comesBack: '0.00', needed: '4.00', available: '50.00', after: '46.00' },
      { fundId: paying.fundId, share: null, comesBack: '8.00', needed: '0.00', available: '92.00', after: '100.00' },
    ]
    expect((await paying.said(`${paying.book}/incentive-runs`, body)).funds).toMatchObject(funds)
    const { body: posted } = await paying.approver.post(`${paying.book}/incentive-runs/${id}/approve`, {})
    expect(posted).toMatchObject({ status: 'posted', funds })
    await paying.fund('7.00', '2026-03-03')
    expect((await paying.administrator.get(`${paying.book}/incentive-runs/${id}`)).body.funds).toMatchObject(funds)
    expect((await paying.administrator.get(`${paying.book}/funds/${fundId}`)).body.posted).toBe('46.00')
  })
})

describe('a run that is approved when more is known', () => {
  async function preparedThen(records: (paying: Paying, rosa: Saver, first: string) => Promise<unknown>) {
    const paying = await corredor()
    const rosa = await paying.saver()
    await paying.fund('100.00', '2026-01-02')
    await deposit(paying, rosa, '8.00', '2026-01-10')
    const first = await deposit(paying, rosa, '20.00', '2026-02-10')
    const id = uuid()
    const body = { id, programmeId: paying.programmeId, month: '2026-02', valueDate: '2026-03-01' }
    await paying.said(`${paying.book}/incentive-runs`, body)
    await records(paying, rosa, first)
    return { paying, rosa, id, ...(await paying.approver.post(`${paying.book}/incentive-runs/${id}/approve`, {})) }
  }

  it('is refused, naming the lines, when one would pay more than is owed by now', async () => {
    const { paying, rosa, id, status, body } = await preparedThen((paying, _, first) =>
      reverse(paying, first, '2026-03-05'),
    )
    expect(status).toBe(409)
    expect(body).toMatchObject({
      code: 'incentive-run-outdated',
      facts: { count: 1, lines: [{ saverId: rosa.saverId, period: '2026-02', amount: '5.00', now: '0.00' }] },
    })
    expect(await moneys(paying, rosa)).toEqual(['8.00', '0.00', '0.00'])
    await paying.said(`${paying.book}/incentive-runs/${id}/cancel`, {})
    expect((await paying.run('2026-02', '2026-03-05')).totals.paid).toBe('8.00')
  })

  it('is refused when a contract turns out to have been a mistake', async () => {
    const { body } = await preparedThen(({ said, book }, { enrolmentId }) =>
      said(`${book}/enrolment-ends`, { enrolmentId, endsOn: '2026-01-01', reason: 'entered-by-mistake' }),
    )
    expect(body).toMatchObject({ code: 'incentive-run-outdated', facts: { count: 2 } })
  })

  it('pays, and tells what it leaves to the next run, when more is owed by now', async () => {
    const { paying, body } = await preparedThen((paying, rosa) => deposit(paying, rosa, '10.00', '2026-02-20'))
    expect(body).toMatchObject({ status: 'posted', totals: { paid: '13.00' }, later: { lines: 1, amount: '2.50' } })
    expect((await paying.run('2026-02', '2026-03-02')).totals.paid).toBe('2.50')
  })

  it('leaves nothing when nothing that concerns it was recorded', async () => {
    const { body } = await preparedThen((paying, rosa) => deposit(paying, rosa, '10.00', '2026-03-02'))
    expect(body).toMatchObject({ status: 'posted', later: { lines: 0, amount: '0.00' } })
  })
})

describe('limits of an account', () => {
  it('block an incentive, which is listed and paid by a later run', async () => {
    const paying = await corredor()
    const rosa = await paying.saver()
    await paying.fund('100.00', '2026-01-02')
    await paying.said(`${paying.book}/account-limits`, { id: uuid(), validFrom: '2026-01-01', mostBalance: '50.00' })
    await deposit(paying, rosa, '45.00', '2026-01-10')
    const run = await paying.run('2026-01', '2026-02-01')
    expect(run.totals).toMatchObject({ paid: '0.00', blocked: '10.00' })
    const { body } = await paying.administrator.get(`${paying.book}/incentive-runs/${run.id}/lines?outcome=blocked`)
    expect(body.items).toMatchObject([
      { amount: '10.00', reason: 'BLOCKED_BY_ACCOUNT_LIMIT', explanation: { limit: 'mostBalance' } },
    ])
    await withdraw(paying, rosa, '20.00', '2026-02-05')
    expect((await paying.run('2026-02', '2026-03-01')).totals).toMatchObject({ paid: '10.00', blocked: '0.00' })
    expect(await moneys(paying, rosa)).toEqual(['25.00', '10.00', '0.00'])
  })
})

describe('limits of an account that moved after a run was prepared', () => {
  it('block what they leave no room for now, give back what was set aside for it, and are tried again', async () => {
    const paying = await corredor()
    const [rosa, luz] = [await paying.saver(), await paying.saver()]
    await paying.fund('100.00', '2026-01-02')
    await paying.said(`${paying.book}/account-limits`, { id: uuid(), validFrom: '2026-01-01', mostBalance: '50.00' })
    for (const saver of [rosa, luz]) await deposit(paying, saver, '20.00', '2026-01-10')
    const id = uuid()
    const body = { id, programmeId: paying.programmeId, month: '2026-01', valueDate: '2026-02-01' }
    const prepared = await paying.said(`${paying.book}/incentive-runs`, body)
    expect(prepared.totals).toMatchObject({ due: '20.00', blocked: '0.00' })
    await deposit(paying, rosa, '25.00', '2026-02-02')

    const { body: run } = await paying.approver.post(`${paying.book}/incentive-runs/${id}/approve`, {})
    expect(run).toMatchObject({ status: 'posted', totals: { paid: '10.00', blocked: '10.00' } })
    // What was set aside for the other came back, and was paid to nobody.
    const fund = (await paying.administrator.get(`${paying.book}/funds/${paying.fundId}/summary`)).body
    expect(fund).toMatchObject({ paid: '10.00', returned: '0.00' })
    const lines = await linesOf(paying, id)
    expect(lines.filter(({ outcome }: { outcome: string }) => outcome === 'blocked')).toMatchObject([
      { saverId: rosa.saverId, reason: 'BLOCKED_BY_ACCOUNT_LIMIT', explanation: { limit: 'mostBalance' } },
    ])
    expect(await moneys(paying, rosa)).toEqual(['45.00', '0.00', '0.00'])
    expect((await paying.administrator.get(`${paying.book}/funds/${paying.fundId}`)).body.posted).toBe('90.00')
    await withdraw(paying, rosa, '25.00', '2026-02-03')
    expect((await paying.run('2026-01', '2026-02-03')).totals).toMatchObject({ paid: '10.00', blocked: '0.00' })
    expect(await verifyBook(service.db, paying.bookId)).toMatchObject({ ok: true })
  })
})

describe('a contract that ends before its time', () => {
  it('gives locked incentives back to the funds where the rule says so', async () => {
    const paying = await corredor()
    const rosa = await paying.saver()
    await paying.fund('100.00', '2026-01-02')
    await deposit(paying, rosa, '10.00', '2026-01-10')
    await deposit(paying, rosa, '40.00', '2026-02-10')
    await paying.run('2026-02', '2026-03-01')
    expect(await moneys(paying, rosa)).toEqual(['50.00', '20.00', '0.00'])
    await paying.said(`${paying.book}/enrolment-ends`, {
      enrolmentId: rosa.enrolmentId,
      endsOn: '2026-03-15',
      reason: 'withdrew',
    })
    const ended = await paying.said(`${paying.book}/lock-endings`, { on: '2026-03-15' })
    expect(ended).toMatchObject({ forfeited: { locks: 1, amount: '20.00' }, released: { locks: 0 } })
    expect(await moneys(paying, rosa)).toEqual(['50.00', '0.00', '0.00'])
    const { body: fund } = await paying.administrator.get(`${paying.book}/funds/${paying.fundId}/summary`)
    expect(fund).toMatchObject({ paid: '20.00', returned: '20.00', left: '100.00' })
    expect((await paying.run('2026-03', '2026-04-01')).totals).toMatchObject({ paid: '0.00', takenBack: '0.00' })
  })
})

describe('locks of contracts that are over', () => {
  it('are ended by one reading of what their savers hold, however many they are', async () => {
    const paying = await corredor()
    await paying.fund('100.00', '2026-01-02')
    for (let n = 0; n < 3; n++) {
      const woman = await paying.saver()
      await deposit(paying, woman, '10.00', '2026-01-10')
      await paying.said(`${paying.book}/enrolment-ends`, {
        ...{ enrolmentId: woman.enrolmentId, endsOn: '2026-02-15', reason: 'withdrew' },
      })
    }
    await paying.run('2026-01', '2026-02-01')
    const asked = vi.spyOn(pg.Client.prototype, 'query')
    const ended = await paying.said(`${paying.book}/lock-endings`, { on: '2026-02-15' })
    const texts = asked.mock.calls.map(([query]) => (query as unknown as { text?: string }).text ?? '')
    const readings = texts.filter(text => /from savings_account a\s+cross join lateral/.test(text))
    asked.mockRestore()
    expect(ended.forfeited).toEqual({ locks: 3, amount: '30.00' })
    expect(readings).toHaveLength(1)
  })
})

describe('a saver with two contracts in a programme', () => {
  it('is paid once what the first, entered by mistake, was paid', async () => {
    const paying = await corredor()
    const rosa = await paying.saver()
    await paying.fund('100.00', '2026-01-02')
    await deposit(paying, rosa, '8.00', '2026-01-10')
    await deposit(paying, rosa, '20.00', '2026-02-10')
    expect((await paying.run('2026-02', '2026-03-01')).totals.paid).toBe('13.00')

    const end = { enrolmentId: rosa.enrolmentId, endsOn: '2026-01-01', reason: 'entered-by-mistake' }
    await paying.said(`${paying.book}/enrolment-ends`, end)
    const contract = {
      id: uuid(),
      saverId: rosa.saverId,
      programmeId: paying.programmeId,
      startsOn: '2026-02-01',
      cohort: '2',
    }
    await paying.said(`${paying.book}/enrolments`, contract)
    // The opening of the contract that was meant is the deposit of February: 8.00 of its 10.00 wait for what comes back.
    expect((await paying.run('2026-02', '2026-03-01')).totals).toMatchObject({ paid: '2.00', takenBack: '13.00' })
    expect((await paying.run('2026-02', '2026-03-01')).totals).toMatchObject({ paid: '8.00', takenBack: '0.00' })
    expect(await moneys(paying, rosa)).toEqual(['28.00', '10.00', '0.00'])
    expect((await paying.run('2026-02', '2026-03-01')).totals).toMatchObject({ paid: '0.00', takenBack: '0.00' })
  })

  it('that saved nothing in the first opens in the second', async () => {
    const paying = await corredor()
    const luz = await paying.saver()
    await paying.fund('100.00', '2026-01-02')
    await paying.said(`${paying.book}/enrolment-ends`, {
      enrolmentId: luz.enrolmentId,
      endsOn: '2026-02-28',
      reason: 'withdrew',
    })
    const contract = {
      id: uuid(),
      saverId: luz.saverId,
      programmeId: paying.programmeId,
      startsOn: '2026-04-01',
      cohort: '2',
    }
    await paying.said(`${paying.book}/enrolments`, contract)
    await deposit(paying, luz, '7.00', '2026-04-10')
    expect((await paying.run('2026-04', '2026-05-01')).totals.paid).toBe('7.00')
    expect(await moneys(paying, luz)).toEqual(['7.00', '7.00', '0.00'])
  })
})
