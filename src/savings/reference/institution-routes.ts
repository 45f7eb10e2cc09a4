import { z } from 'zod'
import { roles } from '../../http/actor.ts'
import { answerMade, made, requestId } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { recordedPage } from '../listing.ts'
import type { Parts } from '../parts.ts'
import {
  institutionBody,
  institutionById,
  institutionOf,
  institutionSchema,
  listInstitutions,
  registerInstitution,
} from './institutions.ts'

const registered = institutionSchema.extend({ replayed: z.boolean() }).meta({ id: 'RegisteredInstitution' })

/** Partner institutions: the banks, cajas and cooperatives. The same for every book. */
export function institutionRoutes(app: App, parts: Parts): void {
  const tags = ['Reference']

  app.route({
    method: 'POST',
    url: '/v1/institutions',
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'registerInstitution',
      tags,
      summary: 'Register a partner institution',
      body: institutionBody,
      response: { ...made(registered), ...problems('id-reused', 'code-taken') },
    },
    handler: async (request, reply) => {
      const id = requestId(request, request.body.id)
      return answerMade(reply, await registerInstitution(parts, request.actor, { ...request.body, id }))
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/institutions',
    config: { access: roles },
    schema: {
      operationId: 'listInstitutions',
      tags,
      summary: 'List partner institutions, oldest first',
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(institutionSchema, 'InstitutionPage') },
    },
    handler: async request => {
      const { after, limit } = request.query
      return recordedPage(await listInstitutions(parts.db, after, limit + 1), limit, institutionOf)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/institutions/:institutionId',
    config: { access: roles },
    schema: {
      operationId: 'getInstitution',
      tags,
      summary: 'Read a partner institution',
      params: z.strictObject({ institutionId: idText }),
      response: { 200: institutionSchema, ...problems('institution-not-found') },
    },
    handler: async request => institutionById(parts.db, request.params.institutionId),
  })
}
