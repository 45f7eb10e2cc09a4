import type { Session } from '../db/stream.ts'
import { type FurtherCheck, verifyGuards } from '../ledger/index.ts'
import { fingerprint } from '../savings/registering.ts'
import { webhook, webhookDelivery, webhookRotation } from './schema.ts'

const guards = {
  tables: [webhook, webhookRotation, webhookDelivery],
  handWritten: [
    ...['webhook_is_kept', 'webhook_identity_is_final', 'webhook_rotation_is_final'],
    ...['webhook_delivery_is_kept', 'webhook_delivery_identity_is_final'],
  ],
}

type Registered = { table: string; id: string; contentHash: string; content: Record<string, unknown> }

/**
 * Holds the address and the kinds of each webhook, and each change of its secret, against what was registered. How deliveries
 * went is not looked at: it moves no money, and what they told is in the feed.
 */
export const verifyWebhooks: FurtherCheck = async (session, book, faults) => {
  const registered = await registrations(session, book.id)
  for (const { table, id, contentHash, content } of registered) {
    const found = fingerprint(content).toString('hex')
    if (found !== contentHash) faults.add({ rule: 'record-differs', table, recordId: id, expected: contentHash, found })
  }
  await verifyGuards(session, faults, guards)
  return registered.length
}

async function registrations(session: Session, bookId: string): Promise<Registered[]> {
  const webhooks = await session.query<{
    id: string
    url: string
    kinds: string[]
    party: string
    contentHash: string
  }>(
    `select id, url, kinds, party, encode(content_hash, 'hex') as "contentHash" from webhook where book_id = $1 order by id`,
    [bookId],
  )
  const rotations = await session.query<{ id: string; webhookId: string; overlapHours: number; contentHash: string }>(
    `select id, webhook_id as "webhookId", (extract(epoch from previous_until - recorded_at) / 3600)::float8 as "overlapHours",
       encode(content_hash, 'hex') as "contentHash"
     from webhook_rotation where book_id = $1 order by id`,
    [bookId],
  )
  return [
    ...webhooks.rows.map(({ id, contentHash, ...content }) => ({ table: 'webhook', id, contentHash, content })),
    ...rotations.rows.map(({ id, contentHash, ...content }) => ({
      table: 'webhook_rotation',
      id,
      contentHash,
      content,
    })),
  ]
}
