import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * What every answer tells a browser: not to keep it, not to guess what it is, to run and frame nothing of it, and to tell
 * nobody its address. Pages, which show more, say their own policy instead.
 */
export const safetyHeaders = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const

/** Seconds for which a browser that came by HTTPS comes by nothing else. */
const strictlyFor = 31_536_000

/** Sets these headers; behind HTTPS, by our own socket or as a trusted proxy says, also that it stay so. */
export function makeSafe(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(safetyHeaders)
  if (request.protocol === 'https') reply.header('strict-transport-security', `max-age=${strictlyFor}`)
}
