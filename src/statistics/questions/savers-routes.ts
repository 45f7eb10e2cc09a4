import type { App } from '../../http/openapi.ts'
import { definitionReference } from '../definitions/definitions.ts'
import { type Asking, permanentActiveSavers } from './asking.ts'
import { questionFields } from './question.ts'
import { tableRoute, writtenTableRoute } from './table-routes.ts'

const example = {
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
}

/** Permanent active savers over HTTP. */
export function saversRoutes(app: App, asking: Asking): void {
  const asked = {
    url: '/v1/statistics/permanent-active-savers',
    fields: { definition: definitionReference.default('PAS-v1'), ...questionFields },
    refusals: ['definition-not-found'] as const,
    answer: permanentActiveSavers.bind(null, asking),
  }
  tableRoute(app, {
    ...asked,
    operationId: 'getPermanentActiveSavers',
    summary: 'Count permanent active savers: by month or at a month’s end, by one or two dimensions',
    description:
      'Each person once, among the savers of the books that the key reaches. The statuses sum to the registered; small counts are hidden, and others with them, so that none can be solved for; zeros are shown.',
  })
  writtenTableRoute(app, {
    ...asked,
    operationId: 'writePermanentActiveSavers',
    bodyId: 'SaversTableQuestion',
    example,
  })
}
