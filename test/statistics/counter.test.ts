import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Question, width } from '../../src/statistics/counting/count.ts'
import { type Counter, openCounter } from '../../src/statistics/counting/counter.ts'
import { monthNumber } from '../../src/statistics/counting/days.ts'
import type { DimensionName } from '../../src/statistics/counting/dimensions.ts'
import { ruleOf } from '../../src/statistics/counting/rule.ts'
import { presets } from '../../src/statistics/definitions/presets.ts'
import { statuses } from '../../src/statistics/definitions/terms.ts'
import { type Asking, asking } from '../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'

const clock = testClock('2008-01-02T15:00:00Z')
const december = monthNumber('2010-12')
let service: TestApp
let administrator: Asking
let counter: Counter

beforeAll(async () => {
  service = await testApp({ clock })
  administrator = asking(service, await service.key('administrator'))
  counter = openCounter(service.db, 1)
})

afterAll(async () => {
  await counter.close()
  await service.close()
})

async function said(
  address: string,
  body: object,
  named: object = { id: uuid() },
): Promise<{ id: string; sequence: number }> {
  clock.advance(60_000)
  const { status, body: answer } = await administrator.post(address, { ...named, ...body })
  if (status >= 300) throw new Error(`${address}: ${JSON.stringify(answer)}`)
  return answer
}

/** A book with one woman who saved in four months of 2010. */
async function openCase() {
  clock.set('2011-02-01T15:00:00Z')
  const code = uuid().slice(-12)
  const institution = await said('/v1/institutions', { code, name: 'Caja', kind: 'caja' })
  const opening = { code, name: 'Caja', currency: 'PEN', institutionId: institution.id, openedOn: '2008-01-01' }
  const { id: bookId } = await said('/v1/books', opening)
  const book = `/v1/books/${bookId}`
  const person = { givenNames: 'Juana', familyNames: 'Condori', sex: 'female', districtCode: '080101' }
  const { id: saverId } = await said(`${book}/savers`, {
    ...person,
    birthDate: '1965-12-05',
    registeredOn: '2008-01-02',
  })
  const { id: accountId } = await said(`${book}/savings-accounts`, { saverId, openedOn: '2009-01-10' })
  const deposit = (valueDate: string) =>
    said(`${book}/deposits`, { savingsAccountId: accountId, amount: '20.00', channel: 'branch', valueDate })
  const deposits = []
  for (const day of ['2010-02-10', '2010-05-10', '2010-08-10', '2010-11-10']) deposits.push(await deposit(day))
  return { bookId, book, code, saverId, accountId, deposit, deposits }
}

type Case = Awaited<ReturnType<typeof openCase>>

function question(one: Case, more: Partial<Question> = {}): Question {
  return {
    ...{ rule: ruleOf(presets[0]!.terms, 'PEN'), currency: 'PEN', books: new Set([one.bookId]), by: [], only: [] },
    ...{ months: { first: december, last: december }, knowledge: null, ...more },
  }
}

/** In what cell and with which status she is counted, month by month. */
async function told(one: Case, by: DimensionName[] = [], more: Partial<Question> = {}): Promise<string[]> {
  const { cells } = await counter.ask(question(one, { by, ...more }))
  return cells.flatMap(({ codes, counts }) =>
    [...counts].flatMap((count, place) =>
      count === 0 ? [] : [[Math.floor(place / width), ...codes, statuses[place % width], count].join(' ')],
    ),
  )
}

describe('a counter that was asked before', () => {
  let one: Case
  beforeEach(async () => {
    one = await openCase()
    expect(await told(one)).toEqual(['0 PERMANENT_ACTIVE 1'])
  })

  test('has what is posted, reversed and posted again in the answer at once', async () => {
    const { sequence, id } = one.deposits[3]!
    const reversal = await said(`${one.book}/transactions/${id}/reversal`, { valueDate: '2010-11-12', reason: 'twice' })
    expect(await told(one)).toEqual(['0 ACTIVE 1'])
    await one.deposit('2010-12-01')
    expect(await told(one)).toEqual(['0 PERMANENT_ACTIVE 1'])
    const known = (last: number) => ({ through: new Map([[one.bookId, last]]), at: clock.now().getTime() })
    expect(await told(one, [], { knowledge: known(sequence) })).toEqual(['0 PERMANENT_ACTIVE 1'])
    expect(await told(one, [], { knowledge: known(reversal.sequence) })).toEqual(['0 ACTIVE 1'])
  })

  test('has an enrolment, a move and a birthday in it, each from its month on', async () => {
    const programme = { code: `P-${one.code}`, name: 'P', contractMonths: 48, validFrom: '2008-01-01' }
    const { id: programmeId } = await said('/v1/programmes', programme)
    const two = { first: december - 1, last: december }
    expect(await told(one, ['programme'], { months: two })).toEqual([
      '0 none PERMANENT_ACTIVE 1',
      '1 none PERMANENT_ACTIVE 1',
    ])
    const enrolment = { saverId: one.saverId, programmeId, startsOn: '2010-12-31', cohort: '1' }
    await said(`${one.book}/enrolments`, enrolment)
    expect(await told(one, ['programme'], { months: two })).toEqual([
      '0 none PERMANENT_ACTIVE 1',
      `1 P-${one.code} PERMANENT_ACTIVE 1`,
    ])
    expect(await told(one, ['age', 'district'], { months: two })).toEqual([
      '0 30-44 080101 PERMANENT_ACTIVE 1',
      '1 45-59 080101 PERMANENT_ACTIVE 1',
    ])
    const before = clock.now().getTime()
    const moved = { districtCode: '210101' }
    const correction = { saverId: one.saverId, reason: 'changed', movedOn: '2010-12-05', changes: moved }
    await said(`${one.book}/saver-corrections`, correction)
    expect(await told(one, ['district'], { months: two })).toEqual([
      '0 080101 PERMANENT_ACTIVE 1',
      '1 210101 PERMANENT_ACTIVE 1',
    ])
    const knowledge = { through: new Map([[one.bookId, 1_000]]), at: before }
    expect(await told(one, ['district'], { months: two, knowledge })).toEqual([
      '0 080101 PERMANENT_ACTIVE 1',
      '1 080101 PERMANENT_ACTIVE 1',
    ])
    const only = [{ dimension: 'department' as const, code: '21' }]
    expect(await told(one, ['age'], { months: two, only })).toEqual(['1 45-59 PERMANENT_ACTIVE 1'])
  })

  test('has an end, a closing and a withdrawn consent in it, of rows that it had read', async () => {
    const { id: programmeId } = await said('/v1/programmes', {
      ...{ code: `Q-${one.code}`, name: 'Q', contractMonths: 48, validFrom: '2008-01-01' },
    })
    const enrolment = { saverId: one.saverId, programmeId, startsOn: '2010-01-10', cohort: '1' }
    const { id: enrolmentId } = await said(`${one.book}/enrolments`, enrolment)
    const motherTongue = { language: 'que', consentedOn: '2010-01-01' }
    await said(`${one.book}/saver-corrections`, { saverId: one.saverId, reason: 'mistake', changes: { motherTongue } })
    const by: DimensionName[] = ['programme', 'motherTongue']
    expect(await told(one, by)).toEqual([`0 Q-${one.code} que PERMANENT_ACTIVE 1`])
    // A second time, for a register that brought something is read once more in any case.
    expect(await told(one, by)).toEqual([`0 Q-${one.code} que PERMANENT_ACTIVE 1`])
    await said(`${one.book}/enrolment-ends`, { enrolmentId, endsOn: '2010-12-30', reason: 'withdrew' }, {})
    expect(await told(one, by)).toEqual(['0 none que PERMANENT_ACTIVE 1'])
    await said(`${one.book}/saver-corrections`, {
      ...{ saverId: one.saverId, reason: 'consent-withdrawn', changes: { motherTongue: null } },
    })
    expect(await told(one, by)).toEqual(['0 none not-told PERMANENT_ACTIVE 1'])
    await said(`${one.book}/withdrawals`, {
      ...{
        savingsAccountId: one.accountId,
        amount: '80.00',
        channel: 'branch',
        purpose: 'household',
        valueDate: '2010-12-20',
      },
    })
    const closing = { status: 'closed', closedOn: '2010-12-21', reason: 'asked for' }
    await said(`${one.book}/savings-accounts/${one.accountId}/status`, closing)
    expect(await told(one, by)).toEqual(['0 none not-told CLOSED 1'])
  })

  test('counts two savers once from when they were found to be one person, and twice as known before', async () => {
    const other = await openCase()
    const books = new Set([one.bookId, other.bookId])
    const learn = ({ book, saverId }: Case) =>
      said(`${book}/saver-corrections`, { saverId, reason: 'dni-learnt', changes: { dni: '10117410' } })
    await learn(one)
    expect(await told(one, [], { books })).toEqual(['0 PERMANENT_ACTIVE 2'])
    const before = clock.now().getTime()
    await learn(other)
    expect(await told(one, [], { books })).toEqual(['0 PERMANENT_ACTIVE 1'])
    const through = new Map([...books].map(id => [id, 1_000]))
    expect(await told(one, [], { books, knowledge: { through, at: before } })).toEqual(['0 PERMANENT_ACTIVE 2'])
  })

  test('says up to which sequence it read each book', async () => {
    const { sequence } = await one.deposit('2010-12-01')
    const { cutOffs } = await counter.ask(question(one))
    expect(cutOffs.find(({ id }) => id === one.bookId)).toMatchObject({ code: one.code, currency: 'PEN', sequence })
  })

  test('answers questions asked at once, each with its own', async () => {
    const [plain, early] = await Promise.all([
      told(one),
      told(one, ['sex'], { months: { first: december, last: december } }),
    ])
    expect([plain, early]).toEqual([['0 PERMANENT_ACTIVE 1'], ['0 female PERMANENT_ACTIVE 1']])
  })
})

test('what the database refuses is told with its code, and the next question is answered', async () => {
  const one = await openCase()
  await service.owner.$client.query('revoke select on entry from qullqi_service')
  await expect(counter.ask(question(one))).rejects.toMatchObject({ code: '42501' })
  await service.owner.$client.query('grant select on entry to qullqi_service')
  expect(await told(one)).toEqual(['0 PERMANENT_ACTIVE 1'])
})

test('a counter that was closed begins anew when it is asked', async () => {
  const one = await openCase()
  await counter.close()
  expect(await told(one)).toEqual(['0 PERMANENT_ACTIVE 1'])
})
