import type { FastifyReply, FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import { z } from 'zod'
import type { Actor } from '../http/actor.ts'
import { invalidRequest } from '../http/problems.ts'
import { readers as reconciliation } from '../reconciliation/intake/bank-account-routes.ts'
import { readers as figures } from '../statistics/questions/table-routes.ts'
import { type Language, languages, say } from './language.ts'
import { type Lead, page } from './parts/layout.ts'
import { wording } from './wording.ts'

/** Whose figures the pages are, and whose reconciliation. */
export const readers = { figures, reconciliation } as const satisfies Record<string, readonly Actor['role'][]>

export function mayRead(what: keyof typeof readers, { role }: Actor): boolean {
  return (readers[what] as readonly Actor['role'][]).includes(role)
}

function leadsOf(actor: Actor): Lead[] {
  return [
    ...(mayRead('reconciliation', actor) ? ['reconciliation' as const] : []),
    ...(mayRead('figures', actor) ? ['releases' as const] : []),
  ]
}

const language = z.enum(languages)

/** The language that is asked for; Spanish unless it is one of ours. */
export function languageOf(request: FastifyRequest): Language {
  const { lang } = (request.query ?? {}) as { lang?: unknown }
  return language.catch('es').parse(lang)
}

const fileQuery = z.strictObject({ format: z.enum(['csv', 'csv-es-PE']).default('csv'), lang: language.optional() })

/**
 * How a file of a page is asked for. Whoever wants it otherwise asks the API, and is not given something else in silence.
 * @throws Refusal `request-invalid`
 */
export function fileFormat(request: FastifyRequest): 'csv' | 'csv-es-PE' {
  const asked = fileQuery.safeParse(request.query)
  if (asked.success) return asked.data.format
  throw invalidRequest(asked.error, 'query')
}

export function notFound(request: FastifyRequest, reply: FastifyReply, actor: Actor) {
  const text = say(wording.notFound, languageOf(request))
  return sendPage(request, reply.code(404), actor, text, html`<h1>${text}</h1>`)
}

/** The address of a page without its language, which the page's own links say again. */
export function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  actor: Actor | null,
  title: string,
  content: string,
) {
  const path = request.method === 'GET' ? request.url.split('?', 1)[0]! : '/'
  const frame = { language: languageOf(request), path, leads: actor && leadsOf(actor) }
  return reply.type('text/html; charset=utf-8').send(page(frame, title, content))
}
