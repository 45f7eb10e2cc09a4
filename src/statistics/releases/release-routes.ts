import { z } from 'zod'
import { answerMade, made, requestId } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { cutPage, pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { answerTable, anyFormatFields, formatField, formatWanted, tableAnswer } from '../exports/answers.ts'
import { readers } from '../questions/table-routes.ts'
import { releaseBody, tableName } from './asked.ts'
import { readContent } from './content.ts'
import { differenceSchema } from './differences.ts'
import { manifestOf, manifestSchema, type ReleaseRow } from './manifest.ts'
import {
  type ListedRelease,
  listReleases,
  makeRelease,
  type Releasing,
  releaseFor,
  releasePlace,
  tableIn,
} from './release.ts'

const signature = z
  .string()
  .describe(
    'A compact JWS (EdDSA, RFC 8037) around the canonical text of the manifest; its keys are at `/.well-known/jwks.json`',
  )
  .meta({ examples: ['eyJhbGciOiJFZERTQSIs…'] })

const signed = { manifest: manifestSchema, signature }
const listedSchema = z.object(signed).meta({ id: 'SignedRelease' })
const releaseSchema = z
  .object({
    ...signed,
    differences: z
      .array(differenceSchema)
      .nullable()
      .describe(
        'Figures that are others than in the release that it revises, as far as both show them; null when it revises none',
      ),
  })
  .meta({ id: 'Release' })
const madeSchema = releaseSchema.extend({ replayed: z.boolean() }).meta({ id: 'MadeRelease' })

const contentSchema = z
  .object({
    tables: z.array(z.any()).meta({ examples: [[]] }),
    differences: z.array(differenceSchema).nullable(),
  })
  .meta({ id: 'ReleaseContent' })

const params = z.strictObject({ releaseId: idText })
const tableParams = z.strictObject({ releaseId: idText, table: tableName })
const tableBody = z.strictObject(anyFormatFields).meta({ id: 'ReleaseTableFormat', examples: [{ format: 'csv' }] })

const refused = [
  ...(['id-reused', 'code-taken', 'book-not-found', 'definition-not-found', 'instant-in-future'] as const),
  ...(['month-not-over', 'release-not-found', 'release-discloses', 'release-too-large'] as const),
]

/** Releases over HTTP: tables that are frozen, signed and never changed. */
export function releaseRoutes(app: App, releasing: Releasing): void {
  const tags = ['Releases']
  const { db } = releasing

  app.route({
    method: 'POST',
    url: '/v1/releases',
    config: { access: ['analyst', 'administrator'], idempotent: true },
    schema: {
      operationId: 'makeRelease',
      tags,
      summary: 'Freeze tables as a release, or as a revision of one',
      description:
        'They are counted once, protected against all releases before of the same books, and signed with the service’s key. What would tell a hidden figure of another release is refused. A revision lists what changed, and why.',
      body: releaseBody,
      response: {
        ...made(madeSchema),
        ...problems(...refused),
      },
    },
    handler: async (request, reply) => {
      const id = requestId(request, request.body.id)
      const { row, replayed } = await makeRelease(releasing, request.actor, { ...request.body, id })
      return answerMade(reply, { ...toldOf(row), replayed })
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/releases',
    config: { access: readers },
    schema: {
      operationId: 'listReleases',
      tags,
      summary: 'List the releases whose books the key reaches, in the order in which they were made',
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(listedSchema, 'ReleasePage') },
    },
    handler: async request => {
      const { after, limit } = request.query
      const rows = await listReleases(db, request.actor, after, limit + 1)
      const placeOf = ({ number }: ListedRelease) => ({ number })
      const itemOf = (row: ListedRelease) => ({ manifest: manifestOf(row), signature: row.signature })
      return cutPage(rows, limit, { cursor: releasePlace, placeOf, itemOf })
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/releases/:releaseId',
    config: { access: readers },
    schema: {
      operationId: 'getRelease',
      tags,
      summary: 'Read a release: its manifest, signature and differences',
      params,
      response: { 200: releaseSchema, ...problems('release-not-found') },
    },
    handler: async request => toldOf(await releaseFor(db, request.actor, request.params.releaseId)),
  })

  app.route({
    method: 'GET',
    url: '/v1/releases/:releaseId/content',
    exposeHeadRoute: false,
    config: { access: readers },
    schema: {
      operationId: 'getReleaseContent',
      tags,
      summary: 'The very bytes that were hashed: all tables, and the differences',
      description: 'JSON in its canonical form (RFC 8785). `Repr-Digest` has their SHA-256 (RFC 9530).',
      params,
      response: {
        200: { description: 'The content', content: { 'application/json': { schema: contentSchema } } },
        ...problems('release-not-found'),
      },
    },
    handler: async (request, reply) => {
      const { content, sha256 } = await releaseFor(db, request.actor, request.params.releaseId)
      reply.type('application/json').header('repr-digest', `sha-256=:${sha256.toString('base64')}:`)
      // Bytes are sent as they are; Fastify's types know only what the schema says.
      return reply.send(content as never)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/releases/:releaseId/tables/:table',
    exposeHeadRoute: false,
    config: { access: readers },
    schema: {
      operationId: 'getReleaseTable',
      tags,
      summary: 'A table of a release, as it was published',
      params: tableParams,
      querystring: z.strictObject(formatField),
      response: {
        ...tableAnswer,
        ...problems('release-not-found', 'release-table-not-found', 'media-type-not-acceptable'),
      },
    },
    handler: async (request, reply) => {
      const { releaseId, table } = request.params
      const format = formatWanted(request, reply, request.query.format)
      return answerTable(reply, tableIn(await releaseFor(db, request.actor, releaseId), table), format)
    },
  })

  app.route({
    method: 'POST',
    url: '/v1/releases/:releaseId/tables/:table',
    config: { access: readers, changesNothing: true },
    schema: {
      operationId: 'writeReleaseTable',
      tags,
      summary: 'The same in a format that needs more: DHIS2 with its names, a logframe with its targets',
      params: tableParams,
      body: tableBody,
      response: { ...tableAnswer, ...problems('release-not-found', 'release-table-not-found') },
    },
    handler: async (request, reply) => {
      const { releaseId, table } = request.params
      const { format, mapping, logframe } = request.body
      const found = tableIn(await releaseFor(db, request.actor, releaseId), table)
      return answerTable(reply, found, format, { ...(mapping && { mapping }), ...(logframe && { logframe }) })
    },
  })
}

function toldOf(row: ReleaseRow): z.output<typeof releaseSchema> {
  const { differences } = readContent(row.content)
  return { manifest: manifestOf({ ...row, bytes: row.content.length }), signature: row.signature, differences }
}
