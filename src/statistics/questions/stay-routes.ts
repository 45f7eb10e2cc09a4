import { z } from 'zod'
import type { App } from '../../http/openapi.ts'
import { numberInQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { dimensionNames } from '../counting/dimensions.ts'
import { definitionReference } from '../definitions/definitions.ts'
import { answerTable, formatField, formatWanted, tableAnswer } from '../exports/answers.ts'
import { confidences } from '../survival/kaplan-meier.ts'
import { type Asking, cohortRetention, openedAccounts, permanence } from './asking.ts'
import { openers } from './opened-accounts.ts'
import { filterFields, monthFields, profileSchema, scopeFields } from './question.ts'
import { readers } from './savers-routes.ts'

const fields = {
  definition: definitionReference.default('PAS-v1'),
  ...{ ...scopeFields, asOf: monthFields.asOf, ...filterFields, profile: profileSchema, ...formatField },
}

const refused = problems(
  'book-not-found',
  'definition-not-found',
  'instant-in-future',
  'month-not-over',
  'media-type-not-acceptable',
)

/** How long savers go on, over HTTP: cohorts, permanence, accounts that were opened and never used again. */
export function stayRoutes(app: App, asking: Asking): void {
  const tags = ['Statistics']

  app.route({
    method: 'GET',
    url: '/v1/statistics/cohort-retention',
    exposeHeadRoute: false,
    config: { access: readers },
    schema: {
      operationId: 'getCohortRetention',
      tags,
      summary: 'Follow cohorts by month since enrolment: who saved in that month, who was permanent active',
      description: 'Over the twenty years until the month.',
      querystring: z.strictObject(fields),
      response: { ...tableAnswer, ...refused },
    },
    handler: async (request, reply) => {
      const { format: named, ...question } = request.query
      const format = formatWanted(request, reply, named)
      return answerTable(reply, await cohortRetention(asking, request.actor, question), format)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/statistics/permanence',
    exposeHeadRoute: false,
    config: { access: readers },
    schema: {
      operationId: 'getPermanence',
      tags,
      summary: 'Estimate how long savers stay permanent active (Kaplan and Meier), with intervals',
      description: 'Over the twenty years until the month. Rows between which fewer left than are shown are hidden.',
      querystring: z.strictObject({
        ...fields,
        by: z
          .enum(dimensionNames)
          .meta({ id: 'Dimension' })
          .optional()
          .describe('A curve for each, by where she was when it began'),
        confidence: z.enum(confidences).meta({ id: 'Confidence' }).default('0.95'),
      }),
      response: { ...tableAnswer, ...refused },
    },
    handler: async (request, reply) => {
      const { format: named, ...question } = request.query
      const format = formatWanted(request, reply, named)
      return answerTable(reply, await permanence(asking, request.actor, question), format)
    },
  })

  app.route({
    method: 'GET',
    url: '/v1/statistics/opened-accounts',
    exposeHeadRoute: false,
    config: { access: readers },
    schema: {
      operationId: 'getOpenedAccounts',
      tags,
      summary: 'Count accounts that were opened and never saved again, by agent, group or institution',
      querystring: z.strictObject({
        ...{ ...scopeFields, asOf: monthFields.asOf, profile: profileSchema, ...formatField },
        by: z.enum(openers).meta({ id: 'AccountOpener' }).default('agent'),
        months: numberInQuery(1, 120)
          .default(3)
          .describe('Opened at least so many months before: younger ones had no time'),
      }),
      response: { ...tableAnswer, ...refused },
    },
    handler: async (request, reply) => {
      const { format: named, ...question } = request.query
      const format = formatWanted(request, reply, named)
      return answerTable(reply, await openedAccounts(asking, request.actor, question), format)
    },
  })
}
