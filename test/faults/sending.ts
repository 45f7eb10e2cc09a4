import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Chance } from '../journeys/load.ts'
import type { MadeRequest } from './made-requests.ts'

/** What came back, after so many milliseconds; `failed` when nothing that can be read did. */
export type Sent =
  | { status: number; headers: IncomingHttpHeaders; body: Buffer; ms: number }
  | { failed: string; ms: number }

export type Sender = {
  send(made: MadeRequest): Promise<Sent>
  /** Sends it torn: cut off, half-closed, or framed in a way that HTTP does not know. Says how. */
  sendTorn(made: MadeRequest, chance: Chance): Promise<Sent & { how: string }>
  close(): void
}

/** Sends over sockets, so that what is read is what a client would read. `patience` is in milliseconds. */
export function openSender({ port, patience }: { port: number; patience: number }): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const host = '127.0.0.1'

  async function send({ method, url, headers, payload }: MadeRequest): Promise<Sent> {
    const begun = performance.now()
    const elapsed = () => performance.now() - begun
    const length = payload === null ? {} : { 'content-length': payload.length }
    try {
      return await new Promise<Sent>((settle, fail) => {
        const signal = AbortSignal.timeout(patience)
        const options = { host, port, method, path: url, agent, signal, headers: { ...headers, ...length } }
        const sent = request(options, async response => {
          try {
            const body = await buffer(response)
            settle({ status: response.statusCode!, headers: response.headers, body, ms: elapsed() })
          } catch (error) {
            fail(error)
          }
        })
        sent.on('error', fail)
        sent.end(payload ?? undefined)
      })
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      return { failed: `${code} ${message}`, ms: elapsed() }
    }
  }

  async function sendTorn(made: MadeRequest, chance: Chance): Promise<Sent & { how: string }> {
    const begun = performance.now()
    const [how, bytes] = torn(made, chance)
    const received = await exchange({ port, bytes, patience, isCut: cutOnes.has(how) })
    const ms = performance.now() - begun
    if (typeof received === 'string') return { failed: received, ms, how }
    return { ...readAnswer(received), ms, how } as Sent & { how: string }
  }

  return { send, sendTorn, close: () => agent.destroy() }
}

/** Whose end is never sent; who closes a connection after a whole request is not owed an answer. */
const cutOnes = new Set(['cut in the head', 'cut in the body', 'chunks without an end'])

type Exchange = { port: number; bytes: Buffer; patience: number; isCut: boolean }

/** Sends bytes, closes its own half of what is cut, and reads until the other half is closed. A text says what went wrong. */
function exchange({ port, bytes, patience, isCut }: Exchange): Promise<Buffer | string> {
  return new Promise(settle => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const chunks: Buffer[] = []
    socket.setTimeout(patience, () => {
      settle('it did not end')
      socket.destroy()
    })
    socket.on('data', chunk => chunks.push(chunk))
    // What was received before the other end broke off counts.
    socket.on('error', ({ message }) => settle(chunks.length > 0 ? Buffer.concat(chunks) : message))
    socket.on('close', () => settle(Buffer.concat(chunks)))
    socket.on('end', () => socket.end())
    if (isCut) socket.end(bytes)
    else socket.write(bytes)
  })
}

type Tear = (head: string, lines: string[], body: Buffer, chance: Chance) => Buffer

const text = (head: string, lines: readonly string[], body: Buffer = Buffer.alloc(0)) =>
  Buffer.concat([Buffer.from(`${[head, ...lines].join('\r\n')}\r\n\r\n`), body])

const chunked = 'transfer-encoding: chunked'

const tears: Record<string, Tear> = {
  'cut in the head': (head, lines, _, chance) => {
    const whole = text(head, lines)
    return whole.subarray(0, 1 + chance.below(whole.length - 3))
  },
  'cut in the body': (head, lines, body, chance) =>
    text(head, [...lines, `content-length: ${body.length + 1 + chance.below(100)}`], body),
  'longer than it says': (head, lines, body) => text(head, [...lines, `content-length: ${body.length >> 1}`], body),
  'two lengths': (head, lines, body) =>
    text(head, [...lines, `content-length: ${body.length}`, `content-length: ${body.length + 1}`], body),
  'length and chunks': (head, lines, body) => text(head, [...lines, `content-length: ${body.length}`, chunked], body),
  'length below zero': (head, lines, body) => text(head, [...lines, 'content-length: -1'], body),
  'length that is no number': (head, lines, body) => text(head, [...lines, 'content-length: 0x10'], body),
  'chunks that are none': (head, lines, body) =>
    text(head, [...lines, chunked], Buffer.concat([Buffer.from('x'), body])),
  'chunks without an end': (head, lines, body) =>
    text(head, [...lines, chunked], Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body])),
  'chunks of chunks': (head, lines, body) => text(head, [...lines, 'transfer-encoding: chunked, chunked'], body),
  'no such version': (head, lines) => text(head.replace('HTTP/1.1', 'HTTP/3.7'), lines),
  'old version': (head, lines) => text(head.replace('HTTP/1.1', 'HTTP/1.0'), lines),
  'no such method': (head, lines) => text(head.replace(/^\S+/, 'QHAWAY'), lines),
  'address with a space': (head, lines) => text(head.replace('?', ' ?').replace('/v1', '/v 1'), lines),
  'no host': (head, lines) => text(head, lines.slice(1)),
  'two hosts': (head, lines) => text(head, ['host: other', ...lines]),
  'line without a colon': (head, lines) => text(head, [...lines, 'nonsense']),
  'zero in a line': (head, lines) => text(head, [...lines, 'x: a\0b']),
  'folded line': (head, lines) => text(head, [...lines, 'x: a', ' b']),
  'lines by LF': (head, lines) => Buffer.from(`${[head, ...lines].join('\n')}\n\n`),
  'two credentials': (head, lines) => text(head, [...lines, 'authorization: Bearer qk_x']),
  'no HTTP': (_, __, body) => Buffer.concat([Buffer.from([0x16, 0x03, 0x01]), body]),
}

function torn(made: MadeRequest, chance: Chance): [how: string, bytes: Buffer] {
  const how = chance.oneOf(Object.keys(tears))
  const headers = Object.entries(made.headers).map(([name, value]) => `${name}: ${value}`)
  const lines = ['host: 127.0.0.1', ...headers, 'connection: close']
  const head = `${made.method} ${made.url} HTTP/1.1`
  return [how, tears[how]!(head, lines, made.payload ?? Buffer.from('{}'), chance)]
}

/** The first answer in what was received. */
function readAnswer(received: Buffer): Omit<Extract<Sent, { status: number }>, 'ms'> | { failed: string } {
  const end = received.indexOf('\r\n\r\n')
  const [first = '', ...lines] = received.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1])
  if (!status) return { failed: `no answer: ${received.subarray(0, 100).toString('latin1')}` }
  const rest = received.subarray(end + 4)
  if (status === 100) return readAnswer(rest)
  const headers = Object.fromEntries(
    lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  if (headers['transfer-encoding'] === 'chunked') return { status, headers, body: unchunked(rest) }
  const length = headers['content-length']
  return { status, headers, body: length === undefined ? rest : rest.subarray(0, Number(length)) }
}

function unchunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; ; ) {
    const line = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16)
    if (line < 0 || !size) return Buffer.concat(parts)
    parts.push(bytes.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
}
