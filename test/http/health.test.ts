import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { openDatabase } from '../../src/db/client.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { testConfig } from '../support/config.ts'

let service: TestApp

beforeAll(async () => {
  service = await testApp()
})
afterAll(() => service.close())

test('a service that reaches its database is healthy and ready, and tells it to anybody', async () => {
  for (const url of ['/health', '/ready']) {
    const answer = await service.app.inject(url)
    expect([url, answer.statusCode, answer.json()]).toEqual([url, 200, { status: 'ok' }])
  }
})

test('one that does not reach it is healthy and not ready, and keys cannot be checked', async () => {
  const db = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none' })
  const app = await buildApp({ db, config: testConfig(), clock: service.clock })
  expect((await app.inject('/health')).statusCode).toBe(200)
  const ready = await app.inject('/ready')
  expect([ready.statusCode, ready.json().code, ready.headers['retry-after']]).toEqual([
    503,
    'database-unavailable',
    '1',
  ])
  const headers = { authorization: `Bearer ${await service.key('auditor')}` }
  const me = await app.inject({ url: '/v1/me', headers })
  expect([me.statusCode, me.json().code]).toEqual([503, 'database-unavailable'])
  await app.close()
  await db.$client.end()
})

test('what is measured is told by route template, to auditors and administrators', async () => {
  const headers = { authorization: `Bearer ${await service.key('auditor', { readOnly: true })}` }
  await service.app.inject({ url: `/v1/api-keys/${randomUUID()}`, headers })
  const answer = await service.app.inject({ url: '/metrics', headers })
  expect(answer.headers['content-type']).toMatch(/^text\/plain; version=/)
  expect(answer.body).toContain(
    'qullqi_http_request_seconds_count{method="GET",route="/v1/api-keys/:keyId",status="403"} 1',
  )
  expect(answer.body).toMatch(/qullqi_database_connections\{state="total"\} \d+/)
  expect(answer.body).toContain('nodejs_eventloop_lag_seconds')
  expect((await service.app.inject('/metrics')).statusCode).toBe(401)
})
