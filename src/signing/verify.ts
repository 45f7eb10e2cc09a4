import { asc } from 'drizzle-orm'
import type { Db } from '../db/client.ts'
import { signingKey } from './schema.ts'
import { jwkOf } from './signing.ts'

/** `keys` are told with the instant since when they are here, for people to hold against those that they kept. */
export type KeysVerification = { keys: { id: string; recordedAt: Date }[]; faults: string[] }

/** Whether each key has the id that it must have. Whose it is, no database can tell: people know their keys. */
export async function verifyKeys(db: Db): Promise<KeysVerification> {
  const rows = await db.select().from(signingKey).orderBy(asc(signingKey.recordedAt), asc(signingKey.id))
  return { keys: rows, faults: rows.filter(({ id, publicKey }) => jwkOf(publicKey).kid !== id).map(({ id }) => id) }
}
