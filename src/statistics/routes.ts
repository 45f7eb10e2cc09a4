import type { App } from '../http/openapi.ts'
import type { Parts } from '../savings/parts.ts'
import { definitionRoutes } from './definitions/definition-routes.ts'

/** Statistics over HTTP: by what savers are counted. */
export function statisticsRoutes(app: App, parts: Pick<Parts, 'db' | 'clock'>): void {
  definitionRoutes(app, parts)
}
