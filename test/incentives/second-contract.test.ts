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

const growth = { award: 'credit', basis: 'NET_GROWTH', rate: '0.25', cadence: 'monthly' }

/** A programme that pays a quarter of what each month adds, as the terms say. */
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
})
