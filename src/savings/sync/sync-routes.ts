import { describeFault } from '../../http/log.ts'
import type { App } from '../../http/openapi.ts'
import type { Parts } from '../parts.ts'
import { mostOperations, syncBody, synchronise, syncSchema } from './sync.ts'

/** Synchronisation: field work done without a network, sent when there is one. */
export function syncRoutes(app: App, parts: Parts): void {
  app.route({
    method: 'POST',
    url: '/v1/sync',
    config: { access: ['agent', 'bank', 'administrator'], itemsApart: 'operations' },
    schema: {
      operationId: 'synchronise',
      tags: ['Synchronisation'],
      summary: `Send up to ${mostOperations} operations that were done offline`,
      description:
        'Each is answered for itself. They may come in any order, for one that stands on another is tried again after it; and ' +
        'again after weeks, for each is done once. Keep what was rejected with `retryable` and send it again as it is; otherwise mend it, or ' +
        'what it waits for. What was rejected at first is decided anew each time it is sent. Look at what is in conflict.',
      body: syncBody,
      response: { 200: syncSchema },
    },
    handler: async request =>
      synchronise(parts, request.actor, request.body.operations, request.id, fault => {
        request.outcome = { code: 'internal-fault', fault: describeFault(fault) }
      }),
  })
}
