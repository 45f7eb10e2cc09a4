import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readStatements } from '../../src/reconciliation/statements/read.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { type Banking, openBanking } from './banking.ts'
import { bytesOf, samplePath } from './reading.ts'

const names = [
  'camt/two-statements.camt053.v2.xml',
  'camt/business.camt053.v4.xml',
  'camt/batch.camt054.v8.xml',
  'mt940/interim-balances.txt',
  'mt940/latin1.txt',
  'mt940/sepa-26-statements.sta',
]

let service: TestApp
let banking: Banking

beforeAll(async () => {
  service = await testApp()
  banking = await openBanking(service, 'EUR')
  const numbers = new Set<string>()
  for (const name of names)
    for await (const { account } of readStatements(bytesOf(readFileSync(samplePath(name))))) numbers.add(account)
  for (const number of numbers) await banking.account(number)
})

afterAll(() => service.close())

/** Digits of every kind, years and amounts beyond what anybody holds, and what databases stumble over. */
const pieces = [
  '9',
  '0',
  '-',
  ',',
  '99999999999999999999',
  '0001',
  '9999',
  '\u0001',
  '\\',
  "'",
  '\0',
  '\ud800',
  '𝕊',
  '{"',
  '~',
  '\r\n',
]

test('of a file that somebody changed it is said what it is, or why not, and never a fault', {
  timeout: 120_000,
}, async () => {
  const change = fc.record({ at: fc.nat(), length: fc.nat(3), text: fc.constantFrom(...pieces) })
  const taken = new Set<number>()
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      async (name, changes) => {
        const text = changes.reduce(
          (before, { at, length, text }) => {
            const place = at % before.length
            return before.slice(0, place) + text + before.slice(place + length)
          },
          readFileSync(samplePath(name), 'latin1'),
        )
        const { status, body } = await banking.send(Buffer.from(text, 'utf8'))
        taken.add(status)
        if (status >= 400) expect(['file-refused', 'bank-account-unknown']).toContain(body.code)
        else expect([200, 201]).toContain(status)
      },
    ),
    { numRuns: 150 },
  )
  expect([...taken].sort()).toEqual(expect.arrayContaining([201, 422]))
  const auditor = await service.key('auditor')
  expect((await banking.get('/verification', auditor)).body).toMatchObject({ ok: true })
})
