import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { Refusal, refusals } from '../refusals.ts'
import { problemMediaType, problemOf, problemText } from './problems.ts'
import { newRequestId, requestIdOf } from './request-id.ts'
import { safetyHeaders } from './safety.ts'

/** The same as lines of a head. */
const safetyLines = Object.entries(safetyHeaders).map(([name, value]) => `${name}: ${value}\r\n`)

/** Milliseconds in which a request that is on its way when the service stops may still arrive whole, to be told so. */
const arrival = 500

/**
 * Ends connections in order when the service stops: idle ones at once, and soon those whose request is not whole, for nothing of
 * it was done and it might never be. Only what is being answered is waited for.
 */
export function keepConnections(app: FastifyInstance): void {
  const { log } = app
  const open = new Set<Socket>()
  const last = new WeakMap<Socket, ServerResponse>()
  app.server.on('checkExpectation', (request, response) => answerExpectation(request, response, log))
  app.server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  app.addHook('onRequest', (request, reply, done) => {
    last.set(request.raw.socket, reply.raw)
    done()
  })
  let ending: NodeJS.Timeout | undefined
  app.addHook('preClose', done => {
    const since = performance.now()
    // Again and again, for a connection whose answer went out in this very moment would idle on and hold up the stop.
    ending = setInterval(() => {
      app.server.closeIdleConnections()
      if (performance.now() - since < arrival) return
      for (const socket of open) if (!isBeingAnswered(last.get(socket))) endUnfinished(socket, last.get(socket), log)
    }, 50)
    done()
  })
  app.addHook('onClose', () => clearInterval(ending))
}

function isBeingAnswered(response: ServerResponse | undefined): boolean {
  return response?.req.complete === true && !response.writableFinished
}

function endUnfinished(socket: Socket, response: ServerResponse | undefined, log: FastifyBaseLogger): void {
  // It was answered before its body had come.
  if (response?.headersSent && !response.req.complete) return void socket.destroy()
  endWith(socket, new Refusal('service-stopping', 'The request had not arrived whole; nothing was done.'), log)
}

/** With what was being read when it broke. */
type BrokenConnection = NodeJS.ErrnoException & { rawPacket?: unknown }

/** Answers what is not HTTP at all, or came too late or too large in its head; there is no request to speak of yet. */
export function answerBrokenConnection(error: BrokenConnection, socket: Socket, log: FastifyBaseLogger): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return void socket.destroy()
  const { rawPacket } = error
  const isHead = Buffer.isBuffer(rawPacket) && rawPacket.toString('latin1', 0, 5) === 'HEAD '
  endWith(socket, brokenRefusal(error.code), log, isHead)
}

function brokenRefusal(code: string | undefined): Refusal {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Refusal('head-too-large', 'Address and headers may have 16 kB together.')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Refusal('request-timeout', 'Nothing was done; send it again.')
  return new Refusal('request-invalid', 'This is no HTTP request.')
}

/**
 * Answers on a connection whose request is not whole, and ends it. No hook saw it, so its line in the log is written by itself.
 * An answer to HEAD has no body, though it tells of one.
 */
function endWith(socket: Socket, refusal: Refusal, log: FastifyBaseLogger, isHead = false): void {
  const { status } = refusals[refusal.code]
  const id = newRequestId()
  const body = problemText(problemOf(refusal, id))
  const retryAfter = status === 503 ? 'retry-after: 1\r\n' : ''
  socket.write(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: ${problemMediaType}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nx-request-id: ${id}\r\n${safetyLines.join('')}${retryAfter}connection: close\r\n\r\n${isHead ? '' : body}`,
  )
  socket.destroySoon()
  logRefused(log, id, refusal)
}

/** Answers a header `Expect` that asks for anything but `100-continue`: Node would say nothing but the status. */
function answerExpectation(request: IncomingMessage, response: ServerResponse, log: FastifyBaseLogger): void {
  const refusal = new Refusal('expectation-not-met', 'Send it without the header "Expect".')
  const id = requestIdOf(request)
  response.writeHead(417, {
    ...safetyHeaders,
    ...{ 'content-type': problemMediaType, 'x-request-id': id, connection: 'close' },
  })
  response.end(problemText(problemOf(refusal, id)))
  logRefused(log, id, refusal)
}

function logRefused(log: FastifyBaseLogger, requestId: string, { code }: Refusal): void {
  log.info({ requestId, route: 'none', status: refusals[code].status, refusal: code }, 'request')
}
