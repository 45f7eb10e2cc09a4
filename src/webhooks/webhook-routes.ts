import { z } from 'zod'
import { answerMade, made, requestId } from '../http/idempotency.ts'
import type { App } from '../http/openapi.ts'
import { pageOf, pageQuery } from '../http/pages.ts'
import { problems } from '../http/problems.ts'
import { bookOf } from '../ledger/index.ts'
import { recordedPage } from '../savings/listing.ts'
import {
  addWebhook,
  disableWebhook,
  enableWebhook,
  listWebhooks,
  rotateSecret,
  type WebhookParts,
  webhookById,
} from './webhooks.ts'
import {
  addedSchema,
  inBook,
  ofWebhook,
  rotatedSchema,
  rotationBody,
  shown,
  webhookBody,
  webhookSchema,
} from './wire.ts'

export const tags = ['Events']
export const url = '/v1/books/:bookId/webhooks'

/** Whoever may read the feed may have it posted; an auditor only looks. */
export const hands = ['bank', 'administrator'] as const
export const readers = ['bank', 'auditor', 'administrator'] as const

/** Addresses to which the events of a book are posted, and their secrets. */
export function webhookRoutes(app: App, parts: WebhookParts): void {
  app.route({
    method: 'POST',
    url,
    config: { access: hands, idempotent: true },
    schema: {
      operationId: 'addWebhook',
      tags,
      summary: 'Have events of a book posted to an address of yours',
      description: `As [Standard Webhooks](https://www.standardwebhooks.com) has it: \`type\`, \`timestamp\` and \`data\`, which are an event's \`kind\`, \`recordedAt\`, and its \`id\`, \`sequence\`, \`address\` and
facts; signed in \`webhook-signature\` with the secret that is answered this once. Answer 2xx within 15 seconds. Else it comes again, ten times in three days and a half, and is then a dead letter. It may come twice, with the same
\`webhook-id\`. 410 disables the webhook. What happened before, or while it is disabled, is in the feed.`,
      params: inBook,
      body: webhookBody,
      response: {
        ...made(addedSchema),
        ...problems('id-reused', 'webhook-url-refused', 'webhook-limit-reached'),
      },
    },
    handler: async (request, reply) => {
      const { bookId } = request.params
      await bookOf(parts.db, bookId)
      const { id: bodyId, ...asked } = request.body
      const id = requestId(request, bodyId)
      const { row, secret, replayed } = await addWebhook(parts, bookId, request.actor, { ...asked, id })
      return answerMade(reply, { ...shown(row), secret, replayed })
    },
  })

  app.route({
    method: 'GET',
    url,
    config: { access: readers },
    schema: {
      operationId: 'listWebhooks',
      tags,
      summary: 'List to which addresses events are posted; a bank’s key sees the bank’s own',
      params: inBook,
      querystring: z.strictObject(pageQuery),
      response: { 200: pageOf(webhookSchema, 'WebhookPage') },
    },
    handler: async request => {
      const { bookId } = request.params
      const { after, limit } = request.query
      await bookOf(parts.db, bookId)
      return recordedPage(await listWebhooks(parts, bookId, request.actor, after, limit + 1), limit, shown)
    },
  })

  app.route({
    method: 'GET',
    url: `${url}/:webhookId`,
    config: { access: readers },
    schema: {
      operationId: 'getWebhook',
      tags,
      summary: 'Read a webhook, without its secret',
      params: ofWebhook,
      response: { 200: webhookSchema, ...problems('webhook-not-found') },
    },
    handler: async request => {
      await bookOf(parts.db, request.params.bookId)
      return shown(await webhookById(parts.db, request.params, request.actor))
    },
  })

  app.route({
    method: 'POST',
    url: `${url}/:webhookId/rotations`,
    config: { access: hands, idempotent: true },
    schema: {
      operationId: 'rotateWebhookSecret',
      tags,
      summary: 'Give a webhook another secret; for a while both are valid',
      params: ofWebhook,
      body: rotationBody,
      response: { ...made(rotatedSchema), ...problems('id-reused', 'webhook-not-found') },
    },
    handler: async (request, reply) => {
      const { params, body, actor } = request
      await bookOf(parts.db, params.bookId)
      const id = requestId(request, body.id)
      const { row, secret, replayed } = await rotateSecret(parts, params, actor, { ...body, id })
      return answerMade(reply, { id, secret, previousUntil: row.previousUntil.toISOString(), replayed })
    },
  })

  for (const [verb, operationId, summary, change] of [
    [
      'disable',
      'disableWebhook',
      'Post nothing more to an address; what waited is dead, and can be sent again',
      disableWebhook,
    ],
    ['enable', 'enableWebhook', 'Post to an address again what happens from now on', enableWebhook],
  ] as const)
    app.route({
      method: 'POST',
      url: `${url}/:webhookId/${verb}`,
      config: { access: hands },
      schema: {
        operationId,
        tags,
        summary,
        description: 'Said again, it changes nothing.',
        params: ofWebhook,
        response: {
          200: webhookSchema,
          ...(verb === 'enable'
            ? problems('webhook-not-found', 'webhook-limit-reached')
            : problems('webhook-not-found')),
        },
      },
      handler: async request => {
        await bookOf(parts.db, request.params.bookId)
        return shown(await change(parts, request.params, request.actor))
      },
    })
}
