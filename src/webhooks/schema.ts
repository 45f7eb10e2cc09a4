import { sql } from 'drizzle-orm'
import { bigint, check, foreignKey, index, integer, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { toldKinds } from '../feed/kinds.ts'
import { feedEvent } from '../feed/schema.ts'
import { instant, oneOf, registration } from '../savings/columns.ts'
import { bookId } from '../savings/schema.ts'
import { attemptOutcomes } from './sending/outcomes.ts'

/** Whose a webhook is: a bank sees and changes its own alone. */
export const webhookParties = ['bank', 'programme'] as const

export const webhookStatuses = ['enabled', 'disabled'] as const

/** Why one is disabled: somebody said so, or the receiver answered that it is gone. */
export const disablingReasons = ['by-hand', 'gone'] as const

export const deliveryStatuses = ['waiting', 'delivered', 'dead'] as const
export type DeliveryStatus = (typeof deliveryStatuses)[number]

const number = (name: string) => bigint(name, { mode: 'bigint' })

/** An address to which events of a book are posted. Its secrets are kept nowhere: each is made anew of the service's own. */
export const webhook = pgTable(
  'webhook',
  {
    bookId,
    id: uuid().notNull(),
    url: text().notNull(),
    kinds: text({ enum: toldKinds }).array().notNull(),
    party: text({ enum: webhookParties }).notNull(),
    status: text({ enum: webhookStatuses }).notNull(),
    disabledBecause: text('disabled_because', { enum: disablingReasons }),
    /** Since when it is so; and who said it, null of the service itself. */
    statusAt: instant('status_at').notNull(),
    statusActor: text('status_actor'),
    /** The last event of the book's feed that was looked at for it. */
    position: number('position').notNull(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'webhook_pkey', columns: [t.bookId, t.id] }),
    index('webhook_by_recording').on(t.bookId, t.recordedAt, t.id),
    check('webhook_party_known', oneOf('party', webhookParties)),
    check('webhook_status_known', oneOf('status', webhookStatuses)),
    check('webhook_disabled_because', sql`(${t.status} = 'disabled') = (${t.disabledBecause} is not null)`),
    check('webhook_disabling_known', oneOf('disabled_because', disablingReasons)),
    check(
      'webhook_kinds_known',
      sql`cardinality(${t.kinds}) > 0 and ${t.kinds} <@ ${sql.raw(`array[${toldKinds.map(kind => `'${kind}'`).join(', ')}]`)}::text[]`,
    ),
  ],
)

/** That a webhook has another secret from then on, the second, third … one. */
export const webhookRotation = pgTable(
  'webhook_rotation',
  {
    bookId,
    webhookId: uuid('webhook_id').notNull(),
    /** Which secret it is; the first comes with the webhook. */
    number: integer().notNull(),
    id: uuid().notNull(),
    /** Until then what is sent is signed with the one before it as well. */
    previousUntil: instant('previous_until').notNull(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'webhook_rotation_pkey', columns: [t.bookId, t.webhookId, t.number] }),
    unique('webhook_rotation_id_unique').on(t.bookId, t.id),
    foreignKey({
      name: 'webhook_rotation_webhook_fkey',
      columns: [t.bookId, t.webhookId],
      foreignColumns: [webhook.bookId, webhook.id],
    }),
    check('webhook_rotation_follows_the_first', sql`${t.number} > 1`),
  ],
)

/** An event that is posted to a webhook, and how that goes. */
export const webhookDelivery = pgTable(
  'webhook_delivery',
  {
    bookId,
    webhookId: uuid('webhook_id').notNull(),
    position: number('position').notNull(),
    eventId: uuid('event_id').notNull(),
    status: text({ enum: deliveryStatuses }).notNull(),
    /** How often it was begun. Who ends an attempt names it, so that one who was thought dead changes nothing. */
    attempts: integer().notNull(),
    /** How many attempts failed since it was queued, or sent again by a person. */
    failures: integer().notNull(),
    /** When it is tried next; while it is being tried, when another may take it over. */
    dueAt: instant('due_at'),
    lastOutcome: text('last_outcome', { enum: attemptOutcomes }),
    lastStatus: integer('last_status'),
    lastAt: instant('last_at'),
    /** When the event was told: how late it is counts from there. */
    toldAt: instant('told_at').notNull(),
  },
  t => [
    primaryKey({ name: 'webhook_delivery_pkey', columns: [t.bookId, t.webhookId, t.position] }),
    unique('webhook_delivery_event_unique').on(t.bookId, t.webhookId, t.eventId),
    foreignKey({
      name: 'webhook_delivery_webhook_fkey',
      columns: [t.bookId, t.webhookId],
      foreignColumns: [webhook.bookId, webhook.id],
    }),
    foreignKey({
      name: 'webhook_delivery_event_fkey',
      columns: [t.bookId, t.position],
      foreignColumns: [feedEvent.bookId, feedEvent.position],
    }),
    index('webhook_delivery_waiting').on(t.bookId, t.webhookId, t.dueAt, t.position).where(sql`status = 'waiting'`),
    index('webhook_delivery_by_status').on(t.bookId, t.webhookId, t.status, t.position),
    index('webhook_delivery_not_over').on(t.bookId, t.status, t.toldAt).where(sql`status <> 'delivered'`),
    check('webhook_delivery_status_known', oneOf('status', deliveryStatuses)),
    check('webhook_delivery_outcome_known', oneOf('last_outcome', attemptOutcomes)),
    check('webhook_delivery_waits_for_its_time', sql`(${t.status} = 'waiting') = (${t.dueAt} is not null)`),
    check('webhook_delivery_counts', sql`${t.attempts} >= 0 and ${t.failures} >= 0`),
  ],
)
