import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { Refusal } from '../refusals.ts'
import type { Actor } from './actor.ts'

/**
 * Refuses whoever acts second when the same person acted before: by the same client, or by a key that one of the two had
 * made for himself. A first administrator's key, which the service makes, gives keys to people; what their keys make is
 * theirs, along any chain. So such a key and all below it are never two, and keys that it made are.
 * A client's further keys are made by itself, so that nobody adds to another's hands.
 * @throws Refusal `second-actor-needed`
 */
export async function refuseSameHand(
  connection: Db | Tx,
  { clientId, keyId }: Actor,
  clients: readonly string[],
  detail: string,
): Promise<void> {
  if (clients.includes(clientId)) throw new Refusal('second-actor-needed', detail)
  const { rows } = await connection.execute<{ isSame: boolean }>(sql`
    with recursive line (client, key, hand, maker) as (
      select k.client_id::text, k.id, k.id, k.created_by from api_key k
      where k.id = ${keyId} or k.client_id::text = ${clientId} or k.client_id::text = any (${sql.param(clients)}::text[])
      union all
      select l.client, l.key, m.id, m.created_by from line l join api_key m on m.id = l.maker where m.created_by is not null
    ), hands as (
      select l.* from line l
      where l.maker is null or exists (select from api_key f where f.id = l.maker and f.created_by is null))
    select exists (
      select from hands mine join hands theirs on theirs.client = any (${sql.param(clients)}::text[])
      where (mine.key = ${keyId} or mine.client = ${clientId})
        and (mine.hand = theirs.hand or mine.hand = theirs.maker or mine.maker = theirs.hand)) as "isSame"`)
  if (!rows[0]!.isSame) return
  throw new Refusal(
    'second-actor-needed',
    `${detail} One of the two keys was made by the other, or both by one person’s.`,
  )
}
