import type { ServerOptions } from 'node:http'
import fastify, { LogController } from 'fastify'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { Config } from '../config.ts'
import { guard } from './access.ts'
import { answerBrokenConnection, keepConnections } from './connections.ts'
import type { Credentials } from './credentials.ts'
import { answerError, answerProblems } from './faults.ts'
import { readJson } from './json-body.ts'
import type { Limits } from './limits.ts'
import { type App, describeApi, speakZod, type Tag } from './openapi.ts'
import { shed } from './pressure.ts'
import { requestIdOf } from './request-id.ts'
import { receive, record } from './requests.ts'

/**
 * A server without routes that does what is the same for all of them: reads and checks requests, asks for keys, answers
 * problems, documents itself, and records each request in one line. Closing it lets requests under way end.
 */
export async function openServer(parts: {
  config: Pick<Config, 'trustProxy' | 'bodyLimit' | 'requestTimeout' | 'pressureDelay' | 'pressureQueue'>
  log: Logger
  metrics: Registry
  credentials: Credentials
  limits: Limits
  /** How many requests wait for a connection to the database. */
  waiting: () => number
  tags: readonly Tag[]
}): Promise<App> {
  const { config, log, metrics, credentials, limits, waiting, tags } = parts
  const app = fastify({
    loggerInstance: log,
    // One logger for all requests: a child for each would cost more than the line that `record` writes.
    childLoggerFactory: logger => logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIdOf,
    frameworkErrors: answerError,
    clientErrorHandler: (error, socket) => answerBrokenConnection(error, socket, log),
    trustProxy: config.trustProxy.length > 0 ? config.trustProxy : false,
    bodyLimit: config.bodyLimit,
    requestTimeout: config.requestTimeout,
    http: timing(config.requestTimeout),
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    // `receive` answers with a problem instead.
    return503OnClosing: false,
  }) as unknown as App
  speakZod(app)
  readJson(app)
  answerProblems(app)
  keepConnections(app)
  receive(app)
  record(app, log, metrics)
  await shed(app, config, waiting)
  await describeApi(app, tags)
  guard(app, credentials, limits)
  return app
}

/** Node takes the shorter of the two for the head, and looks for what is late each interval: by default twice a minute. */
function timing(requestTimeout: number): ServerOptions {
  const headersTimeout = Math.min(60_000, requestTimeout)
  // A request without `Host` is answered by us, with a problem.
  const requireHostHeader = false
  return {
    requestTimeout,
    headersTimeout,
    requireHostHeader,
    connectionsCheckingInterval: Math.min(1_000, requestTimeout),
  }
}
