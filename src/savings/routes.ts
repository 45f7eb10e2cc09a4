import type { App } from '../http/openapi.ts'
import type { Signer } from '../signing/signing.ts'
import { savingsAccountRoutes } from './accounts/account-routes.ts'
import { cashRoutes } from './accounts/cash-routes.ts'
import { fundRoutes } from './accounts/fund-routes.ts'
import { bookRoutes } from './book-routes.ts'
import type { Parts } from './parts.ts'
import { passbookRoutes } from './passbook/passbook-routes.ts'
import { receiptRoutes } from './receipts/receipt-routes.ts'
import { institutionRoutes } from './reference/institution-routes.ts'
import { programmeRoutes } from './reference/programme-routes.ts'
import { territoryRoutes } from './reference/territory-routes.ts'
import { registryRoutes } from './registry/routes.ts'
import { sheetRoutes } from './sheets/sheet-routes.ts'
import { syncRoutes } from './sync/sync-routes.ts'
import { movementRoutes } from './verbs/movement-routes.ts'

/** Savings over HTTP: what all books share, the books, what is registered in each, and how its money moves. */
export function savingsRoutes(app: App, parts: Parts, signer: Signer): void {
  territoryRoutes(app, parts)
  institutionRoutes(app, parts)
  programmeRoutes(app, parts)
  bookRoutes(app, parts)
  registryRoutes(app, parts)
  savingsAccountRoutes(app, parts)
  fundRoutes(app, parts)
  movementRoutes(app, parts)
  cashRoutes(app, parts)
  sheetRoutes(app, parts)
  receiptRoutes(app, parts, signer)
  passbookRoutes(app, parts)
  syncRoutes(app, parts)
}
