import type { App } from '../http/openapi.ts'
import type { Parts } from '../savings/parts.ts'
import { openBalances } from './balances/balances.ts'
import { balanceComparisonRoutes } from './balances/comparison-routes.ts'
import { balanceListRoutes } from './balances/list-routes.ts'
import { balanceProposalRoutes } from './balances/proposals/proposal-routes.ts'
import { breakRoutes } from './breaks/break-routes.ts'
import { bankBookings } from './breaks/resolutions/bank-bookings.ts'
import type { Limits } from './breaks/resolutions/propose.ts'
import { resolutionRoutes } from './breaks/resolutions/resolution-routes.ts'
import { bankAccountRoutes } from './intake/bank-account-routes.ts'
import { fileRoutes } from './intake/file-routes.ts'
import { openIntake } from './intake/intake.ts'
import { takeRoute } from './intake/take-routes.ts'
import { openMatching } from './matching/matching.ts'
import { matchingRoutes } from './matching/matching-routes.ts'
import { ourSideRoutes } from './out/our-side-routes.ts'
import { proofRoutes } from './proofs/proof-routes.ts'
import { suspenseRoutes } from './suspense/suspense-routes.ts'

/** Kinds of transactions that nobody posts by hand. */
export const kindsOfReconciliation: readonly string[] = bankBookings

/** Reconciliation over HTTP: accounts at banks, their statements, and where bank and ledger do not agree. */
export function reconciliationRoutes(
  app: App,
  parts: Parts,
  { schemaDir, ...limits }: Limits & { schemaDir: string | null },
): void {
  const tags = ['Reconciliation']
  bankAccountRoutes(app, parts, tags)
  const [intake, matching] = [openIntake(parts.db, schemaDir), openMatching(parts.db)]
  const balances = openBalances(parts.db)
  app.addHook('onClose', () => Promise.all([intake.close(), matching.close(), balances.close()]))
  takeRoute(app, parts, tags, intake)
  fileRoutes(app, parts, tags)
  matchingRoutes(app, parts, tags, matching)
  breakRoutes(app, parts, tags)
  resolutionRoutes(app, { ...parts, matching }, tags, limits)
  proofRoutes(app, parts, tags)
  suspenseRoutes(app, parts, tags)
  ourSideRoutes(app, parts, tags)
  balanceListRoutes(app, parts, tags, balances)
  balanceComparisonRoutes(app, parts, tags, balances)
  balanceProposalRoutes(app, parts, tags)
}
