import { z } from 'zod'
import { type Clock, instantText } from '../dates.ts'
import type { Db } from '../db/client.ts'
import { idText } from '../ids.ts'
import { Refusal } from '../refusals.ts'
import { title } from '../texts.ts'
import { type Actor, type BookScope, roleSchema, roles } from './actor.ts'
import type { BooksOfAgent } from './agent-books.ts'
import { answerMade, clientId, made, requestId } from './idempotency.ts'
import type { KeyCache } from './key-cache.ts'
import { findKey, type KeyRow, listKeys, makeKey, revokeKey } from './keys.ts'
import type { App } from './openapi.ts'
import { cursor, cutPage, pageOf, pageQuery } from './pages.ts'
import { problems } from './problems.ts'

const bookScope = z
  .union([z.array(idText, 'must be "all" or a list of ids of books').min(1).max(1000), z.literal('all')])
  .describe(
    'Ids of the books that the key reaches, or `"all"`, those to come included; an agent’s reaches only those in which the agent is registered',
  )

const keySchema = z
  .object({
    id: z.uuid(),
    clientId: z.uuid().describe('Who asks with this key: recorded with everything done by it'),
    name: z.string().meta({ examples: ['Tablet PR-07'] }),
    role: roleSchema,
    books: bookScope,
    agentId: z.uuid().nullable().describe('The agent whose field work it does; null for every role but agent'),
    readOnly: z.boolean(),
    createdAt: instantText,
    createdBy: z
      .uuid()
      .nullable()
      .describe(
        'The key that made it; null where a token did. What is to be done by two is not done by keys of which one made the other',
      ),
    createdByClient: z
      .uuid()
      .nullable()
      .describe('Whose key or token made it; null of a first administrator’s, which the service makes'),
    expiresAt: instantText.nullable(),
    revokedAt: instantText.nullable().describe('From then on, within a second, no running service takes the key'),
  })
  .meta({ id: 'ApiKey' })

const grantSchema = z
  .strictObject({
    id: clientId,
    clientId: idText
      .optional()
      .describe('Your own client, to replace your key; or one that has no key yet; by default a new one'),
    name: title.meta({ examples: ['Tablet PR-07'] }),
    role: roleSchema,
    books: bookScope,
    agentId: idText
      .optional()
      .describe('Needed with the role agent, and with no other: registered in each of the books'),
    readOnly: z.boolean().default(false),
    expiresAt: instantText.nullish(),
  })
  .refine(grant => grant.role !== 'administrator' || grant.books === 'all', {
    path: ['books'],
    message: 'must be "all" for an administrator',
  })
  .refine(grant => (grant.role === 'agent') === (grant.agentId !== undefined), {
    path: ['agentId'],
    message: 'is needed with the role agent, and with no other',
  })
  .meta({
    id: 'ApiKeyGrant',
    examples: [
      {
        id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
        name: 'Tablet PR-07',
        role: 'agent',
        books: ['0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e13'],
        agentId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e14',
      },
    ],
  })

const madeKeySchema = keySchema
  .extend({
    key: z
      .string()
      .nullable()
      .describe('The key itself, shown this once. Null in a replay: only a hash was kept')
      .meta({ examples: ['qk_02wYBHv5yCQrSpYZB8Ng4Z_mL3t9Qw8Vb2Xz7Kc4Jd6Hf5Ng1Rs0Ty8Ua3Pe7Wo2Yi'] }),
    replayed: z.boolean(),
  })
  .meta({ id: 'NewApiKey' })

const revokedKeySchema = keySchema.extend({ replayed: z.boolean() }).meta({ id: 'RevokedApiKey' })

const actorSchema = z
  .object({
    clientId: z.uuid(),
    keyId: z.uuid().nullable().describe('Null of whoever comes by a token'),
    role: roleSchema,
    books: z
      .union([z.array(z.uuid()), z.literal('all')])
      .describe('What the key reaches now; for an agent, those of its books in which the agent is registered'),
    agentId: z.uuid().nullable(),
    readOnly: z.boolean(),
  })
  .meta({ id: 'Actor' })

const keyPlace = cursor(z.strictObject({ createdAt: instantText, id: z.uuid() }))

const keyParams = z.strictObject({ keyId: idText })

/** What a key may be tied to, asked of those who know. */
export type KeyTies = {
  /** Those of the books that there are. */
  existingBooks(bookIds: readonly string[]): Promise<string[]>
  /** The books that an agent works in. */
  booksOfAgent: BooksOfAgent
}

/** API keys: made, listed and revoked by administrators; and who one is. */
export function keyRoutes(app: App, parts: { db: Db; clock: Clock; keys: KeyCache; ties: KeyTies }): void {
  const { db, clock, keys, ties } = parts
  const tags = ['Keys']

  app.route({
    method: 'GET',
    url: '/v1/me',
    config: { access: roles },
    schema: {
      operationId: 'whoAmI',
      tags,
      summary: 'Whose key or token this is, and what it reaches',
      response: { 200: actorSchema },
    },
    handler: async request => written(request.actor),
  })

  app.route({
    method: 'POST',
    url: '/v1/api-keys',
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'makeApiKey',
      tags,
      summary: 'Make an API key',
      description:
        'The key is in the answer this once. To replace your own key, make another for your client and revoke the old; nobody makes a further key for the client of somebody else. Books and agent have to be there before it.',
      body: grantSchema,
      response: {
        ...made(madeKeySchema),
        ...problems('id-reused', 'client-taken', 'key-book-not-found', 'key-agent-not-found'),
      },
    },
    handler: async (request, reply) => {
      const { id: bodyId, clientId: client, books, agentId = null, expiresAt, ...rest } = request.body
      const id = requestId(request, bodyId)
      const ends = expiresAt == null ? null : new Date(expiresAt)
      if (ends && ends <= clock.now()) throw expired()
      const grant = {
        ...rest,
        id,
        clientId: client ?? id,
        books,
        agentId,
        expiresAt: ends,
        maker: request.actor,
      }
      await requireTies(ties, books, agentId)
      const { row, text, replayed } = await makeKey(db, clock, grant)
      keys.forget(row.id)
      return answerMade(reply, { ...shown(row), key: text, replayed })
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/api-keys',
    config: { access: ['administrator'] },
    schema: {
      operationId: 'listApiKeys',
      tags,
      summary: 'List API keys, oldest first',
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(keySchema, 'ApiKeyPage') },
    },
    handler: async request => {
      const { after, limit } = request.query
      const rows = await listKeys(db, keyPlace.read(after), limit + 1)
      const placeOf = (row: KeyRow) => ({ createdAt: row.createdAt.toISOString(), id: row.id })
      return cutPage(rows, limit, { cursor: keyPlace, placeOf, itemOf: shown })
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/api-keys/:keyId',
    config: { access: ['administrator'] },
    schema: {
      operationId: 'getApiKey',
      tags,
      summary: 'Read an API key, without its secret',
      params: keyParams,
      response: { 200: keySchema, ...problems('api-key-not-found') },
    },
    handler: async request => {
      const row = await findKey(db, request.params.keyId)
      if (!row) throw new Refusal('api-key-not-found', 'No key has this id.')
      return shown(row)
    },
  })

  app.route({
    method: 'POST',
    url: '/v1/api-keys/:keyId/revocation',
    config: { access: ['administrator'] },
    schema: {
      operationId: 'revokeApiKey',
      tags,
      summary: 'Revoke an API key for good',
      description: 'Every running service refuses the key within a second; the one that answers, at once.',
      params: keyParams,
      response: { ...made(revokedKeySchema), ...problems('api-key-not-found') },
    },
    handler: async (request, reply) => {
      const { row, replayed } = await revokeKey(db, clock, request.params.keyId)
      keys.forget(row.id)
      return answerMade(reply, { ...shown(row), replayed })
    },
  })
}

/** @throws Refusal `key-book-not-found`, `key-agent-not-found`, naming the books */
async function requireTies(ties: KeyTies, books: BookScope, agentId: string | null): Promise<void> {
  if (books !== 'all') {
    const missing = without(books, await ties.existingBooks(books))
    if (missing.length > 0) {
      const places = missing.map(id => ({ path: `books.${books.indexOf(id)}`, message: 'is no book' }))
      throw new Refusal('key-book-not-found', 'Open the books first.', { facts: { books: missing }, fields: places })
    }
  }
  if (agentId === null) return
  const hers = await ties.booksOfAgent(agentId)
  const missing = books === 'all' ? [] : without(books, hers)
  if (missing.length === 0 && hers.length > 0) return
  const facts = { agentId, ...(missing.length > 0 && { books: missing }) }
  const fields = [{ path: 'agentId', message: books === 'all' ? 'is no agent' : 'is no agent of each of the books' }]
  throw new Refusal('key-agent-not-found', 'Register the agent first, in each of the books.', { facts, fields })
}

function without(books: readonly string[], known: readonly string[]): string[] {
  return [...new Set(books)].filter(id => !known.includes(id))
}

function written(actor: Actor) {
  return { ...actor, books: actor.books === 'all' ? ('all' as const) : [...actor.books] }
}

function shown({ books, createdAt, expiresAt, revokedAt, ...row }: KeyRow) {
  return {
    ...row,
    books: books ?? ('all' as const),
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
  }
}

function expired(): Refusal {
  const message = 'must lie in the future'
  return new Refusal('request-invalid', `expiresAt ${message}`, { fields: [{ path: 'expiresAt', message }] })
}
