import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readStatements } from '../../src/reconciliation/statements/read.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { openBanking } from './banking.ts'
import { bytesOf, samplePath } from './reading.ts'

let service: TestApp

beforeAll(async () => {
  service = await testApp()
})

afterAll(() => service.close())

/** A book that knows every account of the sample. */
async function bankOf(bytes: Buffer, currency: string) {
  const banking = await openBanking(service, currency)
  const numbers = new Set<string>()
  try {
    for await (const { account } of readStatements(bytesOf(bytes))) numbers.add(account)
  } catch {
    // What cannot be read is of no account.
  }
  for (const number of numbers) await banking.account(number)
  return banking
}

test.each([
  ['camt/two-statements.camt053.v2.xml', 'EUR', [7, 4], [[], []]],
  ['camt/continuity.camt053.v2.xml', 'EUR', [1, 1], [[], []]],
  ['camt/three-decimals.camt053.v2.xml', 'EUR', [1], [['statement-unbalanced']]],
  ['camt/batch.camt054.v8.xml', 'EUR', [1], [[]]],
  ['mt940/sepa-26-statements.sta', 'EUR', null, null],
  ['mt940/unbalanced.sta', 'EUR', [1], [['statement-unbalanced']]],
  ['mt940/latin1.txt', 'EUR', [2], [[]]],
  ['mt940/interim-balances.txt', 'EUR', [1, 1, 0], [[], [], ['statement-opening-differs']]],
])('%s is taken and kept as it is', async (name, currency, lines, breaks) => {
  const bytes = readFileSync(samplePath(name))
  const banking = await bankOf(bytes, currency)
  const { status, body } = await banking.send(bytes)
  expect({ status, code: body.code }).toEqual({ status: 201, code: undefined })
  expect(body).toMatchObject({ sha256: hash('sha256', bytes), size: bytes.length, replayed: false, repeatedLines: 0 })
  const statements = await banking.statements(body.id)
  if (lines === null) {
    expect(statements).toHaveLength(26)
    expect(body.lines).toBe(97)
    expect(statements.flatMap(({ breaks }) => breaks)).toEqual([])
  } else {
    expect(statements.map(one => one.lines)).toEqual(lines)
    expect(statements.map(one => one.breaks.map(({ reason }: { reason: string }) => reason))).toEqual(breaks)
  }
  const again = await banking.send(bytes)
  expect([again.status, again.body]).toEqual([200, { ...body, replayed: true }])
  const headers = { authorization: `Bearer ${banking.bankKey}` }
  const kept = await service.app.inject({ url: `${banking.book}/bank-files/${body.id}/bytes`, headers })
  expect(kept.rawPayload.equals(bytes)).toBe(true)
})

test('a statement in a currency that no book has is kept, and none of its lines counts', async () => {
  const bytes = readFileSync(samplePath('camt/business.camt053.v4.xml'))
  const banking = await bankOf(bytes, 'PEN')
  const { body } = await banking.send(bytes)
  const [statement] = await banking.statements(body.id)
  expect(statement).toMatchObject({ currency: 'SEK', residue: '0.00', lines: 3, uncountedLines: 3 })
  expect(statement.breaks.map(({ reason }: { reason: string }) => reason)).toEqual(['currency'])
})

test('what the schema says of a message is told, where the operator laid one down', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'qullqi-schemas-'))
  const namespace = 'urn:iso:std:iso:20022:tech:xsd:camt.053.001.02'
  // As small as a schema can be, in the place of ISO's: every document breaks it.
  const schema = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="${namespace}"><xs:element name="Document" type="xs:int"/></xs:schema>`
  await writeFile(join(folder, 'camt.053.001.02.xsd'), schema)
  const strict = await testApp({ env: { SCHEMA_DIR: folder } })
  try {
    const banking = await openBanking(strict, 'EUR')
    for (const name of ['NL26VAYB8060476890', '50000000054910000003']) await banking.account(name)
    const verdictOn = async (name: string) => (await banking.send(readFileSync(samplePath(name)))).body.schemaVerdict
    const told = await verdictOn('camt/continuity.camt053.v2.xml')
    expect([told.verdict, told.problems[0].where]).toEqual(['invalid', 'line 2'])
    expect(await verdictOn('camt/business.camt053.v4.xml')).toEqual({ verdict: 'not-checked', reason: 'no-schema' })
  } finally {
    await strict.close()
    await rm(folder, { recursive: true })
  }
})

test('three decimals are kept to the last', async () => {
  const bytes = readFileSync(samplePath('camt/three-decimals.camt053.v2.xml'))
  const banking = await bankOf(bytes, 'EUR')
  const { body } = await banking.send(bytes)
  const [statement] = await banking.statements(body.id)
  expect(statement).toMatchObject({ opening: '18.150', closing: '27.050', residue: '0.050' })
  const [line] = await banking.lines(statement.id)
  expect(line).toMatchObject({ amount: '8.850', counts: true })
})

test('a batch of a notice has its payments, and counts for nothing', async () => {
  const bytes = readFileSync(samplePath('camt/batch.camt054.v8.xml'))
  const banking = await bankOf(bytes, 'EUR')
  const { body } = await banking.send(bytes)
  const [statement] = await banking.statements(body.id)
  expect(statement.standing).toBe('notice')
  const [line] = await banking.lines(statement.id)
  expect([line.details.length, line.counts]).toEqual([3, false])
})

test.each([
  ['camt/invalid-order.camt053.v2.xml', 'line 105', /no BkTxCd.*does not balance: -50\.00/],
  ['camt/no-statement.camt053.v2.xml', 'line 1', /no statement/],
  ['mt940/february-30.sta', 'line 6', /160230/],
])('%s makes no sense, and is refused with line and reason', async (name, where, reason) => {
  const bytes = readFileSync(samplePath(name))
  const banking = await bankOf(bytes, 'EUR')
  const { status, body } = await banking.send(bytes)
  expect([status, body.code]).toEqual([422, 'file-refused'])
  expect(body.facts).toMatchObject({ where, sha256: hash('sha256', bytes), reason: expect.stringMatching(reason) })
  expect((await banking.get('/bank-files')).body.items).toEqual([])
})
