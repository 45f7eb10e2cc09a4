import { z } from 'zod'
import type { App } from '../../http/openapi.ts'
import { problems } from '../../http/problems.ts'
import { answerTable, anyFormatFields, formatField, formatWanted, tableAnswer } from '../exports/answers.ts'
import { type Asking, savingsFigures } from './asking.ts'
import { questionFields } from './question.ts'
import { readers } from './savers-routes.ts'

const refused = problems('book-not-found', 'instant-in-future', 'month-not-over')

const bodySchema = z
  .strictObject({ ...questionFields, ...anyFormatFields })
  .meta({ id: 'SavingsTableQuestion', examples: [{ from: '2026-01', to: '2026-03', format: 'csv' }] })

/** What savers put in, took out and have, over HTTP. */
export function savingsRoutes(app: App, asking: Asking): void {
  const tags = ['Statistics']
  const url = '/v1/statistics/savings'

  app.route({
    method: 'GET',
    url,
    exposeHeadRoute: false,
    config: { access: readers },
    schema: {
      operationId: 'getSavings',
      tags,
      summary: 'Add up savings: deposits, withdrawals, incentives, balances with their deciles, empty accounts',
      description:
        'By month or at a month’s end, by one or two dimensions. Amounts are hidden where the number of those whose they are would be, and balances of months before such a one too (of all months of a place where it is told that it once had nothing), for a balance is the one before and what moved since. A median is of at least twice as many persons as the least count that is shown, deciles of ten times; there are none (null) where persons times months are more than three million.',
      querystring: z.strictObject({ ...questionFields, ...formatField }),
      response: { ...tableAnswer, ...refused, ...problems('media-type-not-acceptable') },
    },
    handler: async (request, reply) => {
      const { format: named, ...question } = request.query
      const format = formatWanted(request, reply, named)
      return answerTable(reply, await savingsFigures(asking, request.actor, question), format)
    },
  })

  app.route({
    method: 'POST',
    url,
    config: { access: readers, changesNothing: true },
    schema: {
      operationId: 'writeSavings',
      tags,
      summary: 'The same in a format that needs more: DHIS2 with its names, a logframe with its targets',
      body: bodySchema,
      response: { ...tableAnswer, ...refused },
    },
    handler: async (request, reply) => {
      const { format, mapping, logframe, ...question } = request.body
      const table = await savingsFigures(asking, request.actor, question)
      return answerTable(reply, table, format, { ...(mapping && { mapping }), ...(logframe && { logframe }) })
    },
  })
}
