import { z } from 'zod'
import { answerMade, made, requestId } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import type { Parts } from '../parts.ts'
import { registryRoute } from '../registry/verb.ts'
import { interestList } from './interest-lists.ts'
import { postingRefusals, record, recordedSchema } from './record.ts'
import { verbs } from './verbs.ts'

/** One route for each verb, all alike: check the body, record the event, answer the transaction. And interest in lists. */
export function movementRoutes(app: App, parts: Parts): void {
  for (const verb of verbs) {
    app.route({
      method: 'POST',
      url: `/v1/books/:bookId/${verb.path}`,
      config: { access: verb.access, idempotent: true },
      schema: {
        operationId: verb.operationId,
        tags: ['Movements'],
        summary: verb.summary,
        description: verb.description,
        params: z.strictObject({ bookId: idText }),
        body: verb.body,
        response: { ...made(recordedSchema), ...problems(...postingRefusals, ...verb.refusals) },
      },
      handler: async (request, reply) => {
        const { params, body, actor } = request
        const id = requestId(request, body.id)
        return answerMade(reply, await record(parts.ledger, verb, params.bookId, id, body, actor))
      },
    })
  }

  registryRoute(app, parts, interestList)
}
