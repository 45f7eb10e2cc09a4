import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { idOf } from '../../src/statistics/exports/sdmx-csv.ts'
import { type Column, hidden, type Table, type Value } from '../../src/statistics/table.ts'
import { type Asking, asking } from '../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { held, readCsv, readJson, readParquet, readSdmx } from './exports/reading.ts'
import { openStage, type Stage } from './stage.ts'

let service: TestApp
let stage: Stage
let other: Stage
let analyst: Asking
let key: string
const url = '/v1/statistics/permanent-active-savers'

beforeAll(async () => {
  service = await testApp({ clock: testClock('2011-03-01T15:00:00Z') })
  stage = await openStage(service)
  key = await service.key('analyst')
  analyst = asking(service, key)
  await stage.women(8, { cohort: '1' })
  await stage.women(6, { days: ['2010-02-10'], cohort: '1' })
  await stage.women(7, { district: '080102', days: [], cohort: '2' })
  await stage.women(2, { district: '210101', cohort: '2' })
  await stage.women(9, { district: '210101', cohort: '2' })
  await stage.women(1, { district: '210101', days: [], opened: '2010-10-10' })
  other = await openStage(service)
  await other.women(5, { district: '150101' })
  service.clock.advance(3_600_000)
}, 60_000)

afterAll(() => service.close())

async function rowsOf(query: string): Promise<Record<string, string | number | null>[]> {
  const { status, body } = await analyst.get(`${url}?${query}`)
  expect([status, body.code]).toEqual([200, undefined])
  return body.rows
}

const short = ['registered', 'tooNew', 'denominator', 'permanentActive', 'active', 'dormant', 'empty', 'rate']
const figures = (row: Record<string, unknown> | undefined) => short.map(name => row?.[name])

describe('an answer', () => {
  test('has numerator, denominator, rate, what is excluded and why, and what it takes to ask it again', async () => {
    const { body } = await analyst.get(`${url}?bookId=${stage.bookId}&asOf=2010-12-31`)
    expect(figures(body.rows[0])).toEqual([33, ':c', ':c', ':c', 6, 0, 7, ':c'])
    expect(body.notes).toMatchObject({
      ...{ definition: 'PAS-v1', currency: 'PEN', asOf: '2010-12-31', suppression: { profile: 'internal', k: 5 } },
      parameters: { minimumActive: 4, minimumBalance: '10.00' },
      population: expect.stringContaining(`Books: ${stage.code}`),
    })
    service.clock.advance(1_000)
    const again = await analyst.get(`${url}?bookId=${stage.bookId}&asOf=2010-12-31&knownAt=${body.notes.knownAt}`)
    expect(again.body).toEqual(body)
  })

  test('is of the last month that is over unless told, and tells a series month by month', async () => {
    const { body } = await analyst.get(`${url}?bookId=${stage.bookId}`)
    expect(body.rows.map(({ month }: { month: string }) => month)).toEqual(['2011-02'])
    const series = await rowsOf(`bookId=${stage.bookId}&from=2010-09&to=2010-12`)
    expect(series.map(({ month, registered }) => [month, registered])).toEqual([
      ['2010-09', 32],
      ['2010-10', 33],
      ['2010-11', 33],
      ['2010-12', 33],
    ])
    expect(series.map(({ permanentActive }) => permanentActive)).toEqual([0, 0, ':c', ':c'])
  })

  test('is broken down by territory with the levels above it, by two dimensions, and narrowed', async () => {
    const asked = `bookId=${stage.bookId}&asOf=2010-09-30`
    const byDistrict = await rowsOf(`${asked}&by=district`)
    const codes = ['_T', '08', '0801', '080101', '080102', '21', '2101', '210101']
    expect(byDistrict.map(({ district }) => district)).toEqual(codes)
    expect(byDistrict.map(({ registered }) => registered)).toEqual([32, 21, 21, 14, 7, 11, 11, 11])
    expect(byDistrict.find(({ district }) => district === '080102')).toMatchObject({
      active: 0,
      empty: 7,
      rate: '0.0000',
    })
    const both = await rowsOf(`${asked}&by=department,cohort`)
    expect(both).toHaveLength(9)
    const found = both.find(({ department, cohort }) => department === '08' && cohort === '2')
    expect(found).toMatchObject({ registered: 7, empty: 7 })
    expect(both.find(({ department, cohort }) => department === '21' && cohort === '1')).toMatchObject({
      registered: 0,
      rate: null,
    })
    const [narrowed] = await rowsOf(`${asked}&programme=${stage.programme}&district=210101&cohort=2`)
    expect(narrowed).toMatchObject({ registered: 11, active: 11 })
    for (const by of ['sex', 'age', 'motherTongue', 'juntos', 'institution', 'programme', 'group', 'province']) {
      const rows = await rowsOf(`${asked}&by=${by}`)
      expect(rows.filter(row => row[by] !== '_T').reduce((sum, { registered }) => sum + Number(registered), 0)).toBe(
        by === 'province' ? 64 : 32,
      )
    }
  })

  test('hides a small count, and others with it, also from the public where it is larger', async () => {
    const asked = `bookId=${stage.bookId}&asOf=2010-12-31&by=district`
    const rows = await rowsOf(asked)
    const puno = rows.find(({ district }) => district === '210101')
    expect(puno).toMatchObject({ registered: 12, tooNew: ':c', denominator: ':c', permanentActive: ':c', rate: ':c' })
    expect(rows.filter(({ tooNew }) => tooNew === ':c').length).toBeGreaterThanOrEqual(2)
    expect(rows.find(({ district }) => district === '080101')).toMatchObject({ permanentActive: 8, rate: '0.5714' })
    const [total] = await rowsOf(`bookId=${stage.bookId}&asOf=2010-09-30`)
    expect(total).toMatchObject({ active: 25, empty: 7, rate: '0.0000' })
    const [open] = await rowsOf(`bookId=${stage.bookId}&asOf=2010-09-30&profile=public`)
    expect(open).toMatchObject({ registered: 32, active: ':c', empty: ':c' })
  })

  test('is refused for what contradicts itself', async () => {
    const wrong: [string, number, string][] = [
      ['from=2010-01', 400, 'request-invalid'],
      ['from=2010-02&to=2010-01', 400, 'request-invalid'],
      ['from=2010-01&to=2010-02&asOf=2010-02-28', 400, 'request-invalid'],
      ['asOf=2010-02-27', 400, 'request-invalid'],
      ['asOf=2011-03-31', 409, 'month-not-over'],
      ['by=sex,sex', 400, 'request-invalid'],
      ['by=district,province', 400, 'request-invalid'],
      ['by=name', 400, 'request-invalid'],
      ['definition=NONE', 404, 'definition-not-found'],
      ['format=dhis2-json', 400, 'request-invalid'],
      ['size=1', 400, 'request-invalid'],
      ...[
        'programme=P-0',
        'programme=none',
        'institution=NONE',
        'district=999999',
        'age=30',
        'sex=woman',
        'juntos=1',
        'group=A/B',
        'cohort=nada',
        'department=21&district=080101',
        `bookId=${stage.bookId}&programme=${other.programme}`,
        `bookId=${stage.bookId}&institution=${other.institution}`,
      ].map((query): [string, number, string] => [query, 400, 'request-invalid']),
    ]
    for (const [query, status, code] of wrong) {
      const answer = await analyst.get(`${url}?${query}`)
      expect([query, answer.status, answer.body.code]).toEqual([query, status, code])
    }
    const [inNoGroup] = await rowsOf(`bookId=${stage.bookId}&asOf=2010-09-30&group=none`)
    expect(inNoGroup).toMatchObject({ registered: 32 })
  })
})

describe('a key of some books', () => {
  test('counts the savers of these alone, and finds no other book', async () => {
    const scoped = asking(service, await service.key('analyst', { books: [stage.bookId] }))
    const asked = 'asOf=2010-09-30'
    const own = await scoped.get(`${url}?${asked}`)
    expect(own.body.rows[0].registered).toBe(32)
    expect((await analyst.get(`${url}?${asked}`)).body.rows[0].registered).toBe(37)
    const outside = await scoped.get(`${url}?${asked}&bookId=${other.bookId}`)
    const missing = await analyst.get(`${url}?${asked}&bookId=${randomUUID()}`)
    expect(outside).toMatchObject({ status: 404, body: { code: 'book-not-found' } })
    expect({ ...outside.body, instance: '' }).toEqual({ ...missing.body, instance: '' })
    for (const hers of [`institution=${other.institution}`, `programme=${other.programme}`]) {
      const unreached = await scoped.get(`${url}?${asked}&${hers}`)
      expect([unreached.status, unreached.body.code]).toEqual([400, 'request-invalid'])
    }
  })

  test('adds no currencies', async () => {
    const dollars = await openStage(service, 'USD')
    await dollars.women(6)
    const [row] = await rowsOf(`bookId=${dollars.bookId}&asOf=2010-12-31`)
    expect(row).toMatchObject({ registered: 6, permanentActive: 6 })
    expect((await rowsOf('asOf=2010-09-30'))[0]!.registered).toBe(37)
    expect((await rowsOf('asOf=2010-09-30&currency=USD'))[0]!.registered).toBe(6)
  })
})

describe('every format', () => {
  const asked = () => `bookId=${stage.bookId}&from=2010-09&to=2010-12&by=district`
  let table: Table

  beforeAll(async () => {
    const { body } = await analyst.get(`${url}?${asked()}&knownAt=2011-03-01T15:30:00Z`)
    const columns = body.columns as Column[]
    const rows = body.rows.map((row: Record<string, Value>) =>
      columns.map(({ name }) => (row[name] === ':c' ? hidden : row[name]!)),
    )
    table = { ...body, columns, rows }
    expect(rows.flat()).toContain(hidden)
  })

  async function file(more: string, accept?: string) {
    const headers = { authorization: `Bearer ${key}`, ...(accept && { accept }) }
    const answer = await service.app.inject({ url: `${url}?${asked()}&knownAt=2011-03-01T15:30:00Z${more}`, headers })
    expect(answer.statusCode).toBe(200)
    return { bytes: answer.rawPayload, text: answer.payload, type: answer.headers['content-type'] }
  }

  test('tells the same figures, by its name or by Accept', async () => {
    expect(readJson(table, (await file('')).text)).toEqual(held(table))
    for (const csv of [await file('&format=csv'), await file('', 'text/csv')]) {
      expect(csv.type).toBe('text/csv; charset=utf-8')
      expect(readCsv(table, csv.text, 'plain')).toEqual(held(table))
    }
    expect(readCsv(table, (await file('&format=csv-es-PE')).text, 'es-PE')).toEqual(held(table))
    const parquet = await file('', 'application/vnd.apache.parquet')
    expect(await readParquet(table, parquet.bytes)).toEqual(held(table))
    const ids = Object.fromEntries(table.columns.map(({ name }) => [name, idOf(name)]))
    const sdmx = await file('', 'application/vnd.sdmx.data+csv')
    expect(readSdmx(table, sdmx.text, { ...ids, month: 'TIME_PERIOD' })).toEqual(held(table))
    const descriptor = JSON.parse((await file('&format=data-package')).text)
    expect(descriptor.resources[0].bytes).toBe((await file('&format=csv')).bytes.length)
    const none = await analyst.get(`${url}?${asked()}`)
    expect(none.status).toBe(200)
    const odd = await service.app.inject({ url, headers: { authorization: `Bearer ${key}`, accept: 'image/png' } })
    expect(odd.json().code).toBe('media-type-not-acceptable')
  })

  test('with the names of a DHIS2, and with the targets of a logframe', async () => {
    const question = { bookId: stage.bookId, asOf: '2010-12-31', by: 'department' }
    const none = ['registered', 'closed', 'tooNew', 'active', 'dormant', 'empty', 'rate']
    const mapping = {
      dataElements: {
        ...Object.fromEntries(none.map(name => [name, null])),
        denominator: 'DEN',
        permanentActive: 'NUM',
      },
      orgUnits: { column: 'department', codes: { _T: null, '08': 'PE08', '21': 'PE21' } },
    }
    const values = [
      ['DEN', 'PE08', '21'],
      ['NUM', 'PE08', '8'],
    ]
    const json = await analyst.post(url, { ...question, format: 'dhis2-json', mapping })
    expect(json.status).toBe(200)
    expect(json.body.dataValues).toEqual(
      values.map(([dataElement, orgUnit, value]) => ({ dataElement, period: '201012', orgUnit, value })),
    )
    const headers = { authorization: `Bearer ${key}` }
    const payload = { ...question, format: 'dhis2-csv', mapping }
    const csv = await service.app.inject({ method: 'POST', url, headers, payload })
    expect(csv.payload.split('\r\n').slice(1, -1)).toEqual(
      values.map(([dataElement, orgUnit, value]) => `${dataElement},201012,${orgUnit},,,${value}`),
    )
    const missing = await analyst.post(url, { ...question, format: 'dhis2-json' })
    expect(missing).toMatchObject({ status: 400, body: { fields: [{ path: 'mapping' }] } })

    const row = {
      ...{ indicator: 'Ahorradoras activas permanentes', subRow: 'Cusco', measure: 'permanentActive', result: 'last' },
      ...{ where: { department: '08' }, baseline: '0', midTerm: null, endTarget: '400' },
      ...{ years: [{ year: '2010', target: '10' }], source: 'Qullqi', frequency: 'anual', responsible: 'M&E' },
    }
    const framed = await service.app.inject({
      ...{ method: 'POST', url, headers },
      payload: { ...question, format: 'ifad-logframe', logframe: [row] },
    })
    expect(framed.payload.split('\r\n')[1]).toContain('Cusco,0,,400,2010,10,8,2010-12,')
  })
})
