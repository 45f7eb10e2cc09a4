import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../dates.ts'

const cookie = 'qullqi_session'

/** Milliseconds: so long somebody may look at the pages after she logged in, however often she asks. */
const lifetime = 60 * 60_000

/** Who is logged in: a key that was shown once, by its id. Nothing is kept here; the browser brings it, sealed. */
export type Sessions = {
  begin(request: FastifyRequest, reply: FastifyReply, keyId: string): void
  /** The key of whoever asks; null without a session, or with one that is over or not ours. */
  keyOf(request: FastifyRequest): string | null
  end(reply: FastifyReply): void
}

/** The seal is made of the service's own secret, so that every service on a database takes the sessions of the others. */
export function openSessions(secret: Buffer, clock: Clock): Sessions {
  const sealKey = Buffer.from(hkdfSync('sha256', secret, '', 'qullqi session', 32))
  const sealOf = (text: string) => createHmac('sha256', sealKey).update(text).digest()

  return {
    begin(request, reply, keyId) {
      const text = `${keyId}.${clock.now().getTime() + lifetime}`
      const value = `${text}.${sealOf(text).toString('base64url')}`
      const secure = request.protocol === 'https'
      reply.setCookie(cookie, value, { path: '/', httpOnly: true, sameSite: 'lax', secure, maxAge: lifetime / 1000 })
    },
    keyOf(request) {
      const [keyId, ends, seal, ...rest] = request.cookies[cookie]?.split('.') ?? []
      if (keyId === undefined || ends === undefined || seal === undefined || rest.length > 0) return null
      const [given, ours] = [Buffer.from(seal, 'base64url'), sealOf(`${keyId}.${ends}`)]
      if (given.length !== ours.length || !timingSafeEqual(given, ours)) return null
      return Number(ends) > clock.now().getTime() ? keyId : null
    },
    end(reply) {
      reply.clearCookie(cookie, { path: '/' })
    },
  }
}
