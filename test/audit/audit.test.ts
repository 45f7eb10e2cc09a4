import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBanking } from '../reconciliation/banking.ts'
import { mt940 } from '../reconciliation/written.ts'
import { type TestApp, testApp } from '../support/app.ts'

let service: TestApp

beforeAll(async () => {
  service = await testApp()
})

afterAll(() => service.close())

test('a book is verified by a thread of its own, and the one that answers requests stays free', async () => {
  const book = await openBanking(service, 'PEN')
  await book.account('191-2345678-0-12')
  const lines = Array.from({ length: 20_000 }, (_, place) => `C1,00OP-${10_000 + place}`)
  expect((await book.send(mt940([{ day: '260302', opening: '0,00', closing: '20000,00', lines }]))).status).toBe(201)
  const auditor = await service.key('auditor')
  await book.get('/verification', auditor)
  const [own, all] = [process.threadCpuUsage(), process.cpuUsage()]
  const { body } = await book.get('/verification', auditor)
  const used = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1000
  const [ofRequests, ofAll] = [used(process.threadCpuUsage(own)), used(process.cpuUsage(all))]
  expect({ ok: body.ok, isAll: body.counts.records > 20_000 }).toEqual({ ok: true, isAll: true })
  // Reading the file anew is work, of which next to nothing is the requests'.
  expect(ofAll).toBeGreaterThan(100)
  expect(ofRequests / ofAll).toBeLessThan(0.2)
})

test('of a book that there is not, or to who may not ask, the same is said as of any', async () => {
  const book = await openBanking(service)
  const url = '/v1/books/0199a000-0000-7000-8000-00000000dead/verification'
  const headers = { authorization: `Bearer ${await service.key('auditor')}` }
  const answer = await service.app.inject({ url, headers })
  expect([answer.statusCode, answer.json().code]).toEqual([404, 'book-not-found'])
  expect((await book.get('/verification')).status).toBe(403)
})
