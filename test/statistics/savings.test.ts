import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Asking, asking } from '../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { openStage, type Stage } from './stage.ts'

let service: TestApp
let stage: Stage
let analyst: Asking

beforeAll(async () => {
  service = await testApp({ clock: testClock('2011-03-01T15:00:00Z'), env: { SUPPRESSION_K: '3' } })
  stage = await openStage(service)
  analyst = asking(service, await service.key('analyst'))
}, 60_000)

afterAll(() => service.close())

async function rowsOf(query: string) {
  const { status, body } = await analyst.get(`/v1/statistics/savings?bookId=${stage.bookId}&${query}`)
  expect([status, body.code]).toEqual([200, undefined])
  return body.rows as Record<string, string | number | null>[]
}

test('deposits, withdrawals, balances and empty accounts of a month are what the women did', async () => {
  const cusco = [...(await stage.women(4, { amount: '10.00' })), ...(await stage.women(3, { amount: '30.00' }))]
  const puno = await stage.women(33, { district: '210101', days: ['2010-02-10'] })
  await stage.women(3, { district: '210101', days: [] })
  const take = (women: typeof cusco, amount: string) =>
    Promise.all(
      women.map(({ accountId }) =>
        stage.said(`${stage.book}/withdrawals`, {
          ...{ savingsAccountId: accountId, amount, valueDate: '2010-11-20', purpose: 'household', channel: 'branch' },
        }),
      ),
    )
  await take(cusco.slice(0, 3), '5.00')
  await take(puno.slice(0, 4), '20.00')
  const wrong = await stage.said(`${stage.book}/deposits`, {
    ...{ savingsAccountId: puno[9]!.accountId, amount: '900.00', valueDate: '2010-11-21', channel: 'branch' },
  })
  await stage.said(`${stage.book}/transactions/${wrong.id}/reversal`, { valueDate: '2010-11-22', reason: 'mistaken' })
  for (const { accountId } of puno.slice(0, 3)) {
    const closing = { status: 'closed', closedOn: '2010-11-25', reason: 'she moved' }
    await stage.said(`${stage.book}/savings-accounts/${accountId}/status`, closing)
  }

  const [total, cuscoRow, punoRow] = await rowsOf('asOf=2010-11-30&by=department')
  expect(cuscoRow).toMatchObject({
    ...{ registered: 7, holders: 7, empty: 0, emptyShare: '0.0000', depositors: 7, deposits: '130.00' },
    ...{ withdrawers: 3, withdrawals: '15.00', receivers: 0, incentives: '0.00', balance: '505.00' },
    // 3 × 35, 1 × 40, 3 × 120
    ...{ balanceMean: '72.14', balanceMedian: '40.00', balanceDecile1: ':c' },
  })
  // Three closed, one holds nothing after her withdrawal, three never had anything: 29 hold 20.
  expect(punoRow).toMatchObject({
    ...{ registered: 36, holders: 33, empty: 4, emptyShare: '0.1212', depositors: 0, deposits: '0.00' },
    ...{ withdrawers: 4, withdrawals: '80.00', balance: '580.00', balanceMean: '17.58', balanceMedian: '20.00' },
    ...{ balanceDecile1: '4.00', balanceDecile2: '20.00', balanceDecile9: '20.00' },
  })
  expect(total).toMatchObject({ registered: 43, holders: 40, balance: '1085.00', balanceDecile9: '35.50' })
  const [february] = await rowsOf('from=2010-02&to=2010-03')
  expect(february).toMatchObject({ depositors: 40, deposits: '790.00', balance: '790.00', withdrawers: 0 })
})

test('an amount is hidden with the number of those whose it is', async () => {
  const [one] = await stage.women(1, { district: '150101', days: ['2010-12-10'] })
  expect(one).toBeDefined()
  await stage.women(5, { district: '150101', days: ['2010-09-10'] })
  const rows = await rowsOf('asOf=2010-12-31&by=department')
  const lima = rows.find(({ department }) => department === '15')
  expect(lima).toMatchObject({ registered: 6, holders: 6, depositors: ':c', deposits: ':c', balance: '120.00' })
  expect(lima).toMatchObject({ withdrawers: 0, withdrawals: '0.00', balanceMedian: '20.00' })
  const shown = rows.filter(({ deposits }) => deposits !== ':c')
  expect(shown.length).toBeLessThanOrEqual(rows.length - 2)
})

test('it is written in the other formats, and refused like any table', async () => {
  const { body } = await analyst.get(`/v1/statistics/savings?bookId=${stage.bookId}&asOf=2010-12-31`)
  expect(body.notes).toMatchObject({ definition: null, parameters: null, suppression: { k: 3 } })
  const answer = await service.app.inject({
    url: `/v1/statistics/savings?bookId=${stage.bookId}&asOf=2010-12-31&format=csv-es-PE`,
    headers: { authorization: `Bearer ${await service.key('administrator')}` },
  })
  expect(answer.payload).toContain(';"1205,00";')
  expect((await analyst.get('/v1/statistics/savings?definition=PAS-v1')).status).toBe(400)
})
