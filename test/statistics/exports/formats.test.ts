import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { parquetMetadata } from 'hyparquet'
import { expect, test } from 'vitest'
import type { Dhis2Mapping } from '../../../src/statistics/exports/dhis2-mapping.ts'
import { type FormatName, formats, type Given } from '../../../src/statistics/exports/index.ts'
import { hidden, type Table, total } from '../../../src/statistics/table.ts'
import { bytesOf, held, readCsv, readJson, readParquet, readSdmx, textOf } from './reading.ts'
import { anyTable, column, columns, table } from './tables.ts'

function write(name: FormatName, of: Table, given: Given = {}) {
  return formats.find(format => format.name === name)!.write(of, given)
}

const sdmxIds = {
  ...{ month: 'TIME_PERIOD', district: 'DISTRICT', motherTongue: 'MOTHER_TONGUE', openedOn: 'OPENED_ON' },
  ...{ savers: 'SAVERS', balance: 'BALANCE', share: 'SHARE' },
}

/** A mapping that calls everything what it is called. */
function asItIs({ rows }: Table): Dhis2Mapping {
  const of = (at: number) => [...new Set(rows.map(row => String(row[at])))]
  const combos = rows.map(row => [String(row[2]), String(row[6])])
  const distinct = [...new Map(combos.map(codes => [JSON.stringify(codes), codes])).values()]
  return {
    idScheme: 'CODE',
    dataElements: { savers: 'savers', balance: 'balance', share: 'share' },
    orgUnits: { column: 'district', codes: Object.fromEntries(of(1).map(code => [code, code])) },
    categoryOptionCombos: {
      columns: ['motherTongue', 'openedOn'],
      combos: distinct.map(codes => ({ codes, id: JSON.stringify(codes) })),
    },
  }
}

/** What DHIS2 is told of a table: the figures that there are and that are not hidden. */
function toldToDhis2(of: Table): Record<string, string>[] {
  return of.rows.flatMap(row =>
    [3, 4, 5].flatMap(at => {
      const value = row[at]!
      if (value === null || value === hidden) return []
      const told = { dataElement: columns[at]!.name, period: String(row[0]).replace('-', ''), orgUnit: String(row[1]) }
      return [{ ...told, categoryOptionCombo: JSON.stringify([row[2], row[6]]), value: String(value) }]
    }),
  )
}

test('each format tells the same figures, names and codes, hidden ones and such as there are not', async () => {
  await fc.assert(
    fc.asyncProperty(anyTable, async of => {
      const expected = held(of)
      expect(readCsv(of, await textOf(write('csv', of)), 'plain')).toEqual(expected)
      expect(readCsv(of, await textOf(write('csv-es-PE', of)), 'es-PE')).toEqual(expected)
      expect(readJson(of, await textOf(write('json', of)))).toEqual(expected)
      expect(await readParquet(of, await bytesOf(write('parquet', of)))).toEqual(expected)
      expect(readSdmx(of, await textOf(write('sdmx-csv', of)), sdmxIds)).toEqual(expected)
      const mapping = asItIs(of)
      const json = JSON.parse(await textOf(write('dhis2-json', of, { mapping })))
      expect(json).toEqual({ idScheme: 'CODE', dataValues: toldToDhis2(of) })
    }),
  )
})

const few = table(
  [column('month', 'month'), column('district', 'code'), column('savers', 'count'), column('balance', 'amount')],
  [
    ['2014-01', '080101', 0, '12345678901.05'],
    ['2014-01', '=HYPERLINK("x")', hidden, null],
    ['2014-02', total, 25, '-1.50'],
  ],
)
const suppression = 'public (k=10): hidden figures are written :c'
const about = `PAS-v1,PEN,2014-01/2014-12,2015-02-01T05:00:00.000Z,${suppression}`

test('CSV shows zero, hides with :c, leaves empty what there is not, and says in each row what it counts', async () => {
  expect(await textOf(write('csv', few))).toBe(
    [
      'month,district,savers,balance,definition,currency,asOf,knownAt,suppression',
      `2014-01,080101,0,12345678901.05,${about}`,
      `2014-01,"'=HYPERLINK(""x"")",:c,,${about}`,
      `2014-02,_T,25,-1.50,${about}\r\n`,
    ].join('\r\n'),
  )
})

test('CSV for Peru has semicolons, decimal commas and the mark of UTF-8, and is else the same', async () => {
  const text = await textOf(write('csv-es-PE', few))
  expect(text).toBe(
    [
      '\ufeffmonth;district;savers;balance;definition;currency;asOf;knownAt;suppression',
      `2014-01;080101;0;"12345678901,05";${about.replaceAll(',', ';')}`,
      `2014-01;"'=HYPERLINK(""x"")";:c;;${about.replaceAll(',', ';')}`,
      `2014-02;_T;25;"-1,50";${about.replaceAll(',', ';')}\r\n`,
    ].join('\r\n'),
  )
})

test('a table that has a column of its own for a note does not get it twice', async () => {
  const compared = table([column('definition', 'code'), column('savers', 'count')], [['ACTIVE-90D', 12]])
  const [head] = (await textOf(write('csv', compared))).split('\r\n')
  expect(head).toBe('definition,savers,currency,asOf,knownAt,suppression')
})

test('SDMX-CSV has an observation a line, with the codes for what is told, missing and suppressed', async () => {
  const dataflow = 'dataflow,QULLQI:PERMANENT_ACTIVE_SAVERS(1.0.0),R'
  const last = 'PAS-v1,2015-02-01T05:00:00.000Z'
  expect(await textOf(write('sdmx-csv', few))).toBe(
    [
      'STRUCTURE,STRUCTURE_ID,ACTION,DISTRICT,MEASURE,TIME_PERIOD,OBS_VALUE,OBS_STATUS,CONF_STATUS,CURRENCY,DEFINITION,KNOWN_AT',
      `${dataflow},080101,SAVERS,2014-01,0,A,F,,${last}`,
      `${dataflow},080101,BALANCE,2014-01,12345678901.05,A,F,PEN,${last}`,
      `${dataflow},"=HYPERLINK(""x"")",SAVERS,2014-01,,Q,N,,${last}`,
      `${dataflow},"=HYPERLINK(""x"")",BALANCE,2014-01,,O,F,PEN,${last}`,
      `${dataflow},_T,SAVERS,2014-02,25,A,F,,${last}`,
      `${dataflow},_T,BALANCE,2014-02,-1.50,A,F,PEN,${last}\r\n`,
    ].join('\r\n'),
  )
})

test.each([
  ['2014-12-31', '2014-12-31'],
  ['2014-11/2015-02', '2014-11-01/P4M'],
])('SDMX-CSV of a table without months is of its day or range: %s', async (asOf, period) => {
  const text = await textOf(write('sdmx-csv', table([column('savers', 'count')], [[12]], { asOf })))
  expect(text.split('\r\n')[1]).toContain(`,SAVERS,${period},12,A,F,`)
})

test('Parquet has integers, decimals, dates and strings, a flag beside each figure, and the notes', async () => {
  const bytes = await bytesOf(
    write('parquet', table(columns, [['2014-01', '080101', 'qu', 1, '2.50', '0.12345', '2014-01-15']])),
  )
  const { schema, key_value_metadata: notes } = parquetMetadata(new Uint8Array(bytes).buffer)
  const types = schema.slice(1).map(({ name, type, converted_type, precision, scale }) => {
    const decimal = precision === undefined ? '' : `(${precision},${scale})`
    return `${name} ${type}${converted_type ? ` ${converted_type}${decimal}` : ''}`
  })
  expect(types).toEqual([
    ...['month BYTE_ARRAY UTF8', 'district BYTE_ARRAY UTF8', 'motherTongue BYTE_ARRAY UTF8', 'openedOn INT32 DATE'],
    ...['savers INT64', 'savers_hidden BOOLEAN', 'balance INT64 DECIMAL(18,2)', 'balance_hidden BOOLEAN'],
    ...['share INT64 DECIMAL(18,5)', 'share_hidden BOOLEAN'],
  ])
  expect(JSON.parse(notes!.find(({ key }) => key === 'qullqi')!.value!)).toMatchObject({
    notes: { knownAt: few.notes.knownAt },
  })
})

test('Parquet of more rows than a group has them all, in order', async () => {
  const many = table(
    [column('month', 'month'), column('district', 'code'), column('savers', 'count')],
    Array.from({ length: 120_001 }, (_, at) => ['2014-01', String(at % 1_874), at % 7 === 0 ? hidden : at]),
  )
  expect(await readParquet(many, await bytesOf(write('parquet', many)))).toEqual(held(many))
})

test('a data package tells types, what stands for no figure, and the bytes of the file beside it', async () => {
  const [resource] = JSON.parse(await textOf(write('data-package', few))).resources
  const file = await bytesOf(write('csv', few))
  expect(resource).toMatchObject({
    ...{ name: 'permanent-active-savers', path: 'permanent-active-savers.csv', type: 'table', encoding: 'utf-8' },
    ...{ bytes: file.length, hash: `sha256:${createHash('sha256').update(file).digest('hex')}` },
    ...{ dialect: { delimiter: ',' }, notes: few.notes },
  })
  expect(resource.schema.fields.map(({ name, type }: { name: string; type: string }) => `${name} ${type}`)).toEqual([
    ...['month yearmonth', 'district string', 'savers integer', 'balance number'],
    ...['definition string', 'currency string', 'asOf string', 'knownAt string', 'suppression string'],
  ])
  expect(resource.schema.missingValues.map(({ value }: { value: string }) => value)).toEqual(['', ':c'])
})

test.each(formats.filter(format => format.needs !== null).map(format => format.name))(
  '%s without what it needs is refused',
  name => {
    expect(() => write(name, few)).toThrow(expect.objectContaining({ code: 'request-invalid' }))
  },
)

test('what is no figure is a fault, whatever it would be written in', async () => {
  for (const [kind, value] of [
    ['count', 1.5],
    ['count', '1'],
    ['amount', 1],
    ['rate', '1e3'],
    ['code', hidden],
  ] as const) {
    const wrong = table([column('x', kind)], [[value]])
    for (const name of ['csv', 'json', 'parquet', 'sdmx-csv'] as const) {
      await expect(bytesOf(write(name, wrong))).rejects.toThrow()
    }
  }
})
