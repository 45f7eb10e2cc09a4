import { z } from 'zod'
import type { App } from '../../http/openapi.ts'
import { problems } from '../../http/problems.ts'
import { definitionReference } from '../definitions/definitions.ts'
import { answerTable, anyFormatFields, formatField, formatWanted, tableAnswer } from '../exports/answers.ts'
import { type Asking, permanentActiveSavers } from './asking.ts'
import { questionFields } from './question.ts'

export const readers = ['analyst', 'auditor', 'administrator'] as const

const definition = { definition: definitionReference.default('PAS-v1') }

const refused = problems('book-not-found', 'definition-not-found', 'instant-in-future', 'month-not-over')

const bodySchema = z.strictObject({ ...definition, ...questionFields, ...anyFormatFields }).meta({
  id: 'SaversTableQuestion',
  examples: [
    {
      from: '2026-01',
      to: '2026-03',
      by: 'department',
      format: 'dhis2-json',
      mapping: {
        idScheme: 'CODE',
        dataElements: {
          ...{ registered: null, closed: null, tooNew: null, denominator: 'PAS_DENOMINATOR' },
          ...{ permanentActive: 'PAS_NUMERATOR', active: null, dormant: null, empty: null, rate: null },
        },
        orgUnits: { column: 'department', codes: { _T: 'PERU', '08': 'PE08', '21': 'PE21' } },
      },
    },
  ],
})

/** Permanent active savers over HTTP. */
export function saversRoutes(app: App, asking: Asking): void {
  const tags = ['Statistics']
  const url = '/v1/statistics/permanent-active-savers'

  app.route({
    method: 'GET',
    url,
    exposeHeadRoute: false,
    config: { access: readers },
    schema: {
      operationId: 'getPermanentActiveSavers',
      tags,
      summary: 'Count permanent active savers: by month or at a month’s end, by one or two dimensions',
      description:
        'Each person once, among the savers of the books that the key reaches. The statuses sum to the registered; small counts are hidden, and others with them, so that none can be solved for; zeros are shown.',
      querystring: z.strictObject({ ...definition, ...questionFields, ...formatField }),
      response: { ...tableAnswer, ...refused, ...problems('media-type-not-acceptable') },
    },
    handler: async (request, reply) => {
      const { format: named, ...question } = request.query
      const format = formatWanted(request, reply, named)
      return answerTable(reply, await permanentActiveSavers(asking, request.actor, question), format)
    },
  })

  app.route({
    method: 'POST',
    url,
    config: { access: readers, changesNothing: true },
    schema: {
      operationId: 'writePermanentActiveSavers',
      tags,
      summary: 'The same in a format that needs more: DHIS2 with its names, a logframe with its targets',
      body: bodySchema,
      response: { ...tableAnswer, ...refused },
    },
    handler: async (request, reply) => {
      const { format, mapping, logframe, ...question } = request.body
      const table = await permanentActiveSavers(asking, request.actor, question)
      return answerTable(reply, table, format, { ...(mapping && { mapping }), ...(logframe && { logframe }) })
    },
  })
}
