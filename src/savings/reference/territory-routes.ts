import { z } from 'zod'
import { roles } from '../../http/actor.ts'
import type { App } from '../../http/openapi.ts'
import { cutPage, pageOf, pageQuery } from '../../http/pages.ts'
import type { Parts } from '../parts.ts'
import { listTerritories, territoryFilter, territoryOf, territoryPlace, territorySchema } from './territories.ts'

/** Departments, provinces and districts. They come with the service and are changed by its migrations only. */
export function territoryRoutes(app: App, { db }: Parts): void {
  app.route({
    method: 'GET',
    url: '/v1/territories',
    config: { access: roles },
    schema: {
      operationId: 'listTerritories',
      tags: ['Reference'],
      summary: 'List departments, provinces and districts by code',
      description:
        'Codes are INEI’s; RENIEC gives 1,782 of 1,893 districts another one, so ask by `reniecCode` to translate.',
      querystring: z.strictObject({ ...territoryFilter, ...pageQuery }),
      response: { 200: pageOf(territorySchema, 'TerritoryPage') },
    },
    handler: async request => {
      const { after, limit, ...filter } = request.query
      const rows = await listTerritories(db, filter, after, limit + 1)
      return cutPage(rows, limit, { cursor: territoryPlace, placeOf: ({ code }) => ({ code }), itemOf: territoryOf })
    },
  })
}
