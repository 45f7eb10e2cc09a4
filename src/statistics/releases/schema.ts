import { sql } from 'drizzle-orm'
import { type AnyPgColumn, check, integer, jsonb, pgTable, smallint, text, unique, uuid } from 'drizzle-orm/pg-core'
import type { Currency } from '../../money.ts'
import { bytes, registration } from '../../savings/columns.ts'
import { signingKey } from '../../signing/schema.ts'
import type { Profile } from '../questions/question.ts'
import type { AskedTable, CutOff } from './asked.ts'

// Reference tables: a release may be of several books, and its keys are the service's own.

/** Bytes of a release at most: more than anybody reads, and little enough for one row. */
export const mostBytes = 16_777_216

/** Tables as they were published on a day, signed. Nothing of it ever changes: a revision is another release. */
export const release = pgTable(
  'release',
  {
    id: uuid().primaryKey(),
    /** In the order in which they were made: each is protected against all before it. */
    number: integer().notNull(),
    code: text().notNull(),
    title: text().notNull(),
    revises: uuid().references((): AnyPgColumn => release.id),
    currency: text().$type<Currency>().notNull(),
    /** What was asked, table by table. */
    tables: jsonb().$type<AskedTable[]>().notNull(),
    /** Whoever reads it reaches all of these. */
    bookIds: uuid('book_ids').array().notNull(),
    cutOff: jsonb('cut_off').$type<CutOff>().notNull(),
    definition: text().notNull(),
    profile: text().$type<Profile>().notNull(),
    k: smallint().notNull(),
    codeVersion: text('code_version').notNull(),
    codeCommit: text('code_commit'),
    /** The canonical text (RFC 8785) of all that was published, in UTF-8. */
    content: bytes().notNull(),
    sha256: bytes().notNull(),
    /** A compact JWS around the manifest. */
    signature: text().notNull(),
    signingKey: text('signing_key')
      .notNull()
      .references(() => signingKey.id),
    /** What was counted and what of it was hidden: told to nobody; releases to come are protected with it. */
    counted: bytes().notNull(),
    countedSha256: bytes('counted_sha256').notNull(),
    ...registration,
  },
  t => [
    unique('release_code_unique').on(t.code),
    unique('release_number_unique').on(t.number),
    check('release_number_positive', sql`${t.number} > 0`),
    check('release_revises_another', sql`${t.revises} <> ${t.id}`),
    check('release_hash_is_of_content', sql`${t.sha256} = sha256(${t.content})`),
    check('release_hash_is_of_counted', sql`${t.countedSha256} = sha256(${t.counted})`),
    check('release_content_bounded', sql`octet_length(${t.content}) <= 16777216`),
    check('release_k_hides', sql`${t.k} >= 3`),
  ],
)
