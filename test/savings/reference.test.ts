import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { type Asking, asking } from './asking.ts'

let service: TestApp
let administrator: Asking

beforeAll(async () => {
  service = await testApp()
  administrator = asking(service, await service.key('administrator'))
})

afterAll(() => service.close())

async function territories(query: string): Promise<{ code: string; name: string }[]> {
  const found = []
  for (let after = ''; ; ) {
    const { body } = await administrator.get(`/v1/territories?limit=200&${query}${after}`)
    found.push(...body.items)
    if (!body.next) return found
    after = `&after=${body.next}`
  }
}

test('Peru has 25 departments, 196 provinces and, here, 1,892 districts', async () => {
  expect(await territories('level=department')).toHaveLength(25)
  expect(await territories('level=province')).toHaveLength(196)
  expect(await territories('level=district')).toHaveLength(1892)
})

test('territories are read from the department down, a province before its districts', async () => {
  const cusco = await territories('under=08')
  expect(cusco[0]).toEqual({
    code: '0801',
    scheme: 'INEI',
    level: 'province',
    name: 'CUSCO',
    under: '08',
    reniecCode: null,
  })
  expect(cusco[1]).toMatchObject({ code: '080101', level: 'district', under: '0801', reniecCode: '070101' })
  expect(cusco.every(({ code }) => code.startsWith('08') && code !== '08')).toBe(true)
  expect((await territories('under=0801&level=district')).map(({ name }) => name)).toContain('SAN SEBASTIAN')
})

test('the two schemes are told apart: RENIEC’s 070101 is Cusco, INEI’s is Callao', async () => {
  expect(await territories('reniecCode=070101')).toMatchObject([{ code: '080101', name: 'CUSCO' }])
  expect(await territories('under=0701')).toEqual(
    expect.arrayContaining([expect.objectContaining({ code: '070101', name: 'CALLAO' })]),
  )
})

test('an institution is registered once, under a code of its own', async () => {
  const body = {
    id: uuid(),
    code: 'BN',
    name: 'Banco de la Nación',
    kind: 'bank',
    ruc: '20100030595',
    cciEntity: '018',
  }
  const ask = (more: object = {}) => administrator.post('/v1/institutions', { ...body, ...more })
  expect(await ask()).toMatchObject({ status: 201, body: { ruc: '20100030595', replayed: false } })
  expect(await ask()).toMatchObject({ status: 200, body: { replayed: true } })
  expect((await ask({ name: 'Other' })).body.code).toBe('id-reused')
  expect((await ask({ id: uuid() })).body.code).toBe('code-taken')
  expect(await ask({ id: uuid(), code: 'X', ruc: '20100030596' })).toMatchObject({
    status: 400,
    body: { fields: [{ path: 'ruc' }] },
  })
  expect((await administrator.get(`/v1/institutions/${body.id}`)).body).toMatchObject({ code: 'BN' })
  expect((await administrator.get(`/v1/institutions/${uuid()}`)).body.code).toBe('institution-not-found')
  expect((await administrator.get('/v1/institutions')).body.items).toMatchObject([{ id: body.id }])
})

test('a programme is registered once, and its days are in order', async () => {
  const body = { id: uuid(), code: 'SIERRA-SUR-II', name: 'Sierra Sur II', contractMonths: 24, validFrom: '2011-01-01' }
  const ask = (more: object = {}) => administrator.post('/v1/programmes', { ...body, ...more })
  expect(await ask()).toMatchObject({ status: 201, body: { validTo: null } })
  expect(await ask()).toMatchObject({ status: 200, body: { replayed: true } })
  expect((await ask({ contractMonths: 36 })).body.code).toBe('id-reused')
  expect((await ask({ id: uuid() })).body.code).toBe('code-taken')
  expect(await ask({ id: uuid(), validTo: '2010-12-31' })).toMatchObject({
    status: 400,
    body: { fields: [{ path: 'validTo' }] },
  })
  expect((await administrator.get(`/v1/programmes/${body.id}`)).body).toMatchObject({ contractMonths: 24 })
  expect((await administrator.get(`/v1/programmes/${uuid()}`)).body.code).toBe('programme-not-found')
})

test('only an administrator registers what all books share, and everybody reads it', async () => {
  for (const role of ['agent', 'bank', 'analyst', 'auditor'] as const) {
    const asked = asking(service, await service.key(role))
    for (const address of ['/v1/institutions', '/v1/programmes', '/v1/books']) {
      expect((await asked.post(address, {})).status).toBe(403)
      expect((await asked.get(address)).status).toBe(200)
    }
    expect((await asked.get('/v1/territories?limit=1')).body.items).toMatchObject([{ code: '01' }])
  }
})
