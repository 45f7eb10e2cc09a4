import { z } from 'zod'
import { transact } from '../../db/client.ts'
import type { App } from '../../http/openapi.ts'
import { cursor, cutPage, pageOf, pageQuery } from '../../http/pages.ts'
import { problems } from '../../http/problems.ts'
import { bookOf } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { hands, readers, tags, url } from '../webhook-routes.ts'
import { type WebhookParts, webhookById } from '../webhooks.ts'
import { deliverySchema, deliveryStatusSchema, ofWebhook, redeliveryBody } from '../wire.ts'
import { sendAgain } from './again.ts'
import { readDeliveries } from './reading.ts'

const place = cursor(z.strictObject({ position: z.string().regex(/^\d{1,18}$/) }))

/** What was posted to an address, what waits, and what was given up. */
export function deliveryRoutes(app: App, parts: WebhookParts): void {
  app.route({
    method: 'GET',
    url: `${url}/:webhookId/deliveries`,
    config: { access: readers },
    schema: {
      operationId: 'listWebhookDeliveries',
      tags,
      summary: 'List what was posted, what waits, and the dead letters, in the order of the events',
      params: ofWebhook,
      querystring: z.strictObject({ ...pageQuery, status: deliveryStatusSchema.optional() }),
      response: { 200: pageOf(deliverySchema, 'WebhookDeliveryPage'), ...problems('webhook-not-found') },
    },
    handler: async request => {
      const { params, actor } = request
      const { after, limit, status = null } = request.query
      await bookOf(parts.db, params.bookId)
      await webhookById(parts.db, params, actor)
      const from = place.read(after)?.position ?? '0'
      const rows = await readDeliveries(parts.db, params, { status, from, limit: limit + 1 })
      return cutPage(rows, limit, {
        cursor: place,
        placeOf: ({ position }) => ({ position }),
        itemOf: ({ position: _, ...delivery }) => delivery,
      })
    },
  })

  app.route({
    method: 'POST',
    url: `${url}/:webhookId/redelivery`,
    config: { access: hands },
    schema: {
      operationId: 'sendWebhookAgain',
      tags,
      summary: 'Send dead letters again: all, or some; also what was delivered, when it is named',
      description: 'With the same `webhook-id` and body as before. What waits to be sent stays as it is.',
      params: ofWebhook,
      body: redeliveryBody,
      response: {
        200: z.object({ deliveries: z.int().describe('How many are sent again') }).meta({ id: 'WebhookRedelivered' }),
        ...problems('webhook-not-found', 'webhook-disabled', 'webhook-delivery-not-found'),
      },
    },
    handler: async request => {
      const { params, actor, body } = request
      await bookOf(parts.db, params.bookId)
      return await transact(parts.db, async tx => {
        const { status } = await webhookById(tx, params, actor)
        if (status === 'disabled') throw new Refusal('webhook-disabled', 'Enable it first.')
        return { deliveries: await sendAgain(tx, params, body.eventIds ?? null, parts.clock.now()) }
      })
    },
  })
}
