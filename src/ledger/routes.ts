import type { App } from '../http/openapi.ts'
import { accountRoutes } from './account-routes.ts'
import { balanceRoutes } from './balance-routes.ts'
import { closingRoutes } from './closing-routes.ts'
import { holdRoutes } from './hold-routes.ts'
import type { Ledger } from './post.ts'
import { transactionRoutes } from './transaction-routes.ts'

/** The ledger over HTTP. `reservedKinds` are the kinds that other parts' own verbs give, and nobody may post by hand. */
export function ledgerRoutes(app: App, ledger: Ledger, reservedKinds: readonly string[]): void {
  accountRoutes(app, ledger)
  balanceRoutes(app, ledger)
  transactionRoutes(app, ledger, reservedKinds)
  holdRoutes(app, ledger)
  closingRoutes(app, ledger)
}
