import { sql } from 'drizzle-orm'
import { boolean, check, foreignKey, index, pgTable, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { instant } from '../db/columns.ts'
import { roles } from './actor.ts'

/**
 * API keys: a reference table. Of the secret only a SHA-256 is kept; it is 256 random bits, so a slow hash would add
 * nothing. A key is revoked, never deleted: transactions name their clients for ever.
 */
export const apiKey = pgTable(
  'api_key',
  {
    id: uuid().primaryKey(),
    clientId: uuid('client_id').notNull(),
    name: text().notNull(),
    role: text({ enum: roles }).notNull(),
    /** Null reaches all books. */
    books: uuid().array(),
    agentId: uuid('agent_id'),
    readOnly: boolean('read_only').notNull(),
    secretHash: text('secret_hash').notNull(),
    createdAt: instant('created_at').notNull(),
    /** The key that made it; null of a first administrator's, which the service itself makes. */
    createdBy: uuid('created_by'),
    /** Whose key that is. */
    createdByClient: uuid('created_by_client'),
    expiresAt: instant('expires_at'),
    revokedAt: instant('revoked_at'),
  },
  key => [
    index('api_key_by_age').on(key.createdAt, key.id),
    unique('api_key_client_unique').on(key.id, key.clientId),
    foreignKey({
      name: 'api_key_created_by_fkey',
      columns: [key.createdBy, key.createdByClient],
      foreignColumns: [key.id, key.clientId],
    }),
    // Another person gives a client its first key and no more: whatever is done by its keys, it does itself.
    uniqueIndex('api_key_client_renews_itself')
      .on(key.clientId)
      .where(sql`created_by_client is distinct from client_id`),
    check('api_key_maker_whole', sql.raw('(created_by is null) = (created_by_client is null)')),
    check('api_key_role_known', sql.raw(`role in (${roles.map(role => `'${role}'`).join(', ')})`)),
    check('api_key_administrator_reaches_all_books', sql`role <> 'administrator' or books is null`),
    check('api_key_agent_id_is_an_agents', sql`(agent_id is not null) = (role = 'agent')`),
    check('api_key_books_not_empty', sql`cardinality(books) > 0`),
    check('api_key_expires_later', sql`expires_at > created_at`),
  ],
)
