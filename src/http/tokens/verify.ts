import type { Db } from '../../db/client.ts'
import { tokenClient } from '../schema.ts'
import { tokenClientId } from './client.ts'

/**
 * Clients of tokens that are not computed of the issuer and subject that are told for them: whatever bears such a client would
 * be somebody else's. In which roles she came, and when first, nothing else tells.
 */
export async function verifyTokenClients(db: Db): Promise<string[]> {
  const rows = await db.select().from(tokenClient).orderBy(tokenClient.id, tokenClient.role)
  return rows.filter(row => tokenClientId(row) !== row.id).map(({ id }) => id)
}
