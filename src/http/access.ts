import assert from 'node:assert/strict'
import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction, RouteOptions } from 'fastify'
import { Refusal, type RefusalCode } from '../refusals.ts'
import { type Actor, bookNotFound, reachesBook, roles } from './actor.ts'
import { mergeProblems, undeclared } from './problems.ts'

/** Finds whose key a text is; answers at once when it was asked of late, for the wait costs every request. */
export type ActorOf = (keyText: string) => Actor | null | Promise<Actor | null>

/** Codes that any route may answer with, whatever it does. */
const universal: RefusalCode[] = [
  ...(['request-invalid', 'address-too-long', 'internal-fault'] as const),
  ...(['service-stopping', 'database-unavailable'] as const),
]

/**
 * Guards every route registered afterwards that has `config.access`: key, then role, then book. A route under /v1
 * without `access` stops the start, and so does one that forgets its operationId or its answers.
 */
export function guard(app: FastifyInstance, actorOf: ActorOf): void {
  app.decorateRequest('actor', null as unknown as Actor)
  const authenticate = authentication(actorOf)
  app.addHook('onRoute', route => {
    const access = route.config?.access
    if (!route.url.startsWith('/v1/') && !access) return
    assert(access && access.length > 0, `${route.method} ${route.url} says in config.access which roles may call it`)
    assert(access.every(role => roles.includes(role)))
    declareAnswers(route)
    route.onRequest = [authenticate, ...[route.onRequest ?? []].flat()] as NonNullable<RouteOptions['onRequest']>
  })
}

/** Adds the refusals that come with a route's shape, so that every status it can answer with is declared. */
function declareAnswers(route: RouteOptions): void {
  assert(route.schema?.operationId && route.schema.response, `${route.url} has an operationId and its answers`)
  const codes: RefusalCode[] = ['authentication-required', 'access-denied', ...universal]
  if (route.url.includes('/:bookId')) codes.push('book-not-found')
  if (!['GET', 'HEAD'].includes(String(route.method))) codes.push('body-too-large', 'media-type-unsupported')
  const responses = { ...route.schema.response } as Record<string, unknown>
  mergeProblems(responses, codes)
  responses.default = undeclared
  route.schema = { ...route.schema, response: responses }
}

function authentication(actorOf: ActorOf) {
  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const keyText = bearer(request.headers.authorization)
    if (keyText === null) {
      done(authenticationRequired(reply, 'Send your key as "Authorization: Bearer qk_…".'))
      return
    }
    const found = actorOf(keyText)
    if (found instanceof Promise) found.then(actor => done(admit(request, reply, actor)), done)
    else done(admit(request, reply, found))
  }
}

/** Lets the actor in, or says why not, in the order a client should learn of it: key, role, book. */
function admit(request: FastifyRequest, reply: FastifyReply, actor: Actor | null): Refusal | undefined {
  if (actor === null) return authenticationRequired(reply, 'The key is unknown, expired or revoked.')
  request.actor = actor
  const { access = [], changesNothing } = request.routeOptions.config
  if (!access.includes(actor.role)) {
    return new Refusal('access-denied', `This operation is for the roles ${access.join(', ')}.`)
  }
  if (actor.readOnly && !changesNothing && request.method !== 'GET' && request.method !== 'HEAD') {
    return new Refusal('access-denied', 'Your key is for reading only.')
  }
  const { bookId } = request.params as { bookId?: string }
  return bookId === undefined || reachesBook(actor, bookId) ? undefined : bookNotFound()
}

function authenticationRequired(reply: FastifyReply, detail: string): Refusal {
  reply.header('www-authenticate', 'Bearer realm="qullqi"')
  return new Refusal('authentication-required', detail)
}

function bearer(header: string | undefined): string | null {
  return header !== undefined && header.length < 200 && /^bearer /i.test(header) ? header.slice(7).trim() : null
}
