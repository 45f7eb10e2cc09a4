import type { App } from '../http/openapi.ts'
import { bookRoutes } from './book-routes.ts'
import type { Parts } from './parts.ts'
import { institutionRoutes } from './reference/institution-routes.ts'
import { programmeRoutes } from './reference/programme-routes.ts'
import { territoryRoutes } from './reference/territory-routes.ts'
import { registryRoutes } from './registry/routes.ts'

/** Savings over HTTP: what all books share, the books, and what is registered in each. */
export function savingsRoutes(app: App, parts: Parts): void {
  territoryRoutes(app, parts)
  institutionRoutes(app, parts)
  programmeRoutes(app, parts)
  bookRoutes(app, parts)
  registryRoutes(app, parts)
}
