import type { FastifyReply, FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import { z } from 'zod'
import { type Language, languages, say } from './language.ts'
import { page } from './parts/layout.ts'
import { wording } from './wording.ts'

const pageQuery = z.object({ lang: z.enum(languages).catch('es') })

export function languageOf(request: FastifyRequest): Language {
  return pageQuery.safeParse({ lang: (request.query as { lang?: unknown } | undefined)?.lang }).data?.lang ?? 'es'
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
