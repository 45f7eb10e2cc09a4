import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'
import { Refusal } from '../refusals.ts'
import type { Actor } from './actor.ts'

/**
 * Refuses whoever acts second when the same person acted before: by the same client, or by a key that one of the two had
 * made for himself. A first administrator's key, which the service makes, gives keys to people; what their keys make is
 * theirs, along any chain. So such a key and all below it are never two, and keys that it made are.
 * A client's further keys are made by itself, so that nobody adds to another's hands.
 *
 * Who comes by tokens is who her issuer says, and what she makes by a token is hers too: two subjects are two. A key and a
 * token are two where one of them is a bank's or an agent's and the other is not; in the office whoever has a token may
 * have been given a key as well, and nobody can tell.
 * @throws Refusal `second-actor-needed`
 */
export async function refuseSameHand(
  connection: Db | Tx,
  { clientId, keyId }: Actor,
  clients: readonly string[],
  detail: string,
): Promise<void> {
  if (clients.includes(clientId)) throw new Refusal('second-actor-needed', detail)
  const { rows } = await connection.execute<{ isSame: boolean | null; isUnknown: boolean | null }>(sql`
    with recursive line (client, key, hand, maker, maker_client, role) as (
      select k.client_id::text, k.id, k.id, k.created_by, k.created_by_client, k.role from api_key k
      where k.id = ${keyId} or k.client_id::text = ${clientId} or k.client_id::text = any (${sql.param(clients)}::text[])
      union all
      select l.client, l.key, m.id, m.created_by, m.created_by_client, m.role
      from line l join api_key m on m.id = l.maker where m.created_by_client is not null
    ), hands (client, key, hand, maker, comes_by, is_outside) as (
      select l.client, l.key, l.hand, l.maker, 'key', l.role in ('bank', 'agent') from line l
      where l.maker_client is null or exists (select from api_key f where f.id = l.maker and f.created_by_client is null)
      union all
      select l.client, l.key, t.id, null, 'token', t.role in ('bank', 'agent')
      from line l join token_client t on t.id = l.maker_client and l.maker is null
      union all
      select t.id::text, null, t.id, null, 'token', t.role in ('bank', 'agent') from token_client t
      where t.id::text = ${clientId} or t.id::text = any (${sql.param(clients)}::text[])
    )
    select bool_or(mine.hand = theirs.hand or mine.hand = theirs.maker or mine.maker = theirs.hand) as "isSame",
      bool_or(mine.comes_by <> theirs.comes_by and mine.is_outside = theirs.is_outside) as "isUnknown"
    from hands mine join hands theirs on theirs.client = any (${sql.param(clients)}::text[])
    where mine.key = ${keyId} or mine.client = ${clientId}`)
  const { isSame, isUnknown } = rows[0]!
  if (isSame) {
    throw new Refusal(
      'second-actor-needed',
      `${detail} One of the two keys was made by the other, or both by one person’s.`,
    )
  }
  if (!isUnknown) return
  throw new Refusal('second-actor-needed', `${detail} A key and a token of the office may be one person’s.`)
}
