import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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

describe('what savers are counted by', () => {
  const versions = async (saverId: string) => {
    const { rows } = await service.db.$client.query(
      `select number, since, district_code, birth_date, mother_tongue from saver_version where saver_id = $1 order by number`,
      [saverId],
    )
    return rows.map(row => Object.values(row))
  }

  test('keeps its versions, and a name makes none', async () => {
    const saverId = await newSaver(field, { birthDate: '1984-06-24' })
    await correct(saverId, { familyNames: 'Otra' })
    await correct(saverId, { birthDate: '1985-06-24' })
    expect(await versions(saverId)).toEqual([
      [0, null, '080101', '1984-06-24', null],
      [1, null, '080101', '1985-06-24', null],
    ])
  })

  test('a move has its day; one told late leaves her where she moved to last', async () => {
    const saverId = await newSaver(field)
    const moved = { reason: 'changed', movedOn: '2026-03-01' }
    expect(await correct(saverId, { districtCode: '080102' }, moved)).toMatchObject({ status: 201 })
    const late = await correct(saverId, { districtCode: '080103' }, { ...moved, movedOn: '2026-02-01' })
    expect(late).toMatchObject({ status: 201, body: { saver: { districtCode: '080102' } } })
    const mistaken = await correct(saverId, { districtCode: '080104' })
    expect(mistaken.body.saver.districtCode).toBe('080104')
    expect((await versions(saverId)).map(version => version.slice(0, 3))).toEqual([
      [0, null, '080101'],
      [1, '2026-03-01', '080102'],
      [2, '2026-02-01', '080103'],
      [3, '2026-03-01', '080104'],
    ])
  })

  test('a day of moving needs a move, and is neither ahead nor before she was registered', async () => {
    const saverId = await newSaver(field)
    const districtCode = '080102'
    const answers = await Promise.all([
      correct(saverId, { districtCode }, { movedOn: '2026-03-01' }),
      correct(saverId, { sex: 'male' }, { reason: 'changed', movedOn: '2026-03-01' }),
      correct(saverId, { districtCode }, { reason: 'changed', movedOn: '2190-01-01' }),
      correct(saverId, { districtCode }, { reason: 'changed', movedOn: '1990-01-01' }),
    ])
    expect(answers.map(({ body }) => body.code)).toEqual([
      ...['request-invalid', 'request-invalid', 'date-in-future', 'date-too-early'],
    ])
    expect(await versions(saverId)).toHaveLength(1)
  })

  test('a language is forgotten in every version, and cannot be told anew', async () => {
    const motherTongue = { language: 'aym', consentedOn: '2026-01-12' }
    const saverId = await newSaver(field, { motherTongue })
    await correct(saverId, { districtCode: '080102' }, { reason: 'changed' })
    await correct(saverId, { motherTongue: null }, { reason: 'consent-withdrawn' })
    expect((await versions(saverId)).map(version => version.at(-1))).toEqual([null, null, null])
    const again = service.db.$client.query(`update saver_version set mother_tongue = 'que' where saver_id = $1`, [
      saverId,
    ])
    await expect(again).rejects.toThrow('saver_version_stays')
  })
})
