import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { longestAddress, mostParameters } from '../../src/http/requests.ts'
import { safetyHeaders } from '../../src/http/safety.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { emptyRequest, operationsOf } from './operations.ts'

let service: TestApp
let authorization: string

beforeAll(async () => {
  service = await testApp({ env: { TRUST_PROXY: '10.0.0.1' } })
  authorization = `Bearer ${await service.key('administrator')}`
})

afterAll(() => service.close())

type Asked = { url: string; method?: string; headers?: object; payload?: string; remoteAddress?: string }

async function headersOf(asked: Asked): Promise<Record<string, unknown>> {
  return (await service.app.inject(asked as never)).headers
}

/** The headers of an answer that are not as they have to be. */
function unsafe(headers: Record<string, unknown>): string[] {
  return Object.entries(safetyHeaders).flatMap(([name, value]) => (headers[name] === value ? [] : [name]))
}

describe('every answer tells browsers to keep, guess, run and frame nothing', () => {
  test('of every operation, to whom may call it and to whom may not', async () => {
    const operations = operationsOf(service.app)
    expect(operations.length).toBeGreaterThan(100)
    const wrong: unknown[] = []
    for (const operation of operations) {
      const request = emptyRequest(operation)
      for (const credentials of [{}, { authorization }]) {
        const headers = { ...('headers' in request && request.headers), ...credentials }
        const found = unsafe(await headersOf({ ...request, headers }))
        if (found.length > 0) wrong.push([operation.operationId, ...found])
      }
    }
    expect(wrong).toEqual([])
  })

  test.each([
    ['where nothing is', { url: '/nothing' }],
    ['to a method that is not taken', { url: '/health', method: 'DELETE' }],
    ['to OPTIONS', { url: '/health', method: 'OPTIONS' }],
    ['to an address that cannot be read', { url: '/v1/%zz' }],
    ['to one that is too long', { url: `/v1/me?${'x'.repeat(longestAddress)}` }],
    ['with the document', { url: '/openapi.json' }],
  ])('%s', async (_, asked) => {
    expect(unsafe(await headersOf(asked))).toEqual([])
  })

  test.each(['nonsense\r\n\r\n', 'GET / HTTP/1.1\r\nhost: x\r\nexpect: 200-ok\r\n\r\n'])(
    'to what is no request: %j',
    async text => {
      if (!service.app.server.listening) await service.app.listen({ host: '127.0.0.1', port: 0 })
      const socket = connect((service.app.server.address() as AddressInfo).port, '127.0.0.1')
      let answer = ''
      socket.on('data', chunk => {
        answer += chunk
      })
      socket.write(text)
      await once(socket, 'close')
      for (const [name, value] of Object.entries(safetyHeaders)) expect(answer).toContain(`\r\n${name}: ${value}\r\n`)
    },
  )

  // They show more than nothing, each by a policy of its own.
  test.each(['/', '/places/08', '/tables/series.csv', '/releases', '/reconciliation', '/docs/'])(
    'with the page %s, which nobody else may frame or keep',
    async url => {
      const headers = await headersOf({ url })
      expect(headers['content-security-policy']).toMatch(/default-src '(none|self)'.*frame-ancestors '(none|self)'/)
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['referrer-policy']).toMatch(/^(no-referrer|same-origin)$/)
      if (url !== '/docs/') expect(headers['cache-control']).toBe('no-store')
    },
  )
})

test('a browser is told to come by HTTPS only where it came by HTTPS, as a trusted proxy says and nobody else', async () => {
  const headers = { 'x-forwarded-proto': 'https' }
  const told = async (asked: Asked) => (await headersOf(asked))['strict-transport-security']
  expect(await told({ url: '/health', headers, remoteAddress: '10.0.0.1' })).toBe('max-age=31536000')
  expect(await told({ url: '/', headers, remoteAddress: '10.0.0.1' })).toBe('max-age=31536000')
  expect(await told({ url: '/health', headers, remoteAddress: '10.0.0.2' })).toBeUndefined()
  expect(await told({ url: '/health', remoteAddress: '10.0.0.1' })).toBeUndefined()
})

describe('an address', () => {
  async function ask(url: string) {
    const answer = await service.app.inject({ url, headers: { authorization } })
    return [answer.statusCode, answer.json().code]
  }

  test('has a length that is read, and one more character is refused', async () => {
    const padded = (length: number) => `/v1/books?after=${'x'.repeat(length - '/v1/books?after='.length)}`
    expect(await ask(padded(longestAddress))).toEqual([400, 'request-invalid'])
    expect(await ask(padded(longestAddress + 1))).toEqual([414, 'address-too-long'])
    expect(await ask(`/${'x'.repeat(longestAddress)}`)).toEqual([414, 'address-too-long'])
  })

  test('has as many parameters as are looked at, and with one more none is', async () => {
    const many = (count: number) => `/v1/books?${Array.from({ length: count }, (_, place) => `x${place}=1`).join('&')}`
    const fieldsOf = async (url: string) =>
      (await service.app.inject({ url, headers: { authorization } })).json().fields.length
    expect(await fieldsOf(many(mostParameters))).toBe(mostParameters)
    expect(await fieldsOf(many(mostParameters + 1))).toBe(1)
    expect(await ask(many(mostParameters + 1))).toEqual([400, 'request-invalid'])
  })
})
