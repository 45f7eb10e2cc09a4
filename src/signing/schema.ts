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
  t => [
    check('signing_key_is_ed25519', sql`octet_length(${t.publicKey}) = 32`),
    check(
      'signing_key_is_its_thumbprint',
      sql`${t.id} = rtrim(translate(encode(sha256(convert_to('{"crv":"Ed25519","kty":"OKP","x":"' || rtrim(translate(encode(${t.publicKey}, 'base64'), '+/', '-_'), '=') || '"}', 'UTF8')), 'base64'), '+/', '-_'), '=')`,
    ),
  ],
)
