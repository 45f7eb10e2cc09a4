import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { App } from '../../src/http/openapi.ts'
import { authorization, serverWith } from './server.ts'

const asking = (path: string) => `GET ${path} HTTP/1.1\r\nhost: test\r\nauthorization: ${authorization}\r\n\r\n`

/** A listening server with a slow route, which answers when its gate is opened, and a fast one. */
async function listening(requestTimeout?: number) {
  const [gate, entered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const { app } = await serverWith(
    (server: App) => {
      const response = { 200: z.object({ ok: z.boolean() }) }
      const route = { method: 'GET' as const, config: { access: ['agent'] as const } }
      server.route({
        ...route,
        url: '/v1/slow',
        schema: { operationId: 'slow', response },
        handler: async () => {
          entered.resolve()
          await gate.promise
          return { ok: true }
        },
      })
      server.route({
        ...route,
        url: '/v1/fast',
        schema: { operationId: 'fast', response },
        handler: () => ({ ok: true }),
      })
      server.route({
        ...route,
        method: 'POST',
        url: '/v1/filled',
        schema: { operationId: 'fill', body: z.strictObject({ note: z.string() }), response },
        handler: () => ({ ok: true }),
      })
    },
    requestTimeout === undefined ? {} : { requestTimeout },
  )
  await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, gate, entered, port: (app.server.address() as AddressInfo).port }
}

function connection(port: number) {
  const socket = connect(port, '127.0.0.1')
  const received = { text: '' }
  socket.on('data', chunk => {
    received.text += chunk
  })
  return { socket, received, closed: once(socket, 'close') }
}

test('stopping, the service answers what is under way', async () => {
  const { app, gate, entered, port } = await listening()
  const { socket, received, closed } = connection(port)
  socket.write(asking('/v1/slow'))
  await entered.promise
  const closing = app.close()
  await pause(20)
  gate.resolve()
  await Promise.all([closing, closed])
  expect(received.text).toMatch(/^HTTP\/1.1 200 [\s\S]*\r\nconnection: close\r\n[\s\S]*\{"ok":true\}$/i)
})

test('stopping, the service refuses a request that arrives too late, for another to take', async () => {
  const { app, port } = await listening()
  const { socket, received, closed } = connection(port)
  const text = asking('/v1/fast')
  socket.write(text.slice(0, 20))
  await pause(50)
  const closing = app.close()
  await pause(20)
  socket.write(text.slice(20))
  await Promise.all([closing, closed])
  expect(received.text).toMatch(/^HTTP\/1.1 503 [\s\S]*"code":"service-stopping"/)
  expect(received.text).toMatch(/\r\nretry-after: 1\r\n/)
  expect(received.text).toMatch(/\r\nconnection: close\r\n/i)
})

test('stopping, the service lets go of idle connections and waits for no client', async () => {
  const { app, port } = await listening()
  const { socket, received, closed } = connection(port)
  socket.write(asking('/v1/fast'))
  while (!received.text.includes('{"ok":true}')) await pause(5)
  await app.close()
  await closed
})

const filling =
  `POST /v1/filled HTTP/1.1\r\nhost: test\r\nauthorization: ${authorization}\r\n` +
  'content-type: application/json\r\ncontent-length: 14\r\n\r\n'

test.each([
  ['a body', `${filling}{"note":`],
  ['a head', asking('/v1/fast').slice(0, 40)],
  ['the next head, after an answer', `${asking('/v1/fast')}GET /v1`],
])('stopping, the service does not wait for the rest of %s, and says that nothing was done', async (_, text) => {
  const { app, port } = await listening()
  const { socket, received, closed } = connection(port)
  socket.write(text)
  await pause(100)
  const started = performance.now()
  await app.close()
  await closed
  expect(performance.now() - started).toBeLessThan(3_000)
  expect(received.text).toMatch(/HTTP\/1.1 503 [\s\S]*"code":"service-stopping"[^{]*"retryable":true/)
})

test('stopping, a body that began before and ends in time is taken', async () => {
  const { app, port } = await listening()
  const { socket, received, closed } = connection(port)
  socket.write(`${filling}{"note":`)
  await pause(100)
  const closing = app.close()
  await pause(50)
  socket.write('"now"}')
  await Promise.all([closing, closed])
  expect(received.text).toMatch(/^HTTP\/1.1 200 /)
})

test('a request that does not arrive whole in time is answered 408, and may be sent again', async () => {
  const { app, port } = await listening(1_000)
  const { socket, received, closed } = connection(port)
  const started = performance.now()
  socket.write(`${filling}{"note":`)
  await closed
  expect(performance.now() - started).toBeLessThan(4_000)
  expect(received.text).toMatch(/^HTTP\/1.1 408 [\s\S]*"code":"request-timeout"[^{]*"retryable":true/)
  await app.close()
})
