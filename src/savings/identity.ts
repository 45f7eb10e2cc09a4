import { createHmac, timingSafeEqual } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { ConfigError } from '../config.ts'
import type { Db } from '../db/client.ts'
import { identityCheck } from './reference/schema.ts'

/** What a person is recognised by without her DNI being kept: HMAC-SHA256 of it by the identity key. */
export function personOfDni(identityKey: Buffer, dni: string): Buffer {
  return createHmac('sha256', identityKey).update(`dni:${dni}`).digest()
}

/** Somebody whose DNI is not known is a person of her own, in any book under the same id. */
export function personOfSaver(identityKey: Buffer, saverId: string): Buffer {
  return createHmac('sha256', identityKey).update(`saver:${saverId}`).digest()
}

/**
 * Makes sure that this service has the identity key with which the database's persons were hashed; the first start
 * leaves a value to check by. With another key the same DNI would be another person, and nobody would notice.
 * @throws ConfigError when it is another key
 */
export async function requireIdentityKey(db: Db, identityKey: Buffer): Promise<void> {
  const value = createHmac('sha256', identityKey).update('check').digest()
  await db.insert(identityCheck).values({ id: 1, value }).onConflictDoNothing()
  const [kept] = await db.select().from(identityCheck).where(eq(identityCheck.id, 1))
  if (kept === undefined || !timingSafeEqual(kept.value, value)) {
    throw new ConfigError(
      'IDENTITY_KEY (or DATA_DIR/identity.key) is not the key this database was begun with. Every service on a database ' +
        'needs the same key; restore it from a backup.',
    )
  }
}
