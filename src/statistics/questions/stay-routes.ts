import { z } from 'zod'
import type { App } from '../../http/openapi.ts'
import { numberInQuery } from '../../http/pages.ts'
import { dimensionNames } from '../counting/dimensions.ts'
import { definitionReference } from '../definitions/definitions.ts'
import { confidences } from '../survival/kaplan-meier.ts'
import { type Asking, cohortRetention, openedAccounts, permanence } from './asking.ts'
import { openers } from './opened-accounts.ts'
import { filterFields, monthFields, profileSchema, scopeFields } from './question.ts'
import { tableRoute } from './table-routes.ts'

const fields = {
  definition: definitionReference.default('PAS-v1'),
  ...{ ...scopeFields, asOf: monthFields.asOf, ...filterFields, profile: profileSchema },
}

/** How long savers go on, over HTTP: cohorts, permanence, accounts that were opened and never used again. */
export function stayRoutes(app: App, asking: Asking): void {
  tableRoute(app, {
    url: '/v1/statistics/cohort-retention',
    operationId: 'getCohortRetention',
    summary: 'Follow cohorts by month since enrolment: who saved in that month, who was permanent active',
    description: 'Over the twenty years until the month.',
    fields,
    refusals: ['definition-not-found'],
    answer: cohortRetention.bind(null, asking),
  })
  tableRoute(app, {
    url: '/v1/statistics/permanence',
    operationId: 'getPermanence',
    summary: 'Estimate how long savers stay permanent active (Kaplan and Meier), with intervals',
    description: 'Over the twenty years until the month. Rows between which fewer left than are shown are hidden.',
    fields: {
      ...fields,
      by: z
        .enum(dimensionNames)
        .meta({ id: 'Dimension' })
        .optional()
        .describe('A curve for each, by where she was when it began'),
      confidence: z.enum(confidences).meta({ id: 'Confidence' }).default('0.95'),
    },
    refusals: ['definition-not-found'],
    answer: permanence.bind(null, asking),
  })
  tableRoute(app, {
    url: '/v1/statistics/opened-accounts',
    operationId: 'getOpenedAccounts',
    summary: 'Count accounts that were opened and never saved again, by agent, group or institution',
    fields: {
      ...{ ...scopeFields, asOf: monthFields.asOf, profile: profileSchema },
      by: z.enum(openers).meta({ id: 'AccountOpener' }).default('agent'),
      months: numberInQuery(1, 120)
        .default(3)
        .describe('Opened at least so many months before: younger ones had no time'),
    },
    answer: openedAccounts.bind(null, asking),
  })
}
