import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countSavers, type Question } from '../../src/statistics/counting/count.ts'
import { monthNumber } from '../../src/statistics/counting/days.ts'
import { noFacts } from '../../src/statistics/counting/facts.ts'
import { catchUp } from '../../src/statistics/counting/reading.ts'
import { ruleOf } from '../../src/statistics/counting/rule.ts'
import { presets } from '../../src/statistics/definitions/presets.ts'
import { type Status, statuses, type Terms } from '../../src/statistics/definitions/terms.ts'
import { type Asking, asking } from '../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'

const december = '2010-12'
const pas = presets.find(({ name }) => name === 'PAS-v1')!.terms
const named = (name: string) => presets.find(preset => preset.name === name)!.terms

let service: TestApp
let administrator: Asking
const clock = testClock('2008-01-02T15:00:00Z')

beforeAll(async () => {
  service = await testApp({ clock })
  administrator = asking(service, await service.key('administrator'))
})

afterAll(() => service.close())

async function said(address: string, body: object): Promise<{ id: string; sequence: number }> {
  const { status, body: answer } = await administrator.post(address, { id: uuid(), ...body })
  if (status !== 201) throw new Error(`${address}: ${JSON.stringify(answer)}`)
  return answer
}

/** A book of its own, so that each case counts one woman. */
async function openCase() {
  const code = uuid().slice(-12)
  const institution = await said('/v1/institutions', { code, name: 'Caja', kind: 'caja' })
  const opening = { code, name: 'Caja', currency: 'PEN', institutionId: institution.id, openedOn: '2008-01-01' }
  const { id: bookId } = await said('/v1/books', opening)
  const book = `/v1/books/${bookId}`
  const person = { givenNames: 'Juana', familyNames: 'Condori', sex: 'female', districtCode: '080101' }
  const { id: saverId } = await said(`${book}/savers`, { ...person, registeredOn: '2008-01-02' })
  const account = async (openedOn: string) => (await said(`${book}/savings-accounts`, { saverId, openedOn })).id
  const told = { channel: 'branch', amount: '20.00' }
  return {
    ...{ bookId, book, saverId, account },
    deposit: (savingsAccountId: string, valueDate: string, amount = '20.00') =>
      said(`${book}/deposits`, { ...told, savingsAccountId, valueDate, amount }),
    withdraw: (savingsAccountId: string, valueDate: string, amount: string) =>
      said(`${book}/withdrawals`, { ...told, purpose: 'household', savingsAccountId, valueDate, amount }),
    reverse: (transactionId: string, valueDate: string) =>
      said(`${book}/transactions/${transactionId}/reversal`, { valueDate, reason: 'entered twice' }),
  }
}

type Case = Awaited<ReturnType<typeof openCase>>

async function ask(one: Case, more: { terms?: Terms; month?: string; known?: { sequence: number; at: Date } } = {}) {
  const facts = noFacts()
  await catchUp(service.db, facts)
  const month = monthNumber(more.month ?? december)
  const { known } = more
  const question: Question = {
    ...{ rule: ruleOf(more.terms ?? pas, 'PEN'), currency: 'PEN', books: new Set([one.bookId]), by: [], only: [] },
    months: { first: month, last: month },
    knowledge:
      known === undefined ? null : { through: new Map([[one.bookId, known.sequence]]), at: known.at.getTime() },
  }
  const [cell] = countSavers(facts, question)
  const counts = [...(cell?.counts ?? [])]
  expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(1)
  return statuses[counts.indexOf(1)]
}

const usual = ['2010-02-10', '2010-05-10', '2010-08-10', '2010-11-10']

type Row = {
  case: string
  opened?: string
  days?: string[]
  amount?: string
  also?: (one: Case, account: string, ids: string[]) => Promise<unknown>
  is: Status
}

const rows: Row[] = [
  { case: 'deposits in Feb, May, Aug, Nov', is: 'PERMANENT_ACTIVE' },
  { case: 'four deposits on one day', days: ['2010-11-10', '2010-11-10', '2010-11-10', '2010-11-10'], is: 'ACTIVE' },
  { case: 'Jan, Feb, Mar, Apr only', days: ['2010-01-10', '2010-02-10', '2010-03-10', '2010-04-10'], is: 'ACTIVE' },
  {
    case: 'Feb, May, Jul, Nov, but Nov reversed',
    days: ['2010-02-10', '2010-05-10', '2010-07-10', '2010-11-10'],
    also: (one, _, ids) => one.reverse(ids[3]!, '2010-11-12'),
    is: 'ACTIVE',
  },
  { case: 'opened 2010-02-01', opened: '2010-02-01', is: 'TOO_NEW' },
  { case: 'opened 2009-12-31', opened: '2009-12-31', is: 'PERMANENT_ACTIVE' },
  { case: 'opened 2010-01-01', opened: '2010-01-01', is: 'TOO_NEW' },
  {
    case: 'own money 9.99',
    also: (one, account) => one.withdraw(account, '2010-12-10', '70.01'),
    is: 'ACTIVE',
  },
  {
    case: 'interest only',
    days: [],
    also: async (one, account) => {
      for (const month of ['03', '06', '09', '12']) {
        await said(`${one.book}/interest`, { savingsAccountId: account, amount: '5.00', valueDate: `2010-${month}-20` })
      }
    },
    is: 'DORMANT',
  },
  {
    case: 'then withdraws down to 10.00',
    also: (one, account) => one.withdraw(account, '2010-12-10', '70.00'),
    is: 'PERMANENT_ACTIVE',
  },
  { case: 'a deposit on 31 December', days: [...usual.slice(0, 3), '2010-12-31'], is: 'PERMANENT_ACTIVE' },
  { case: 'deposits of less than a sol', amount: '0.99', is: 'DORMANT' },
  { case: 'nothing at all', days: [], is: 'EMPTY' },
  {
    case: 'everything taken out and closed in December',
    also: async (one, account) => {
      await one.withdraw(account, '2010-12-10', '80.00')
      await said(`${one.book}/savings-accounts/${account}/status`, {
        ...{ status: 'closed', closedOn: '2010-12-15', reason: 'she moved' },
      })
    },
    is: 'CLOSED',
  },
  {
    case: 'two accounts of one person, two months in each',
    days: usual.slice(0, 2),
    also: async one => {
      const second = await one.account('2010-06-01')
      await one.deposit(second, '2010-08-10')
      await one.deposit(second, '2010-11-10')
    },
    is: 'PERMANENT_ACTIVE',
  },
]

describe('PAS-v1 at the end of December 2010', () => {
  for (const row of rows) {
    test(`${row.case}: ${row.is}`, async () => {
      clock.set('2011-03-01T15:00:00Z')
      const one = await openCase()
      const account = await one.account(row.opened ?? '2009-01-10')
      const ids: string[] = []
      for (const day of row.days ?? usual) ids.push((await one.deposit(account, day, row.amount)).id)
      await row.also?.(one, account, ids)
      expect(await ask(one)).toBe(row.is)
    })
  }
})

describe('another definition', () => {
  test('counts four operations with withdrawals, on one day or not', async () => {
    const one = await openCase()
    const account = await one.account('2009-01-10')
    for (const day of ['2010-01-10', '2010-01-10', '2010-01-11']) await one.deposit(account, day)
    expect(await ask(one, { terms: named('SIERRA-SUR-4-OPS') })).toBe('ACTIVE')
    await one.withdraw(account, '2010-01-12', '60.00')
    expect(await ask(one, { terms: named('SIERRA-SUR-4-OPS') })).toBe('PERMANENT_ACTIVE')
    expect(await ask(one)).toBe('ACTIVE')
  })

  test('looks back ninety days, to the day', async () => {
    const one = await openCase()
    await one.deposit(await one.account('2009-01-10'), '2010-10-02')
    expect(await ask(one, { terms: named('ACTIVE-90D') })).toBe('DORMANT')
    const other = await openCase()
    await other.deposit(await other.account('2009-01-10'), '2010-10-03')
    expect(await ask(other, { terms: named('ACTIVE-90D') })).toBe('PERMANENT_ACTIVE')
  })

  test('takes a month in which a transfer was kept for thirty days, once they are over', async () => {
    const one = await openCase()
    const account = await one.account('2009-01-10')
    const transfer = (valueDate: string) => {
      const period = { periodFrom: '2010-01', periodTo: '2010-02' }
      const told = { savingsAccountId: account, amount: '200.00', source: 'JUNTOS', valueDate, ...period }
      return said(`${one.book}/state-transfers`, told)
    }
    for (const day of ['2010-02-10', '2010-05-10', '2010-08-10']) await transfer(day)
    await one.withdraw(account, '2010-08-20', '190.00')
    const terms = { ...pas, retention: { amount: '10.00', days: 30 }, minimumActive: 3 }
    expect(await ask(one, { terms })).toBe('PERMANENT_ACTIVE')
    expect(await ask(one, { terms, month: '2010-08' })).toBe('ACTIVE')
    await one.withdraw(account, '2010-08-25', '0.01')
    expect(await ask(one, { terms })).toBe('ACTIVE')
    expect(await ask(one)).toBe('DORMANT')
  })
})

test('as known before a late deposit and a reversal, she stands where she stood', async () => {
  clock.set('2011-03-01T16:00:00Z')
  const one = await openCase()
  const account = await one.account('2009-01-10')
  for (const day of usual.slice(0, 2)) await one.deposit(account, day)
  const { sequence } = await one.deposit(account, usual[2]!)
  const known = { sequence, at: clock.now() }
  clock.advance(3_600_000)
  const last = await one.deposit(account, usual[3]!)
  expect(await ask(one)).toBe('PERMANENT_ACTIVE')
  expect(await ask(one, { known })).toBe('ACTIVE')
  const afterwards = { sequence: last.sequence, at: clock.now() }
  clock.advance(3_600_000)
  await one.reverse(last.id, '2011-03-01')
  expect(await ask(one)).toBe('ACTIVE')
  expect(await ask(one, { known: afterwards })).toBe('PERMANENT_ACTIVE')
})

test('a reading that fails half-way leaves nothing, and the next one counts each entry once', async () => {
  const one = await openCase()
  await one.deposit(await one.account('2009-01-10'), usual[0]!)
  const facts = noFacts()
  await catchUp(service.db, facts)
  const { length } = facts.events
  await one.deposit(await one.account('2009-01-10'), usual[1]!)
  await service.owner.$client.query('revoke select on entry from qullqi_service')
  await expect(catchUp(service.db, facts)).rejects.toThrow('permission denied')
  expect(facts).toEqual(noFacts())
  await service.owner.$client.query('grant select on entry to qullqi_service')
  await catchUp(service.db, facts)
  expect(facts.events.length).toBe(length + 1)
})
