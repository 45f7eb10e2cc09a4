import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { csvColumns, requestCsv } from '../../src/incentives/disbursements/request-csv.ts'
import { requestPdf } from '../../src/incentives/disbursements/request-pdf.ts'
import type { DisbursementRequest } from '../../src/incentives/disbursements/wire.ts'
import { printable } from '../../src/savings/paper/printing.ts'
import { asking } from '../savings/asking.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { paidVillage, papers, textOfPdf } from './paper.ts'

const id = '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11'

/** A request of so many groups. */
function requestOf(groups: number, more: Partial<DisbursementRequest> = {}): DisbursementRequest {
  const lines = Array.from({ length: groups }, (_, place) => ({
    ...{ number: place + 1, groupId: id, groupCode: `GR-${place + 1}`, groupName: `Grupo ${place + 1}` },
    ...{ savers: 20, transactions: 20, amount: '1234.50' },
    authorisation: { number: `2026-${place + 1001}`, reference: `RD-1/${place + 1}` },
  }))
  return {
    ...{ id, number: '2026-0007', status: 'authorised', requestedOn: '2026-04-06', runId: id, month: '2026-03' },
    ...{ valueDate: '2026-04-05', programmeId: id, programme: 'SIERRA-SUR-II', programmeName: 'Sierra Sur II' },
    ...{ rule: '1-APERTURA', basis: 'OPENING_DEPOSIT', fundId: id, fund: 'FIDA-1', fundingSource: 'FIDA' },
    ...{ budgetCode: '2.5.31.12', institution: 'CAJA-CUSCO', institutionName: 'Caja Cusco', currency: 'PEN' },
    ...{ savers: 20 * groups, transactions: 20 * groups, amount: '148140.00', replaces: null, requestedBy: id },
    ...{ recordedAt: '2026-04-06T15:00:00.000Z', lines, ledger: null },
    history: [
      { status: 'requested', on: '2026-04-06', reference: null, by: id, recordedAt: '2026-04-06T15:00:00.000Z' },
      { status: 'authorised', on: '2026-04-07', reference: 'RD-1', by: id, recordedAt: '2026-04-07T15:00:00.000Z' },
    ],
    ...more,
  } as DisbursementRequest
}

const records = (text: string, delimiter = ',') =>
  parse(text, { columns: true, delimiter, bom: true, record_delimiter: '\r\n' }) as Record<string, string>[]

/** What a row of the file says, as JSON says it. */
function rowsOf(request: DisbursementRequest): Record<string, string>[] {
  return request.lines.map(({ number, authorisation, ...line }) => {
    const values = { ...request, ...line, line: number, authorisation: authorisation?.number }
    const all: Record<string, unknown> = { ...values, authorisationReference: authorisation?.reference }
    return Object.fromEntries(csvColumns.map(name => [name, String(all[name] ?? '')]))
  })
}

describe('a request as CSV', () => {
  it('says of each line what JSON says, by RFC 4180', () => {
    const request = requestOf(3)
    request.lines[1]!.groupName = 'Ñusta "Qori", 2;\r\nla nueva'
    const text = requestCsv(request, 'comma')
    expect(records(text)).toEqual(rowsOf(request))
    expect(text.startsWith('number,status,requestedOn,')).toBe(true)
    expect(text).toContain('"Ñusta ""Qori"", 2;\r\nla nueva"')
    expect(text.endsWith('\r\n') && !/[^\r]\n/.test(text)).toBe(true)
  })

  it('for spreadsheets set to Peru’s Spanish has semicolons, decimal commas and the mark of UTF-8', () => {
    const request = requestOf(2)
    const text = requestCsv(request, 'semicolon')
    expect(text.startsWith('\ufeffnumber;status;')).toBe(true)
    expect(records(text, ';')).toEqual(rowsOf(request).map(row => ({ ...row, amount: '1234,50' })))
  })

  it.each(['=1+1', '+51 984', '-1', '@SUM(A1)', ' =1', '\t=1', '\rx'])('takes from %j that it is a formula', name => {
    const request = requestOf(1)
    request.lines[0]!.groupName = name
    for (const separator of ['comma', 'semicolon'] as const) {
      const [row] = records(requestCsv(request, separator), separator === 'comma' ? ',' : ';')
      expect(row!.groupName).toBe(`'${name}`)
    }
  })
})

describe('a request as PDF', () => {
  it('repeats the head of its table on each page, numbers the pages, and has every line once', async () => {
    const pages = textOfPdf(await requestPdf(requestOf(120)))
    expect(pages).toHaveLength(4)
    for (const [place, text] of pages.entries()) {
      const lines = text.split('\n')
      expect(lines).toContain(`Página ${place + 1} de 4`)
      expect(lines).toContain('Solicitud de desembolso N.º 2026-0007')
      if (lines.some(line => /^Grupo \d/.test(line))) expect(lines).toContain('Grupo de ahorro')
    }
    const groups = pages.join('\n').match(/^Grupo \d+$/gm)
    expect(groups).toEqual(Array.from({ length: 120 }, (_, place) => `Grupo ${place + 1}`))
    expect(pages.slice(0, -1).every(text => !text.includes('Autorizado por'))).toBe(true)
    expect(pages.at(-1)).toMatch(/Solicitado por\n.*Autorizado por\n.*Recibido por la institución financiera/s)
  })

  it.each([1, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33])(
    'of %i lines leaves no signature without its line',
    async groups => {
      const pages = textOfPdf(await requestPdf(requestOf(groups)))
      const signing = pages.filter(text => text.includes('Solicitado por'))
      expect(signing).toHaveLength(1)
      expect(signing[0]!.match(/^Nombre:$/gm)).toHaveLength(3)
      expect(pages.at(-1)).toContain(`Página ${pages.length} de ${pages.length}`)
    },
  )

  it('is the same bytes whenever it is made', async () => {
    const first = await requestPdf(requestOf(40))
    await new Promise(resolve => setTimeout(resolve, 1100))
    expect((await requestPdf(requestOf(40))).equals(first)).toBe(true)
    expect((await requestPdf(requestOf(40, { number: '2026-0008' }))).equals(first)).toBe(false)
  })

  it('prints what its fonts have, and letters without marks that they lack', () => {
    expect(printable('Ñusta – Qʼori ŵayra “é” ሀ')).toBe('Ñusta – Q?ori wayra “é” ?')
  })
})

describe('the address of a request', () => {
  let service: TestApp
  beforeAll(async () => {
    service = await testApp({ clock: testClock('2026-12-31T15:00:00Z') })
  })
  afterAll(async () => service.close())

  it('answers it as JSON, as CSV and as PDF, without names of savers', async () => {
    const place = await paidVillage(service)
    const { id } = (await place.request(place.runId, '1-APERTURA', place.fundId)).body
    await place.step('approver', id, 'authorisation')
    const key = await service.key('bank', { books: [place.bookId] })
    const [address, paper] = [`${place.book}/disbursement-requests/${id}`, papers(service, key)]
    const { body: request } = await asking(service, key).get(address)

    const csv = await paper(address, 'text/csv')
    expect(csv.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="solicitud-${request.number}.csv"`,
      vary: 'accept',
    })
    const neutral = rowsOf(request).map(
      (row): Record<string, string> => ({ ...row, groupName: row.groupName!.replace(/^=/, "'=") }),
    )
    expect(records(csv.text)).toEqual(neutral)
    expect(neutral[0]!.groupName).toBe(`'=HYPERLINK("x")`)
    const semicolons = await paper(`${address}?separator=semicolon`, 'text/csv')
    expect(records(semicolons.text, ';')).toEqual(
      neutral.map(row => ({ ...row, amount: row.amount!.replace('.', ',') })),
    )

    const pdf = await paper(address, 'application/pdf')
    expect(pdf.headers['content-type']).toBe('application/pdf')
    expect(pdf.bytes.subarray(0, 5).toString()).toBe('%PDF-')
    expect((await paper(address, 'application/pdf')).bytes.equals(pdf.bytes)).toBe(true)
    const [text] = textOfPdf(pdf.bytes)
    const facts = [`N.º ${request.number}`, 'AUTORIZADO', '1-APERTURA: depósito de apertura', 'FIDA (fondo FIDA-1)']
    const said = [...facts, '2.5.31.12', 'Página 1 de 1', `S/ ${request.amount}`, 'Ahorristas sin grupo', 'Total']
    for (const words of said) expect(text!.split('\n')).toContain(words)
    for (const paper of [csv.text, text]) expect(paper).not.toMatch(/Fortunata|Mamanchura/)
    expect((await paper(`${address}?separator=tab`, 'text/csv')).status).toBe(400)
  })
})
