import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agentCash, bank, clearing } from '../../src/savings/chart.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { type Field, openField } from './asking.ts'

let service: TestApp
let field: Field

beforeAll(async () => {
  service = await testApp()
  field = await openField(service)
})

afterAll(() => service.close())

function opening(more: object = {}) {
  const id = uuid()
  const named = { id, code: id.slice(-12), name: 'Caja Cusco, dólares', currency: 'USD' }
  return { ...named, institutionId: field.institutionId, openedOn: '2026-01-01', ...more }
}

async function accounts(bookId: string) {
  const { rows } = await service.owner.$client.query(
    'select id, code, name, type, floor, opened_on::text as "openedOn" from account where book_id = $1 order by code',
    [bookId],
  )
  return rows
}

test('a book opens with its accounts at the bank and for clearing, once', async () => {
  const body = opening()
  const first = await field.administrator.post('/v1/books', body)
  expect(first).toMatchObject({
    status: 201,
    body: { id: body.id, currency: 'USD', institution: { name: 'Caja Cusco' } },
  })
  const standing = [
    { id: bank(body.id), code: '1010', name: 'Bank', type: 'asset', floor: null, openedOn: '2026-01-01' },
    { id: clearing(body.id), code: '1090', name: 'Clearing', type: 'asset', floor: null, openedOn: '2026-01-01' },
  ]
  expect(await accounts(body.id)).toEqual(standing)
  expect(await field.administrator.post('/v1/books', body)).toMatchObject({
    status: 200,
    body: { ...first.body, replayed: true },
  })
  expect(await accounts(body.id)).toEqual(standing)
  expect((await field.administrator.get(`/v1/books/${body.id}`)).body).toMatchObject({
    code: body.code,
    openedOn: '2026-01-01',
  })
})

test('ten openings of one book at once open it once', async () => {
  const body = opening()
  const answers = await Promise.all(Array.from({ length: 10 }, () => field.administrator.post('/v1/books', body)))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array(9).fill(200), 201])
  expect(await accounts(body.id)).toHaveLength(2)
})

test('a refused book leaves nothing behind', async () => {
  const body = opening()
  await field.administrator.post('/v1/books', body)
  const wrong: [object, string][] = [
    [{ ...body, name: 'Other' }, 'id-reused'],
    [{ ...body, openedOn: '2026-01-02' }, 'id-reused'],
    [opening({ code: body.code }), 'book-code-taken'],
    [opening({ institutionId: uuid() }), 'institution-not-found'],
    [opening({ openedOn: '2026-04-01' }), 'date-in-future'],
  ]
  for (const [given, code] of wrong) {
    expect((await field.administrator.post('/v1/books', given)).body.code, JSON.stringify(given)).toBe(code)
  }
  const { rows } = await service.owner.$client.query(
    `select (select count(*)::int from book) as books, (select count(*)::int from savings_book) as savings, (select count(*)::int from book_head) as heads`,
  )
  expect(new Set(Object.values(rows[0]))).toHaveProperty('size', 1)
})

test('a key sees the books it reaches, by code and in pages', async () => {
  const other = await openField(service)
  const mine = await field.as('auditor', { books: [field.bookId, other.bookId] })
  const first = (await mine.get('/v1/books?limit=1')).body
  const second = (await mine.get(`/v1/books?limit=1&after=${first.next}`)).body
  expect([...first.items, ...second.items].map(({ id }) => id).toSorted()).toEqual(
    [field.bookId, other.bookId].toSorted(),
  )
  expect(second.next).toBeNull()
  expect((await field.agent.get(`/v1/books/${other.bookId}`)).body.code).toBe('book-not-found')
  expect((await field.administrator.get(`/v1/books/${uuid()}`)).body.code).toBe('book-not-found')
})

test('an agent opens with an account of her cash, and her name is not in the ledger', async () => {
  const body = { id: uuid(), code: 'PR-08', name: 'Flor Mamani', startsOn: '2026-01-05' }
  const ask = (more: object = {}) => field.administrator.post(`${field.book}/agents`, { ...body, ...more })
  expect(await ask()).toMatchObject({ status: 201, body: { name: 'Flor Mamani', replayed: false } })
  expect(await ask()).toMatchObject({ status: 200, body: { replayed: true } })
  expect((await ask({ name: 'Flor Quispe' })).body.code).toBe('id-reused')
  expect((await ask({ id: uuid() })).body.code).toBe('code-taken')
  expect((await ask({ id: uuid(), code: 'PR-09', startsOn: '2026-04-01' })).body.code).toBe('date-in-future')
  expect(await ask({ id: uuid(), code: 'PR-09', startsOn: '2025-12-31' })).toMatchObject({
    status: 422,
    body: { code: 'date-too-early', facts: { began: '2026-01-01' } },
  })
  const cash = (await accounts(field.bookId)).find(({ id }) => id === agentCash(field.bookId, body.id))
  expect(cash).toMatchObject({ code: `1020.${body.id}`, type: 'asset', floor: '0', openedOn: '2026-01-05' })
  const { rows } = await service.owner.$client.query(`select string_agg(content, ' ') as said from event`)
  expect(rows[0].said).not.toContain('Flor')
  expect((await field.agent.get(`${field.book}/agents/${body.id}`)).body).toMatchObject({ code: 'PR-08' })
  expect((await field.agent.get(`${field.book}/agents/${uuid()}`)).body.code).toBe('agent-not-found')
  expect((await field.agent.get(`${field.book}/agents`)).body.items).toHaveLength(2)
  expect((await field.agent.post(`${field.book}/agents`, body)).status).toBe(403)
})

test('one agent may work in two books, with cash of each', async () => {
  const other = await openField(service)
  const body = { id: field.agentId, code: 'PR-20', name: 'Rosa Quispe', startsOn: '2026-01-05' }
  expect((await other.administrator.post(`${other.book}/agents`, body)).status).toBe(201)
  expect(agentCash(field.bookId, field.agentId)).not.toBe(agentCash(other.bookId, field.agentId))
})
