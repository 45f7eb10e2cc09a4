import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readStatements } from '../../src/reconciliation/statements/read.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { openBanking } from './banking.ts'
import { sample, samplePath } from './reading.ts'

let service: TestApp
let base: string

beforeAll(async () => {
  service = await testApp()
  base = await service.app.listen({ host: '127.0.0.1', port: 0 })
})

afterAll(() => service.close())

/** What `npm run bank-file` says of a sample, and how it ends, in a book that knows each of its accounts. */
async function said(name: string, currency: string): Promise<{ code: number; lines: string[]; banking: Banking }> {
  const banking = await openBanking(service, currency)
  const numbers = new Set<string>()
  try {
    for await (const { account } of readStatements(sample(name))) numbers.add(account)
  } catch {
    // What cannot be read is of no account.
  }
  for (const number of numbers) await banking.account(number)
  const program = join(import.meta.dirname, '..', '..', 'src', 'bank-file.ts')
  const env = { ...process.env, QULLQI_URL: base, QULLQI_KEY: banking.bankKey }
  const path = samplePath(name)
  return new Promise(resolve => {
    execFile(process.execPath, [program, '--book', banking.bookId, path], { env }, (error, stdout) => {
      const lines = stdout.trimEnd().replace(`${path}: `, '').split('\n')
      resolve({ code: error === null ? 0 : Number(error.code), lines, banking })
    })
  })
}

type Banking = Awaited<ReturnType<typeof openBanking>>

const unbalanced = expect.stringMatching(/: statement-unbalanced: its closing balance is \S+ more than/)

test.each([
  ['camt/two-statements.camt053.v2.xml', 'EUR', ['taken; 2 statements, 11 lines']],
  ['camt/continuity.camt053.v2.xml', 'EUR', ['taken; 2 statements, 2 lines']],
  ['camt/three-decimals.camt053.v2.xml', 'EUR', ['taken; 1 statements, 1 lines', unbalanced]],
  ['camt/batch.camt054.v8.xml', 'EUR', ['taken; 1 statements, 1 lines']],
  [
    'camt/business.camt053.v4.xml',
    'PEN',
    ['taken; 1 statements, 3 lines', expect.stringMatching(/: currency: 3 of its booked lines/)],
  ],
  ['mt940/sepa-26-statements.sta', 'EUR', ['taken; 26 statements, 97 lines']],
  ['mt940/unbalanced.sta', 'EUR', ['taken; 1 statements, 1 lines', unbalanced]],
  ['mt940/latin1.txt', 'EUR', ['taken; 1 statements, 2 lines']],
  [
    'mt940/interim-balances.txt',
    'EUR',
    ['taken; 3 statements, 2 lines', expect.stringMatching(/: statement-opening-differs: it begins with/)],
  ],
])('the command line takes %s, and tells what is wrong with it', async (name, currency, expected) => {
  const { code, lines, banking } = await said(name, currency)
  expect({ code, lines }).toEqual({ code: 0, lines: expected })
  const [{ id }] = (await banking.get('/bank-files')).body.items
  const headers = { authorization: `Bearer ${banking.bankKey}` }
  const kept = await service.app.inject({ url: `${banking.book}/bank-files/${id}/bytes`, headers })
  expect(kept.rawPayload.equals(readFileSync(samplePath(name)))).toBe(true)
})

test.each([
  ['camt/invalid-order.camt053.v2.xml', /^refused, file-refused: .*line 105.*does not balance: -50\.00/],
  ['camt/no-statement.camt053.v2.xml', /^refused, file-refused: .*line 1\b.*no statement/],
  ['mt940/february-30.sta', /^refused, file-refused: .*line 6\b.*160230/],
])('the command line says where and why %s is refused, and ends with 1', async (name, reason) => {
  const { code, lines, banking } = await said(name, 'EUR')
  expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(reason)] })
  expect((await banking.get('/bank-files')).body.items).toEqual([])
})
