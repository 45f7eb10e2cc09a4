import { and, asc, desc, eq, type SQL, sql } from 'drizzle-orm'
import { type Tx, transact } from '../db/client.ts'
import type { ToldKind } from '../feed/kinds.ts'
import { lastPosition } from '../feed/told.ts'
import type { Actor } from '../http/actor.ts'
import { type Connection, lockHead } from '../ledger/index.ts'
import { Refusal } from '../refusals.ts'
import { inBook, recordedAfter } from '../savings/listing.ts'
import type { Parts } from '../savings/parts.ts'
import { register } from '../savings/registering.ts'
import { webhook, webhookRotation } from './schema.ts'
import type { Allowed } from './sending/addresses.ts'
import { secretKey, secretText } from './sending/signature.ts'
import { webhookUrl } from './sending/url.ts'

export type WebhookRow = typeof webhook.$inferSelect
export type RotationRow = typeof webhookRotation.$inferSelect

/** What webhooks are made and kept with. */
export type WebhookParts = Parts & { allowed: Allowed }

type Of = { bookId: string; webhookId: string }

/** As many as a book posts to at a time: each is a copy of every event. */
const mostEnabled = 20

const partyOf = ({ role }: Actor): WebhookRow['party'] => (role === 'bank' ? 'bank' : 'programme')

/** Those that the actor sees: a bank its own. */
const seenBy = (actor: Actor): SQL => (actor.role === 'bank' ? sql`${webhook.party} = 'bank'` : sql`true`)

/**
 * Registers an address to post to. It is told what happens from then on. The secret is answered this once.
 * @throws Refusal `webhook-url-refused`, `webhook-limit-reached`, `id-reused`
 */
export async function addWebhook(
  parts: WebhookParts,
  bookId: string,
  actor: Actor,
  { id, url: text, kinds: asked }: { id: string; url: string; kinds: readonly ToldKind[] },
): Promise<{ row: WebhookRow; secret: string | null; replayed: boolean }> {
  const url = webhookUrl(text, parts.allowed)
  const kinds = [...new Set(asked)].sort()
  const at = parts.clock.now()
  const party = partyOf(actor)
  const registered = await transact(parts.db, tx =>
    register(tx, webhook, {
      where: inBook(webhook, bookId, id),
      content: { url, kinds, party },
      ...{ at, actor: actor.clientId },
      decide: async () => {
        await refuseMore(parts, tx, bookId)
        const status = { status: 'enabled' as const, statusAt: at, statusActor: actor.clientId }
        return { bookId, id, url, kinds, party, ...status, position: await lastPosition(tx, bookId) }
      },
    }),
  )
  return { ...registered, secret: registered.replayed ? null : secretOf(parts, { bookId, webhookId: id }, 1) }
}

/** Whoever adds another at the same time waits; the head is asked for nothing else. @throws Refusal `webhook-limit-reached` */
async function refuseMore({ clock }: Parts, tx: Tx, bookId: string): Promise<void> {
  await lockHead(tx, bookId, clock.now())
  const { rowCount } = await tx.execute(
    sql`select from webhook w where w.book_id = ${bookId} and w.status = 'enabled' limit ${mostEnabled}`,
  )
  if (rowCount === mostEnabled)
    throw new Refusal('webhook-limit-reached', `A book posts to ${mostEnabled} addresses at the most; disable one.`)
}

function secretOf({ identityKey }: Parts, of: Of, number: number): string {
  return secretText(secretKey(identityKey, { ...of, number }))
}

/** @throws Refusal `webhook-not-found` */
export async function webhookById(
  connection: Connection,
  { bookId, webhookId }: Of,
  actor: Actor,
): Promise<WebhookRow> {
  const [row] = await connection
    .select()
    .from(webhook)
    .where(and(inBook(webhook, bookId, webhookId), seenBy(actor)))
  if (row === undefined) throw new Refusal('webhook-not-found', 'There is no such webhook in this book for you.')
  return row
}

/** Webhooks in the order in which they were registered. */
export async function listWebhooks(
  { db }: Parts,
  bookId: string,
  actor: Actor,
  after: string | undefined,
  limit: number,
): Promise<WebhookRow[]> {
  return db
    .select()
    .from(webhook)
    .where(and(eq(webhook.bookId, bookId), seenBy(actor), recordedAfter(webhook, after)))
    .orderBy(asc(webhook.recordedAt), asc(webhook.id))
    .limit(limit)
}

/**
 * Gives a webhook another secret. What is sent is signed with both for a while, so that its receiver can change over.
 * @throws Refusal `webhook-not-found`, `id-reused`
 */
export async function rotateSecret(
  parts: Parts,
  of: Of,
  actor: Actor,
  { id, overlapHours }: { id: string; overlapHours: number },
): Promise<{ row: RotationRow; secret: string | null; replayed: boolean }> {
  const { bookId, webhookId } = of
  const at = parts.clock.now()
  const registered = await transact(parts.db, async tx => {
    await webhookById(tx, of, actor)
    await lockWebhook(tx, of)
    return register(tx, webhookRotation, {
      where: inBook(webhookRotation, bookId, id),
      content: { webhookId, overlapHours },
      ...{ at, actor: actor.clientId },
      decide: async () => {
        const number = (await secretsInForce(tx, of, at))[0]! + 1
        return { bookId, webhookId, number, id, previousUntil: new Date(at.getTime() + overlapHours * 3_600_000) }
      },
    })
  })
  const { row, replayed } = registered
  return { row, replayed, secret: replayed ? null : secretOf(parts, of, row.number) }
}

async function lockWebhook(tx: Tx, { bookId, webhookId }: Of): Promise<void> {
  await tx.execute(sql`select from webhook w where w.book_id = ${bookId} and w.id = ${webhookId} for no key update`)
}

/** The numbers of the secrets that sign now, the newest first: one or, for a while after a rotation, two. */
export async function secretsInForce(connection: Connection, { bookId, webhookId }: Of, now: Date): Promise<number[]> {
  const [last] = await connection
    .select()
    .from(webhookRotation)
    .where(and(eq(webhookRotation.bookId, bookId), eq(webhookRotation.webhookId, webhookId)))
    .orderBy(desc(webhookRotation.number))
    .limit(1)
  if (last === undefined) return [1]
  return last.previousUntil > now ? [last.number, last.number - 1] : [last.number]
}

/**
 * Has nothing more posted to it: what waited is dead, and can be sent again. Of one that is disabled nothing changes.
 * @throws Refusal `webhook-not-found`
 */
export async function disableWebhook(parts: Parts, of: Of, actor: Actor): Promise<WebhookRow> {
  return transact(parts.db, async tx => {
    await webhookById(tx, of, actor)
    await disableWithin(tx, of, { because: 'by-hand', at: parts.clock.now(), actor: actor.clientId })
    return webhookById(tx, of, actor)
  })
}

export async function disableWithin(
  tx: Tx,
  of: Of,
  { because, at, actor }: { because: 'by-hand' | 'gone'; at: Date; actor: string | null },
): Promise<void> {
  const { bookId, webhookId } = of
  await lockWebhook(tx, of)
  await tx.execute(sql`
    update webhook w set status = 'disabled', disabled_because = ${because}, status_at = ${at.toISOString()}, status_actor = ${actor}
    where w.book_id = ${bookId} and w.id = ${webhookId} and w.status = 'enabled'`)
  await tx.execute(sql`
    update webhook_delivery d set status = 'dead', due_at = null
    where d.book_id = ${bookId} and d.webhook_id = ${webhookId} and d.status = 'waiting'`)
}

/**
 * Has posted to it again what happens from now on; what happened meanwhile is in the feed. Of one that is enabled nothing changes.
 * @throws Refusal `webhook-not-found`, `webhook-limit-reached`
 */
export async function enableWebhook(parts: Parts, of: Of, actor: Actor): Promise<WebhookRow> {
  const { bookId, webhookId } = of
  return transact(parts.db, async tx => {
    const { status } = await webhookById(tx, of, actor)
    if (status === 'disabled') {
      await refuseMore(parts, tx, bookId)
      const [at, position] = [parts.clock.now().toISOString(), (await lastPosition(tx, bookId)).toString()]
      await tx.execute(sql`
        update webhook w set status = 'enabled', disabled_because = null, status_at = ${at}, status_actor = ${actor.clientId},
          position = ${position}
        where w.book_id = ${bookId} and w.id = ${webhookId} and w.status = 'disabled'`)
    }
    return webhookById(tx, of, actor)
  })
}
