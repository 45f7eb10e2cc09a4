import fastify, { LogController } from 'fastify'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import type { Clock } from './dates.ts'
import type { Db } from './db/client.ts'
import { guard } from './http/access.ts'
import { answerBrokenConnection, answerError, answerProblems } from './http/faults.ts'
import { healthRoutes } from './http/health.ts'
import { keyCache } from './http/key-cache.ts'
import { openLog } from './http/log.ts'
import { openMetrics } from './http/metrics.ts'
import { type App, describeApi, speakZod } from './http/openapi.ts'
import { readJson, receive, record, requestIdOf } from './http/requests.ts'
import { keyRoutes } from './http/routes.ts'

/** Builds the service: every plugin and route, in reading order. Closing it lets requests under way end. */
export async function buildApp(parts: { db: Db; config: Config; clock: Clock; log?: Logger }): Promise<App> {
  const { db, config, clock, log = openLog(config.logLevel) } = parts
  const app = fastify({
    loggerInstance: log,
    // One logger for all requests: a child for each would cost more than the line that `record` writes.
    childLoggerFactory: logger => logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIdOf,
    frameworkErrors: answerError,
    clientErrorHandler: answerBrokenConnection,
    trustProxy: config.trustProxy.length > 0 ? config.trustProxy : false,
    bodyLimit: config.bodyLimit,
    requestTimeout: 60_000,
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    // `receive` answers with a problem instead.
    return503OnClosing: false,
  }) as unknown as App

  const keys = keyCache(db, clock)
  const metrics = openMetrics(db)
  speakZod(app)
  readJson(app)
  answerProblems(app)
  receive(app)
  record(app, log, metrics)
  await describeApi(app)
  guard(app, keys.actorOf)

  healthRoutes(app, { db, metrics })
  keyRoutes(app, { db, clock, keys })

  await app.ready()
  return app
}
