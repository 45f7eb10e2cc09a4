import type { App } from '../http/openapi.ts'
import type { Parts } from '../savings/parts.ts'
import { calculationRoutes } from './calculations/calculation-routes.ts'
import { disbursementRoutes } from './disbursements/disbursement-routes.ts'
import { fundingRoutes } from './funding/funding-routes.ts'
import { juntosRoutes } from './juntos/juntos-routes.ts'
import { ruleRoutes } from './rules/rule-routes.ts'
import { runRoutes } from './runs/run-routes.ts'
import type { Work } from './runs/work.ts'

/**
 * The kinds of transactions that incentives make. Nobody posts them by hand, and they are not reversed: what was paid
 * wrongly, the next run takes back.
 */
export const kindsOfIncentives = [
  'incentive-set-aside',
  'incentive-set-aside-return',
  'incentive',
  'incentive-clawback',
  'incentive-release',
  'incentive-forfeiture',
] as const

/** Incentives over HTTP: the rules, who pays for them, the runs that pay, institutions' calculations beside them, and paying out. */
export function incentiveRoutes(app: App, parts: Parts, work: Work): void {
  ruleRoutes(app, parts)
  fundingRoutes(app, parts)
  runRoutes(app, parts, work)
  juntosRoutes(app, parts)
  calculationRoutes(app, parts)
  disbursementRoutes(app, parts)
}
