import type { App } from '../../http/openapi.ts'
import type { Parts } from '../../savings/parts.ts'
import { drawRoutes } from './draws/draw-routes.ts'
import { periodRoutes } from './period-routes.ts'

/** What belongs to JUNTOS: whether households met what it asks, and the draws among those who save. */
export function juntosRoutes(app: App, parts: Parts): void {
  periodRoutes(app, parts)
  drawRoutes(app, parts)
}
