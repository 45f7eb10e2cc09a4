import { readFileSync } from 'node:fs'
import type pg from 'pg'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sessionOf } from '../../src/db/stream.ts'
import { verifyWithin } from '../../src/ledger/verify.ts'
import { verifyReconciliation } from '../../src/reconciliation/verify.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { tampering } from '../support/tampering.ts'
import { type Banking, openBanking } from './banking.ts'
import { samplePath } from './reading.ts'
import { mt940 } from './written.ts'

let service: TestApp
let client: pg.PoolClient
let banking: Banking

beforeAll(async () => {
  service = await testApp()
  client = await service.owner.$client.connect()
  banking = await openBanking(service, 'PEN')
  const id = await banking.account('191-2345678-0-12')
  await banking.account('50000000054910000003')
  const [saverId, savingsAccountId] = [uuid(), uuid()]
  const person = { givenNames: 'Juana', familyNames: 'Condori', sex: 'female', districtCode: '080101' }
  await banking.post('/savers', { id: saverId, ...person, registeredOn: '2026-01-05' })
  await banking.post('/savings-accounts', { id: savingsAccountId, saverId, openedOn: '2026-01-05' })
  for (const [amount, reference] of [
    ['12.50', 'OP-1'],
    ['7.00', 'OP-2'],
  ]) {
    const deposit = { id: uuid(), savingsAccountId, amount, valueDate: '2026-03-02', channel: 'branch', reference }
    expect((await banking.post('/deposits', deposit)).status).toBe(201)
  }
  const lines = ['C12,50OP-1', 'C7,00OP-2', 'D1,00COM']
  const days = [{ day: '260302', number: '1', opening: '0,00', closing: '18,50', lines }]
  expect((await banking.send(mt940(days))).status).toBe(201)
  expect((await banking.send(`\r\n${mt940(days)}`)).status).toBe(201)
  expect((await banking.send(readFileSync(samplePath('camt/business.camt053.v4.xml')))).status).toBe(201)
  const run = await banking.post(`/bank-accounts/${id}/matchings`, { id: uuid() })
  expect(run.body.told.matches).toBe(2)
})

afterAll(async () => {
  client.release()
  await service.close()
})

const faultsAfter = (sql: string | null) =>
  tampering(
    client,
    async () => {
      if (sql === null) return
      for (const statement of sql.split(';')) await client.query(statement)
    },
    async () =>
      (await verifyWithin(sessionOf(client), banking.bookId, { most: 20, further: [verifyReconciliation] })).faults,
  )

test('what is kept as it came is right', async () => {
  expect(await faultsAfter(null)).toEqual([])
  const answer = await banking.get('/verification', await service.key('auditor'))
  expect(answer.body).toMatchObject({ ok: true })
})

const line = `where number = 1 and currency = 'PEN' and standing = 'new'`

test.each([
  ['a byte of a file', `update bank_file_piece set content = set_byte(content, 40, 65)`, 'bank_file'],
  ['a piece that is gone', `delete from bank_file_piece`, 'bank_file'],
  ['the hash of a file', `update bank_file set sha256 = set_byte(sha256, 0, get_byte(sha256, 0) # 1)`, 'bank_file'],
  [
    'an amount',
    `alter table bank_line drop constraint bank_line_moves_what_it_says; update bank_line set amount = amount + 1 ${line}`,
    'bank_line',
  ],
  ['what a line moves', `update bank_line set moves = moves + 1 ${line}`, 'bank_line'],
  ['a line that counted', `update bank_line set moves = null ${line}`, 'bank_line'],
  ['a reference', `update bank_line set reference = 'OP-9' ${line}`, 'bank_line'],
  ['a day', `update bank_line set value_day = value_day + 1 ${line}`, 'bank_line'],
  ['a name', `update bank_line set counterparty = 'Somebody' ${line}`, 'bank_line'],
  ['a line that is gone', `delete from bank_line ${line}`, 'bank_line'],
  ['a statement that is gone', `delete from bank_statement where standing = 'repeated'`, 'bank_statement'],
  ['the last day of a statement', `update bank_statement set to_day = to_day + 1`, 'bank_statement'],
  [
    'the account of a statement',
    `update bank_statement set bank_account_id = (select min(id::text)::uuid from bank_account a where a.id <> bank_account_id)`,
    'bank_statement',
  ],
  ['a claim that is gone', `delete from bank_claim where line is not null`, 'bank_match'],
  ['all claims', `delete from bank_claim`, 'bank_claim'],
  [
    'a claim of another entry',
    `alter table bank_claim drop constraint bank_claim_entry_once; update bank_claim set sequence = case sequence when 1 then 2 else 1 end where sequence is not null`,
    'bank_claim',
  ],
  [
    'what stands in suspense',
    `update reconciliation_break set amount = amount - 1 where line is not null`,
    'bank_account',
  ],
  [
    'a break that somebody ended',
    `update reconciliation_break set ended_at = now() where line is not null`,
    'bank_account',
  ],
  ['a guard', `drop trigger bank_claim_conserves on bank_claim`, undefined],
])('%s that somebody changed is found', async (_, sql, table) => {
  const faults = await faultsAfter(sql)
  expect(faults.map(fault => fault.table)).toContain(table)
})
