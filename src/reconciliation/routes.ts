import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { App } from '../http/openapi.ts'
import type { Parts } from '../savings/parts.ts'
import { breakRoutes } from './breaks/break-routes.ts'
import { bankBookings } from './breaks/resolutions/bank-bookings.ts'
import type { Limits } from './breaks/resolutions/propose.ts'
import { resolutionRoutes } from './breaks/resolutions/resolution-routes.ts'
import { bankAccountRoutes } from './intake/bank-account-routes.ts'
import { fileRoutes } from './intake/file-routes.ts'
import type { SchemaOf } from './intake/take.ts'
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
  fileRoutes(app, parts, tags, schemasIn(schemaDir))
  matchingRoutes(app, parts, tags)
  breakRoutes(app, parts, tags)
  resolutionRoutes(app, parts, tags, limits)
  proofRoutes(app, parts, tags)
  suspenseRoutes(app, parts, tags)
  ourSideRoutes(app, parts, tags)
}

/** ISO 20022's schemas by name, as whoever runs the service laid them down; each is read when it is first asked for. */
function schemasIn(folder: string | null): SchemaOf {
  const read = new Map<string, Promise<Uint8Array | null>>()
  return name => {
    if (folder === null) return Promise.resolve(null)
    const known = read.get(name) ?? readFile(join(folder, `${name}.xsd`)).catch(() => null)
    read.set(name, known)
    return known
  }
}
