import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../db/client.ts'

/** What clients are called: by the subject of their tokens, else by their latest key. Those that we never had are left out. */
export async function clientNames(connection: Db | Tx, clientIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await connection.execute<{ id: string; name: string }>(sql`
    select distinct on (c.id) c.id, c.name from (
      select client_id, name, 'key', created_at, id from api_key
      union all select id, subject, 'token', first_seen_at, null from token_client
    ) c (id, name, comes_by, at, key) where c.id = any (${sql.param([...clientIds])}::uuid[])
    order by c.id, c.comes_by desc, c.at desc, c.key`)
  return new Map(rows.map(({ id, name }) => [id, name]))
}
