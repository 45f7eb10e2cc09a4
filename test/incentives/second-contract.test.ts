import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { presets } from '../../src/incentives/rules/presets.ts'
import { verifyBook } from '../../src/ledger/index.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { type Paying, payingProgramme, type Saver } from './programme.ts'

let service: TestApp
beforeAll(async () => {
  service = await testApp({ clock: testClock('2026-12-31T15:00:00Z') })
})
afterAll(async () => service.close())

const growth = { award: 'credit', basis: 'NET_GROWTH', rate: '0.25', cadence: 'monthly' }

/** A programme that doubles an opening up to 5.00, and pays a quarter of what each month adds, as the terms say. */
async function programme(terms: object): Promise<Paying> {
  const paying = await payingProgramme(service, {
    ...{ preset: 'CORREDOR-2003', currency: 'PEN', openedOn: '2026-01-01' },
    agreed: { OPENING: { caps: [{ amount: '5.00', per: 'event' }] } },
  })
  await paying.said(`/v1/programmes/${paying.programmeId}/incentive-rules`, {
    ...{ id: uuid(), code: 'GROWTH', title: 'A quarter', currency: 'PEN', validFrom: '2026-01-02' },
    terms: { ...growth, ...terms },
  })
  await paying.fund('500.00', '2026-01-02')
  return paying
}

const puts = ({ said, book }: Paying, { accountId }: Saver, amount: string, valueDate: string) =>
  said(`${book}/deposits`, { id: uuid(), savingsAccountId: accountId, amount, valueDate, channel: 'branch' })

/** Her contract ends on a day, and another begins on another. */
async function enrolsAgain({ said, book, programmeId }: Paying, saver: Saver, endsOn: string, startsOn: string) {
  await said(`${book}/enrolment-ends`, { enrolmentId: saver.enrolmentId, endsOn, reason: 'withdrew' })
  const enrolmentId = uuid()
  await said(`${book}/enrolments`, { id: enrolmentId, saverId: saver.saverId, programmeId, startsOn, cohort: '2' })
  return { ...saver, enrolmentId }
}

/** What she was paid for growth, and by which contract: the first or the second. */
async function paid({ administrator, book }: Paying, { saverId }: Saver, second: Saver) {
  const { items } = (await administrator.get(`${book}/savers/${saverId}/incentives`)).body
  return items.map(({ rule, period, amount, enrolmentId }: Record<string, string>) =>
    [rule, period, enrolmentId === second.enrolmentId ? 'second' : 'first', amount].join(' '),
  )
}

const takes = ({ said, book }: Paying, { accountId }: Saver, amount: string, valueDate: string, more: object = {}) =>
  said(`${book}/withdrawals`, {
    ...{ id: uuid(), savingsAccountId: accountId, amount, valueDate, channel: 'branch', purpose: 'household' },
    ...more,
  })

const turnsBack = ({ said, book }: Paying, id: string) =>
  said(`${book}/transactions/${id}/reversal`, { id: uuid(), valueDate: '2026-12-31', reason: 'counted twice' })

/** What a run of a month pays and takes back. */
async function totals(paying: Paying, month: string) {
  const { totals } = await paying.run(month, '2026-12-31')
  return [totals.paid, totals.takenBack]
}

const locked = async ({ administrator }: Paying, { account }: Saver) =>
  (await administrator.get(account)).body.balances.incentiveLocked.posted

const sound = async ({ bookId }: Paying) => expect(await verifyBook(service.db, bookId)).toMatchObject({ ok: true })

describe('a second contract', () => {
  it('finds of the caps of the year what the first one left', async () => {
    const paying = await programme({ openingCounts: true, caps: [{ amount: '12.00', per: 'year' }] })
    const rosa = await paying.saver()
    await puts(paying, rosa, '40.00', '2026-02-10')
    expect((await paying.run('2026-03', '2026-12-31')).totals.paid).toBe('15.00')
    const second = await enrolsAgain(paying, rosa, '2026-03-31', '2026-04-01')
    await puts(paying, rosa, '60.00', '2026-05-10')
    await paying.run('2026-06', '2026-12-31')
    expect((await paid(paying, rosa, second)).filter((line: string) => line.startsWith('GROWTH'))).toEqual([
      'GROWTH 2026-02 first 10.00',
      'GROWTH 2026-05 second 2.00',
    ])
    await sound(paying)
  })

  it('that begins in the month in which the first ended is paid for what was saved in it, and each for its own days', async () => {
    const paying = await programme({ openingCounts: true })
    const rosa = await paying.saver()
    await puts(paying, rosa, '4.00', '2026-02-10')
    await puts(paying, rosa, '40.00', '2026-03-05')
    const second = await enrolsAgain(paying, rosa, '2026-03-10', '2026-03-11')
    const late = await puts(paying, rosa, '80.00', '2026-03-20')
    expect(await totals(paying, '2026-03')).toEqual(['35.00', '0.00'])
    expect(await paid(paying, rosa, second)).toEqual([
      'OPENING once first 4.00',
      'GROWTH 2026-02 first 1.00',
      'GROWTH 2026-03 first 10.00',
      'GROWTH 2026-03 second 20.00',
    ])
    expect(await totals(paying, '2026-03')).toEqual(['0.00', '0.00'])
    await turnsBack(paying, late.id)
    expect(await totals(paying, '2026-03')).toEqual(['0.00', '20.00'])
    expect((await paid(paying, rosa, second)).at(-1)).toBe('GROWTH 2026-03 second -20.00')
    await sound(paying)
  })

  it('shares the cap of the period with the first, and matches nothing that went out and came back within it', async () => {
    const paying = await programme({ openingCounts: true, caps: [{ amount: '12.00', per: 'period' }] })
    const [rosa, luz] = [await paying.saver(), await paying.saver()]
    for (const saver of [rosa, luz]) await puts(paying, saver, '40.00', '2026-03-05')
    // Luz takes it out between her contracts, and puts it in again with 4.00 more.
    await takes(paying, luz, '40.00', '2026-03-11')
    const seconds: Saver[] = []
    for (const saver of [rosa, luz]) seconds.push(await enrolsAgain(paying, saver, '2026-03-10', '2026-03-12'))
    await puts(paying, rosa, '80.00', '2026-03-20')
    await puts(paying, luz, '44.00', '2026-03-20')
    await paying.run('2026-03', '2026-12-31')
    const growth = (lines: string[]) => lines.filter(line => line.startsWith('GROWTH'))
    expect(growth(await paid(paying, rosa, seconds[0]!))).toEqual([
      'GROWTH 2026-03 first 10.00',
      'GROWTH 2026-03 second 2.00',
    ])
    expect(growth(await paid(paying, luz, seconds[1]!))).toEqual([
      'GROWTH 2026-03 first 10.00',
      'GROWTH 2026-03 second 1.00',
    ])
    const { body } = await paying.administrator.get(`${paying.book}/savers/${luz.saverId}/incentives`)
    expect(body.items.at(-1).explanation.steps).toEqual([
      { step: 'deposits', amount: '44.00' },
      { step: 'withdrawals', amount: '0.00' },
      { step: 'base', amount: '44.00' },
      { step: 'left-by-earlier-contract', amount: '4.00' },
      { step: 'rate', rate: '0.25' },
      { step: 'owed', amount: '1.00' },
    ])
    await sound(paying)
  })

  it('shares what the basis counts up to with the first', async () => {
    const paying = await programme({ openingCounts: true, baseCap: '60.00' })
    const [rosa, luz] = [await paying.saver(), await paying.saver()]
    await puts(paying, rosa, '40.00', '2026-03-05')
    await puts(paying, luz, '70.00', '2026-03-05')
    for (const saver of [rosa, luz]) {
      const second = await enrolsAgain(paying, saver, '2026-03-10', '2026-03-11')
      await puts(paying, saver, '80.00', '2026-03-20')
      await paying.run('2026-03', '2026-12-31')
      expect((await paid(paying, saver, second)).filter((line: string) => line.startsWith('GROWTH'))).toEqual(
        saver === rosa ? ['GROWTH 2026-03 first 10.00', 'GROWTH 2026-03 second 5.00'] : ['GROWTH 2026-03 first 15.00'],
      )
    }
    await sound(paying)
  })

  it('in one quarter is paid for its own days likewise', async () => {
    const paying = await payingProgramme(service, {
      ...{ preset: 'SIERRA-SUR-II', currency: 'PEN', openedOn: '2026-01-01' },
    })
    await paying.fund('500.00', '2026-01-02')
    const rosa = await paying.saver()
    await puts(paying, rosa, '20.00', '2026-01-10')
    await puts(paying, rosa, '30.00', '2026-02-10')
    const second = await enrolsAgain(paying, rosa, '2026-02-20', '2026-03-01')
    await puts(paying, rosa, '45.00', '2026-03-20')
    await paying.run('2026-03', '2026-12-31')
    expect(await paid(paying, rosa, second)).toEqual([
      '1-APERTURA once first 20.00',
      '2-MANTENIMIENTO-CRECIMIENTO 2026-Q1 first 10.00',
      '2-MANTENIMIENTO-CRECIMIENTO 2026-Q1 second 9.00',
    ])
    expect(await totals(paying, '2026-03')).toEqual(['0.00', '0.00'])
    await sound(paying)
  })

  it.each(['home', undefined])('in one bimester of a household, or of a saver without one, goes on (%s)', async at => {
    const paying = await payingProgramme(service, { preset: 'JUNTOS-MATCH', currency: 'PEN', openedOn: '2026-01-01' })
    const { said, book, programmeId } = paying
    const { terms } = presets.find(({ name }) => name === 'JUNTOS-MATCH')!.rules[0]!
    await said(`/v1/programmes/${programmeId}/incentive-rules`, {
      ...{ id: uuid(), code: 'MATCH', title: 'Forfeited on an early exit', currency: 'PEN', validFrom: '2026-01-02' },
      terms: { ...terms, earlyExit: 'forfeit', periodStatuses: undefined },
    })
    await paying.fund('500.00', '2026-01-02')
    const rosa = await paying.saver({ householdReference: at })
    await puts(paying, rosa, '60.00', '2026-01-10')
    const second = await enrolsAgain(paying, rosa, '2026-01-20', '2026-02-01')
    await puts(paying, rosa, '80.00', '2026-02-10')
    await paying.run('2026-02', '2026-12-31')
    // A household's bimester is one sum, by the contract that ran at its end.
    expect(await paid(paying, rosa, second)).toEqual(
      at === undefined ? ['MATCH 2026-B1 first 6.00', 'MATCH 2026-B1 second 8.00'] : ['MATCH 2026-B1 second 14.00'],
    )
    await said(`${book}/lock-endings`, {})
    expect(await locked(paying, rosa)).toBe(at === undefined ? '8.00' : '14.00')
    expect(await totals(paying, '2026-02')).toEqual(['0.00', '0.00'])
    await puts(paying, rosa, '10.00', '2026-03-10')
    expect(await totals(paying, '2026-04')).toEqual(['1.00', '0.00'])
    await sound(paying)
  })

  it.each(['before', 'after'])('goes on to earn when the first was forfeited %s the run of their month', async when => {
    const paying = await programme({ openingCounts: true, locked: true, earlyExit: 'forfeit' })
    const rosa = await paying.saver()
    await puts(paying, rosa, '4.00', '2026-02-10')
    await puts(paying, rosa, '40.00', '2026-03-05')
    await paying.run('2026-02', '2026-12-31')
    const second = await enrolsAgain(paying, rosa, '2026-03-10', '2026-03-11')
    await puts(paying, rosa, '80.00', '2026-03-20')
    const ends = () => paying.said(`${paying.book}/lock-endings`, {})
    if (when === 'before') await ends()
    await paying.run('2026-03', '2026-12-31')
    if (when === 'after') await ends()
    expect(await locked(paying, rosa)).toBe('20.00')
    await puts(paying, rosa, '8.00', '2026-04-20')
    await paying.run('2026-04', '2026-12-31')
    expect(await locked(paying, rosa)).toBe('22.00')
    expect((await paid(paying, rosa, second)).slice(-2)).toEqual([
      'GROWTH 2026-03 second 20.00',
      'GROWTH 2026-04 second 2.00',
    ])
    await sound(paying)
  })

  it('is paid for its days also when the first was paid for them, and forfeited all before its end was told', async () => {
    const paying = await programme({ openingCounts: true, locked: true, earlyExit: 'forfeit' })
    const rosa = await paying.saver()
    await puts(paying, rosa, '40.00', '2026-03-05')
    await puts(paying, rosa, '80.00', '2026-03-20')
    expect(await totals(paying, '2026-03')).toEqual(['35.00', '0.00'])
    const second = await enrolsAgain(paying, rosa, '2026-03-10', '2026-03-11')
    expect((await paying.said(`${paying.book}/lock-endings`, {})).forfeited.amount).toBe('35.00')
    expect(await totals(paying, '2026-03')).toEqual(['20.00', '0.00'])
    expect((await paid(paying, rosa, second)).at(-1)).toBe('GROWTH 2026-03 second 20.00')
    expect(await totals(paying, '2026-03')).toEqual(['0.00', '0.00'])
    expect(await locked(paying, rosa)).toBe('20.00')
    await sound(paying)
  })

  it('has no opening of its own, and so its first day’s deposit is growth', async () => {
    const paying = await programme({ openingCounts: false })
    const [rosa, luz] = [await paying.saver(), await paying.saver()]
    await puts(paying, rosa, '8.00', '2026-02-10')
    await puts(paying, rosa, '40.00', '2026-03-05')
    // Luz opened nothing in her first contract.
    const seconds: Saver[] = []
    for (const saver of [rosa, luz]) seconds.push(await enrolsAgain(paying, saver, '2026-03-10', '2026-03-11'))
    for (const saver of [rosa, luz]) {
      await puts(paying, saver, '80.00', '2026-03-11')
      await puts(paying, saver, '20.00', '2026-03-12')
    }
    const run = await paying.run('2026-03', '2026-12-31')
    expect(await paid(paying, rosa, seconds[0]!)).toEqual([
      'OPENING once first 5.00',
      'GROWTH 2026-03 first 10.00',
      'GROWTH 2026-03 second 25.00',
    ])
    expect(await paid(paying, luz, seconds[1]!)).toEqual(['OPENING once second 5.00', 'GROWTH 2026-03 second 5.00'])
    const { body } = await paying.administrator.get(
      `${paying.book}/incentive-runs/${run.id}/lines?saverId=${rosa.saverId}`,
    )
    expect(
      body.items.filter((line: Record<string, string>) => line.enrolmentId === seconds[0]!.enrolmentId),
    ).toMatchObject([
      { rule: 'OPENING', amount: '0.00', outcome: 'nothing', reason: 'opened-in-earlier-contract' },
      { rule: 'GROWTH', amount: '25.00', outcome: 'posted' },
    ])
    await sound(paying)
  })

  it('is not paid for what the first, found to have ended before, was paid and did not give back', async () => {
    const paying = await programme({ openingCounts: true })
    const rosa = await paying.saver()
    await puts(paying, rosa, '40.00', '2026-03-05')
    await puts(paying, rosa, '80.00', '2026-03-20')
    expect(await totals(paying, '2026-03')).toEqual(['35.00', '0.00'])
    // She takes 20.00 of the 30.00 for growth before it is told that her first contract had ended.
    await takes(paying, rosa, '20.00', '2026-12-31', { money: 'incentive-released' })
    const second = await enrolsAgain(paying, rosa, '2026-03-10', '2026-03-11')
    expect(await totals(paying, '2026-03')).toEqual(['0.00', '10.00'])
    expect(await totals(paying, '2026-03')).toEqual(['10.00', '0.00'])
    expect((await paid(paying, rosa, second)).slice(1)).toEqual([
      'GROWTH 2026-03 first 30.00',
      'GROWTH 2026-03 first -10.00',
      'GROWTH 2026-03 second 10.00',
    ])
    const { body } = await paying.administrator.get(`${paying.book}/savers/${rosa.saverId}/incentives`)
    expect(body.items.at(-1)).toMatchObject({ reason: 'paid-in-other-contract', explanation: { owed: '10.00' } })
    expect(body.items.at(-1).explanation.steps.slice(-2)).toEqual([
      { step: 'paid-in-other-contract', amount: '10.00' },
      { step: 'owed', amount: '10.00' },
    ])
    await sound(paying)
  })

  it('is told by the institution by its id where both are owed for a period, and paid by decision alone', async () => {
    const paying = await programme({ openingCounts: true })
    const { administrator, approver, said, book, programmeId } = paying
    const rosa = await paying.saver()
    await puts(paying, rosa, '40.00', '2026-03-05')
    const second = await enrolsAgain(paying, rosa, '2026-03-10', '2026-03-11')
    await puts(paying, rosa, '80.00', '2026-03-20')
    const runId = uuid()
    await said(`${book}/incentive-runs`, { id: runId, programmeId, month: '2026-03' })
    const calculations = `${book}/incentive-runs/${runId}/calculations`
    const line = { savingsAccountId: rosa.accountId, rule: 'GROWTH', period: '2026-03' }
    const tells = (lines: object[]) => administrator.post(calculations, { id: uuid(), lines })
    const message = '2 contracts of hers are owed for that period: name one'
    expect(await tells([{ ...line, amount: '30.00' }])).toMatchObject({
      ...{ status: 422, body: { code: 'file-refused' } },
      body: { facts: { problems: [{ row: 1, field: 'enrolmentId', message }] } },
    })
    const [first, next] = [rosa.enrolmentId, second.enrolmentId]
    const { body } = await tells([
      { ...line, enrolmentId: first, amount: '10.00' },
      { ...line, enrolmentId: next, amount: '21.00' },
    ])
    expect(body.totals).toMatchObject({ equal: { lines: 1 }, differs: { lines: 1 }, onlyTheirs: { lines: 0 } })
    const decision = { id: uuid(), pay: 'theirs', lines: 'all', reason: 'agreed' }
    expect((await administrator.post(`${book}/incentive-calculations/${body.id}/decisions`, decision)).status).toBe(201)
    const { items } = (await administrator.get(`${book}/incentive-calculations/${body.id}/lines?rule=GROWTH`)).body
    expect(items).toMatchObject([
      { enrolmentId: first, ours: '10.00', theirs: '10.00', decisionId: null },
      { enrolmentId: next, ours: '20.00', theirs: '21.00', decisionId: decision.id },
    ])
    expect(new Set(items.map((one: { runLine: number }) => one.runLine)).size).toBe(2)
    expect((await approver.post(`${book}/incentive-runs/${runId}/approve`, {})).body.status).toBe('posted')
    expect((await paid(paying, rosa, second)).slice(1)).toEqual([
      'GROWTH 2026-03 first 10.00',
      'GROWTH 2026-03 second 21.00',
    ])
    expect(await totals(paying, '2026-03')).toEqual(['0.00', '0.00'])
    await sound(paying)
  })

  it('is told from the first by the database too', async () => {
    const paying = await programme({ openingCounts: true })
    const rosa = await paying.saver()
    await puts(paying, rosa, '40.00', '2026-03-05')
    await paying.run('2026-03', '2026-12-31')
    const again = service.owner.$client.query(
      `insert into incentive (book_id, saver_id, enrolment_id, rule_id, period, revision, savings_account_id, money, amount, turn, run_id, line,
         transaction_id, recorded_at)
       select book_id, saver_id, enrolment_id, rule_id, period, revision, savings_account_id, money, amount, turn, run_id, line + 1000,
         gen_random_uuid(), recorded_at from incentive where saver_id = $1`,
      [rosa.saverId],
    )
    await expect(again).rejects.toMatchObject({ constraint: 'incentive_pkey' })
  })
})
