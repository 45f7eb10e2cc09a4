import { setTimeout as pause } from 'node:timers/promises'
import type { Registry } from 'prom-client'
import { z } from 'zod'
import type { Db } from '../db/client.ts'
import { translateDatabaseError } from '../db/errors.ts'
import { Refusal } from '../refusals.ts'
import type { App } from './openapi.ts'
import { problems } from './problems.ts'

const statusSchema = z.object({ status: z.literal('ok') }).meta({ id: 'Health' })

/** What any request may be answered, whatever it asks for. */
const ofEveryRequest = ['service-stopping', 'request-invalid', 'address-too-long'] as const

/** Milliseconds that the database gets to answer before the service counts as not ready. */
const patience = 2000

/** Whether the process is up, whether it can do its work, and what it measures. */
export function healthRoutes(app: App, parts: { db: Db; metrics: Registry }): void {
  const { db, metrics } = parts
  const tags = ['Operation']

  app.route({
    method: 'GET',
    url: '/health',
    config: { unlimited: true },
    schema: {
      operationId: 'getHealth',
      tags,
      summary: 'Whether the process is up',
      description: 'Says nothing of the database: a process that cannot reach it need not be started anew.',
      response: { 200: statusSchema, ...problems(...ofEveryRequest) },
    },
    handler: async () => ({ status: 'ok' as const }),
  })

  app.route({
    method: 'GET',
    url: '/ready',
    config: { unlimited: true },
    schema: {
      operationId: 'getReadiness',
      tags,
      summary: 'Whether requests can be served: the database answers and is migrated',
      response: { 200: statusSchema, ...problems('database-unavailable', ...ofEveryRequest) },
    },
    handler: async () => {
      await databaseAnswers(db)
      return { status: 'ok' as const }
    },
  })

  app.route({
    method: 'GET',
    url: '/metrics',
    config: { access: ['auditor', 'administrator'], unlimited: true },
    schema: {
      operationId: 'getMetrics',
      tags,
      summary: 'What the service measures, in the text format of Prometheus',
      description:
        'Needs a key as everything does: a scraper sends it as its bearer token. A read-only auditor key serves.',
      response: { 200: { description: 'Prometheus text', content: { 'text/plain': { schema: measured } } } },
    },
    handler: async (_, reply) => reply.type(metrics.contentType).send(await metrics.metrics()),
  })
}

const measured = z.string().meta({
  id: 'Metrics',
  examples: [
    `# HELP qullqi_http_request_seconds Seconds from a request to the end of its answer
# TYPE qullqi_http_request_seconds histogram
qullqi_http_request_seconds_bucket{le="0.01",method="POST",route="/v1/books/:bookId/deposits",status="201"} 7
`,
  ],
})

/** @throws Refusal `database-unavailable` when the database does not answer in time or has not our tables. */
async function databaseAnswers(db: Db): Promise<void> {
  const late = new AbortController()
  const answer = db.$client.query('select from api_key limit 0')
  try {
    await Promise.race([answer, pause(patience, undefined, { signal: late.signal }).then(() => Promise.reject(slow()))])
  } catch (error) {
    answer.catch(() => {})
    const translated = translateDatabaseError(error)
    throw translated instanceof Refusal ? translated : slow(error)
  } finally {
    late.abort()
  }
}

function slow(cause?: unknown): Refusal {
  return new Refusal('database-unavailable', 'The database does not answer in time, or is not migrated.', { cause })
}
