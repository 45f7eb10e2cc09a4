import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  foreignKey,
  index,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { instant } from '../db/columns.ts'
import { roles } from './actor.ts'

/** Clients of tokens, and no others, are UUIDs of version 8. */
const isTokens = (client: string) => `substr(${client}::text, 15, 1) = '8'`

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
    /** The key that made it; null of one that a token made, and of a first administrator's, which the service itself makes. */
    createdBy: uuid('created_by'),
    /** Whose key or token that is; null of a first administrator's only. */
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
    check(
      'api_key_maker_whole',
      sql.raw(`case when created_by is not null then created_by_client is not null
        else created_by_client is null or ${isTokens('created_by_client')} end`),
    ),
    // Whoever comes by tokens makes keys for himself: nobody else acts in his name by one.
    check(
      'api_key_token_client_renews_itself',
      sql.raw(`not ${isTokens('client_id')} or created_by_client is not distinct from client_id`),
    ),
    check('api_key_role_known', sql.raw(`role in (${roles.map(role => `'${role}'`).join(', ')})`)),
    check('api_key_administrator_reaches_all_books', sql`role <> 'administrator' or books is null`),
    check('api_key_agent_id_is_an_agents', sql`(agent_id is not null) = (role = 'agent')`),
    check('api_key_books_not_empty', sql`cardinality(books) > 0`),
    check('api_key_expires_later', sql`expires_at > created_at`),
  ],
)

/**
 * Who came in by tokens, once for each role: a reference table that only grows. What she does is recorded under the client's id,
 * which is computed of issuer and subject; this tells who that was.
 */
export const tokenClient = pgTable(
  'token_client',
  {
    id: uuid().notNull(),
    role: text({ enum: roles }).notNull(),
    issuer: text().notNull(),
    /** The claim that the subject is in: `sub`, or `client_id` where an issuer names no subject. */
    claim: text({ enum: ['sub', 'client_id'] }).notNull(),
    subject: text().notNull(),
    firstSeenAt: instant('first_seen_at').notNull(),
  },
  client => [
    primaryKey({ name: 'token_client_pkey', columns: [client.id, client.role] }),
    index('token_client_by_age').on(client.firstSeenAt, client.id, client.role),
    check('token_client_id_is_a_tokens', sql.raw(isTokens('id'))),
    check('token_client_role_known', sql.raw(`role in (${roles.map(role => `'${role}'`).join(', ')})`)),
    check('token_client_claim_known', sql.raw(`claim in ('sub', 'client_id')`)),
  ],
)
