import { z } from 'zod'
import { roles } from '../../http/actor.ts'
import { answerMade, made, requestId } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { cutPage, pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import type { Parts } from '../../savings/parts.ts'
import {
  definitionBody,
  definitionBy,
  definitionOf,
  definitionPlace,
  definitionReference,
  definitionSchema,
  listDefinitions,
  registerDefinition,
} from './definitions.ts'

const registered = definitionSchema.extend({ replayed: z.boolean() }).meta({ id: 'RegisteredDefinition' })

/** Ways to count savers, by which statistics are asked. The same for every book. */
export function definitionRoutes(app: App, parts: Pick<Parts, 'db' | 'clock'>): void {
  const tags = ['Statistics']

  app.route({
    method: 'POST',
    url: '/v1/definitions',
    config: { access: ['analyst', 'administrator'], idempotent: true },
    schema: {
      operationId: 'registerDefinition',
      tags,
      summary: 'Register a definition, or a version that follows one',
      description: 'It is never changed. It counts at once, for any month of the past as well.',
      body: definitionBody,
      response: { ...made(registered), ...problems('id-reused', 'code-taken', 'definition-not-found') },
    },
    handler: async (request, reply) => {
      const id = requestId(request, request.body.id)
      return answerMade(reply, await registerDefinition(parts, request.actor, { ...request.body, id }))
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/definitions',
    config: { access: roles },
    schema: {
      operationId: 'listDefinitions',
      tags,
      summary: 'List definitions by name and version, those that ship among them',
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(definitionSchema, 'DefinitionPage') },
    },
    handler: async request => {
      const { after, limit } = request.query
      const placeOf = ({ name, version }: { name: string; version: number }) => ({ name, version })
      const rows = await listDefinitions(parts.db, after, limit + 1)
      return cutPage(rows, limit, { cursor: definitionPlace, placeOf, itemOf: definitionOf })
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/definitions/:definition',
    config: { access: roles },
    schema: {
      operationId: 'getDefinition',
      tags,
      summary: 'Read a definition with its terms',
      params: z.strictObject({ definition: definitionReference }),
      response: { 200: definitionSchema, ...problems('definition-not-found') },
    },
    handler: async request => definitionBy(parts.db, request.params.definition),
  })
}
