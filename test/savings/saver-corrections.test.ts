import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { type Field, newSaver, openField, saverBody } from './asking.ts'

let service: TestApp
let field: Field

beforeAll(async () => {
  service = await testApp()
  field = await openField(service)
})

afterAll(() => service.close())

function correct(saverId: string, changes: object, more: object = {}) {
  return field.agent.post(`${field.book}/saver-corrections`, {
    id: uuid(),
    saverId,
    reason: 'mistake',
    changes,
    ...more,
  })
}

test('a correction changes what it names, once, and leaves the rest', async () => {
  const saverId = await newSaver(field, { birthDate: '1984-06-24', householdReference: 'H-3' })
  const id = uuid()
  const first = await correct(saverId, { familyNames: 'Condori Huaman', birthDate: null }, { id })
  expect(first).toMatchObject({
    status: 201,
    body: {
      fields: ['birthDate', 'familyNames'],
      saver: { givenNames: 'Juana', familyNames: 'Condori Huaman', birthDate: null, householdReference: 'H-3' },
    },
  })
  await correct(saverId, { familyNames: 'Otra' })
  const replay = await correct(saverId, { familyNames: 'Condori Huaman', birthDate: null }, { id })
  expect(replay).toMatchObject({ status: 200, body: { replayed: true, saver: { familyNames: 'Otra' } } })
  const reused = await correct(saverId, { familyNames: 'Condori Huaman' }, { id })
  expect(reused).toMatchObject({ status: 409, body: { code: 'id-reused' } })
})

test('her registration can be replayed after a correction, and undoes nothing', async () => {
  const body = saverBody()
  await field.agent.post(`${field.book}/savers`, body)
  await correct(body.id, { givenNames: 'Juana Rosa' })
  const replay = await field.agent.post(`${field.book}/savers`, body)
  expect(replay).toMatchObject({ status: 200, body: { givenNames: 'Juana Rosa', replayed: true } })
})

test('a DNI that was learnt later identifies her, unless it is another’s', async () => {
  const [known, saverId] = [await newSaver(field, { dni: '45670001' }), await newSaver(field)]
  const taken = await correct(saverId, { dni: '45670001' }, { reason: 'dni-learnt' })
  expect(taken).toMatchObject({ status: 409, body: { code: 'saver-already-registered', facts: { saverId: known } } })
  const learnt = await correct(saverId, { dni: '45670002' }, { reason: 'dni-learnt' })
  expect(learnt).toMatchObject({ status: 201, body: { fields: ['dni'], saver: { identified: true } } })
  expect((await field.agent.post(`${field.book}/savers/lookup`, { dni: '45670002' })).body.id).toBe(saverId)
})

test('two corrections to one DNI at once: one is refused by name', async () => {
  const [one, other] = [await newSaver(field), await newSaver(field)]
  const answers = await Promise.all([one, other].map(saverId => correct(saverId, { dni: '45670003' })))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409])
})

test('a mother tongue is forgotten when consent is withdrawn', async () => {
  const motherTongue = { language: 'aym', consentedOn: '2026-01-12' }
  const saverId = await newSaver(field, { motherTongue })
  const answer = await correct(saverId, { motherTongue: null }, { reason: 'consent-withdrawn' })
  expect(answer.body.saver.motherTongue).toBeNull()
  const { rows } = await service.owner.$client.query('select s::text as row from saver s where id = $1', [saverId])
  expect(rows[0].row).not.toContain('aym')
})

test('a correction of nobody, of nothing or to nonsense is refused', async () => {
  const saverId = await newSaver(field)
  expect((await correct(uuid(), { givenNames: 'Ana' })).body.code).toBe('saver-not-found')
  expect(await correct(saverId, {})).toMatchObject({ status: 400, body: { fields: [{ path: 'changes' }] } })
  expect((await correct(saverId, { districtCode: '080199' })).body.code).toBe('territory-not-found')
  const unborn = await correct(saverId, { birthDate: '2026-01-12' })
  expect(unborn).toMatchObject({ status: 400, body: { fields: [{ path: 'changes.birthDate' }] } })
  expect((await field.agent.get(`${field.book}/savers/${saverId}`)).body).toMatchObject({ districtCode: '080101' })
})
