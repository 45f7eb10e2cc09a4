import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { Histogram, type Registry } from 'prom-client'
import { Refusal } from '../refusals.ts'
import { unstorable } from './faults.ts'
import { makeSafe } from './safety.ts'

/** Characters of an address at most: several times what the longest of ours has, the place in a list included. */
export const longestAddress = 4096

/** Parameters of a query at most: each is looked at, and no operation has as many. */
export const mostParameters = 50

/** What every request meets first: its id, safety headers, and the limits of an address; and a polite no while the service stops. */
export function receive(app: FastifyInstance): void {
  let stopping = false
  app.addHook('preClose', done => {
    stopping = true
    done()
  })
  app.addHook('onSend', (_, reply, payload, done) => {
    if (stopping) reply.header('connection', 'close')
    done(null, payload)
  })
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    makeSafe(request, reply)
    if (stopping) {
      return done(new Refusal('service-stopping', 'Nothing was done; another instance will take it, or this one soon.'))
    }
    // RFC 9112, 3.2.
    if (request.raw.httpVersion === '1.1' && request.headers.host === undefined) {
      reply.header('connection', 'close')
      return done(new Refusal('request-invalid', 'A request says in "Host" to whom it is sent.'))
    }
    done(flawOfAddress(request.url))
  })
  // What is left of a body that was not read to its end passes by, however the request was answered: whoever still sends is not cut off,
  // and what follows on the connection does not wait behind it for ever.
  app.addHook('onResponse', ({ raw }, _, done) => {
    if (!raw.complete) raw.unpipe().resume()
    done()
  })
  app.addHook('preParsing', (request, reply, _, done) => {
    const encoding = request.headers['content-encoding']
    const hasNoBody = request.method === 'GET' || request.method === 'HEAD'
    if (encoding === undefined || encoding === 'identity' || hasNoBody || request.is404) {
      return done()
    }
    reply.header('accept-encoding', 'identity')
    done(new Refusal('media-type-unsupported', 'Send the body as it is, not compressed: without "Content-Encoding".'))
  })
}

/** What is wrong with an address before anybody looks what it asks for. */
function flawOfAddress(url: string): Refusal | undefined {
  if (url.length > longestAddress) {
    return new Refusal('address-too-long', `An address has at most ${longestAddress} characters.`)
  }
  if (url.includes('%00')) return unstorable()
  const query = url.indexOf('?')
  if (query < 0 || url.slice(query).split('&', mostParameters + 1).length <= mostParameters) return undefined
  const message = `has at most ${mostParameters} parameters`
  return new Refusal('request-invalid', `The query ${message}.`, { fields: [{ path: 'query', message }] })
}

/**
 * One log line and one observation for each request, when its answer has been sent. The route is its template, for the
 * address itself may hold what is private.
 */
export function record(app: FastifyInstance, log: Logger, metrics: Registry): void {
  const seconds = new Histogram({
    name: 'qullqi_http_request_seconds',
    help: 'Seconds from a request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [metrics],
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { method, outcome } = request
    const status = reply.statusCode
    const route = request.routeOptions.url ?? 'none'
    const milliseconds = reply.elapsedTime
    seconds.observe({ method, route, status }, milliseconds / 1000)
    const level = outcome?.fault === undefined ? 'info' : 'error'
    if (log.isLevelEnabled(level)) {
      const ms = Math.round(milliseconds * 100) / 100
      const client = request.actor === null ? undefined : request.actor.clientId
      log[level](
        { requestId: request.id, method, route, status, ms, client, refusal: outcome?.code, fault: outcome?.fault },
        'request',
      )
    }
    done()
  })
}
