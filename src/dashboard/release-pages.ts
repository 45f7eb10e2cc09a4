import type { FastifyRequest } from 'fastify'
import type { Db } from '../db/client.ts'
import type { Actor } from '../http/actor.ts'
import { clientNames } from '../http/client-names.ts'
import type { App } from '../http/openapi.ts'
import { cutPage, defaultLimit } from '../http/pages.ts'
import { idText } from '../ids.ts'
import { Refusal } from '../refusals.ts'
import { answerTable } from '../statistics/exports/answers.ts'
import type { ReleaseRow } from '../statistics/releases/manifest.ts'
import { type ListedRelease, listReleases, releaseFor, releasePlace, tableIn } from '../statistics/releases/release.ts'
import { fileFormat, languageOf, notFound, sendPage } from './answering.ts'
import { say } from './language.ts'
import { releasePage, releasesPage } from './pages/releases.ts'
import { inLanguage } from './parts/layout.ts'
import { wording } from './wording.ts'

/** Releases for people: the list, each with its hash, signature, tables and differences, and its files. */
export function releasePages(
  pages: App,
  db: Db,
  namesOfPlaces: () => Promise<ReadonlyMap<string, string>>,
  actorOf: (request: FastifyRequest) => Promise<Actor | null>,
): void {
  const hidden = { schema: { hide: true } }

  /** What a page is of; null also where the key does not reach it. */
  async function releaseAsked(request: FastifyRequest, actor: Actor): Promise<ReleaseRow | null> {
    const id = idText.safeParse((request.params as { id: string }).id)
    if (!id.success) return null
    return releaseFor(db, actor, id.data).catch(orNothing)
  }

  pages.get('/releases', hidden, async (request, reply) => {
    const language = languageOf(request)
    const actor = await actorOf(request)
    if (actor === null) return reply.redirect(inLanguage('/', language), 303)
    const { after } = request.query as { after?: unknown }
    const rows = await listReleases(db, actor, typeof after === 'string' ? after : undefined, defaultLimit + 1)
    const placeOf = ({ number }: ListedRelease) => ({ number })
    const { items, next } = cutPage(rows, defaultLimit, { cursor: releasePlace, placeOf, itemOf: row => row })
    return sendPage(request, reply, actor, say(wording.releases, language), releasesPage(items, next, language))
  })

  pages.get('/releases/:id', hidden, async (request, reply) => {
    const language = languageOf(request)
    const actor = await actorOf(request)
    if (actor === null) return reply.redirect(inLanguage('/', language), 303)
    const row = await releaseAsked(request, actor)
    if (row === null) return notFound(request, reply, actor)
    const [names, clients] = [await namesOfPlaces(), await clientNames(db, [row.actor])]
    const madeBy = clients.get(row.actor) ?? null
    const title = `${row.code} · ${say(wording.releases, language)}`
    return sendPage(request, reply, actor, title, releasePage(row, { names, madeBy }, language))
  })

  pages.get('/releases/:id/content.json', hidden, async (request, reply) => {
    const actor = await actorOf(request)
    if (actor === null) return reply.redirect(inLanguage('/', languageOf(request)), 303)
    const row = await releaseAsked(request, actor)
    if (row === null) return notFound(request, reply, actor)
    return reply.type('application/json').send(row.content)
  })

  pages.get('/releases/:id/tables/:name.csv', hidden, async (request, reply) => {
    const actor = await actorOf(request)
    if (actor === null) return reply.redirect(inLanguage('/', languageOf(request)), 303)
    const row = await releaseAsked(request, actor)
    const { name } = request.params as { name: string }
    if (row === null || row.tables.every(table => table.name !== name)) return notFound(request, reply, actor)
    return answerTable(reply, tableIn(row, name), fileFormat(request))
  })
}

function orNothing(error: unknown): null {
  if (error instanceof Refusal && error.code === 'release-not-found') return null
  throw error
}
