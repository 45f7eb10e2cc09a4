import { z } from 'zod'
import { instantText } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import { roleSchema, roles } from '../actor.ts'
import type { App } from '../openapi.ts'
import { cursor, cutPage, pageOf, pageQuery } from '../pages.ts'
import { listTokenClients, type TokenClientRow } from './client.ts'

const tokenClientSchema = z
  .object({
    clientId: z.uuid().describe('Recorded with everything done by her tokens; computed of issuer and subject'),
    role: roleSchema,
    issuer: z.string().meta({ examples: ['https://login.example/realms/programme'] }),
    claim: z.enum(['sub', 'client_id']).meta({ id: 'TokenSubjectClaim' }).describe('Which claim names the subject'),
    subject: z.string().meta({ examples: ['4f0c8f3e-quispe'] }),
    firstSeenAt: instantText,
  })
  .meta({ id: 'TokenClient' })

const place = cursor(z.strictObject({ firstSeenAt: instantText, id: z.uuid(), role: z.enum(roles) }))

/** Who came in by tokens. */
export function tokenRoutes(app: App, { db }: { db: Db }): void {
  app.route({
    method: 'GET',
    url: '/v1/token-clients',
    config: { access: ['auditor', 'administrator'] },
    schema: {
      operationId: 'listTokenClients',
      tags: ['Keys'],
      summary: 'List who came in by tokens, in the order in which they first did, once for each role',
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(tokenClientSchema, 'TokenClientPage') },
    },
    handler: async request => {
      const { after, limit } = request.query
      const rows = await listTokenClients(db, place.read(after), limit + 1)
      const placeOf = ({ firstSeenAt, id, role }: TokenClientRow) => ({
        firstSeenAt: firstSeenAt.toISOString(),
        id,
        role,
      })
      return cutPage(rows, limit, { cursor: place, placeOf, itemOf: shown })
    },
  })
}

function shown({ id, firstSeenAt, ...row }: TokenClientRow) {
  return { ...row, clientId: id, firstSeenAt: firstSeenAt.toISOString() }
}
