import { sql } from 'drizzle-orm'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, firstDay, monthOf } from '../../src/dates.ts'
import { contractEnd } from '../../src/savings/registry/periods.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { type Field, newSaver, openField } from './asking.ts'

let service: TestApp
let field: Field
const programmeId = uuid()

beforeAll(async () => {
  service = await testApp()
  field = await openField(service)
  await field.administrator.post('/v1/programmes', {
    id: programmeId,
    code: 'CORREDOR-2003',
    name: 'Corredor Puno-Cusco',
    contractMonths: 48,
    validFrom: '2003-01-01',
    validTo: '2026-12-31',
  })
})

afterAll(() => service.close())

function enrol(saverId: string, more: object = {}) {
  const contract = { id: uuid(), saverId, programmeId, startsOn: '2026-02-01', cohort: '2026-1' }
  return field.agent.post(`${field.book}/enrolments`, { ...contract, ...more })
}

function end(enrolmentId: string, endsOn: string, reason = 'withdrew') {
  return field.agent.post(`${field.book}/enrolment-ends`, { enrolmentId, endsOn, reason })
}

test('a contract has the programme’s months unless it says otherwise', async () => {
  expect((await enrol(await newSaver(field))).body).toMatchObject({ contractMonths: 48, endsOn: null, endReason: null })
  expect((await enrol(await newSaver(field), { contractMonths: 12 })).body).toMatchObject({ contractMonths: 12 })
})

test('a contract is completed in its last month or later, and by nobody before, in the field neither', async () => {
  const begun = async (more: object) => (await enrol(await newSaver(field), more)).body.id as string
  const year = { startsOn: '2025-03-15', contractMonths: 12 }
  const enrolmentId = await begun(year)
  const early = await end(enrolmentId, '2026-02-28', 'completed')
  expect(early).toMatchObject({
    status: 422,
    body: { code: 'contract-not-over', facts: { completedFrom: '2026-03-01', contractEndsOn: '2026-03-14' } },
  })
  const body = { enrolmentId, endsOn: '2026-02-28', reason: 'completed' }
  const operations = [{ type: 'end-enrolment', bookId: field.bookId, body }]
  const { results } = (await field.agent.post('/v1/sync', { operations })).body
  expect(results).toMatchObject([{ status: 'rejected', problem: { code: 'contract-not-over' } }])
  expect(await end(enrolmentId, '2026-03-01', 'completed')).toMatchObject({ status: 201 })
  expect((await end(await begun(year), '2026-02-28', 'withdrew')).status).toBe(201)
})

test('the database too takes no contract as completed before its last month', async () => {
  for (const startsOn of ['2024-01-31', '2024-02-29', '2025-01-01', '2025-03-15']) {
    const id = (await enrol(await newSaver(field), { startsOn, contractMonths: 12 })).body.id as string
    const last = contractEnd(startsOn, 12)
    const complete = (endsOn: string) =>
      service.db.execute(sql`
        update enrolment set ends_on = ${endsOn}, end_reason = 'completed', end_recorded_at = recorded_at, end_actor = actor
        where book_id = ${field.bookId} and id = ${id}`)
    await expect(complete(addDays(firstDay(monthOf(last)), -1)), startsOn).rejects.toMatchObject({
      cause: { constraint: 'enrolment_completed_at_its_end' },
    })
    await complete(firstDay(monthOf(last)))
  }
})

test('a saver has one contract at a time in a programme, however often she is enrolled', async () => {
  const [id, saverId] = [uuid(), await newSaver(field)]
  const twice = await Promise.all([enrol(saverId, { id }), enrol(saverId, { id })])
  expect(twice.map(({ status }) => status).toSorted()).toEqual([200, 201])
  expect((await enrol(saverId, { id, cohort: '2026-2' })).body.code).toBe('id-reused')
  expect((await enrol(saverId, { startsOn: '2026-03-01' })).body.code).toBe('enrolled-already')
  expect(await end(id, '2026-03-01')).toMatchObject({
    status: 201,
    body: { endsOn: '2026-03-01', endReason: 'withdrew' },
  })
  expect(await end(id, '2026-03-01')).toMatchObject({ status: 200, body: { replayed: true } })
  expect((await end(id, '2026-03-02')).body.code).toBe('already-ended')
  expect((await end(id, '2026-03-01', 'moved')).body.code).toBe('already-ended')
  for (const startsOn of ['2026-02-20', '2026-03-01', '2026-01-20']) {
    expect(await enrol(saverId, { startsOn })).toMatchObject({
      status: 409,
      body: { code: 'period-overlaps', facts: { enrolmentId: id, startsOn: '2026-02-01', endsOn: '2026-03-01' } },
    })
  }
  expect((await enrol(saverId, { startsOn: '2026-03-05' })).status).toBe(201)
  expect((await field.agent.get(`${field.book}/enrolments?saverId=${saverId}`)).body.items).toHaveLength(2)
})

test('what was entered by mistake is in the way of nothing', async () => {
  const saverId = await newSaver(field)
  const { body } = await enrol(saverId)
  expect((await end(body.id, '2026-03-01', 'entered-by-mistake')).status).toBe(201)
  expect((await enrol(saverId)).status).toBe(201)
})

test('two enrolments at once cannot both run', async () => {
  const saverId = await newSaver(field)
  const answers = await Promise.all(
    ['2026-02-01', '2026-02-02', '2026-02-03'].map(startsOn => enrol(saverId, { startsOn })),
  )
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409])
})

test('a contract may start ahead, and be called off before it does', async () => {
  const answer = await enrol(await newSaver(field), { startsOn: '2026-05-01' })
  expect((await end(answer.body.id, '2026-04-15')).body.code).toBe('period-not-in-order')
  expect((await end(answer.body.id, '2026-05-02')).body.code).toBe('date-in-future')
  expect((await end(answer.body.id, '2026-05-01', 'entered-by-mistake')).status).toBe(201)
})

test('an enrolment of nobody, in nothing or out of the programme’s time is refused', async () => {
  const saverId = await newSaver(field)
  expect((await enrol(uuid())).body.code).toBe('saver-not-found')
  expect((await enrol(saverId, { programmeId: uuid() })).body.code).toBe('programme-not-found')
  for (const startsOn of ['2002-12-31', '2027-01-01']) {
    expect(await enrol(saverId, { startsOn })).toMatchObject({
      status: 422,
      body: { code: 'programme-not-valid', facts: { validFrom: '2003-01-01', validTo: '2026-12-31' } },
    })
  }
  expect((await end(uuid(), '2026-03-01')).body.code).toBe('enrolment-not-found')
})

test('an organisation is registered once, and recognised by its RUC', async () => {
  const body = {
    id: uuid(),
    name: 'Comunidad de Ccorca',
    kind: 'community',
    ruc: '20456188118',
    districtCode: '080102',
  }
  const ask = (more: object = {}) =>
    field.agent.post(`${field.book}/organisations`, { ...body, registeredOn: '2026-01-15', ...more })
  expect(await ask()).toMatchObject({ status: 201, body: { replayed: false } })
  expect(await ask()).toMatchObject({ status: 200, body: { replayed: true } })
  expect((await ask({ name: 'Other' })).body.code).toBe('id-reused')
  expect((await ask({ id: uuid() })).body.code).toBe('organisation-already-registered')
  expect((await ask({ id: uuid(), ruc: undefined, districtCode: '080199' })).body.code).toBe('territory-not-found')
  const analyst = await field.as('analyst')
  expect((await analyst.get(`${field.book}/organisations/${body.id}`)).body).toMatchObject({
    name: 'Comunidad de Ccorca',
  })
  expect((await analyst.get(`${field.book}/organisations/${uuid()}`)).body.code).toBe('organisation-not-found')
  expect((await analyst.get(`${field.book}/organisations`)).body.items).toHaveLength(1)
})
