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

const nothing = Buffer.alloc(0)

/** Whether these bytes are an answer to its end: all of the service's answers have a content-length. */
function isWhole(bytes: Buffer): boolean {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return false
  const from = bytes.indexOf('ontent-length: ') + 15
  let length = 0
  for (let place = from; bytes[place]! >= 0x30 && bytes[place]! <= 0x39; place++)
    length = length * 10 + bytes[place]! - 0x30
  return from > 15 && bytes.length >= end + 4 + length
}

async function run(load: HttpLoad): Promise<LoadResult> {
  const requests = load.requests.map(({ path, body }) => {
    const length = body === null ? 0 : Buffer.byteLength(body.replaceAll('{id}', randomUUID()))
    const method = body === null ? 'GET' : 'POST'
    const content = body === null ? '' : `content-type: application/json\r\ncontent-length: ${length}\r\n`
    const head = `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${load.key}\r\n${content}\r\n`
    return (head + (body ?? '')).split('{id}')
  })
  // Ids that count up from a random beginning: a random one for each request would cost more than sending it.
  const beginning = randomUUID().slice(0, 24)
  let count = 0
  const newId = () => beginning + (count++).toString(16).padStart(12, '0')
  const latencies: number[] = []
  let failures = 0
  let firstFailure: string | null = null
  const started = performance.now()
  const end = started + load.seconds * 1000

  const one = () =>
    new Promise<void>((done, fail) => {
      const socket = connect({ host: '127.0.0.1', port: load.port, noDelay: true })
      let sent = 0
      let received: Buffer = nothing
      const send = () => {
        if (performance.now() >= end) {
          socket.end()
          return done()
        }
        const pieces = requests[(Math.random() * requests.length) | 0]!
        let text = pieces[0]!
        for (let piece = 1; piece < pieces.length; piece++) text += newId() + pieces[piece]
        sent = performance.now()
        socket.write(text, 'latin1')
      }
      socket.on('connect', send)
      socket.on('error', fail)
      socket.on('data', chunk => {
        if (received.length === 0 && isWhole(chunk)) received = chunk
        else {
          received = Buffer.concat([received, chunk])
          if (!isWhole(received)) return
        }
        latencies.push(performance.now() - sent)
        if (received[9] !== 0x32) {
          failures += 1
          firstFailure ??= received.toString()
        }
        received = nothing
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
