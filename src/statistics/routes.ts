import type { App } from '../http/openapi.ts'
import { openCounter } from './counting/counter.ts'
import { definitionRoutes } from './definitions/definition-routes.ts'
import { standingRoutes } from './explanation/standing-routes.ts'
import { saversRoutes } from './questions/savers-routes.ts'
import { savingsRoutes } from './questions/savings-routes.ts'
import { stayRoutes } from './questions/stay-routes.ts'
import { openTables } from './questions/tables.ts'
import type { Releasing } from './releases/release.ts'
import { releaseRoutes } from './releases/release-routes.ts'

/**
 * Statistics over HTTP: by what savers are counted, how many they are, what they save, how long they go on, and why each is
 * counted so. Gives what questions are answered with, for who asks them without HTTP.
 */
export function statisticsRoutes(app: App, parts: Omit<Releasing, 'counter' | 'tables'>): Releasing {
  const counter = openCounter(parts.db)
  const tables = openTables()
  app.addHook('onClose', () => Promise.all([counter.close(), tables.close()]))
  const asking = { ...parts, counter, tables }
  definitionRoutes(app, asking)
  saversRoutes(app, asking)
  savingsRoutes(app, asking)
  stayRoutes(app, asking)
  standingRoutes(app, asking)
  releaseRoutes(app, asking)
  return asking
}
