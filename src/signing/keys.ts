import { asc } from 'drizzle-orm'
import type { Db } from '../db/client.ts'
import { signingKey } from './schema.ts'
import type { Signer } from './signing.ts'

/** Keeps the public half of a key before anything signed by it is given away, for it may be asked for when the key is another. */
export async function keepKey(db: Db, { keyId, publicKey }: Signer, at: Date): Promise<void> {
  await db.insert(signingKey).values({ id: keyId, publicKey, recordedAt: at }).onConflictDoNothing()
}

/** Every key that something was signed by, and the service's own, which may be new. */
export async function publicKeys(db: Db, { publicKey }: Signer): Promise<Buffer[]> {
  const rows = await db.select().from(signingKey).orderBy(asc(signingKey.recordedAt), asc(signingKey.id))
  const kept = rows.map(row => row.publicKey)
  return kept.some(one => one.equals(publicKey)) ? kept : [...kept, publicKey]
}
