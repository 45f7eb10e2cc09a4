import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Db } from '../db/client.ts'
import type { Actor } from '../http/actor.ts'
import type { App } from '../http/openapi.ts'
import { cursor, cutPage, numberInQuery, pageOf, pageQuery } from '../http/pages.ts'
import { problems } from '../http/problems.ts'
import { idText } from '../ids.ts'
import { bookOf } from '../ledger/index.ts'
import { Refusal } from '../refusals.ts'
import { actionSchema, entrySchema } from './entries.ts'
import { exportOf, listEntries } from './reading.ts'
import { office } from './schema.ts'

const readers = ['auditor', 'administrator'] as const
const tags = ['Audit']

/** Exports that may be under way at a time: each keeps a connection for as long as its client takes to read. */
const mostExports = 2

const place = cursor(z.strictObject({ number: z.int().positive() }))

const filter = z.strictObject({
  ...pageQuery,
  action: actionSchema.optional(),
  subject: z
    .string()
    .regex(/^\w{1,60}$/)
    .optional()
    .describe('A table, or an operation that reads'),
  key: z.string().min(1).max(200).optional().describe('A row’s, or a saver’s id'),
})

const exportQuery = z.strictObject({
  afterNumber: numberInQuery(0, 1_000_000_000).default(0).describe('The number of the last entry that you have'),
})

const linesSchema = z.string().meta({
  id: 'AuditLog',
  examples: ['{"auditLogOf":"0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e13","after":0,"hash":"…"}\n'],
})

const exported = {
  200: { description: 'The log', content: { 'text/plain': { schema: linesSchema } } },
  ...problems('overloaded'),
}

const about = `Who wrote which rows beside the ledger, and who was told which savers: by ids, with hashes, without a name. An entry is here a second after what it tells.`

const asLines = `${about} As lines of JSON: the first says whose chain it is and the hash before, the last where it ends; it is whole when that is there. \`npm run audit-log\` checks it without a network and without the database.`

/** The audit log, for whoever checks it: of a book, and of the office, which is what belongs to no book. */
export function trailRoutes(app: App, db: Db): void {
  async function page(bookId: string, { after, limit, ...wanted }: z.output<typeof filter>) {
    const rows = await listEntries(db, bookId, wanted, place.read(after)?.number ?? 0, limit + 1)
    return cutPage(rows, limit, { cursor: place, placeOf: ({ number }) => ({ number }), itemOf: entry => entry })
  }

  let exports = 0

  function lines(bookId: string, after: number): Readable {
    if (exports >= mostExports) throw new Refusal('overloaded', `${mostExports} exports are being read already.`)
    exports += 1
    const stream = Readable.from(exportOf(db, bookId, after))
    stream.once('close', () => {
      exports -= 1
    })
    return stream
  }

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/audit-entries',
    config: { access: readers },
    schema: {
      operationId: 'listAuditEntries',
      tags,
      summary: 'List the audit log of a book, the oldest first',
      description: about,
      params: z.strictObject({ bookId: idText }),
      querystring: filter,
      response: { 200: pageOf(entrySchema, 'AuditEntryPage') },
    },
    handler: async request => page((await bookOf(db, request.params.bookId)).id, request.query),
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/audit-log',
    exposeHeadRoute: false,
    config: { access: readers },
    schema: {
      operationId: 'exportAuditLog',
      tags,
      summary: 'Export the audit log of a book',
      description: asLines,
      params: z.strictObject({ bookId: idText }),
      querystring: exportQuery,
      response: exported,
    },
    handler: async (request, reply) => {
      const { id } = await bookOf(db, request.params.bookId)
      const stream = lines(id, request.query.afterNumber)
      return reply.type('text/plain; charset=utf-8').send(stream as unknown as string)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/audit-entries',
    config: { access: readers },
    schema: {
      operationId: 'listOfficeAuditEntries',
      tags,
      summary: 'List the audit log of what belongs to no book: keys, institutions, programmes, rules, definitions',
      description: `${about} For keys that reach all books.`,
      querystring: filter,
      response: { 200: pageOf(entrySchema, 'AuditEntryPage') },
    },
    handler: async request => {
      requireAll(request.actor)
      return page(office, request.query)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/audit-log',
    exposeHeadRoute: false,
    config: { access: readers },
    schema: {
      operationId: 'exportOfficeAuditLog',
      tags,
      summary: 'Export the audit log of what belongs to no book',
      description: `${asLines} For keys that reach all books.`,
      querystring: exportQuery,
      response: exported,
    },
    handler: async (request, reply) => {
      requireAll(request.actor)
      return reply.type('text/plain; charset=utf-8').send(lines(office, request.query.afterNumber) as unknown as string)
    },
  })
}

/** @throws Refusal `access-denied` */
function requireAll({ books }: Actor): void {
  if (books !== 'all') throw new Refusal('access-denied', 'This is for keys and tokens that reach all books.')
}
