import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'

/**
 * Sends requests to a server on loopback over keep-alive connections, one at a time on each, for a bounded time, and counts the
 * answers. Run as a process of its own, so that what it costs is not charged to what it measures. Hand-written on sockets
 * because a general client would take more of the two cores than the service under test.
 */
export type HttpLoad = {
  port: number
  key: string
  connections: number
  seconds: number
  /** Paths and bodies are drawn at random; `{id}` in a body becomes a new UUID. A body of null is a GET. */
  requests: { path: string; body: string | null }[]
}

export type LoadResult = {
  perSecond: number
  answers: number
  failures: number
  firstFailure: string | null
  p50: number
  p99: number
}

async function run(load: HttpLoad): Promise<LoadResult> {
  const heads = load.requests.map(({ path, body }) => {
    const length = body === null ? 0 : Buffer.byteLength(body.replaceAll('{id}', randomUUID()))
    const method = body === null ? 'GET' : 'POST'
    const content = body === null ? '' : `content-type: application/json\r\ncontent-length: ${length}\r\n`
    return `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${load.key}\r\n${content}\r\n`
  })
  const latencies: number[] = []
  let failures = 0
  let firstFailure: string | null = null
  const started = performance.now()
  const end = started + load.seconds * 1000

  const one = () =>
    new Promise<void>((done, fail) => {
      const socket = connect({ host: '127.0.0.1', port: load.port, noDelay: true })
      let sent = 0
      let received = ''
      const send = () => {
        if (performance.now() >= end) {
          socket.end()
          return done()
        }
        const pick = (Math.random() * heads.length) | 0
        const body = load.requests[pick]!.body
        sent = performance.now()
        socket.write(body === null ? heads[pick]! : heads[pick]! + body.replaceAll('{id}', () => randomUUID()))
      }
      socket.on('connect', send)
      socket.on('error', fail)
      socket.on('data', chunk => {
        received += chunk.toString('latin1')
        const split = received.indexOf('\r\n\r\n')
        if (split < 0) return
        const length = /content-length: (\d+)/i.exec(received)
        if (length === null || received.length < split + 4 + Number(length[1])) return
        latencies.push(performance.now() - sent)
        if (received[9] !== '2') {
          failures += 1
          firstFailure ??= received.slice(split + 4)
        }
        received = ''
        send()
      })
    })
  await Promise.all(Array.from({ length: load.connections }, one))
  const seconds = (performance.now() - started) / 1000
  latencies.sort((left, right) => left - right)
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
  return {
    perSecond: (latencies.length - failures) / seconds,
    answers: latencies.length,
    failures,
    firstFailure,
    p50: at(0.5),
    p99: at(0.99),
  }
}

process.once('message', async message => {
  process.send!(await run(message as HttpLoad))
  process.disconnect()
})
