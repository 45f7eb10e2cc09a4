import type { App } from '../http/openapi.ts'
import { accountRoutes } from './account-routes.ts'
import { balanceRoutes } from './balance-routes.ts'
import { closingRoutes } from './closing-routes.ts'
import { holdRoutes } from './hold-routes.ts'
import { listRoutes } from './list-routes.ts'
import type { Ledger } from './post.ts'
import { transactionRoutes } from './transaction-routes.ts'

/** What the ledger, which has never heard of savers, is told of them. */
type Told = {
  /** Kinds that other parts' own verbs give, and nobody may post by hand. */
  reservedKinds: readonly string[]
  /** Those of them that are not reversed by hand either, for more hangs on them than their entries. */
  irreversibleKinds: readonly string[]
  /** Control accounts whose money moves by those verbs only. */
  reservedControls: readonly string[]
  /** What the control accounts of other parts are called, by the part of a code before its first dot. */
  controlNames: ReadonlyMap<string, string>
}

/** The ledger over HTTP. */
export function ledgerRoutes(app: App, ledger: Ledger, told: Told): void {
  accountRoutes(app, ledger, new Set(told.controlNames.keys()))
  balanceRoutes(app, ledger)
  transactionRoutes(app, ledger, told)
  listRoutes(app, ledger, told)
  holdRoutes(app, ledger, told)
  closingRoutes(app, ledger, told.controlNames)
}
