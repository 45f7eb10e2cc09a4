import { createHmac, hkdfSync } from 'node:crypto'

/** Which secret of which webhook. */
export type SecretName = { bookId: string; webhookId: string; number: number }

/**
 * A webhook's secret, the key of its signatures: made of the service's own secret and its name, the same whenever it is
 * needed and whichever service needs it, so that it is kept nowhere.
 */
export function secretKey(identityKey: Buffer, { bookId, webhookId, number }: SecretName): Buffer {
  return Buffer.from(hkdfSync('sha256', identityKey, '', `qullqi webhook ${bookId} ${webhookId} ${number}`, 32))
}

/** As receivers are given it. */
export function secretText(key: Buffer): string {
  return `whsec_${key.toString('base64')}`
}

/** The headers of Standard Webhooks: a signature by each key, all of which the receiver may try. `at` is that of the attempt. */
export function signedHeaders(
  keys: readonly Buffer[],
  { id, at, body }: { id: string; at: Date; body: string },
): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1000)
  const signatures = keys.map(
    key => `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  )
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  }
}
