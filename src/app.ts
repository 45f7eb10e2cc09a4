import type { Logger } from 'pino'
import about from '../package.json' with { type: 'json' }
import { openAudit } from './audit/audit.ts'
import type { Config } from './config.ts'
import { dashboardRoutes } from './dashboard/routes.ts'
import type { Clock } from './dates.ts'
import type { Db } from './db/client.ts'
import { within } from './db/scope.ts'
import { feedRoutes } from './feed/feed-routes.ts'
import { either } from './http/credentials.ts'
import { healthRoutes } from './http/health.ts'
import { keyCache } from './http/key-cache.ts'
import { openLimits } from './http/limits.ts'
import { openLog } from './http/log.ts'
import { openMetrics } from './http/metrics.ts'
import type { App } from './http/openapi.ts'
import { keyRoutes } from './http/routes.ts'
import { openServer } from './http/server.ts'
import { tokenRoutes } from './http/tokens/routes.ts'
import { takeTokens } from './http/tokens/tokens.ts'
import { incentiveRoutes, kindsOfIncentives } from './incentives/routes.ts'
import { workOnRuns } from './incentives/runs/work.ts'
import { auditRoutes, existingBooks, keepHoldsExpired, ledgerRoutes, openLedger, watchBatches } from './ledger/index.ts'
import { kindsOfReconciliation, reconciliationRoutes } from './reconciliation/routes.ts'
import { suspenseKind } from './reconciliation/suspense/accounts.ts'
import { controlAccounts, reservedControls } from './savings/chart.ts'
import { booksOfAgent } from './savings/registry/agents.ts'
import { savingsRoutes } from './savings/routes.ts'
import { verbs } from './savings/verbs/verbs.ts'
import { sealRoutes } from './seals/seal-routes.ts'
import { keepSealed } from './seals/sealing.ts'
import { signingRoutes } from './signing/key-routes.ts'
import { openSigner } from './signing/signing.ts'
import { statisticsRoutes } from './statistics/routes.ts'
import { keepLinked } from './trail/linking.ts'
import { logReadings } from './trail/readings.ts'
import { trailRoutes } from './trail/trail-routes.ts'
import { openWebhooks } from './webhooks/routes.ts'

/** The chapters of the document, in the order in which one would read them. */
const tags = [
  { name: 'Reference', description: 'What all books share: institutions, programmes, territories' },
  { name: 'Books', description: 'One partner institution’s closed set of accounts in one currency' },
  { name: 'Register', description: 'Who there is in a book: agents, savers, groups, organisations, enrolments' },
  { name: 'Savings accounts', description: 'Opened, read, blocked and closed; balances and statements' },
  { name: 'Funds', description: 'What incentives and prizes are paid from' },
  { name: 'Incentives', description: 'Rules, the runs that pay by them, who pays for it, and why each was paid' },
  { name: 'JUNTOS', description: 'Whether households met what it asks, by bimester; the draws among those who save' },
  {
    name: 'Disbursements',
    description: 'Paying out what runs pay: numbered requests, transfer authorisations, payments',
  },
  {
    name: 'Reconciliation',
    description: 'Statements of the banks, and where they and the ledger do not agree',
  },
  { name: 'Events', description: 'What happens in a book, one after the other, for programs that follow it' },
  { name: 'Statistics', description: 'Savers counted by a definition, for months, as known at an instant' },
  { name: 'Releases', description: 'Tables of statistics that are frozen, signed, and never changed' },
  { name: 'Movements', description: 'Each way that money moves, and its receipt' },
  {
    name: 'Collection sheets',
    description: 'A meeting’s deposits and withdrawals with its cash count, as JSON or CSV',
  },
  { name: 'Cash in transit', description: 'What agents have collected and not yet banked' },
  { name: 'Synchronisation', description: 'Work that was done offline, sent as one list' },
  { name: 'Ledger', description: 'Accounts, transactions, holds and closings as they are below all that' },
  { name: 'Audit', description: 'Verification, and the book as a journal' },
  { name: 'Keys', description: 'Who may do what' },
  { name: 'Operation', description: 'Health, readiness, metrics' },
]

/** Builds the service: every part and route, in reading order. Closing it lets requests under way end. */
export async function buildApp(parts: { db: Db; config: Config; clock: Clock; log?: Logger }): Promise<App> {
  const { db, config, clock, log = openLog(config.logLevel) } = parts
  const metrics = openMetrics(db)
  // Asked before it is known which books somebody reaches.
  const hers = (agentId: string) => within({ reach: 'all' }, () => booksOfAgent(db, agentId))
  const keys = keyCache(db, clock, hers)
  const tokens =
    config.tokensFile === null ? null : takeTokens(config.tokensFile, { db, clock, log, booksOfAgent: hers })
  const credentials = either(keys, tokens)
  const limits = openLimits(config)
  const waiting = () => db.$client.waitingCount
  const app = await openServer({ config, log, metrics, credentials, limits, waiting, tags })

  logReadings(app, db)
  healthRoutes(app, { db, metrics })
  const ties = {
    existingBooks: (ids: readonly string[]) => existingBooks(db, ids),
    booksOfAgent: hers,
  }
  keyRoutes(app, { db, clock, keys, ties })
  tokenRoutes(app, { db })

  const ledger = openLedger({ db, clock, onBatch: watchBatches(metrics) })
  const stopExpiring = keepHoldsExpired(db, clock, error => log.warn({ err: error }, 'holds were not looked at'))
  app.addHook('onClose', async () => {
    stopExpiring()
    await ledger.drain()
  })
  const ownKinds = [...kindsOfIncentives, suspenseKind]
  ledgerRoutes(app, ledger, {
    reservedKinds: [...verbs.map(verb => verb.kind), ...ownKinds, ...kindsOfReconciliation],
    irreversibleKinds: ownKinds,
    reservedControls,
    controlNames: new Map(Object.entries(controlAccounts)),
  })
  const audit = openAudit(db)
  app.addHook('onClose', audit.close)
  auditRoutes(app, ledger, audit)
  trailRoutes(app, db)
  const stopLinking = keepLinked(db, error => log.error({ err: error }, 'the audit log was not linked'))
  app.addHook('preClose', stopLinking)
  const signer = openSigner(config.signingKey)
  signingRoutes(app, db, signer)
  sealRoutes(app, { db })
  const stopSealing = keepSealed({ db, clock, signer }, error => log.error({ err: error }, 'a day was not sealed'))
  app.addHook('preClose', stopSealing)
  const savings = { db, clock, ledger, identityKey: config.identityKey }
  savingsRoutes(app, savings, signer)
  feedRoutes(app, savings)
  const work = workOnRuns(savings, error => log.error({ err: error }, 'a run of incentives did not move on'))
  app.addHook('preClose', () => work.stop())
  incentiveRoutes(app, savings, work)
  reconciliationRoutes(app, savings, {
    schemaDir: config.schemaDir,
    irreversibleKinds: ownKinds,
  })
  openWebhooks(app, savings, { privateAddresses: config.webhookPrivateAddresses, log, metrics })
  const software = { version: about.version, commit: config.codeCommit }
  const asking = statisticsRoutes(app, { db, clock, k: config.suppressionK, signer, software })
  await dashboardRoutes(app, { asking, savings, keys, limits, secret: config.identityKey })

  await app.ready()
  return app
}
