import type { FastifyReply, FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import { z } from 'zod'
import { invalidRequest } from '../http/problems.ts'
import { type Language, languages, say } from './language.ts'
import { page } from './parts/layout.ts'
import { wording } from './wording.ts'

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

export function notFound(request: FastifyRequest, reply: FastifyReply) {
  const text = say(wording.notFound, languageOf(request))
  return sendPage(request, reply.code(404), true, text, html`<h1>${text}</h1>`)
}

/** The address of a page without its language, which the page's own links say again. */
export function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  isLoggedIn: boolean,
  title: string,
  content: string,
) {
  const path = request.method === 'GET' ? request.url.split('?', 1)[0]! : '/'
  const frame = { language: languageOf(request), path, isLoggedIn }
  return reply.type('text/html; charset=utf-8').send(page(frame, title, content))
}
