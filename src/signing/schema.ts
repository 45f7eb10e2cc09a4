import { sql } from 'drizzle-orm'
import { check, pgTable, text } from 'drizzle-orm/pg-core'
import { bytes, instant } from '../db/columns.ts'

/** Every public key that anything of this database is signed by: a reference table, for the keys are the service's own. */
export const signingKey = pgTable(
  'signing_key',
  {
    /** Its thumbprint by RFC 7638. */
    id: text().primaryKey(),
    publicKey: bytes('public_key').notNull(),
    recordedAt: instant('recorded_at').notNull(),
  },
  t => [check('signing_key_is_ed25519', sql`octet_length(${t.publicKey}) = 32`)],
)
