import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asking } from '../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { openStage } from './stage.ts'

let service: TestApp

beforeAll(async () => {
  service = await testApp({ clock: testClock('2011-03-01T15:00:00Z') })
})

afterAll(() => service.close())

test('an auditor is told the months, what qualified and what did not and why, her money and her age', async () => {
  const stage = await openStage(service)
  const [woman] = await stage.women(1, { days: ['2009-11-10', '2010-02-10', '2010-05-10', '2010-05-20', '2010-11-10'] })
  const { saverId, accountId: savingsAccountId } = woman!
  const move = (path: string, body: object) => stage.said(`${stage.book}/${path}`, { savingsAccountId, ...body })
  const told = { channel: 'branch', amount: '20.00' }
  await move('deposits', { ...told, amount: '0.50', valueDate: '2010-06-10' })
  const wrong = await move('deposits', { ...told, valueDate: '2010-07-10' })
  await stage.said(`${stage.book}/transactions/${wrong.id}/reversal`, {
    valueDate: '2010-07-11',
    reason: 'entered twice',
  })
  await move('withdrawals', { ...told, purpose: 'household', valueDate: '2010-08-10' })
  await move('interest', { amount: '1.00', valueDate: '2010-09-30' })
  const period = { periodFrom: '2010-09', periodTo: '2010-10' }
  await move('state-transfers', { amount: '200.00', source: 'JUNTOS', valueDate: '2010-10-20', ...period })

  const auditor = asking(service, await service.key('auditor'))
  const address = `${stage.book}/savers/${saverId}/standing`
  const { status, body } = await auditor.get(`${address}?asOf=2010-12-31`)
  expect(status).toBe(200)
  expect(body).toMatchObject({
    ...{ status: 'ACTIVE', definition: 'PAS-v1', asOf: '2010-12-31', currency: 'PEN' },
    registrations: [{ bookId: stage.bookId, bookCode: stage.code, saverId }],
    accounts: [{ id: savingsAccountId, openedOn: '2009-01-10', closedOn: null }],
    ...{ firstOpenedOn: '2009-01-10', oldEnoughOn: '2009-12-31', windowFrom: '2010-01-01' },
    ...{ found: 3, lastActive: '2010-11', ownMoney: '280.50', balance: '281.50', movementsLeftOut: 0 },
  })
  expect(body.months.filter(({ operations }: { operations: number }) => operations > 0)).toEqual([
    { month: '2010-02', operations: 1 },
    { month: '2010-05', operations: 2 },
    { month: '2010-11', operations: 1 },
  ])
  const verdicts = body.movements.map((one: { valueDate: string; verdict: string }) => [one.valueDate, one.verdict])
  expect(verdicts).toEqual([
    ['2010-02-10', 'qualifies'],
    ['2010-05-10', 'qualifies'],
    ['2010-05-20', 'qualifies'],
    ['2010-06-10', 'too-small'],
    ['2010-07-10', 'reversed'],
    ['2010-07-11', 'is-a-reversal'],
    ['2010-08-10', 'withdrawals-do-not-count'],
    ['2010-09-30', 'not-her-own-money'],
    ['2010-10-20', 'not-her-own-deposit'],
    ['2010-11-10', 'qualifies'],
  ])
  const before = await auditor.get(`${address}?asOf=2008-12-31`)
  expect(before.body).toMatchObject({ status: null, months: [], movements: [] })
  expect(await auditor.get(`${stage.book}/savers/${uuid()}/standing`)).toMatchObject({
    ...{ status: 404, body: { code: 'saver-not-found' } },
  })
  const analyst = asking(service, await service.key('analyst'))
  expect((await analyst.get(address)).body.code).toBe('access-denied')
})

test('a person of two books is one, for a key that reaches both, and two for keys that reach one', async () => {
  const [here, there] = [await openStage(service), await openStage(service)]
  const dni = '10117410'
  const person = { givenNames: 'Juana', familyNames: 'Condori', sex: 'female', districtCode: '080101', dni }
  const days = [
    [here, ['2010-02-10', '2010-05-10']],
    [there, ['2010-08-10', '2010-11-10']],
  ] as const
  const savers: string[] = []
  for (const [stage, valueDates] of days) {
    const { id: saverId } = await stage.said(`${stage.book}/savers`, { ...person, registeredOn: '2009-01-02' })
    const { id } = await stage.said(`${stage.book}/savings-accounts`, { saverId, openedOn: '2009-01-10' })
    for (const valueDate of valueDates) {
      await stage.said(`${stage.book}/deposits`, {
        savingsAccountId: id,
        amount: '20.00',
        valueDate,
        channel: 'branch',
      })
    }
    savers.push(saverId)
  }
  const address = `${there.book}/savers/${savers[1]}/standing?asOf=2010-12-31`
  const both = asking(service, await service.key('auditor'))
  expect((await both.get(address)).body).toMatchObject({ status: 'PERMANENT_ACTIVE', found: 4, ownMoney: '80.00' })
  const one = asking(service, await service.key('auditor', { books: [there.bookId] }))
  const { body } = await one.get(address)
  expect(body).toMatchObject({ status: 'ACTIVE', found: 2, ownMoney: '40.00' })
  expect(body.registrations).toHaveLength(1)
  expect((await one.get(`${here.book}/savers/${savers[0]}/standing`)).body.code).toBe('book-not-found')
})
