import cookie from '@fastify/cookie'
import formBody from '@fastify/formbody'
import type { FastifyRequest } from 'fastify'
import { html } from 'ghtml'
import { within } from '../db/scope.ts'
import { type Actor, reachOf } from '../http/actor.ts'
import { refusalOf } from '../http/faults.ts'
import type { KeyCache } from '../http/key-cache.ts'
import type { Limits } from '../http/limits.ts'
import { describeFault } from '../http/log.ts'
import type { App } from '../http/openapi.ts'
import { Refusal, refusals } from '../refusals.ts'
import type { Parts } from '../savings/parts.ts'
import { answerTable } from '../statistics/exports/answers.ts'
import type { Asking } from '../statistics/questions/asking.ts'
import { booksAsked } from '../statistics/questions/knowledge.ts'
import type { Table } from '../statistics/table.ts'
import { fileFormat, languageOf, mayRead, notFound, type readers, sendPage } from './answering.ts'
import { type Figures, funds, placeNames, places, reconciliation, retention, savings, series } from './figures.ts'
import { say } from './language.ts'
import { homePage } from './pages/home.ts'
import { logInPage } from './pages/log-in.ts'
import { departmentPage } from './pages/places.ts'
import { inLanguage, style, styleAddress } from './parts/layout.ts'
import { reconciliationPages } from './reconciliation-pages.ts'
import { releasePages } from './release-pages.ts'
import { openSessions } from './session.ts'
import { wording } from './wording.ts'

/** Nothing is loaded but our own style; there is no script. */
const policy =
  "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const isReader = (actor: Actor) => mayRead('figures', actor) || mayRead('reconciliation', actor)

/** Tables that can be had as files, by the names in their addresses. */
const tables: Record<string, (figures: Figures, actor: Actor) => Promise<Table>> = {
  series,
  places,
  retention,
  savings,
  funds,
  reconciliation,
}

/** The pages for people: a log-in, the figures, and each table as a file. */
export async function dashboardRoutes(
  app: App,
  parts: { asking: Asking; savings: Parts; keys: KeyCache; limits: Limits; secret: Buffer },
): Promise<void> {
  const figures: Figures = { asking: parts.asking, parts: parts.savings }
  const sessions = openSessions(parts.secret, parts.savings.clock)
  let names: Promise<ReadonlyMap<string, string>> | undefined

  /** Names are read once; a reading that failed is tried again. */
  function namesOfPlaces(): Promise<ReadonlyMap<string, string>> {
    names ??= placeNames(figures).catch(error => {
      names = undefined
      throw error
    })
    return names
  }

  async function actorOf(request: FastifyRequest): Promise<Actor | null> {
    const keyId = sessions.keyOf(request)
    const actor = keyId === null ? null : await parts.keys.actorById(keyId)
    return actor
  }

  async function readerOf(request: FastifyRequest, what: keyof typeof readers): Promise<Actor | null> {
    const actor = await actorOf(request)
    return actor !== null && mayRead(what, actor) ? actor : null
  }

  await app.register(async scoped => {
    const pages = scoped as unknown as App
    await pages.register(cookie)
    await pages.register(formBody, { bodyLimit: 2_000 })
    pages.addHook('onSend', async (_, reply) => {
      reply.header('content-security-policy', policy)
      reply.header('referrer-policy', 'same-origin')
    })
    pages.addHook('preHandler', async (request, reply) => {
      const keyId = sessions.keyOf(request)
      const exceeded = keyId === null ? undefined : parts.limits.ofClient(keyId, reply)
      if (exceeded) throw exceeded
      // Browsers tell whose page a form is of; nobody else's logs anybody in or out.
      if (request.method !== 'POST' || request.headers['sec-fetch-site'] !== 'cross-site') return
      throw new Refusal('access-denied', 'This form is of another site.')
    })
    pages.addHook('preHandler', (request, _, done) => {
      actorOf(request).then(actor => within({ reach: actor === null ? 'none' : reachOf(actor) }, done), done)
    })
    pages.setErrorHandler((error, request, reply) => {
      const refusal = refusalOf(error)
      const isFault = refusal.code === 'internal-fault' || refusal.code === 'database-unavailable'
      request.outcome = isFault
        ? { code: refusal.code, fault: describeFault(refusal.cause ?? error) }
        : { code: refusal.code }
      const language = languageOf(request)
      const { status } = refusals[refusal.code]
      const told = isFault ? say(wording.fault, language) : refusal.detail
      return sendPage(
        request,
        reply.code(status),
        null,
        say(wording.refused, language),
        html`<h1>${say(wording.refused, language)}</h1><p>${told}</p>`,
      )
    })

    pages.get(styleAddress, { schema: { hide: true } }, (_, reply) =>
      reply.type('text/css; charset=utf-8').header('cache-control', 'public, max-age=31536000, immutable').send(style),
    )

    pages.get('/', { schema: { hide: true } }, async (request, reply) => {
      const language = languageOf(request)
      const actor = await actorOf(request)
      if (actor === null || !isReader(actor))
        return sendPage(request, reply, null, say(wording.title, language), logInPage(language))
      if (!mayRead('figures', actor)) return reply.redirect(inLanguage('/reconciliation', language), 303)
      const [shown, names] = [await homeTables(figures, actor), await namesOfPlaces()]
      const { books } = await booksAsked(parts.savings.db, actor, {})
      return sendPage(
        request,
        reply,
        actor,
        say(wording.title, language),
        homePage(shown, books, names, mayRead('reconciliation', actor), language),
      )
    })

    pages.get('/places/:code', { schema: { hide: true } }, async (request, reply) => {
      const language = languageOf(request)
      const actor = await readerOf(request, 'figures')
      if (actor === null) return reply.redirect(inLanguage('/', language), 303)
      const names = await namesOfPlaces()
      const { code } = request.params as { code: string }
      if (!/^\d{2}$/.test(code) || !names.has(code)) return notFound(request, reply, actor)
      const title = `${names.get(code)} · ${say(wording.title, language)}`
      return sendPage(request, reply, actor, title, departmentPage(await places(figures, actor), code, names, language))
    })

    pages.get('/tables/:name.csv', { schema: { hide: true } }, async (request, reply) => {
      const actor = await readerOf(request, 'figures')
      if (actor === null) return reply.redirect(inLanguage('/', languageOf(request)), 303)
      const { name } = request.params as { name: string }
      if (!Object.hasOwn(tables, name)) return notFound(request, reply, actor)
      const format = fileFormat(request)
      return answerTable(reply, await tables[name]!(figures, actor), format)
    })

    releasePages(pages, parts.savings.db, namesOfPlaces, request => readerOf(request, 'figures'))
    reconciliationPages(pages, parts.savings, request => readerOf(request, 'reconciliation'))

    pages.post('/session', { schema: { hide: true } }, async (request, reply) => {
      const language = languageOf(request)
      const { key } = (request.body ?? {}) as { key?: unknown }
      const text = typeof key === 'string' ? key.trim() : ''
      const shut = parts.limits.ofAddress(request, reply)
      if (shut && !parts.keys.knows(text)) throw shut
      const actor = await parts.keys.actorOf(text)
      if (actor === null) parts.limits.failed(request)
      const wrong = actor === null ? 'keyWrong' : isReader(actor) ? undefined : 'keyRole'
      if (actor === null || wrong !== undefined) {
        const title = say(wording.title, language)
        return sendPage(request, reply.code(wrong === 'keyWrong' ? 401 : 403), null, title, logInPage(language, wrong))
      }
      sessions.begin(request, reply, actor.keyId)
      return reply.redirect(inLanguage('/', language), 303)
    })

    pages.post('/session/end', { schema: { hide: true } }, async (request, reply) => {
      sessions.end(reply)
      return reply.redirect(inLanguage('/', languageOf(request)), 303)
    })
  })
}

async function homeTables(figures: Figures, actor: Actor) {
  return {
    series: await series(figures, actor),
    places: await places(figures, actor),
    retention: await retention(figures, actor),
    savings: await savings(figures, actor),
    funds: await funds(figures, actor),
    reconciliation: await reconciliation(figures, actor),
  }
}
