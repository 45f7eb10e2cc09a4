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
  listProgrammes,
  programmeBody,
  programmeById,
  programmeOf,
  programmeSchema,
  registerProgramme,
} from './programmes.ts'

const registered = programmeSchema.extend({ replayed: z.boolean() }).meta({ id: 'RegisteredProgramme' })

/** Programmes in which savers enrol. The same for every book. */
export function programmeRoutes(app: App, parts: Parts): void {
  const tags = ['Reference']

  app.route({
    method: 'POST',
    url: '/v1/programmes',
    config: { access: ['administrator'], idempotent: true },
    schema: {
      operationId: 'registerProgramme',
      tags,
      summary: 'Register a programme',
      body: programmeBody,
      response: { ...made(registered), ...problems('id-reused', 'code-taken') },
    },
    handler: async (request, reply) => {
      const id = requestId(request, request.body.id)
      return answerMade(reply, await registerProgramme(parts, request.actor, { ...request.body, id }))
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/programmes',
    config: { access: roles },
    schema: {
      operationId: 'listProgrammes',
      tags,
      summary: 'List programmes, oldest first',
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(programmeSchema, 'ProgrammePage') },
    },
    handler: async request => {
      const { after, limit } = request.query
      return recordedPage(await listProgrammes(parts.db, after, limit + 1), limit, programmeOf)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/programmes/:programmeId',
    config: { access: roles },
    schema: {
      operationId: 'getProgramme',
      tags,
      summary: 'Read a programme',
      params: z.strictObject({ programmeId: idText }),
      response: { 200: programmeSchema, ...problems('programme-not-found') },
    },
    handler: async request => programmeById(parts.db, request.params.programmeId),
  })
}
