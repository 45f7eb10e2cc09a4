import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCamt } from '../../src/reconciliation/statements/camt.ts'
import { sumsOf } from '../../src/reconciliation/statements/sums.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { openBanking } from './banking.ts'
import { allOf, bytesOf } from './reading.ts'
import { mt940 } from './written.ts'

let service: TestApp

beforeAll(async () => {
  service = await testApp()
})

afterAll(() => service.close())

const number = '191-2345678-0-12'

async function savings() {
  const banking = await openBanking(service, 'PEN')
  const bankAccountId = await banking.account(number)
  const [saverId, savingsAccountId] = [uuid(), uuid()]
  const person = { givenNames: 'Juana', familyNames: 'Condori', sex: 'female', districtCode: '080101' }
  await banking.post('/savers', { id: saverId, ...person, registeredOn: '2026-01-05' })
  const numbered = { bankAccountNumber: '110-01-0000001', openedOn: '2026-01-05' }
  await banking.post('/savings-accounts', { id: savingsAccountId, saverId, ...numbered })
  const url = `${banking.book}/bank-accounts/${bankAccountId}/our-side`
  async function moves(path: 'deposits' | 'withdrawals', day: string, amount: string, reference?: string) {
    const body = { id: uuid(), savingsAccountId, amount, valueDate: day, channel: 'branch', reference }
    const answer = await banking.post(`/${path}`, path === 'deposits' ? body : { ...body, purpose: 'household' })
    expect(answer.status).toBe(201)
    return body.id
  }
  async function tell(query: string, accept = 'application/xml', key = banking.bankKey) {
    const headers = { authorization: `Bearer ${key}`, accept }
    return service.app.inject({ method: 'GET', url: `${url}?${query}`, headers })
  }
  return { ...banking, bankAccountId, moves, tell, read: async (xml: string) => allOf(readCamt(bytesOf(xml, 1_000))) }
}

test('our side is read as a bank’s own statement, and hangs together from month to month', async () => {
  const book = await savings()
  await book.moves('deposits', '2026-02-27', '100.00', 'OP-1')
  const twice = await book.moves('deposits', '2026-03-02', '35.50', `OP-${'7'.repeat(36)}`)
  await book.moves('withdrawals', '2026-03-03', '20.00')
  await book.post(`/transactions/${twice}/reversal`, { id: uuid(), valueDate: '2026-03-04', reason: 'entered twice' })
  const february = await book.tell('from=2026-02-01&to=2026-02-28')
  const march = await book.tell('from=2026-03-01&to=2026-03-31')
  expect([february.statusCode, march.headers['content-type']]).toEqual([200, 'application/xml; charset=utf-8'])
  const [before, after] = [(await book.read(february.body))[0]!, (await book.read(march.body))[0]!]
  expect([sumsOf(before), sumsOf(after)]).toMatchObject([
    { opening: '0.00', closing: '100.00', isBalanced: true },
    { opening: '100.00', closing: '80.00', isBalanced: true },
  ])
  expect([before.warnings, after.warnings, after.account]).toEqual([[], [], number])
  expect(
    after.lines.map(line => [line.money.side, line.money.amount, line.valueDate, line.code, line.isReversal]),
  ).toEqual([
    ['credit', '35.50', '2026-03-02', 'deposit', false],
    ['debit', '20.00', '2026-03-03', 'withdrawal', false],
    ['debit', '35.50', '2026-03-04', 'reversal', true],
  ])
  expect(before.lines[0]).toMatchObject({ endToEndId: 'OP-1', counterpartyAccount: '110-01-0000001', text: '' })
  // A reference that is longer than a camt's is not cut: it stands in the text.
  expect(after.lines[0]).toMatchObject({ endToEndId: null, text: `OP-${'7'.repeat(36)}` })
  const known = `from=2026-03-01&to=2026-03-31&knownAt=${after.createdAt}`
  const told = (await book.tell(known)).body
  await book.moves('deposits', '2026-03-05', '1.00')
  expect((await book.tell(known)).body).toBe(told)
})

test('what is in suspense is the bank’s own, and no part of our side', async () => {
  const book = await savings()
  await book.moves('deposits', '2026-03-02', '10.00', 'OP-1')
  await book.send(mt940([{ day: '260302', opening: '0,00', closing: '7,00', lines: ['C10,00OP-1', 'D3,00COM'] }]))
  await book.post(`/bank-accounts/${book.bankAccountId}/matchings`, { id: uuid() })
  const [statement] = await book.read((await book.tell('from=2026-03-02&to=2026-03-02')).body)
  expect(sumsOf(statement!)).toMatchObject({ opening: '0.00', closing: '10.00', isBalanced: true })
  expect(statement!.lines).toHaveLength(1)
})

test('as CSV it opens and closes with the balances, also as Peru’s spreadsheets read it', async () => {
  const book = await savings()
  const id = await book.moves('deposits', '2026-03-02', '1234.50', 'OP-1')
  const out = await book.moves('withdrawals', '2026-03-03', '0.50')
  const plain = (await book.tell('from=2026-03-01&to=2026-03-31', 'text/csv')).body
  expect(plain.split('\r\n')).toEqual([
    'valueDate,kind,transactionId,sequence,reference,accountNumber,credit,debit,balance',
    '2026-03-01,opening-balance,,,,,,,0.00',
    `2026-03-02,deposit,${id},1,OP-1,110-01-0000001,1234.50,,1234.50`,
    `2026-03-03,withdrawal,${out},2,,110-01-0000001,,0.50,1234.00`,
    '2026-03-31,closing-balance,,,,,,,1234.00',
    '',
  ])
  const semicolons = (await book.tell('from=2026-03-01&to=2026-03-31&separator=semicolon', 'text/csv')).body
  expect(semicolons).toMatch(/^\ufeffvalueDate;kind;/)
  expect(semicolons).toContain(';"1234,50";;"1234,50"')
})

test('who asks wrongly is told, and another bank’s key finds nothing', async () => {
  const book = await savings()
  const code = async (query: string, accept?: string, key?: string) => {
    const answer = await book.tell(query, accept, key)
    return [answer.statusCode, answer.json().code]
  }
  expect(await code('from=2026-03-31&to=2026-03-01')).toEqual([422, 'period-not-in-order'])
  expect(await code('from=2026-03-01')).toEqual([400, 'request-invalid'])
  expect(await code('from=2026-03-01&to=2026-03-31', 'application/pdf')).toEqual([406, 'media-type-not-acceptable'])
  expect(await code('from=2026-03-01&to=2026-03-31&knownAt=2199-01-01T00:00:00Z')).toEqual([422, 'instant-in-future'])
  const other = await openBanking(service, 'PEN')
  expect(await code('from=2026-03-01&to=2026-03-31', undefined, other.bankKey)).toEqual([404, 'book-not-found'])
})

test('more than are read at once come all, in order', async () => {
  const book = await savings()
  const { items } = (await book.get('/accounts?control=1010')).body
  const { items: clearings } = (await book.get('/accounts?control=1090')).body
  const drafts = Array.from({ length: 1_000 }, () => ({
    id: uuid(),
    kind: 'opening-balance',
    valueDate: '2026-03-02',
    entries: [
      { accountId: items[0].id, direction: 'debit', amount: '1.00' },
      { accountId: clearings[0].id, direction: 'credit', amount: '1.00' },
      { accountId: items[0].id, direction: 'debit', amount: '2.00' },
      { accountId: clearings[0].id, direction: 'credit', amount: '2.00' },
    ],
  }))
  expect((await book.post('/transaction-lists', { mode: 'atomic', drafts })).status).toBe(200)
  const [statement] = await book.read((await book.tell('from=2026-03-02&to=2026-03-02')).body)
  expect(statement!.lines).toHaveLength(2_000)
  expect(sumsOf(statement!)).toMatchObject({ closing: '3000.00', isBalanced: true })
})
