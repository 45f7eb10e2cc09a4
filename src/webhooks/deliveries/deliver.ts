import type { Db } from '../../db/client.ts'
import { eventAt } from '../../feed/told.ts'
import type { Attempt } from '../sending/outcomes.ts'
import type { Send } from '../sending/send.ts'
import { secretKey, signedHeaders } from '../sending/signature.ts'
import { secretsInForce } from '../webhooks.ts'
import type { Claimed } from './claim.ts'

export type Delivering = { db: Db; identityKey: Buffer; send: Send }

/** Posts one event to a webhook, as Standard Webhooks has it: ids, days and an address, to the letter the same each time. */
export async function attempt(
  { db, identityKey, send }: Delivering,
  { bookId, webhookId, position, url }: Claimed,
  now: Date,
  signal: AbortSignal,
): Promise<Attempt> {
  const { id, kind, recordedAt, sequence, address, facts } = await eventAt(db, bookId, position)
  const body = JSON.stringify({ type: kind, timestamp: recordedAt, data: { id, bookId, sequence, address, ...facts } })
  const numbers = await secretsInForce(db, { bookId, webhookId }, now)
  const keys = numbers.map(number => secretKey(identityKey, { bookId, webhookId, number }))
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Qullqi',
    ...signedHeaders(keys, { id, at: now, body }),
  }
  return send(url, { headers, body }, signal)
}
