import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import type { CsvStyle } from '../../../src/statistics/exports/csv.ts'
import { writeDhis2Csv, writeDhis2Json } from '../../../src/statistics/exports/dhis2.ts'
import { type Dhis2Mapping, dhis2Mapping } from '../../../src/statistics/exports/dhis2-mapping.ts'
import { type Logframe, logframe, writeLogframe } from '../../../src/statistics/exports/logframe.ts'
import { hidden, type Table, total } from '../../../src/statistics/table.ts'
import { textOf } from './reading.ts'
import { column, table } from './tables.ts'

const byDistrictAndTongue = table(
  [
    ...[column('month', 'month'), column('district', 'code'), column('motherTongue', 'code')],
    ...[column('savers', 'count'), column('balance', 'amount')],
  ],
  [
    ['2014-01', '080101', 'qu', 25, '1250.50'],
    ['2014-01', '080101', 'es', hidden, hidden],
    ['2014-01', '080101', total, 31, '1400.00'],
    ['2014-02', '210101', 'qu', 0, null],
  ],
)

const mapping: Dhis2Mapping = {
  idScheme: 'CODE',
  dataSet: 'QULLQI_MONTHLY',
  dataElements: { savers: 'PAS', balance: 'PAS_BALANCE' },
  orgUnits: { column: 'district', codes: { '080101': 'PE080101', '210101': 'PE210101' } },
  categoryOptionCombos: {
    columns: ['motherTongue'],
    combos: [
      { codes: ['qu'], id: 'QUECHUA' },
      { codes: ['es'], id: 'SPANISH' },
      { codes: [total], id: null },
    ],
  },
}

test('DHIS2 gets texts by its own names; hidden figures, such as there are not, and what the mapping leaves out are not there', async () => {
  expect(JSON.parse(await textOf(writeDhis2Json(byDistrictAndTongue, mapping)))).toEqual({
    idScheme: 'CODE',
    dataSet: 'QULLQI_MONTHLY',
    dataValues: [
      { dataElement: 'PAS', period: '201401', orgUnit: 'PE080101', categoryOptionCombo: 'QUECHUA', value: '25' },
      {
        dataElement: 'PAS_BALANCE',
        period: '201401',
        orgUnit: 'PE080101',
        categoryOptionCombo: 'QUECHUA',
        value: '1250.50',
      },
      { dataElement: 'PAS', period: '201402', orgUnit: 'PE210101', categoryOptionCombo: 'QUECHUA', value: '0' },
    ],
  })
})

test('the CSV for DHIS2 tells the same as its JSON', async () => {
  const { dataValues } = JSON.parse(await textOf(writeDhis2Json(byDistrictAndTongue, mapping)))
  const rows = parse(await textOf(writeDhis2Csv(byDistrictAndTongue, mapping)), { columns: true }) as Record<
    string,
    string
  >[]
  expect(rows.map(row => row.attributeoptioncombo)).toEqual(['', '', ''])
  const told = rows.map(({ dataelement: dataElement, period, orgunit: orgUnit, categoryoptioncombo, value }) => ({
    ...{ dataElement, period, orgUnit, categoryOptionCombo: categoryoptioncombo, value },
  }))
  expect(told).toEqual(dataValues)
})

function problemsOf(change: Partial<Dhis2Mapping>, of = byDistrictAndTongue): string[] {
  try {
    writeDhis2Json(of, { ...mapping, ...change })
  } catch (error) {
    const { code, fields } = error as { code: string; fields: { path: string; message: string }[] }
    expect(code).toBe('request-invalid')
    return fields.map(({ path, message }) => `${path} ${message}`)
  }
  return []
}

test('each code and column without a name there is listed, and nothing is written', () => {
  expect(problemsOf({})).toEqual([])
  expect(problemsOf({ orgUnits: { column: 'district', codes: {} } })).toEqual([
    'orgUnits.080101 has no name there',
    'orgUnits.210101 has no name there',
  ])
  expect(
    problemsOf({ categoryOptionCombos: { columns: ['motherTongue'], combos: [{ codes: ['qu'], id: 'Q' }] } }),
  ).toEqual(['categoryOptionCombos.es has no name there', 'categoryOptionCombos._T has no name there'])
  expect(problemsOf({ dataElements: { savers: 'PAS' } })).toEqual(['dataElements.balance has no data element'])
  expect(problemsOf({ categoryOptionCombos: undefined as never })).toEqual([
    'motherTongue is a column that no option combination takes in',
  ])
  expect(problemsOf({ orgUnits: { column: 'province', codes: {} } })).toEqual([
    'district is a column that no option combination takes in',
    'province is no column of the table, or named twice',
  ])
})

test('two rows that would be one there are refused: DHIS2 would keep but one of them', () => {
  const combos = [
    ...mapping.categoryOptionCombos!.combos.slice(0, 1),
    { codes: ['es'], id: 'QUECHUA' },
    { codes: [total], id: null },
  ]
  expect(problemsOf({ categoryOptionCombos: { columns: ['motherTongue'], combos } })).toEqual([
    'PE080101, 2014-01, QUECHUA is the place of two rows',
  ])
})

test('two measures under one data element are refused, and a measure that the table has not, whatever else is wrong', () => {
  expect(problemsOf({ dataElements: { savers: 'PAS', balance: 'PAS' } })).toEqual([
    'dataElements.balance has the data element of another, PAS',
  ])
  expect(problemsOf({ dataElements: { savers: null, balance: null } })).toEqual([])
  expect(problemsOf({ dataElements: { saver: null }, orgUnits: { column: 'province', codes: {} } })[0]).toBe(
    'dataElements.saver is no measure of the table',
  )
})

test.each([
  ['2014-01-31', '201401'],
  ['2014-01-30', '20140130'],
])('a table without months is of the month that its day ends, or of its day: %s', async (asOf, period) => {
  const of = table([column('district', 'code'), column('savers', 'count')], [['080101', 25]], { asOf })
  const { categoryOptionCombos: _, ...named } = mapping
  const rest = { ...named, dataElements: { savers: 'PAS' } }
  const { dataValues } = JSON.parse(await textOf(writeDhis2Json(of, rest)))
  expect(dataValues).toEqual([{ dataElement: 'PAS', period, orgUnit: 'PE080101', value: '25' }])
})

test('a table over months that has no column for them has no period there', () => {
  const of = table([column('district', 'code'), column('savers', 'count')], [['080101', 25]])
  const { categoryOptionCombos: _, ...named } = mapping
  const rest = { ...named, dataElements: { savers: 'PAS' } }
  expect(() => writeDhis2Json(of, rest)).toThrow('is over several months')
})

test('a mapping is read by its schema', () => {
  expect(dhis2Mapping.parse({ ...mapping, idScheme: undefined })).toEqual(mapping)
  expect(dhis2Mapping.safeParse({ ...mapping, orgUnit: 'PE' }).success).toBe(false)
})

const monthly = table(
  [
    column('month', 'month'),
    column('department', 'code'),
    column('savers', 'count'),
    column('deposits', 'amount'),
    column('share', 'rate'),
  ],
  [
    ['2014-12', '08', 310, '200.10', '0.4100'],
    ['2014-11', '08', 290, '100.05', '0.4000'],
    ['2015-01', '08', 330, '50.00', '0.4213'],
    ['2015-01', '21', hidden, hidden, hidden],
    ['2015-02', '21', 12, '1.00', '0.1200'],
    ['2016-01', '21', null, null, null],
  ],
)
const target: Logframe[number] = {
  ...{
    indicator: 'Women who keep saving',
    subRow: '=Cusco',
    measure: 'savers',
    where: { department: '08' },
    result: 'last',
  },
  ...{ baseline: '0', midTerm: '300', endTarget: '400.5' },
  years: [
    { year: '2014', target: '300' },
    { year: '2015', target: '350' },
    { year: '2016', target: null },
  ],
  ...{ source: 'Ledger; release 3', frequency: 'Yearly', responsible: 'M&E office' },
}

async function logframeRows(of: Table, rows: Logframe, style: CsvStyle = 'plain'): Promise<Record<string, string>[]> {
  const delimiter = style === 'es-PE' ? ';' : ','
  return parse(await textOf(writeLogframe(of, rows, style)), { columns: true, bom: true, delimiter })
}

test('a logframe has a row a year, with its target, the last figure of the year and the month that it is of', async () => {
  const rows = await logframeRows(monthly, logframe.parse([target]))
  expect(rows[0]).toEqual({
    ...{ indicator: 'Women who keep saving', subRow: "'=Cusco", baseline: '0', midTerm: '300', endTarget: '400.5' },
    ...{ year: '2014', yearTarget: '300', yearResult: '310', resultAsOf: '2014-12', source: 'Ledger; release 3' },
    ...{ frequency: 'Yearly', responsible: 'M&E office', definition: 'PAS-v1', knownAt: '2015-02-01T05:00:00.000Z' },
  })
  expect(rows.map(row => [row.year, row.yearTarget, row.yearResult, row.resultAsOf])).toEqual([
    ['2014', '300', '310', '2014-12'],
    ['2015', '350', '330', '2015-01'],
    ['2016', '', '', ''],
  ])
})

test('a result may be a year’s sum, exact; a sum with a hidden part is hidden, and one of nothing is none', async () => {
  const sums = (department: string, measure: string) =>
    logframeRows(monthly, [{ ...target, where: { department }, measure, result: 'sum' }])
  expect((await sums('08', 'deposits')).map(row => row.yearResult)).toEqual(['300.15', '50.00', ''])
  expect((await sums('08', 'savers')).map(row => row.yearResult)).toEqual(['600', '330', ''])
  expect((await sums('21', 'deposits')).map(row => row.yearResult)).toEqual(['', ':c', ''])
})

test('a logframe for Peru has decimal commas', async () => {
  const [row] = await logframeRows(monthly, [{ ...target, measure: 'share' }], 'es-PE')
  expect([row?.endTarget, row?.yearResult]).toEqual(['400,5', '0,4100'])
})

test.each([
  [{ measure: 'women' }, 'names a measure that the table has not: women'],
  [{ measure: 'share', result: 'sum' as const }, 'adds up a rate, share'],
  [{ where: {} }, 'does not say which department'],
  [{ where: { department: '08', district: '080101' } }, 'names a dimension that the table has not: district'],
  [{ where: { department: '99' } }, 'finds nothing in the table'],
])('a row of a logframe that does not find its figures is refused by its place: %j', (change, message) => {
  const refusal = expect.objectContaining({ code: 'request-invalid', fields: [{ path: '1', message }] })
  expect(() => writeLogframe(monthly, [target, { ...target, ...change }])).toThrow(refusal)
})

test('two figures for one month are no result', () => {
  const twice = { ...monthly, rows: [...monthly.rows, ['2014-12', '08', 311, '1.00', '0.1000']] }
  expect(() => writeLogframe(twice, [target])).toThrow('finds more than one figure for 2014-12')
})
