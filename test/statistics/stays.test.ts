import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { presets } from '../../src/statistics/definitions/presets.ts'
import { type Asking, asking } from '../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { openStage, type Stage } from './stage.ts'

let service: TestApp
let stage: Stage
let analyst: Asking

/** Active is who deposited in the last three months, so that lives are short enough to follow by hand. */
const terms = {
  ...presets[0].terms,
  ...{ window: { unit: 'months', length: 3 }, minimumActive: 1, recency: null, minimumBalance: null, minimumAge: 0 },
}

beforeAll(async () => {
  service = await testApp({ clock: testClock('2011-03-01T15:00:00Z'), env: { SUPPRESSION_K: '3' } })
  stage = await openStage(service)
  analyst = asking(service, await service.key('analyst'))
  await stage.said('/v1/definitions', { name: 'THREE', title: 'Three months', source: 'This test', terms })
  const opened = { opened: '2010-02-01', cohort: 'first' }
  await stage.women(4, { ...opened, days: ['2010-02-10'] })
  await stage.women(3, { ...opened, days: ['2010-02-10', '2010-05-10'] })
  await stage.women(5, {
    opened: '2010-11-01',
    cohort: 'second',
    district: '210101',
    days: ['2010-11-10', '2011-01-10'],
  })
}, 60_000)

afterAll(() => service.close())

async function rowsOf(path: string, query = '') {
  const asked = `bookId=${stage.bookId}&asOf=2011-02-28${query}`
  const { status, body } = await analyst.get(`/v1/statistics/${path}?${asked}`)
  expect([status, body.code]).toEqual([200, undefined])
  return body.rows as Record<string, string | number | null>[]
}

test('permanence is the estimate of Kaplan and Meier, from the month in which each began', async () => {
  expect(await rowsOf('permanence', '&definition=THREE')).toEqual([
    {
      ...{ monthsSince: '3', persons: 12, left: 4, seenLast: 5 },
      ...{ survival: '0.6667', standardError: '0.1361', lower: '0.4468', upper: '0.9946' },
    },
    {
      ...{ monthsSince: '6', persons: 12, left: 7, seenLast: 5 },
      ...{ survival: '0.0000', standardError: null, lower: null, upper: null },
    },
  ])
  const byPlace = await rowsOf('permanence', '&definition=THREE&by=department&confidence=0.90')
  expect(byPlace.map(({ department, monthsSince, left }) => [department, monthsSince, left])).toEqual([
    ['08', '3', 4],
    ['08', '6', 7],
    ['21', '3', 0],
  ])
  expect((await rowsOf('permanence', '&definition=THREE&cohort=second'))[0]).toMatchObject({
    persons: 5,
    survival: '1.0000',
  })
})

test('a row after which few have left since the last one, or are left, is hidden', async () => {
  await stage.women(2, { opened: '2010-02-01', district: '150101', days: ['2010-02-10'] })
  await stage.women(7, { opened: '2010-02-01', district: '150101', days: ['2010-02-10', '2010-04-10'] })
  const rows = await rowsOf('permanence', '&definition=THREE&district=150101')
  expect(rows.map(({ monthsSince, left, survival }) => [monthsSince, left, survival])).toEqual([
    ['3', ':c', ':c'],
    ['5', 9, '0.0000'],
  ])
})

test('cohorts are followed by month since enrolment, as far as there is one', async () => {
  const rows = await rowsOf('cohort-retention', '&definition=THREE')
  const of = (cohort: string, month: number) =>
    rows.find(row => row.cohort === cohort && row.monthsSince === String(month))
  expect(of('first', 0)).toMatchObject({ enrolled: 7, saved: 7, savedRate: '1.0000', permanentActive: 7 })
  expect(of('first', 1)).toMatchObject({ enrolled: 7, saved: 0, savedRate: '0.0000', permanentActive: 7 })
  expect(of('first', 3)).toMatchObject({ enrolled: 7, saved: 3, savedRate: '0.4286', permanentActive: 3 })
  expect(of('first', 6)).toMatchObject({ saved: 0, permanentActive: 0, permanentActiveRate: '0.0000' })
  expect(of('second', 2)).toMatchObject({ enrolled: 5, saved: 5, permanentActive: 5 })
  expect(of('second', 3)).toMatchObject({ enrolled: 5, saved: 0, permanentActive: 5 })
  expect(of('second', 4)).toBeUndefined()
  expect(of('_T', 0)).toMatchObject({ enrolled: 12, saved: 12 })
  expect(of('_T', 4)).toMatchObject({ enrolled: 7 })
  expect(await rowsOf('cohort-retention', `&programme=${stage.programme}`)).toHaveLength(rows.length)
  expect(await rowsOf('cohort-retention', `&programme=${stage.programme}&sex=male`)).toEqual([])
  const { programme: nobodys } = await openStage(service)
  const refused = await analyst.get(`/v1/statistics/cohort-retention?bookId=${stage.bookId}&programme=${nobodys}`)
  expect(refused).toMatchObject({ status: 400, body: { fields: [{ path: 'programme' }] } })
})

test('accounts that never saved again are told by who opened them', async () => {
  const here = await openStage(service)
  const agentId = uuid()
  await here.said(`${here.book}/agents`, { id: agentId, code: 'PR-1', name: 'Rosa Quispe', startsOn: '2009-01-01' })
  async function accounts(count: number, days: string[], openedOn = '2010-01-10') {
    for (let nth = 0; nth < count; nth++) {
      const person = { givenNames: 'Ana', familyNames: 'Quispe', sex: 'female', districtCode: '080101' }
      const { id: saverId } = await here.said(`${here.book}/savers`, { ...person, registeredOn: '2009-01-02' })
      const { id } = await here.said(`${here.book}/savings-accounts`, { saverId, openedOn, agentId })
      for (const valueDate of days) {
        const told = { savingsAccountId: id, amount: '20.00', valueDate, channel: 'branch' }
        await here.said(`${here.book}/deposits`, told)
      }
    }
  }
  await accounts(3, [])
  await accounts(4, ['2010-01-10', '2010-01-10'])
  await accounts(5, ['2010-01-10', '2010-02-10'])
  await accounts(3, [], '2011-01-10')
  await here.women(6)
  const asked = `/v1/statistics/opened-accounts?bookId=${here.bookId}&asOf=2011-02-28`
  const { body } = await analyst.get(asked)
  expect(body.rows).toEqual([
    {
      ...{ agent: '_T', opened: 18, neverDeposited: 3, depositedOnce: 4, neverSavedAgain: 7, savedAgain: 11 },
      neverSavedAgainRate: '0.3889',
    },
    {
      ...{
        agent: `${here.code}/PR-1`,
        opened: 12,
        neverDeposited: 3,
        depositedOnce: 4,
        neverSavedAgain: 7,
        savedAgain: 5,
      },
      neverSavedAgainRate: '0.5833',
    },
    {
      ...{ agent: 'none', opened: 6, neverDeposited: 0, depositedOnce: 0, neverSavedAgain: 0, savedAgain: 6 },
      neverSavedAgainRate: '0.0000',
    },
  ])
  const younger = await analyst.get(`${asked}&months=1`)
  expect(younger.body.rows[0]).toMatchObject({ opened: 21, neverDeposited: 6 })
  const byGroup = await analyst.get(`${asked}&by=group`)
  expect(byGroup.body.rows.map(({ group }: { group: string }) => group)).toEqual(['_T', 'none'])
  const byInstitution = await analyst.get(`${asked}&by=institution`)
  expect(byInstitution.body.rows[1]).toMatchObject({ institution: here.institution, opened: 18 })
})
