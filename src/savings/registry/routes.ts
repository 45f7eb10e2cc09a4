import { z } from 'zod'
import { roles } from '../../http/actor.ts'
import type { App } from '../../http/openapi.ts'
import { pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import { bookOf } from '../../ledger/index.ts'
import { identityRoles } from '../acting.ts'
import { recordedPage } from '../listing.ts'
import type { Parts } from '../parts.ts'
import { agentById, agentOf, agentSchema, listAgents } from './agents.ts'
import { groupRoutes } from './group-routes.ts'
import { listOrganisations, organisationById, organisationOf, organisationSchema } from './organisations.ts'
import { saverRoutes } from './saver-routes.ts'
import { registryRoute } from './verb.ts'
import { registryVerbs } from './verbs.ts'

/** A book's register: agents, savers, groups and organisations, changed by verbs and read as lists. */
export function registryRoutes(app: App, parts: Parts): void {
  for (const verb of registryVerbs) registryRoute(app, parts, verb)
  agentRoutes(app, parts)
  saverRoutes(app, parts)
  groupRoutes(app, parts)
  organisationRoutes(app, parts)
}

const inBook = z.strictObject({ bookId: idText })
const tags = ['Register']

function agentRoutes(app: App, { db }: Parts): void {
  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/agents',
    config: { access: identityRoles },
    schema: {
      operationId: 'listAgents',
      tags,
      summary: 'List the agents of a book, in the order of recording',
      params: inBook,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(agentSchema, 'AgentPage') },
    },
    handler: async request => {
      const { bookId } = request.params
      const { after, limit } = request.query
      await bookOf(db, bookId)
      return recordedPage(await listAgents(db, bookId, after, limit + 1), limit, agentOf)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/agents/:agentId',
    config: { access: identityRoles },
    schema: {
      operationId: 'getAgent',
      tags,
      summary: 'Read an agent',
      params: inBook.extend({ agentId: idText }),
      response: { 200: agentSchema, ...problems('agent-not-found') },
    },
    handler: async request => {
      const { bookId, agentId } = request.params
      await bookOf(db, bookId)
      return agentById(db, bookId, agentId)
    },
  })
}

function organisationRoutes(app: App, { db }: Parts): void {
  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/organisations',
    config: { access: roles },
    schema: {
      operationId: 'listOrganisations',
      tags,
      summary: 'List the organisations of a book, in the order of recording',
      params: inBook,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(organisationSchema, 'OrganisationPage') },
    },
    handler: async request => {
      const { bookId } = request.params
      const { after, limit } = request.query
      await bookOf(db, bookId)
      return recordedPage(await listOrganisations(db, bookId, after, limit + 1), limit, organisationOf)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/books/:bookId/organisations/:organisationId',
    config: { access: roles },
    schema: {
      operationId: 'getOrganisation',
      tags,
      summary: 'Read an organisation',
      params: inBook.extend({ organisationId: idText }),
      response: { 200: organisationSchema, ...problems('organisation-not-found') },
    },
    handler: async request => {
      const { bookId, organisationId } = request.params
      await bookOf(db, bookId)
      return organisationById(db, bookId, organisationId)
    },
  })
}
