import { z } from 'zod'
import { answerMade, made, requestId } from '../../http/idempotency.ts'
import type { App } from '../../http/openapi.ts'
import { problems } from '../../http/problems.ts'
import { idText } from '../../ids.ts'
import type { Ledger } from '../../ledger/index.ts'
import { interest } from './bank-credits.ts'
import { interestListBody, interestListSchema, recordInterestList } from './interest-lists.ts'
import { postingRefusals, record, recordedSchema } from './record.ts'
import { verbs } from './verbs.ts'

/** One route for each verb, all alike: check the body, record the event, answer the transaction. And interest in lists. */
export function movementRoutes(app: App, ledger: Ledger): void {
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
        return answerMade(reply, await record(ledger, verb, params.bookId, id, body, actor))
      },
    })
  }

  app.route({
    method: 'POST',
    url: '/v1/books/:bookId/interest-lists',
    config: { access: interest.access, idempotent: true },
    schema: {
      operationId: 'recordInterestList',
      tags: ['Movements'],
      summary: 'Record the interest that the bank credited to many accounts',
      description: 'All or none; `facts.lines` says every reason. Each account gets a transaction of its own.',
      params: z.strictObject({ bookId: idText }),
      body: interestListBody,
      response: {
        ...made(interestListSchema),
        ...problems('id-reused', 'lines-refused', 'amount-precision', 'overloaded'),
      },
    },
    handler: async (request, reply) => {
      const { params, body, actor } = request
      const id = requestId(request, body.id)
      return answerMade(reply, await recordInterestList(ledger, params.bookId, actor, { ...body, id }))
    },
  })
}
