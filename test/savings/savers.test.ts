import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dniChecks } from '../../src/savings/dni.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { type Answer, type Field, newSaver, openField, saverBody } from './asking.ts'

let service: TestApp
let field: Field

beforeAll(async () => {
  service = await testApp()
  field = await openField(service)
})

afterAll(() => service.close())

test('a saver is registered once, however often she is sent', async () => {
  const body = saverBody({ dni: '45678901', birthDate: '1984-06-24', householdReference: 'H-1' })
  const first = await field.agent.post(`${field.book}/savers`, body)
  expect(first).toMatchObject({
    status: 201,
    body: { id: body.id, identified: true, agentId: field.agentId, replayed: false },
  })
  const replay = await field.agent.post(`${field.book}/savers`, {
    ...body,
    id: body.id.toUpperCase(),
    dni: `45678901-${dniChecks('45678901').letter}`,
    agentId: field.agentId.toUpperCase(),
  })
  expect(replay).toMatchObject({
    status: 200,
    headers: { 'idempotent-replay': 'true' },
    body: { ...first.body, replayed: true },
  })
})

test('twenty registrations of one saver at once make one row', async () => {
  const body = saverBody({ dni: '45678902' })
  const answers = await Promise.all(Array.from({ length: 20 }, () => field.agent.post(`${field.book}/savers`, body)))
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(19)
})

test('an id does not stand for two savers, whatever differs', async () => {
  const body = saverBody({ dni: '45678903' })
  await field.agent.post(`${field.book}/savers`, body)
  for (const other of [{ dni: '45678904' }, { dni: undefined }, { givenNames: 'Juan' }, { birthDate: '1990-01-01' }]) {
    const answer = await field.agent.post(`${field.book}/savers`, { ...body, ...other })
    expect(answer).toMatchObject({ status: 409, body: { code: 'id-reused' } })
  }
})

test('a person is in a book once, and the refusal says which saver she is', async () => {
  const saverId = await newSaver(field, { dni: '45678905' })
  const twice = await field.agent.post(`${field.book}/savers`, saverBody({ dni: '45678905', givenNames: 'Otra' }))
  expect(twice).toMatchObject({ status: 409, body: { code: 'saver-already-registered', facts: { saverId } } })
})

test('the same person in another book is another saver, and nobody is told', async () => {
  await newSaver(field, { dni: '45678906' })
  const other = await openField(service)
  expect((await other.agent.post(`${other.book}/savers/lookup`, { dni: '45678906' })).body.code).toBe('saver-not-found')
  await newSaver(other, { dni: '45678906' })
})

test('a saver is found by her DNI, and the DNI is nowhere', async () => {
  const id = await newSaver(field, { dni: '45678907', birthDate: '1984-06-24' })
  const found = await field.agent.post(`${field.book}/savers/lookup`, { dni: '45678907' })
  expect(found).toMatchObject({ status: 200, body: { id, identified: true } })
  expect(JSON.stringify(found.body)).not.toContain('45678907')
  const { rows } = await service.owner.$client.query(`select s::text as row from saver s where id = $1`, [id])
  expect(rows[0].row).not.toContain('45678907')
  expect(Buffer.from(rows[0].row).toString('hex')).not.toContain(Buffer.from('45678907').toString('hex'))
})

test('a wrong check character, district, name, date or mother tongue is refused, and nothing of it repeated', async () => {
  const wrong: [object, number, string, string][] = [
    [{ dni: '45678908Z' }, 400, 'request-invalid', 'dni'],
    [{ dni: '4567890' }, 400, 'request-invalid', 'dni'],
    [{ givenNames: 'Juana 45678908' }, 400, 'request-invalid', 'givenNames'],
    [{ familyNames: '' }, 400, 'request-invalid', 'familyNames'],
    [{ birthDate: '2026-02-30' }, 400, 'request-invalid', 'birthDate'],
    [{ registeredOn: '2026-02-30', birthDate: '1984-06-24' }, 400, 'request-invalid', 'registeredOn'],
    [{ birthDate: '2026-01-12' }, 400, 'request-invalid', 'birthDate'],
    [{ birthDate: '1890-01-12' }, 400, 'request-invalid', 'birthDate'],
    [{ motherTongue: { language: 'que' } }, 400, 'request-invalid', 'motherTongue.consentedOn'],
    [
      { motherTongue: { language: 'que', consentedOn: '2026-04-01' } },
      422,
      'date-in-future',
      'motherTongue.consentedOn',
    ],
    [{ registeredOn: '2026-04-01' }, 422, 'date-in-future', 'registeredOn'],
    [{ districtCode: '999999' }, 422, 'territory-not-found', 'districtCode'],
    [{ districtCode: '08' }, 400, 'request-invalid', 'districtCode'],
    [{ dnI: '45678908' }, 400, 'request-invalid', 'dnI'],
  ]
  for (const [more, status, code, path] of wrong) {
    const answer = await field.agent.post(`${field.book}/savers`, saverBody(more))
    expect(answer, JSON.stringify(more)).toMatchObject({ status, body: { code, fields: [{ path }] } })
    expect(JSON.stringify(answer.body)).not.toContain('4567890')
  }
})

test('an agent’s key registers in her own name, an administrator in that of any agent of the book', async () => {
  const body = saverBody({ agentId: uuid() })
  expect((await field.agent.post(`${field.book}/savers`, body)).body.code).toBe('access-denied')
  expect((await field.administrator.post(`${field.book}/savers`, body)).body.code).toBe('agent-not-found')
  const named = saverBody({ agentId: field.agentId })
  expect((await field.administrator.post(`${field.book}/savers`, named)).status).toBe(201)
  const nobody = await field.administrator.post(`${field.book}/savers`, saverBody())
  expect(nobody).toMatchObject({ status: 201, body: { agentId: null } })
  const untied = await field.as('agent', { books: [field.bookId] })
  expect((await untied.post(`${field.book}/savers`, saverBody())).body.code).toBe('book-not-found')
})

test('the bank sees its customers by name and no more, an analyst sees nobody', async () => {
  const motherTongue = { language: 'que', consentedOn: '2026-01-12' }
  const id = await newSaver(field, { motherTongue, birthDate: '1984-06-24', householdReference: 'H-2' })
  const [bank, analyst, auditor] = await Promise.all([field.as('bank'), field.as('analyst'), field.as('auditor')])
  expect((await auditor.get(`${field.book}/savers/${id}`)).body).toMatchObject({
    motherTongue,
    householdReference: 'H-2',
  })
  const seen = (await bank.get(`${field.book}/savers/${id}`)).body
  expect(seen).toMatchObject({ id, givenNames: 'Juana' })
  for (const hidden of ['motherTongue', 'householdReference', 'birthDate']) expect(seen).not.toHaveProperty(hidden)
  const listed = (await bank.get(`${field.book}/savers?limit=200`)).body.items
  expect(JSON.stringify(listed)).not.toContain('H-2')
  for (const address of ['savers', `savers/${id}`, 'agents', 'memberships', 'enrolments']) {
    expect((await analyst.get(`${field.book}/${address}`)).status).toBe(403)
  }
})

test('savers are listed in pages that neither repeat nor miss anybody', async () => {
  const other = await openField(service)
  const ids = []
  for (let index = 0; index < 7; index++) ids.push(await newSaver(other))
  const listed: string[] = []
  for (let address: string | null = `${other.book}/savers?limit=3`; address !== null; ) {
    const { body }: Answer = await other.agent.get(address)
    listed.push(...body.items.map((item: { id: string }) => item.id))
    address = body.next && `${other.book}/savers?limit=3&after=${body.next}`
  }
  expect(listed).toEqual(ids.toSorted())
})

test('a book that is not there, or not the key’s, is the same for all', async () => {
  const other = await openField(service)
  for (const [asked, bookId] of [
    [field.agent, other.bookId],
    [field.administrator, uuid()],
  ] as const) {
    for (const answer of [
      await asked.get(`/v1/books/${bookId}/savers`),
      await asked.post(`/v1/books/${bookId}/savers`, saverBody()),
      await asked.post(`/v1/books/${bookId}/savers/lookup`, { dni: '45678901' }),
    ]) {
      expect(answer).toMatchObject({ status: 404, body: { code: 'book-not-found' } })
    }
  }
})
