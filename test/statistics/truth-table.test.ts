import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noFacts } from '../../src/statistics/counting/facts.ts'
import { catchUp } from '../../src/statistics/counting/reading.ts'
import { presets } from '../../src/statistics/definitions/presets.ts'
import { type Status, statuses, type Terms } from '../../src/statistics/definitions/terms.ts'
import { payingProgramme } from '../incentives/programme.ts'
import { type Asking, asking } from '../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'

const pas = presets[0].terms

let service: TestApp
let administrator: Asking
let analyst: Asking
let auditor: Asking
const clock = testClock('2008-01-02T15:00:00Z')

beforeAll(async () => {
  service = await testApp({ clock, env: { SUPPRESSION_K: String(women) } })
  administrator = asking(service, await service.key('administrator'))
  analyst = asking(service, await service.key('analyst'))
  auditor = asking(service, await service.key('auditor'))
})

afterAll(() => service.close())

async function said(address: string, body: object): Promise<{ id: string; sequence: number }> {
  const { status, body: answer } = await administrator.post(address, { id: uuid(), ...body })
  if (status !== 201) throw new Error(`${address}: ${JSON.stringify(answer)}`)
  return answer
}

/** Fewer are hidden in answers. */
const women = 3

/** Says a thing of each of the women. */
async function saidOfEach<Of>(ofThem: readonly Of[], say: (one: Of) => ReturnType<typeof said>) {
  const all: Awaited<ReturnType<typeof said>>[] = []
  for (const one of ofThem) all.push(await say(one))
  return all
}

const idsOf = (all: readonly { id: string }[]) => all.map(({ id }) => id)

/** A book of its own, so that each case counts women of one life: accounts and transactions are lists, one for each of them. */
async function openCase() {
  const code = uuid().slice(-12)
  const institution = await said('/v1/institutions', { code, name: 'Caja', kind: 'caja' })
  const opening = { code, name: 'Caja', currency: 'PEN', institutionId: institution.id, openedOn: '2008-01-01' }
  const { id: bookId } = await said('/v1/books', opening)
  return caseIn(bookId)
}

async function caseIn(bookId: string) {
  const book = `/v1/books/${bookId}`
  const person = { givenNames: 'Juana', familyNames: 'Condori', sex: 'female', districtCode: '080101' }
  const register = () => said(`${book}/savers`, { ...person, registeredOn: '2008-01-02' })
  const savers = idsOf(await saidOfEach(Array(women).fill(0), register))
  const told = { channel: 'branch', amount: '20.00' }
  const each = (path: string, accounts: readonly string[], body: object) =>
    saidOfEach(accounts, savingsAccountId => said(`${book}/${path}`, { ...body, savingsAccountId }))
  return {
    ...{ bookId, book, savers, each },
    account: async (openedOn: string) =>
      idsOf(await saidOfEach(savers, saverId => said(`${book}/savings-accounts`, { saverId, openedOn }))),
    deposit: (accounts: string[], valueDate: string, amount = '20.00') =>
      each('deposits', accounts, { ...told, valueDate, amount }),
    withdraw: (accounts: string[], valueDate: string, amount: string) =>
      each('withdrawals', accounts, { ...told, purpose: 'household', valueDate, amount }),
    reverse: (transactions: string[], valueDate: string) =>
      saidOfEach(transactions, id =>
        said(`${book}/transactions/${id}/reversal`, { valueDate, reason: 'entered twice' }),
      ),
  }
}

type Case = Awaited<ReturnType<typeof openCase>>

/** The status in which the answer tells all of them to be. */
async function ask(one: Case, more: { definition?: string; asOf?: string; knownAt?: string } = {}) {
  const query = new URLSearchParams({ bookId: one.bookId, asOf: '2010-12-31', ...more })
  const { status, body } = await analyst.get(`/v1/statistics/permanent-active-savers?${query}`)
  expect([status, body.rows?.length], JSON.stringify(body)).toEqual([200, 1])
  const [row] = body.rows
  const { registered, closed, tooNew, denominator, permanentActive, active, dormant, empty } = row
  expect([registered, closed + tooNew + denominator]).toEqual([women, women])
  expect(permanentActive + active + dormant + empty).toBe(denominator)
  expect(row.rate).toBe(denominator === 0 ? null : permanentActive === 0 ? '0.0000' : '1.0000')
  const counts = { CLOSED: closed, TOO_NEW: tooNew, PERMANENT_ACTIVE: permanentActive }
  const all: Record<Status, number> = { ...counts, ACTIVE: active, DORMANT: dormant, EMPTY: empty }
  const found = statuses.find(name => all[name] === women)
  const { definition = 'PAS-v1', asOf = '2010-12-31' } = more
  const known = new URLSearchParams({ definition, asOf, knownAt: more.knownAt ?? body.notes.knownAt })
  if (more.knownAt === undefined) clock.advance(1_000)
  const why = await auditor.get(`${one.book}/savers/${one.savers[0]}/standing?${known}`)
  expect(why.body).toMatchObject({ status: found, definition, asOf, knownAt: known.get('knownAt') })
  return found
}

async function define(terms: Terms): Promise<string> {
  const name = `X${uuid().slice(-12)}`
  await said('/v1/definitions', { name, title: 'Tried', source: 'This test', terms })
  return name
}

const usual = ['2010-02-10', '2010-05-10', '2010-08-10', '2010-11-10']

type Row = {
  case: string
  opened?: string
  days?: string[]
  amount?: string
  also?: (one: Case, account: string[], ids: string[][]) => Promise<unknown>
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
        await one.each('interest', account, { amount: '5.00', valueDate: `2010-${month}-20` })
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
      const closing = { status: 'closed', closedOn: '2010-12-15', reason: 'she moved' }
      await saidOfEach(account, id => said(`${one.book}/savings-accounts/${id}/status`, closing))
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
      const ids: string[][] = []
      for (const day of row.days ?? usual) ids.push(idsOf(await one.deposit(account, day, row.amount)))
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
    expect(await ask(one, { definition: 'SIERRA-SUR-4-OPS' })).toBe('ACTIVE')
    await one.withdraw(account, '2010-01-12', '60.00')
    expect(await ask(one, { definition: 'SIERRA-SUR-4-OPS' })).toBe('PERMANENT_ACTIVE')
    expect(await ask(one)).toBe('ACTIVE')
  })

  test('looks back ninety days, to the day', async () => {
    const one = await openCase()
    await one.deposit(await one.account('2009-01-10'), '2010-10-02')
    expect(await ask(one, { definition: 'ACTIVE-90D' })).toBe('DORMANT')
    const other = await openCase()
    await other.deposit(await other.account('2009-01-10'), '2010-10-03')
    expect(await ask(other, { definition: 'ACTIVE-90D' })).toBe('PERMANENT_ACTIVE')
  })

  test('takes a month in which a transfer was kept for thirty days, once they are over', async () => {
    const one = await openCase()
    const account = await one.account('2009-01-10')
    const transfer = (valueDate: string) => {
      const period = { periodFrom: '2010-01', periodTo: '2010-02' }
      return one.each('state-transfers', account, { amount: '200.00', source: 'JUNTOS', valueDate, ...period })
    }
    for (const day of ['2010-02-10', '2010-05-10', '2010-08-10']) await transfer(day)
    await one.withdraw(account, '2010-08-20', '190.00')
    const definition = await define({ ...pas, retention: { amount: '10.00', days: 30 }, minimumActive: 3 })
    expect(await ask(one, { definition })).toBe('PERMANENT_ACTIVE')
    expect(await ask(one, { definition, asOf: '2010-08-31' })).toBe('ACTIVE')
    await one.withdraw(account, '2010-08-25', '0.01')
    expect(await ask(one, { definition })).toBe('ACTIVE')
    expect(await ask(one)).toBe('DORMANT')
  })
})

test('own money of 9.99 beside 40 of locked incentives is not enough, and incentives alone are no saving', async () => {
  clock.set('2011-03-01T15:00:00Z')
  const caps = [{ amount: '40.00', per: 'event' }]
  const paying = await payingProgramme(service, {
    ...{ preset: 'CORREDOR-2003', currency: 'PEN', openedOn: '2009-01-01' },
    agreed: { OPENING: { caps } },
  })
  await paying.fund('1000.00', '2009-01-01')
  const lives: [string[], string, Status][] = [
    [usual, '110.01', 'ACTIVE'],
    [usual, '110.00', 'PERMANENT_ACTIVE'],
    [[], '30.01', 'DORMANT'],
  ]
  for (const [days, withdrawn, is] of lives) {
    const one = await caseIn(paying.bookId)
    for (const saverId of one.savers) {
      const contract = { saverId, programmeId: paying.programmeId, startsOn: '2009-01-01', cohort: is }
      await said(`${one.book}/enrolments`, contract)
    }
    const account = await one.account('2009-01-10')
    await one.deposit(account, '2009-01-10', '40.00')
    for (const day of days) await one.deposit(account, day)
    await one.withdraw(account, '2010-12-10', withdrawn)
  }
  const run = await paying.run('2009-01', '2010-12-20')
  expect(run.totals).toMatchObject({ paid: '360.00' })
  for (const [, , is] of lives) {
    const query = `bookId=${paying.bookId}&asOf=2010-12-31&cohort=${is}`
    const { body } = await analyst.get(`/v1/statistics/permanent-active-savers?${query}`)
    const { permanentActive, active, dormant } = body.rows[0]
    expect({ ACTIVE: active, DORMANT: dormant, PERMANENT_ACTIVE: permanentActive }).toMatchObject({ [is]: women })
  }
  const { body } = await analyst.get(`/v1/statistics/savings?bookId=${paying.bookId}&asOf=2010-12-31`)
  expect(body.rows[0]).toMatchObject({ receivers: 3 * women, incentives: '360.00', withdrawals: '750.06' })
})

describe('as known at an instant', () => {
  test('they stand where they stood before a late deposit and a reversal', async () => {
    clock.set('2011-03-01T16:00:00Z')
    const one = await openCase()
    const account = await one.account('2009-01-10')
    for (const day of usual.slice(0, 3)) await one.deposit(account, day)
    const before = clock.now().toISOString()
    expect(await ask(one)).toBe('ACTIVE')
    clock.advance(3_600_000)
    const last = idsOf(await one.deposit(account, usual[3]!))
    expect(await ask(one)).toBe('PERMANENT_ACTIVE')
    expect(await ask(one, { knownAt: before })).toBe('ACTIVE')
    const between = clock.now().toISOString()
    clock.advance(3_600_000)
    await one.reverse(last, '2011-03-01')
    expect(await ask(one)).toBe('ACTIVE')
    expect(await ask(one, { knownAt: between })).toBe('PERMANENT_ACTIVE')
    expect(await ask(one, { knownAt: before })).toBe('ACTIVE')
  })

  test('the answer stays to the letter, whatever is synchronised, reversed, enrolled, moved or registered after', async () => {
    clock.set('2011-04-01T16:00:00Z')
    const one = await openCase()
    const account = await one.account('2009-01-10')
    const ids = idsOf((await Promise.all(usual.map(day => one.deposit(account, day)))).flat())
    const programme = { code: uuid().slice(-12), name: 'Corredor', contractMonths: 48, validFrom: '2009-01-01' }
    const { id: programmeId } = await said('/v1/programmes', programme)
    const group = { code: 'GR-1', name: 'Sumaq', districtCode: '080101', formedOn: '2009-01-10' }
    const { id: groupId } = await said(`${one.book}/groups`, group)
    const series = 'from=2010-01&to=2011-03'
    const counts = ['by=district,programme', 'by=cohort', 'by=group', 'district=080101', 'definition=ACTIVE-90D']
    const changing = [
      ...counts.map(more => `permanent-active-savers?${series}&${more}`),
      ...[`savings?${series}&by=district`, 'cohort-retention?asOf=2011-03-31', 'opened-accounts?months=1&by=group'],
    ]
    const questions = [...changing, 'permanence?asOf=2011-03-31']
    const tell = async (more: string) => {
      const { status, body } = await analyst.get(`/v1/statistics/${more}&bookId=${one.bookId}`)
      expect([status, body.code]).toEqual([200, undefined])
      return body
    }
    const first = await Promise.all(questions.map(tell))
    const knownAt = first
      .map(({ notes }) => notes.knownAt)
      .toSorted()
      .at(-1)
    clock.advance(1_000)
    const frozen = await Promise.all(questions.map(more => tell(`${more}&knownAt=${knownAt}`)))
    expect(frozen.map(({ rows }) => rows)).toEqual(first.map(({ rows }) => rows))

    clock.advance(3_600_000)
    await one.reverse(ids.slice(0, women), '2010-03-01')
    for (const saverId of one.savers) {
      const moved = { saverId, reason: 'changed', movedOn: '2010-06-01', changes: { districtCode: '210101' } }
      await said(`${one.book}/saver-corrections`, moved)
      await said(`${one.book}/enrolments`, { saverId, programmeId, startsOn: '2009-02-01', cohort: '1' })
      await said(`${one.book}/memberships`, { saverId, groupId, startsOn: '2009-02-01' })
    }
    const late = { type: 'deposit', bookId: one.bookId }
    const operations = account.map(savingsAccountId => ({
      ...late,
      body: { id: uuid(), savingsAccountId, amount: '30.00', valueDate: '2011-02-01', channel: 'branch' },
    }))
    expect((await administrator.post('/v1/sync', { operations })).status).toBe(200)
    const another = await caseIn(one.bookId)
    await another.deposit(await another.account('2009-03-01'), '2010-02-10')

    expect(await Promise.all(questions.map(more => tell(`${more}&knownAt=${knownAt}`)))).toEqual(frozen)
    for (const [at, more] of changing.entries()) expect((await tell(more)).rows).not.toEqual(frozen[at].rows)
    const soon = await analyst.get('/v1/statistics/savings?knownAt=2011-06-01T00:00:00Z')
    expect(soon).toMatchObject({ status: 422, body: { code: 'instant-in-future' } })
  })
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
  expect(facts.events.length).toBe(length + women)
})
