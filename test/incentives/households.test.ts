import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { presets } from '../../src/incentives/rules/presets.ts'
import { verifyBook } from '../../src/ledger/index.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { type Paying, payingProgramme, type Saver } from './programme.ts'

let service: TestApp
beforeAll(async () => {
  service = await testApp({ clock: testClock('2026-07-10T15:00:00Z') })
})
afterAll(async () => service.close())

const [home, other] = ['H-080101-0417', 'H-080101-0500']

/** Two who live together, a third who does not, and a match of a tenth of what each household saved in a bimester. */
async function village(locked = true) {
  const paying = await payingProgramme(service, { preset: 'JUNTOS-MATCH', currency: 'PEN', openedOn: '2026-01-01' })
  if (!locked) {
    const { terms } = presets.find(({ name }) => name === 'JUNTOS-MATCH')!.rules[0]!
    await paying.said(`/v1/programmes/${paying.programmeId}/incentive-rules`, {
      ...{ id: uuid(), code: 'MATCH', title: 'The same, not locked', currency: 'PEN', validFrom: '2026-01-02' },
      terms: { ...terms, locked: false, earlyExit: undefined },
    })
  }
  const juana = await paying.saver({ householdReference: home })
  const rosa = await paying.saver({ givenNames: 'Rosa', householdReference: home })
  const luz = await paying.saver({ givenNames: 'Luz', householdReference: other })
  await paying.fund('500.00', '2026-01-02')
  for (const household of [home, other]) await tells(paying, household, '2026-B1')
  return { paying, juana, rosa, luz }
}

const tells = ({ said, book }: Paying, household: string, bimester: string) =>
  said(`${book}/household-period-files`, { periods: [{ household, bimester, status: 'MET', amount: '200.00' }] })

const puts = ({ said, book }: Paying, { accountId }: Saver, amount: string, valueDate: string) =>
  said(`${book}/deposits`, { id: uuid(), savingsAccountId: accountId, amount, valueDate, channel: 'branch' })

const livesIn = ({ said, book }: Paying, { saverId }: Saver, householdReference: string, reason = 'mistake') =>
  said(`${book}/saver-corrections`, { id: uuid(), saverId, reason, changes: { householdReference } })

const enteredByMistake = ({ said, book }: Paying, { enrolmentId }: Saver) =>
  said(`${book}/enrolment-ends`, { enrolmentId, endsOn: '2026-01-01', reason: 'entered-by-mistake' })

const takesReleased = ({ said, book }: Paying, { accountId }: Saver, amount: string) =>
  said(`${book}/withdrawals`, {
    ...{ id: uuid(), savingsAccountId: accountId, amount, valueDate: '2026-07-10', channel: 'branch' },
    ...{ money: 'incentive-released', purpose: 'household' },
  })

async function totals(paying: Paying, month = '2026-02') {
  const { totals } = await paying.run(month, '2026-07-10')
  return [totals.paid, totals.takenBack]
}

async function paidTo({ administrator, book }: Paying, { saverId }: Saver) {
  const { body } = await administrator.get(`${book}/savers/${saverId}/incentives`)
  return body.items.map(({ period, revision, amount }: Record<string, unknown>) => `${period} ${revision} ${amount}`)
}

async function expectSound({ bookId, administrator, book, fundId }: Paying, left: string) {
  expect(await verifyBook(service.db, bookId)).toMatchObject({ ok: true })
  expect((await administrator.get(`${book}/funds/${fundId}/summary`)).body.left).toBe(left)
}

describe('a household of which one was paid', () => {
  it('is not paid again when the register says otherwise of her afterwards, nor is she asked to give back', async () => {
    const { paying, juana, rosa, luz } = await village()
    await puts(paying, juana, '60.00', '2026-01-15')
    await puts(paying, rosa, '40.00', '2026-02-15')
    await puts(paying, luz, '30.00', '2026-02-15')
    expect(await totals(paying)).toEqual(['13.00', '0.00'])

    await livesIn(paying, juana, other, 'changed')
    expect(await totals(paying)).toEqual(['0.00', '0.00'])
    expect(await totals(paying)).toEqual(['0.00', '0.00'])

    // From the next bimester she counts where she lives now, with Luz, whose contract is not older than hers.
    for (const household of [home, other]) await tells(paying, household, '2026-B2')
    await puts(paying, juana, '10.00', '2026-03-15')
    await puts(paying, rosa, '20.00', '2026-03-15')
    await puts(paying, luz, '50.00', '2026-03-15')
    expect(await totals(paying, '2026-04')).toEqual(['8.00', '0.00'])
    expect(await paidTo(paying, juana)).toEqual(['2026-B1 0 10.00', '2026-B2 0 6.00'])
    expect(await paidTo(paying, rosa)).toEqual(['2026-B2 0 2.00'])
    expect(await paidTo(paying, luz)).toEqual(['2026-B1 0 3.00'])
    await expectSound(paying, '479.00')
  })

  it('is not paid twice when she has taken the money, nor when all of it got another name', async () => {
    const { paying, juana, rosa } = await village(false)
    await puts(paying, juana, '150.00', '2026-01-15')
    await puts(paying, rosa, '150.00', '2026-02-15')
    expect(await totals(paying)).toEqual(['20.00', '0.00'])
    await takesReleased(paying, juana, '20.00')
    for (const saver of [juana, rosa]) await livesIn(paying, saver, 'H-080101-0471')
    await tells(paying, 'H-080101-0471', '2026-B1')
    expect(await totals(paying)).toEqual(['0.00', '0.00'])
    await expectSound(paying, '480.00')
  })

  it.each(['changed', 'mistake'])(
    'counts the money of each who was counted in no other household (%s)',
    async reason => {
      const { paying, juana, rosa } = await village()
      await puts(paying, juana, '300.00', '2026-01-10')
      await puts(paying, rosa, '300.00', '2026-01-10')
      expect(await totals(paying)).toEqual(['20.00', '0.00'])
      // Not where the same bimester was met, nor where nothing is known of it, nor when she comes back.
      for (const household of [other, 'H-080101-0999', home, other]) {
        await livesIn(paying, rosa, household, reason)
        expect(await totals(paying)).toEqual(['0.00', '0.00'])
      }
      await expectSound(paying, '480.00')
    },
  )

  it.each(['changed', 'mistake'])('moves nothing from one payee to another by a correction (%s)', async reason => {
    const { paying, juana, rosa } = await village()
    await puts(paying, juana, '50.00', '2026-01-10')
    const deposit = await puts(paying, rosa, '60.00', '2026-01-10')
    expect(await totals(paying)).toEqual(['11.00', '0.00'])
    await livesIn(paying, rosa, other, reason)
    expect(await totals(paying)).toEqual(['0.00', '0.00'])
    await livesIn(paying, juana, 'H-080101-0999', reason)
    expect(await totals(paying)).toEqual(['0.00', '0.00'])

    // What she put in is taken back of where it was counted.
    const reversal = { id: uuid(), valueDate: '2026-07-10', reason: 'counted twice' }
    await paying.said(`${paying.book}/transactions/${deposit.id}/reversal`, reversal)
    expect(await totals(paying)).toEqual(['0.00', '6.00'])
    expect(await paidTo(paying, juana)).toEqual(['2026-B1 0 11.00', '2026-B1 1 -6.00'])
    await expectSound(paying, '495.00')
  })

  it('is one for each of its savers and periods by the database too', async () => {
    const { paying, juana, rosa } = await village()
    await puts(paying, juana, '50.00', '2026-01-10')
    await paying.run('2026-02', '2026-07-10')
    const twice = service.owner.$client.query(
      `insert into incentive_counted select book_id, saver_id, rule_id, period, 'H-080101-0999' from incentive_counted where saver_id = $1`,
      [rosa.saverId],
    )
    await expect(twice).rejects.toMatchObject({ constraint: 'incentive_counted_pkey' })
  })

  it('gives back what a reversed deposit had earned, whoever lives where meanwhile', async () => {
    const { paying, juana, rosa } = await village()
    const deposit = await puts(paying, juana, '60.00', '2026-01-15')
    await puts(paying, rosa, '40.00', '2026-02-15')
    expect(await totals(paying)).toEqual(['10.00', '0.00'])
    await livesIn(paying, juana, other)
    const reversal = { id: uuid(), valueDate: '2026-07-10', reason: 'counted twice' }
    await paying.said(`${paying.book}/transactions/${deposit.id}/reversal`, reversal)
    expect(await totals(paying)).toEqual(['0.00', '6.00'])
    expect(await paidTo(paying, juana)).toEqual(['2026-B1 0 10.00', '2026-B1 1 -6.00'])
    await expectSound(paying, '496.00')
  })
})

describe('a household whose payee was entered by mistake', () => {
  it('is paid through the other once it was taken back', async () => {
    const { paying, juana, rosa } = await village()
    await puts(paying, juana, '60.00', '2026-01-15')
    await puts(paying, rosa, '40.00', '2026-02-15')
    expect(await totals(paying)).toEqual(['10.00', '0.00'])
    await enteredByMistake(paying, juana)
    expect(await totals(paying)).toEqual(['0.00', '10.00'])
    // What Juana put in is not the programme's any more.
    expect(await totals(paying)).toEqual(['4.00', '0.00'])
    expect(await totals(paying)).toEqual(['0.00', '0.00'])
    expect(await paidTo(paying, rosa)).toEqual(['2026-B1 0 4.00'])
    await expectSound(paying, '496.00')
    const { rows } = await service.db.$client.query(
      'select turn, revision, amount::int from incentive where book_id = $1 order by turn, revision',
      [paying.bookId],
    )
    expect(rows).toEqual([
      { turn: 0, revision: 0, amount: 1000 },
      { turn: 0, revision: 1, amount: -1000 },
      { turn: 1, revision: 0, amount: 400 },
    ])
  })

  it('is paid no more than what the first one did not give back leaves', async () => {
    const { paying, juana, rosa } = await village(false)
    await puts(paying, juana, '60.00', '2026-01-15')
    await puts(paying, rosa, '80.00', '2026-02-15')
    expect(await totals(paying)).toEqual(['14.00', '0.00'])
    await takesReleased(paying, juana, '5.00')
    await enteredByMistake(paying, juana)
    expect(await totals(paying)).toEqual(['0.00', '9.00'])
    expect(await totals(paying)).toEqual(['3.00', '0.00'])
    const { body } = await paying.administrator.get(`${paying.book}/savers/${rosa.saverId}/incentives`)
    expect(body.items).toMatchObject([
      { amount: '3.00', reason: 'counted-with-household', explanation: { owed: '3.00' } },
    ])
    expect(body.items[0].explanation.steps.slice(-2)).toEqual([
      { step: 'paid-in-household', amount: '5.00' },
      { step: 'owed', amount: '3.00' },
    ])
    expect(await totals(paying)).toEqual(['0.00', '0.00'])
    await expectSound(paying, '492.00')
  })
})
