import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sqlState, translateDatabaseError } from '../db/errors.ts'
import { Refusal, type RefusalCode, refusals } from '../refusals.ts'
import { describeFault } from './log.ts'
import { documentedCodes, type Problem, problemMediaType, problemOf, problemText } from './problems.ts'
import { makeSafe } from './safety.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Refusals that an operation gave without declaring them ("operationId code"): the tests demand that there is none. */
    undeclaredRefusals: Set<string>
  }
}

/** Answers everything that goes wrong as a problem: refusals as they are, faults of ours without what is inside. */
export function answerProblems(app: FastifyInstance): void {
  app.decorateRequest('outcome', null)
  app.decorate('undeclaredRefusals', new Set<string>())
  app.setErrorHandler(answerError)
  const addresses = new Map<string, Set<string>>()
  app.addHook('onRoute', route => {
    const methods = addresses.get(route.url) ?? new Set()
    for (const method of [route.method].flat()) methods.add(method)
    addresses.set(route.url, methods)
  })
  function answerUnfound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const methods = methodsAt(addresses, request.url.split('?', 1)[0]!)
    // A method that is taken here found nothing below the address, as pages of the documentation may.
    if (methods.length === 0 || methods.includes(request.method)) {
      throw new Refusal('route-not-found', 'Nothing is at this address; /docs lists what is.')
    }
    reply.header('allow', methods.join(', '))
    if (request.method === 'OPTIONS') return reply.code(204).send()
    throw new Refusal('method-not-allowed', `This address takes ${methods.join(', ')}.`)
  }
  app.setNotFoundHandler(answerUnfound)
  // Before its body is looked at, which nobody is there to take.
  app.addHook('preParsing', async (request, reply) => {
    if (request.is404) return answerUnfound(request, reply) as never
  })
}

/** Sends any error as a problem. Also what Fastify calls for faults before a route is found. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemFor(error, request)
  const { status } = problem
  // What never reached a route, for its address cannot be read, met no hook either.
  makeSafe(request, reply)
  reply.header('x-request-id', request.id)
  if (status === 503) reply.header('retry-after', '1')
  // A writer compiled for a success must not be given a problem, so this is sent as text.
  reply.code(status).type(problemMediaType).send(problemText(problem))
}

/** The problem that an error is to whoever asked; what is recorded of the request tells it too. */
export function problemFor(error: unknown, request: FastifyRequest): Problem {
  const refusal = refusalOf(error)
  request.outcome =
    refusal.code === 'internal-fault' || refusal.code === 'database-unavailable'
      ? { code: refusal.code, fault: describeFault(refusal.cause ?? error) }
      : { code: refusal.code }
  noteUndeclared(request, refusal.code, refusals[refusal.code].status)
  return problemOf(refusal, request.id)
}

function noteUndeclared(request: FastifyRequest, code: RefusalCode, status: number): void {
  const schema = request.routeOptions?.schema
  if (!schema?.operationId) return
  const responses = schema.response as Record<string, unknown>
  if (!documentedCodes(responses[status])?.includes(code)) {
    request.server.undeclaredRefusals.add(`${schema.operationId} ${code}`)
  }
}

/** Which refusal an error is. What is none of ours, the framework's or the database's is `internal-fault`. */
export function refusalOf(error: unknown): Refusal {
  const translated = translateDatabaseError(error)
  if (translated instanceof Refusal) return translated
  if (isFastifyError(error)) {
    if (error.statusCode === 413) return new Refusal('body-too-large', 'Send it in smaller parts.', { cause: error })
    if (error.statusCode === 415) return new Refusal('media-type-unsupported', mediaTypeDetail, { cause: error })
    if (error.statusCode! < 500) return malformed(error)
  }
  // Text that PostgreSQL cannot store: surrogates without their pair, or a zero character, wherever it hid.
  const state = sqlState(error)
  if (state === '22021' || state === '22P05') return unstorable(error)
  return new Refusal('internal-fault', 'The fault was recorded; the request id finds it.', { cause: error })
}

const mediaTypeDetail = 'Send JSON with "Content-Type: application/json", or what the operation names.'

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' && 'code' in error
}

const malformedDetails: Record<string, string> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not valid JSON.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body is not as long as Content-Length says.',
  FST_ERR_BAD_URL: 'The address holds a broken percent encoding.',
}

function malformed(error: FastifyError): Refusal {
  return new Refusal('request-invalid', malformedDetails[error.code] ?? 'The request is not well formed.', {
    cause: error,
  })
}

export function unstorable(cause?: unknown): Refusal {
  return new Refusal('request-invalid', 'A text holds a zero character or half of a character.', { cause })
}

function methodsAt(addresses: ReadonlyMap<string, ReadonlySet<string>>, path: string): string[] {
  const given = path.split('/')
  for (const [url, methods] of addresses) {
    const parts = url.split('/')
    const same = parts.every((part, index) => part === '*' || part === given[index] || isFilled(part, given[index]))
    if (same && (parts.length === given.length || parts.at(-1) === '*')) return [...methods].sort()
  }
  return []
}

function isFilled(part: string, given: string | undefined): boolean {
  return part.startsWith(':') && given !== undefined && given !== ''
}
