import { v7 as uuid } from 'uuid'
import { describe, expect, it } from 'vitest'
import { FlawedItem } from '../../src/http/items-apart.ts'
import { Refusal } from '../../src/refusals.ts'
import { inFile, sheetOfCsv, textOfFile } from '../../src/savings/sheets/csv.ts'
import { sheetBody } from '../../src/savings/sheets/sheet.ts'

const [id, group, agent, coordinator] = [uuid(), uuid(), uuid(), uuid()]

const csv = `id,${id}
groupId,${group}
agentId,${agent}
meetingDate,2026-03-14
cashCount,17.50
signedBy.coordinator,${coordinator}
signedBy.agent,${agent}

line,bankAccountNumber,deposit,withdrawal,purpose
1,110-01-1,22.50,,
2,110-01-2,,5.00,education
`

const sheet = {
  id,
  groupId: group,
  agentId: agent,
  meetingDate: '2026-03-14',
  cashCount: '17.50',
  signedBy: { coordinator, agent },
  lines: [
    { line: 1, bankAccountNumber: '110-01-1', deposit: '22.50' },
    { line: 2, bankAccountNumber: '110-01-2', withdrawal: '5.00', purpose: 'education' },
  ],
}

/** Where a sheet is not well formed: in its head, or in lines that are taken as flawed. */
function flawsOf(given: object): string[] {
  const { data, error } = sheetBody.safeParse(given)
  if (error) return error.issues.map(issue => issue.path.join('.'))
  return data.lines.flatMap((line, place) =>
    line instanceof FlawedItem
      ? line.fields.map(({ path }) => ['lines', place, path].join('.').replace(/\.$/, ''))
      : [],
  )
}

describe('a collection sheet as CSV', () => {
  it('reads as the same sheet as JSON', () => {
    expect(sheetOfCsv(csv).sheet).toEqual(sheet)
    expect(sheetBody.parse(sheetOfCsv(csv).sheet)).toEqual(sheetBody.parse(sheet))
  })

  it('reads the same as spreadsheets write it', () => {
    const semicolons = csv.replaceAll(',', ';').replaceAll(/(\d)\.(\d\d)\b/g, '$1,$2')
    const ways = {
      'semicolons and decimal commas': semicolons,
      'a byte order mark': `\uFEFF${csv}`,
      'a mark before semicolons': `\uFEFF${semicolons}`,
      'carriage returns': csv.replaceAll('\n', '\r\n'),
      'no end of the last row': csv.trimEnd(),
      'empty cells and rows': csv.replaceAll('\n', ',,,\n').replace('line,', '\n,,,,\n line ,'),
      quotes: csv.replace('22.50', '"22.50"'),
    }
    for (const [way, text] of Object.entries(ways)) expect(sheetOfCsv(text).sheet, way).toEqual(sheet)
  })

  it('reads the same in every encoding that spreadsheets save, divided by tabs as well', () => {
    const tabs = csv.replaceAll(',', '\t').replaceAll(/(\d)\.(\d\d)\b/g, '$1,$2')
    const wide = Buffer.from(tabs, 'utf16le')
    const files = {
      'UTF-8': Buffer.from(tabs),
      'UTF-16 with its mark': Buffer.concat([Buffer.from([0xff, 0xfe]), wide]),
      'UTF-16 without a mark': wide,
      'UTF-16, big end first': Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(wide).swap16()]),
      'UTF-16, big end first, without a mark': Buffer.from(wide).swap16(),
    }
    for (const [way, bytes] of Object.entries(files)) expect(sheetOfCsv(textOfFile(bytes)).sheet, way).toEqual(sheet)
    expect(textOfFile(Buffer.from('groupName,Ñusta', 'latin1'))).toBe('groupName,Ñusta')
  })

  it('takes the other columns in any order, and leaves out what is not written', () => {
    const table = `line,deposit,savingsAccountId\n7,1.00,${id}`
    expect(sheetOfCsv(table).sheet).toEqual({
      signedBy: {},
      lines: [{ deposit: '1.00', line: 7, savingsAccountId: id }],
    })
  })

  const wrong: [string, string, string][] = [
    ['no table', csv.replace('line,', 'row,'), 'lines'],
    ['nothing at all', '', 'lines'],
    ['an unknown field', csv.replace('cashCount', 'cash'), 'row 5'],
    ['a field twice', csv.replace('groupId', `id,${id}\ngroupId`), 'row 2'],
    ['a field with two values', csv.replace('cashCount,17.50', 'cashCount,17,50'), 'row 5'],
    ['an unknown column', csv.replace('withdrawal', 'retiro'), 'row 9'],
    ['a column twice', csv.replace('withdrawal', 'deposit'), 'row 9'],
  ]
  it.each(wrong)('with %s says where', (_, text, path) => {
    let refusal: unknown
    try {
      sheetOfCsv(text)
    } catch (error) {
      refusal = error
    }
    expect(refusal).toBeInstanceOf(Refusal)
    expect(refusal).toMatchObject({ code: 'request-invalid', fields: [{ path }] })
  })

  it('with a quote that is never closed is refused, and nothing of it repeated', () => {
    expect(() => sheetOfCsv(csv.replace('22.50', '"22.50'))).toThrow(
      'request-invalid: The CSV cannot be read near row 10.',
    )
  })

  it('tells problems by the row of the file, from 1, blank rows counted', () => {
    const file = sheetOfCsv(csv.replace('\n2,', '\n\n2,'))
    const paths = [
      'cashCount',
      'signedBy.agent',
      'signedBy',
      'groupCode',
      'lines',
      'lines.0.deposit',
      'lines.1',
      'lines.2.line',
    ]
    const refusal = new Refusal('request-invalid', '', { fields: paths.map(path => ({ path, message: 'is wrong' })) })
    const told = inFile(refusal, file)
    expect(told.fields.map(({ path }) => path)).toEqual([
      'row 5, cashCount',
      'row 7, signedBy.agent',
      'signedBy',
      'groupCode',
      'row 9, lines',
      'row 10, deposit',
      'row 12',
      'lines.2.line',
    ])
    expect(told.detail).toBe('row 5, cashCount: is wrong, and 7 more')
  })

  it('tells all rows above the table that are wrong, and its head, at once', () => {
    const text = csv
      .replace('cashCount', 'cash')
      .replace('groupId', `id,${id}\ngroupId`)
      .replace('withdrawal', 'retiro')
    let refusal: unknown
    try {
      sheetOfCsv(text)
    } catch (error) {
      refusal = error
    }
    expect(refusal).toMatchObject({ fields: [{ path: 'row 2' }, { path: 'row 6' }, { path: 'row 10' }] })
  })

  it('leaves wrong values to the check that JSON has as well, and marks a row with a cell too many', () => {
    const wrong = csv.replace('22.50,,', 'x,,,1').replace('\n2,', '\ntwo,')
    expect(flawsOf(sheetOfCsv(wrong).sheet)).toEqual(['lines.0', 'lines.1.line'])
  })
})

describe('a collection sheet', () => {
  const wrong: [string, object, string][] = [
    ['signed by another agent', { signedBy: { coordinator, agent: coordinator } }, 'signedBy.agent'],
    ['without lines', { lines: [] }, 'lines'],
    ['with a number twice', { lines: [sheet.lines[0], { ...sheet.lines[1], line: 1 }] }, 'lines.1.line'],
    ['with a line of no amount', { lines: [{ line: 1, bankAccountNumber: '110-01-1' }] }, 'lines.0.deposit'],
    [
      'with a line of two accounts',
      { lines: [{ ...sheet.lines[0], savingsAccountId: id }] },
      'lines.0.savingsAccountId',
    ],
    ['with a line of no account', { lines: [{ line: 1, deposit: '1.00' }] }, 'lines.0.savingsAccountId'],
    ['with a withdrawal for nothing', { lines: [{ ...sheet.lines[1], purpose: undefined }] }, 'lines.0.purpose'],
    ['with a deposit for a purpose', { lines: [{ ...sheet.lines[0], purpose: 'business' }] }, 'lines.0.purpose'],
    ['with a withdrawal brought', { lines: [{ ...sheet.lines[1], depositorId: id }] }, 'lines.0.depositorId'],
    ['with a group named twice', { groupCode: 'GR-1' }, 'groupId'],
    ['of no group', { groupId: undefined }, 'groupId'],
    ['of an agent named twice', { agentCode: 'PR-07' }, 'agentId'],
    ['signed by nobody', { signedBy: { agent } }, 'signedBy.coordinator'],
    ['signed twice by one', { signedBy: { coordinator, coordinatorDni: '10117410', agent } }, 'signedBy.coordinator'],
    ['with a DNI that is none', { lines: [{ line: 1, dni: '101174103', deposit: '1.00' }] }, 'lines.0.dni'],
    [
      'brought by one named twice',
      { lines: [{ ...sheet.lines[0], depositorId: id, depositorDni: '10117410' }] },
      'lines.0.depositorDni',
    ],
    ['with a count that is no amount', { cashCount: '17,50' }, 'cashCount'],
  ]
  it.each(wrong)('%s is not well formed (%s)', (_, more, path) => {
    expect(flawsOf({ ...sheet, ...more })).toContain(path)
  })

  it('tells what is wrong with its lines together with what is wrong above them', () => {
    const lines = [
      { line: 1, bankAccountNumber: '110-01-1' },
      'no line',
      { line: 3, bankAccountNumber: '110-01-1', deposit: '1' },
    ]
    expect(flawsOf({ ...sheet, cashCount: '17,50', lines })).toEqual(['cashCount', 'lines.0.deposit', 'lines.1'])
  })
})
