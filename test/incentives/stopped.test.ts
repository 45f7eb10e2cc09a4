import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyBook } from '../../src/ledger/index.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { type Paying, payingProgramme } from './programme.ts'

describe('a run that cannot post on', () => {
  let service: TestApp
  beforeAll(async () => {
    service = await testApp({ clock: testClock('2026-12-31T15:00:00Z') })
  })
  afterAll(async () => service.close())

  /** A run that was approved while the database takes no incentive; `mends` takes the obstacle away. */
  async function stopped() {
    const paying = await payingProgramme(service, { preset: 'CORREDOR-2003', currency: 'PEN', openedOn: '2026-01-01' })
    const rosa = await paying.saver()
    await paying.fund('100.00', '2026-01-02')
    const deposit = { savingsAccountId: rosa.accountId, amount: '8.00', valueDate: '2026-01-10', channel: 'branch' }
    await paying.said(`${paying.book}/deposits`, { id: uuid(), ...deposit })
    const run = `${paying.book}/incentive-runs/${uuid()}`
    const body = { id: run.slice(-36), programmeId: paying.programmeId, month: '2026-01', valueDate: '2026-02-01' }
    await paying.said(`${paying.book}/incentive-runs`, body)
    const owner = service.owner.$client
    await owner.query('alter table incentive add constraint incentive_none check (amount < 0) not valid')
    const { body: answer } = await paying.approver.post(`${run}/approve`, {})
    return {
      paying,
      rosa,
      run,
      answer,
      mends: () => owner.query('alter table incentive drop constraint incentive_none'),
    }
  }

  const fund = async ({ administrator, book, fundId }: Paying) =>
    (await administrator.get(`${book}/funds/${fundId}`)).body.posted

  it('stops and says why, with nothing posted that is not noted, and goes on when it is approved again', async () => {
    const { paying, run, answer, mends } = await stopped()
    expect(answer).toMatchObject({ status: 'stopped', totals: { due: '8.00', paid: '0.00' } })
    expect(answer.stopReason).toMatch(/incentive_none/)
    expect(await fund(paying)).toBe('92.00')
    expect(await verifyBook(service.db, paying.bookId)).toMatchObject({ ok: true })
    const next = { id: uuid(), programmeId: paying.programmeId, month: '2026-01' }
    expect((await paying.administrator.post(`${paying.book}/incentive-runs`, next)).body.code).toBe(
      'incentive-run-open',
    )

    await mends()
    expect((await paying.administrator.post(`${run}/approve`, {})).body.code).toBe('second-actor-needed')
    const { body } = await paying.approver.post(`${run}/approve`, {})
    expect(body).toMatchObject({ status: 'posted', stopReason: null, totals: { due: '0.00', paid: '8.00' } })
    expect(await fund(paying)).toBe('92.00')
    expect(await verifyBook(service.db, paying.bookId)).toMatchObject({ ok: true })
  })

  it('is ended, so that what was set aside comes back and the next run pays', async () => {
    const { paying, run, mends } = await stopped()
    const ended = await paying.said(`${run}/cancel`, {})
    expect(ended).toMatchObject({ status: 'posted', totals: { due: '0.00', paid: '0.00', blocked: '8.00' } })
    expect(await fund(paying)).toBe('100.00')
    const { body } = await paying.administrator.get(`${run}/lines?outcome=refused`)
    expect(body.items).toMatchObject([{ amount: '8.00', reason: 'run-ended' }])
    await mends()
    expect((await paying.run('2026-01', '2026-02-01')).totals.paid).toBe('8.00')
    expect(await verifyBook(service.db, paying.bookId)).toMatchObject({ ok: true })
  })

  it('is ended also when the month of its value date was closed meanwhile', async () => {
    const { paying, run, mends } = await stopped()
    for (const month of ['2026-01', '2026-02']) await paying.said(`${paying.book}/closings`, { month })
    await mends()
    // Nothing can be posted on that day any more: the line is refused, and its money comes back today.
    const { body } = await paying.approver.post(`${run}/approve`, {})
    expect(body).toMatchObject({ status: 'posted', totals: { paid: '0.00', blocked: '8.00' } })
    expect(await fund(paying)).toBe('100.00')
    expect((await paying.run('2026-01', '2026-12-31')).totals.paid).toBe('8.00')
    expect(await verifyBook(service.db, paying.bookId)).toMatchObject({ ok: true })
  })
})
