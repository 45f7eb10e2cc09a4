import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyBook } from '../../src/ledger/index.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { type Paying, payingProgramme, type Saver } from './programme.ts'

let service: TestApp
beforeAll(async () => {
  service = await testApp({ clock: testClock('2026-01-02T15:00:00Z') })
})
afterAll(async () => service.close())

const household = 'H-080101-0417'

/** A household with two savers, in a programme with the rules of JUNTOS-MATCH. */
async function livingTogether(agreed?: object) {
  service.clock.set('2026-01-02T15:00:00Z')
  const started = { preset: 'JUNTOS-MATCH', currency: 'PEN', openedOn: '2026-01-01' }
  const paying = await payingProgramme(service, agreed === undefined ? started : { ...started, agreed })
  const juana = await paying.saver({ householdReference: household })
  const rosa = await paying.saver({ givenNames: 'Rosa', householdReference: household })
  await paying.fund('500.00', '2026-01-02')
  return { paying, juana, rosa }
}

const today = (day: string) => service.clock.set(`${day}T15:00:00Z`)

async function moves(
  { said, book }: Paying,
  { accountId }: Saver,
  kind: string,
  amount: string,
  valueDate: string,
  more: object,
) {
  const id = uuid()
  await said(`${book}/${kind}`, { id, savingsAccountId: accountId, amount, valueDate, ...more })
  return id
}
const puts = (paying: Paying, saver: Saver, amount: string, on: string) =>
  moves(paying, saver, 'deposits', amount, on, { channel: 'branch' })
const takes = (paying: Paying, saver: Saver, amount: string, on: string) =>
  moves(paying, saver, 'withdrawals', amount, on, { channel: 'branch', purpose: 'household' })
/** A transfer of the State: its months, and the day on which the bank credited it. */
const credited = (
  paying: Paying,
  saver: Saver,
  amount: string,
  on: string,
  [periodFrom, periodTo]: [string, string],
  source = 'JUNTOS',
) => moves(paying, saver, 'state-transfers', amount, on, { source, periodFrom, periodTo })

const tells = (paying: Paying, bimester: string, status: string) =>
  paying.said(`${paying.book}/household-period-files`, {
    periods: [{ household, bimester, status, amount: status === 'FAILED' ? '0' : '200.00' }],
  })

/** What was paid to a saver, bimester by bimester, payments and differences. */
async function paidTo({ administrator, book }: Paying, { saverId }: Saver) {
  const { body } = await administrator.get(`${book}/savers/${saverId}/incentives`)
  return body.items
    .map(({ period, revision, amount }: Record<string, unknown>) => `${period} ${revision} ${amount}`)
    .sort()
}

/** Why the last run paid nothing, by bimester. */
async function reasonsOf({ administrator, book }: Paying, { saverId }: Saver, runId: string) {
  const { body } = await administrator.get(`${book}/incentive-runs/${runId}/lines?saverId=${saverId}&outcome=nothing`)
  return body.items.map(({ period, reason }: Record<string, unknown>) => `${period} ${reason}`)
}

describe('a household of JUNTOS with two savers', () => {
  it('is matched through six bimesters, one of which failed and one was waived', async () => {
    const { paying, juana, rosa } = await livingTogether()
    const lines: string[] = []
    async function runs(day: string, month: string): Promise<void> {
      today(day)
      const { totals } = await paying.run(month, day)
      lines.push(`${day} ${month} ${totals.paid} ${totals.takenBack}`)
    }

    // January and February: 50.00 are saved. The transfer for them comes in March, and most of it is used.
    today('2026-03-06')
    await puts(paying, juana, '30.00', '2026-01-15')
    await puts(paying, rosa, '20.00', '2026-02-15')
    const first = await credited(paying, juana, '200.00', '2026-03-05', ['2026-01', '2026-02'])
    await runs('2026-03-06', '2026-02')
    // Nobody has told yet whether they met what is asked: it waits.
    expect(lines).toEqual(['2026-03-06 2026-02 0.00 0.00'])

    today('2026-05-10')
    await takes(paying, juana, '150.00', '2026-03-20')
    await puts(paying, rosa, '40.00', '2026-04-02')
    await tells(paying, '2026-B1', 'MET')
    await runs('2026-05-10', '2026-04')

    // The transfer for March and April comes in May: in a bimester that will fail.
    today('2026-07-10')
    await credited(paying, juana, '200.00', '2026-05-06', ['2026-03', '2026-04'])
    await takes(paying, juana, '60.00', '2026-06-06')
    await puts(paying, rosa, '50.00', '2026-06-15')
    await tells(paying, '2026-B2', 'MET')
    await tells(paying, '2026-B3', 'FAILED')
    await runs('2026-07-10', '2026-06')

    // July and August were waived.
    today('2026-09-10')
    await puts(paying, juana, '25.00', '2026-07-15')
    await takes(paying, rosa, '10.00', '2026-08-15')
    await credited(paying, juana, '200.00', '2026-09-04', ['2026-07', '2026-08'])
    await tells(paying, '2026-B4', 'WAIVED')
    await runs('2026-09-10', '2026-08')

    // A pension is no transfer of JUNTOS, and is matched by nothing.
    today('2026-11-10')
    await puts(paying, rosa, '300.00', '2026-09-20')
    await credited(paying, rosa, '250.00', '2026-10-02', ['2026-09', '2026-10'], 'PENSION-65')
    await credited(paying, juana, '200.00', '2026-11-05', ['2026-09', '2026-10'])
    await tells(paying, '2026-B5', 'MET')
    await runs('2026-11-10', '2026-10')

    // The last transfer is for the old year, comes in the new one, and is taken out whole.
    today('2027-01-10')
    await puts(paying, juana, '70.00', '2026-12-15')
    await credited(paying, juana, '200.00', '2027-01-07', ['2026-11', '2026-12'])
    await tells(paying, '2026-B6', 'MET')
    await runs('2027-01-10', '2026-12')
    today('2027-03-10')
    await takes(paying, juana, '200.00', '2027-01-08')
    await runs('2027-03-10', '2027-02')

    expect(lines).toEqual([
      '2026-03-06 2026-02 0.00 0.00',
      // A tenth of 50.00 saved and 50.00 kept of the transfer.
      '2026-05-10 2026-04 10.00 0.00',
      // Of 40.00 and 140.00 for March and April; nothing for May and June.
      '2026-07-10 2026-06 18.00 0.00',
      // Of 15.00; the transfer counts when September and October are over.
      '2026-09-10 2026-08 1.50 0.00',
      // 20.00 less 1.50 for July and August, for no more than 200.00 counts; and of 300.00, 20.00.
      '2026-11-10 2026-10 38.50 0.00',
      // Of 70.00; the cap was reached for September and October without the transfer.
      '2027-01-10 2026-12 7.00 0.00',
      '2027-03-10 2027-02 0.00 0.00',
    ])
    expect(await paidTo(paying, juana)).toEqual([
      '2026-B1 0 10.00',
      '2026-B2 0 18.00',
      '2026-B4 0 1.50',
      '2026-B4 1 18.50',
      '2026-B5 0 20.00',
      '2026-B6 0 7.00',
    ])
    expect(await paidTo(paying, rosa)).toEqual([])

    // Period and day of credit are kept apart, and so is the source.
    const { body: transfer } = await paying.administrator.get(`${paying.book}/transactions/${first}`)
    expect(transfer).toMatchObject({
      valueDate: '2026-03-05',
      evidence: { source: 'JUNTOS', periodFrom: '2026-01', periodTo: '2026-02' },
    })

    // All of it is locked until the contract is over.
    const { body: account } = await paying.administrator.get(juana.account)
    const { own, incentiveLocked, incentiveReleased } = account.balances
    expect([own, incentiveLocked, incentiveReleased].map(({ posted }) => posted)).toEqual(['715.00', '75.00', '0.00'])
    expect(await verifyBook(service.db, paying.bookId)).toMatchObject({ ok: true })
  })

  it('is told why: what failed, what waits, and with whom it is counted', async () => {
    const { paying, juana, rosa } = await livingTogether()
    today('2026-07-10')
    for (const month of ['01', '03', '05']) await puts(paying, rosa, '20.00', `2026-${month}-15`)
    await tells(paying, '2026-B2', 'FAILED')
    await tells(paying, '2026-B3', 'MET')
    const reasons: string[] = []
    for (const month of ['2026-02', '2026-04', '2026-06']) {
      const run = await paying.run(month, '2026-07-10')
      reasons.push(...(await reasonsOf(paying, juana, run.id)), ...(await reasonsOf(paying, rosa, run.id)))
    }
    expect(reasons).toEqual([
      '2026-B1 period-status-unknown',
      '2026-B1 counted-with-household',
      '2026-B2 period-not-met',
      '2026-B2 counted-with-household',
      '2026-B3 counted-with-household',
    ])
    expect(await paidTo(paying, juana)).toEqual(['2026-B3 0 2.00'])

    // A correction of a status is looked at by the next run, in both directions.
    const corrects = `${paying.book}/household-period-files?corrects=true`
    const period = { household, amount: '200.00' }
    await paying.said(corrects, {
      periods: [
        { ...period, bimester: '2026-B2', status: 'WAIVED' },
        { ...period, bimester: '2026-B3', status: 'FAILED' },
      ],
    })
    expect((await paying.run('2026-06', '2026-07-10')).totals).toMatchObject({ paid: '2.00', takenBack: '2.00' })
  })

  it('is paid no more than 20.00 for a bimester and 120.00 for a year, whatever the rate', async () => {
    const caps = [
      { amount: '20.00', per: 'period' },
      { amount: '120.00', per: 'year' },
    ]
    const { paying, juana, rosa } = await livingTogether({ MATCH: { rate: '0.3', caps } })
    today('2027-05-10')
    for (let n = 0; n < 7; n++) {
      const month = n < 6 ? `2026-${String(n * 2 + 1).padStart(2, '0')}` : '2027-01'
      await puts(paying, n % 2 === 0 ? juana : rosa, '199.99', `${month}-20`)
      await tells(paying, n < 6 ? `2026-B${n + 1}` : '2027-B1', 'MET')
    }
    expect((await paying.run('2027-02', '2027-05-10')).totals.paid).toBe('140.00')
    expect(await paidTo(paying, juana)).toHaveLength(7)
  })

  it('is paid what is left of the year’s cap, and nothing after it', async () => {
    const caps = [
      { amount: '20.00', per: 'period' },
      { amount: '45.50', per: 'year' },
    ]
    const { paying, juana } = await livingTogether({ MATCH: { caps } })
    today('2026-09-10')
    for (const n of [1, 2, 3, 4]) {
      await puts(paying, juana, '500.00', `2026-0${n * 2}-20`)
      await tells(paying, `2026-B${n}`, 'MET')
    }
    await paying.run('2026-08', '2026-09-10')
    expect(await paidTo(paying, juana)).toEqual(['2026-B1 0 20.00', '2026-B2 0 20.00', '2026-B3 0 5.50'])
  })
})
