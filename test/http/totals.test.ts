import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nameId } from '../../src/ids.ts'
import { type Field, openField } from '../savings/asking.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { documentOf, operationsOf, type Schema } from './operations.ts'

let service: TestApp
let field: Field

beforeAll(async () => {
  service = await testApp()
  field = await openField(service)
})

afterAll(() => service.close())

/** The example body of an operation. */
function exampleOf(operationId: string): Record<string, unknown> {
  const operation = operationsOf(service.app).find(one => one.operationId === operationId)
  return operation!.requestBody!.content['application/json']!.example as Record<string, unknown>
}

test('the examples of an account and of a hold on it are done as they stand, once there is money on it', async () => {
  const account = exampleOf('openAccount')
  const hold = exampleOf('placeHold')
  expect(hold.accountId).toBe(account.id)
  const opened = await field.administrator.post(`${field.book}/accounts`, account)
  expect([opened.status, opened.body.code]).toEqual([201, account.code])
  await post(String(account.id), '20.00')
  expect((await field.administrator.post(`${field.book}/holds`, hold)).status).toBe(201)
})

test('whatever takes an id of the client has one in its example', () => {
  const without = operationsOf(service.app).filter(({ parameters, requestBody }) => {
    const example = requestBody?.content['application/json']?.example as object | undefined
    return parameters.some(({ name }) => name === 'idempotency-key') && example !== undefined && !('id' in example)
  })
  expect(without.map(({ operationId }) => operationId)).toEqual([])
})

test('totals are as large as they come, and as the document says that they may be', async () => {
  const account = uuid()
  const opening = { id: account, code: '5020', name: 'Other', type: 'equity', openedOn: '2026-01-01' }
  expect((await field.administrator.post(`${field.book}/accounts`, opening)).status).toBe(201)
  for (const _ of [1, 2]) await post(account, '9999999999999.99')
  const { schemas } = documentOf(service.app).components
  const fits = (schema: Schema, text: string) => expect(text).toMatch(new RegExp(schema.pattern!))
  const balance = (await field.administrator.get(`${field.book}/accounts/${account}/balance`)).body
  expect(balance.credits).toBe('19999999999999.98')
  const trial = (await field.administrator.get(`${field.book}/trial-balance`)).body
  for (const side of ['debits', 'credits'] as const) {
    fits(schemas.Balance!.properties![side]!, balance[side])
    fits(schemas.TrialBalance!.properties![side]!, trial[side])
    for (const line of trial.lines) fits(schemas.TrialBalanceLine!.properties![side]!, line[side])
  }
})

async function post(accountId: string, amount: string): Promise<void> {
  const { status } = await field.administrator.post(`${field.book}/transactions`, {
    ...{ id: uuid(), valueDate: '2026-03-31' },
    entries: [
      { accountId: nameId('bank', field.bookId), direction: 'debit', amount },
      { accountId, direction: 'credit', amount },
    ],
  })
  expect(status).toBe(201)
}
