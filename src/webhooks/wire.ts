import { z } from 'zod'
import { instantText } from '../dates.ts'
import { toldKinds } from '../feed/kinds.ts'
import { clientId } from '../http/idempotency.ts'
import { idText } from '../ids.ts'
import { deliveryStatuses, disablingReasons, webhookParties, webhookStatuses } from './schema.ts'
import { attemptOutcomes } from './sending/outcomes.ts'
import type { WebhookRow } from './webhooks.ts'

export const inBook = z.strictObject({ bookId: idText })
export const ofWebhook = inBook.extend({ webhookId: idText })

const kinds = z
  .array(z.enum(toldKinds).meta({ id: 'WebhookEventKind' }))
  .min(1)
  .describe('What is posted. Transactions are not: who wants them reads the feed')

const url = z
  .string()
  .max(500)
  .describe('Begins with https://, and leads to a public address, at port 443 or from 1024 on')
  .meta({ examples: ['https://hooks.caja.example/qullqi'] })

export const webhookBody = z.strictObject({ id: clientId, url, kinds }).meta({
  id: 'WebhookRegistration',
  examples: [
    {
      ...{ id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11', url: 'https://hooks.caja.example/qullqi' },
      kinds: ['proof-ready', 'break-opened'],
    },
  ],
})

export const webhookSchema = z
  .object({
    id: z.uuid(),
    url,
    kinds,
    party: z.enum(webhookParties).meta({ id: 'WebhookParty' }).describe('Whose it is: a bank sees its own'),
    status: z.enum(webhookStatuses).meta({ id: 'WebhookStatus' }),
    statusAt: instantText,
    disabledBecause: z
      .enum(disablingReasons)
      .meta({ id: 'WebhookDisabling' })
      .nullable()
      .describe('`gone`: the receiver answered 410'),
    recordedAt: instantText,
  })
  .meta({ id: 'Webhook' })

const secret = z
  .string()
  .nullable()
  .describe('By which the receiver knows what is ours, shown this once. Null in a replay')
  .meta({ examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo='] })

export const addedSchema = webhookSchema.extend({ secret, replayed: z.boolean() }).meta({ id: 'NewWebhook' })

export const rotationBody = z
  .strictObject({
    id: clientId,
    overlapHours: z
      .int()
      .min(0)
      .max(168)
      .default(24)
      .describe('So long what is sent is signed with the secret before it as well'),
  })
  .meta({ id: 'WebhookRotation', examples: [{ id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e12', overlapHours: 24 }] })

export const rotatedSchema = z
  .object({ id: z.uuid(), secret, previousUntil: instantText, replayed: z.boolean() })
  .meta({ id: 'RotatedWebhookSecret' })

export const deliveryStatusSchema = z
  .enum(deliveryStatuses)
  .meta({ id: 'WebhookDeliveryStatus' })
  .describe('`dead`: given up; it can be sent again')

export const deliverySchema = z
  .object({
    eventId: z.uuid(),
    kind: z.enum(toldKinds).meta({ id: 'WebhookEventKind' }),
    status: deliveryStatusSchema,
    attempts: z.int(),
    dueAt: instantText.nullable().describe('When it is tried next'),
    lastOutcome: z
      .enum(attemptOutcomes)
      .meta({ id: 'WebhookAttemptOutcome' })
      .nullable()
      .describe(
        '`declined`: answered with another status than 2xx. `redirected`: which is not followed. `address-refused`: the name leads to an address that is not public',
      ),
    lastStatus: z
      .int()
      .nullable()
      .describe('The receiver’s status')
      .meta({ examples: [204] }),
    lastAt: instantText.nullable(),
    toldAt: instantText.describe('When what it tells of happened'),
  })
  .meta({ id: 'WebhookDelivery' })

export const redeliveryBody = z
  .strictObject({
    eventIds: z.array(idText).min(1).max(200).optional().describe('Of events; by default of all that are dead'),
  })
  .meta({ id: 'WebhookRedelivery', examples: [{ eventIds: ['0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e13'] }] })

/** A webhook as it is answered. */
export function shown(row: WebhookRow) {
  const { id, url, kinds, party, status, statusAt, disabledBecause, recordedAt } = row
  return {
    ...{ id, url, kinds, party, status, disabledBecause },
    ...{ statusAt: statusAt.toISOString(), recordedAt: recordedAt.toISOString() },
  }
}
