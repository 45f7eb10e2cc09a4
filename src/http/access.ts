import assert from 'node:assert/strict'
import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction, RouteOptions } from 'fastify'
import { type Scope, within } from '../db/scope.ts'
import { Refusal, type RefusalCode } from '../refusals.ts'
import { type Actor, bookNotFound, reachesBook, reachOf, roles } from './actor.ts'
import type { Credentials } from './credentials.ts'
import type { Limits } from './limits.ts'
import { mergeProblems, undeclared } from './problems.ts'

/** Codes that any route may answer with, whatever it does. */
const universal: RefusalCode[] = [
  ...(['request-invalid', 'address-too-long', 'internal-fault'] as const),
  ...(['service-stopping', 'database-unavailable', 'overloaded'] as const),
]

/** Codes that come with asking who somebody is. */
const ofCredentials = [
  ...(['authentication-required', 'access-denied', 'too-many-requests', 'token-keys-unavailable'] as const),
] as const

/**
 * Guards every route registered afterwards that has `config.access`: key or token, then role, then book. A route under /v1
 * without `access` stops the start, and so does one that forgets its operationId or its answers.
 */
export function guard(app: FastifyInstance, credentials: Credentials, limits: Limits): void {
  app.decorateRequest('actor', null as unknown as Actor)
  const authenticate = authentication(credentials, limits)
  // Late, for what reads a body loses what it was read for.
  app.addHook('preHandler', (request, _, done) => {
    within(scopeOf(request), done)
  })
  app.addHook('onRoute', route => {
    const access = route.config?.access
    if (!route.url.startsWith('/v1/') && !access) return
    assert(access && access.length > 0, `${route.method} ${route.url} says in config.access which roles may call it`)
    assert(access.every(role => roles.includes(role)))
    declareAnswers(route)
    route.onRequest = [authenticate, ...[route.onRequest ?? []].flat()] as NonNullable<RouteOptions['onRequest']>
  })
}

/** A request reaches the book of its address, else the only one of whoever asks; one that nobody need be known for, none. */
function scopeOf(request: FastifyRequest): Scope {
  const { actor, params } = request
  if (!actor) return { reach: 'none' }
  const { bookId } = params as { bookId?: string }
  return {
    reach: bookId?.toLowerCase() ?? reachOf(actor),
    asker: { actor: actor.clientId, requestId: request.id },
  }
}

/** Adds the refusals that come with a route's shape, so that every status it can answer with is declared. */
function declareAnswers(route: RouteOptions): void {
  assert(route.schema?.operationId && route.schema.response, `${route.url} has an operationId and its answers`)
  const codes: RefusalCode[] = [...ofCredentials, ...universal]
  if (route.url.includes('/:bookId')) codes.push('book-not-found')
  if (!['GET', 'HEAD'].includes(String(route.method))) codes.push('body-too-large', 'media-type-unsupported')
  const responses = { ...route.schema.response } as Record<string, unknown>
  mergeProblems(responses, codes)
  responses.default = undeclared
  route.schema = { ...route.schema, response: responses }
}

function authentication(credentials: Credentials, limits: Limits) {
  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const text = bearer(request.headers.authorization)
    if (text === null) {
      done(challenged(reply, unknown('Send your key or token as "Authorization: Bearer …".')))
      return
    }
    if (isRepeated(request.raw.rawHeaders)) {
      done(new Refusal('request-invalid', 'The header "Authorization" is there more than once.'))
      return
    }
    // Whoever was let in before is not kept out by what others try from the same address.
    const shut = limits.ofAddress(request, reply)
    if (shut && !credentials.knows(text)) {
      done(shut)
      return
    }
    const found = credentials.actorOf(text)
    if (!(found instanceof Promise)) done(admit(request, reply, found, limits))
    else
      found.then(
        actor => done(admit(request, reply, actor, limits)),
        error => done(refused(request, reply, error, limits)),
      )
  }
}

/** What came let nobody in, or could not be judged. */
function refused(request: FastifyRequest, reply: FastifyReply, failure: unknown, limits: Limits): Error {
  if (failure instanceof Refusal && failure.code === 'authentication-required') limits.failed(request)
  return challenged(reply, failure as Error)
}

/** Lets the actor in, or says why not, in the order a client should learn of it: key or token, how often, role, book. */
function admit(request: FastifyRequest, reply: FastifyReply, actor: Actor | null, limits: Limits): Error | undefined {
  if (actor === null) return refused(request, reply, unknown('The key is unknown, expired or revoked.'), limits)
  request.actor = actor
  const { access = [], changesNothing, unlimited } = request.routeOptions.config
  const exceeded = unlimited ? undefined : limits.ofClient(actor.clientId, reply)
  if (exceeded) return exceeded
  if (!access.includes(actor.role)) {
    return new Refusal('access-denied', `This operation is for the roles ${access.join(', ')}.`)
  }
  if (actor.readOnly && !changesNothing && request.method !== 'GET' && request.method !== 'HEAD') {
    return new Refusal('access-denied', 'Your key or token is for reading only.')
  }
  const { bookId } = request.params as { bookId?: string }
  return bookId === undefined || reachesBook(actor, bookId) ? undefined : bookNotFound()
}

function unknown(detail: string): Refusal {
  return new Refusal('authentication-required', detail)
}

/** RFC 6750: whoever is not let in is told how to come. */
function challenged<Failure>(reply: FastifyReply, failure: Failure): Failure {
  if (failure instanceof Refusal && failure.code === 'authentication-required') {
    reply.header('www-authenticate', 'Bearer realm="qullqi"')
  }
  return failure
}

/** Characters of the header at most: tokens of large organisations have some thousand. */
const longestBearer = 8_192

function bearer(header: string | undefined): string | null {
  return header !== undefined && header.length <= longestBearer && /^bearer /i.test(header)
    ? header.slice(7).trim()
    : null
}

/** Node keeps the first of several, and a proxy before us may have judged another one. */
function isRepeated(rawHeaders: readonly string[]): boolean {
  let count = 0
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const name = rawHeaders[place]!
    if (name.length === 13 && name.toLowerCase() === 'authorization') count += 1
  }
  return count > 1
}
