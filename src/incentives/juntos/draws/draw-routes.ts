import { z } from 'zod'
import { roles } from '../../../http/actor.ts'
import { answerMade, made, requestId } from '../../../http/idempotency.ts'
import type { App } from '../../../http/openapi.ts'
import { pageOf, pageQuery } from '../../../http/pages.ts'
import { problems } from '../../../http/problems.ts'
import { idText } from '../../../ids.ts'
import { bookOf } from '../../../ledger/index.ts'
import type { Parts } from '../../../savings/parts.ts'
import { districtCode } from '../../../savings/wording.ts'
import { drawBody, prepareDraw } from './prepare.ts'
import {
  drawEntries,
  drawExclusions,
  drawOf,
  drawOutcomeSchema,
  drawRow,
  drawSchema,
  entrySchema,
  exclusionSchema,
  lastDraws,
} from './reading.ts'
import { seedBody, seedDraw } from './seed.ts'
import { storedListText } from './stored-list.ts'

const inBook = z.strictObject({ bookId: idText })
const ofDraw = inBook.extend({ drawId: idText })
const url = '/v1/books/:bookId/draws'

const listSchema = z
  .string()
  .describe('The list as its hash covers it')
  .meta({
    id: 'DrawListText',
    examples: [
      `qullqi-draw 1
book 0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e13
programme 0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e12
rule 0198c5f2-6c00-7b1d-8e2f-0a1b2c3d4e5f
bimester 2026-B1
cut-off 2026-02-28
known-through 4711
winners-per-district 2
prize 180.00 PEN
entries 1
080101 0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e15
`,
    ],
  })

/** Draws of prizes in kind: a list that is frozen and published, a seed that comes after it, winners anybody can redo. */
export function drawRoutes(app: App, parts: Parts): void {
  const tags = ['JUNTOS']
  const answered = drawSchema.extend({ replayed: z.boolean() }).meta({ id: 'DrawMade' })

  app.route({
    method: 'POST',
    url,
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'prepareDraw',
      tags,
      summary: 'Prepare a draw: freeze who takes part, and answer the list’s hash',
      description: `By the programme's rule with \`"award": "draw"\`. Whoever is under contract on the bimester's last day and has own money by its end has
a chance, as the book knows it now; a household has one, that of its oldest contract. One draw for a programme and a bimester. Publish
\`listSha256\` before the seed is known.`,
      params: inBook,
      body: drawBody,
      response: {
        ...made(answered),
        ...problems(
          ...(['id-reused', 'programme-not-found', 'bimester-not-over', 'incentive-rule-not-found'] as const),
          ...(['draw-without-entries', 'draw-already-prepared'] as const),
        ),
      },
    },
    handler: async (request, reply) => {
      const { bookId } = request.params
      const { currency } = await bookOf(parts.db, bookId)
      const id = requestId(request, request.body.id)
      const { row, replayed } = await prepareDraw(parts, bookId, request.actor, { ...request.body, id })
      return answerMade(reply, { ...drawOf(row, currency), replayed })
    },
  })

  app.route({
    method: 'GET',
    url,
    config: { access: roles },
    schema: {
      operationId: 'listDraws',
      tags,
      summary: 'List the last 50 draws of a book, the newest first',
      params: inBook,
      response: { 200: z.object({ items: z.array(drawSchema) }).meta({ id: 'DrawList' }) },
    },
    handler: async request => ({ items: await lastDraws(parts, request.params.bookId, 50) }),
  })

  app.route({
    method: 'GET',
    url: `${url}/:drawId`,
    config: { access: roles },
    schema: {
      operationId: 'getDraw',
      tags,
      summary: 'Read a draw: its terms, its list’s hash, its seed',
      params: ofDraw,
      response: { 200: drawSchema, ...problems('draw-not-found') },
    },
    handler: async request => {
      const { bookId, drawId } = request.params
      const { currency } = await bookOf(parts.db, bookId)
      return drawOf(await drawRow(parts.db, bookId, drawId), currency)
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/:drawId/list`,
    config: { access: roles },
    schema: {
      operationId: 'getDrawList',
      tags,
      summary: 'Read a draw’s list as the text that its hash covers',
      description: `\`sha256sum\` of it is \`listSha256\`, and \`npm run draw -- list.txt --seed …\` redoes the draw from it, without this service: within each
district savers come in the order of SHA-256 of the seed, the hash and the saver's id, written one after the other.`,
      params: ofDraw,
      response: {
        200: { description: 'The list', content: { 'text/plain': { schema: listSchema } } },
        ...problems('draw-not-found'),
      },
    },
    handler: async (request, reply) => {
      const { bookId, drawId } = request.params
      const { currency } = await bookOf(parts.db, bookId)
      const text = await storedListText(parts.db, await drawRow(parts.db, bookId, drawId), currency)
      return reply.type('text/plain; charset=utf-8').send(text)
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/:drawId/entries`,
    config: { access: roles },
    schema: {
      operationId: 'listDrawEntries',
      tags,
      summary: 'List who takes part in a draw, in the order of its list, and what became of each',
      params: ofDraw,
      querystring: z.strictObject({
        ...pageQuery,
        outcome: drawOutcomeSchema.optional(),
        districtCode: districtCode.optional(),
        saverId: idText.optional(),
      }),
      response: { 200: pageOf(entrySchema, 'DrawEntryPage'), ...problems('draw-not-found') },
    },
    handler: async request => {
      const { bookId, drawId } = request.params
      const { after, limit, ...filter } = request.query
      return drawEntries(parts, bookId, drawId, filter, after, limit)
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/:drawId/exclusions`,
    config: { access: roles },
    schema: {
      operationId: 'listDrawExclusions',
      tags,
      summary: 'List the savers of the programme who have no chance in a draw, and why not',
      params: ofDraw,
      querystring: z.strictObject({ ...pageQuery, saverId: idText.optional() }),
      response: { 200: pageOf(exclusionSchema, 'DrawExclusionPage'), ...problems('draw-not-found') },
    },
    handler: async request => {
      const { bookId, drawId } = request.params
      const { after, limit, saverId } = request.query
      return drawExclusions(parts, bookId, drawId, saverId, after, limit)
    },
  })

  app.route({
    method: 'POST',
    url: `${url}/:drawId/seed`,
    config: { access: ['administrator'] },
    schema: {
      operationId: 'seedDraw',
      tags,
      summary: 'Give a draw its seed: the winners follow',
      description: `Once, and by another client than the one that prepared the list. Winners are awarded a prize in kind, recorded here: nothing is posted.`,
      params: ofDraw,
      body: seedBody,
      response: {
        ...made(answered),
        ...problems(
          ...(['draw-not-found', 'second-actor-needed', 'draw-already-seeded'] as const),
          ...(['date-too-early', 'date-in-future'] as const),
        ),
      },
    },
    handler: async (request, reply) => {
      const { bookId, drawId } = request.params
      const { currency } = await bookOf(parts.db, bookId)
      const { row, replayed } = await seedDraw(parts, bookId, drawId, request.actor, request.body)
      return answerMade(reply, { ...drawOf(row, currency), replayed })
    },
  })
}
