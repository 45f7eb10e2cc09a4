import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { entry } from '../../ledger/schema.ts'
import { amount, registration } from '../../savings/columns.ts'
import { bookId } from '../../savings/schema.ts'
import { bankAccount, bankLine } from '../intake/schema.ts'
import type { MatchingRules } from './rules.ts'
import type { Told } from './told.ts'

/** The run or the resolution that a match is of. */
const madeBy = sql`coalesce(run_id, resolution_id)`

/** One matching of an account: by which rules, how far the statements went, and what came of it. */
export const matchingRun = pgTable(
  'matching_run',
  {
    bookId,
    id: uuid().notNull(),
    bankAccountId: uuid('bank_account_id').notNull(),
    /** The last day that statements covered. */
    through: date().notNull(),
    rules: jsonb().$type<MatchingRules>().notNull(),
    /** The rules', in minor units, for the keys of what is adjusted by them. */
    tolerance: amount('tolerance').notNull(),
    told: jsonb().$type<Told>().notNull(),
    ...registration,
  },
  t => [
    primaryKey({ name: 'matching_run_pkey', columns: [t.bookId, t.id] }),
    unique('matching_run_account_unique').on(t.bookId, t.id, t.bankAccountId),
    unique('matching_run_tolerance_unique').on(t.bookId, t.id, t.bankAccountId, t.tolerance),
    check('matching_run_tolerance_is_the_rules', sql`${t.tolerance} = (${t.rules} ->> 'tolerance')::bigint`),
    foreignKey({
      name: 'matching_run_account_fkey',
      columns: [t.bookId, t.bankAccountId],
      foreignColumns: [bankAccount.bookId, bankAccount.id],
    }),
    index('matching_run_by_account').on(t.bookId, t.bankAccountId, t.recordedAt, t.id),
  ],
)

/** That lines and entries are the same money, by which rule of a run and why; or by a resolution that people made. */
export const bankMatch = pgTable(
  'bank_match',
  {
    bookId,
    id: uuid().notNull(),
    bankAccountId: uuid('bank_account_id').notNull(),
    runId: uuid('run_id'),
    /** One that was approved. Its table refers to runs: the key between is in SQL. */
    resolutionId: uuid('resolution_id'),
    /** Its place in the run or the resolution, from 1. */
    number: integer().notNull(),
    rule: text().notNull(),
    reasons: jsonb().$type<readonly string[]>().notNull(),
  },
  t => [
    primaryKey({ name: 'bank_match_pkey', columns: [t.bookId, t.id] }),
    uniqueIndex('bank_match_number_unique').on(t.bookId, madeBy, t.number),
    check('bank_match_is_made_once', sql`num_nonnulls(${t.runId}, ${t.resolutionId}) = 1`),
    foreignKey({
      name: 'bank_match_run_fkey',
      columns: [t.bookId, t.runId, t.bankAccountId],
      foreignColumns: [matchingRun.bookId, matchingRun.id, matchingRun.bankAccountId],
    }),
  ],
)

/** A line or an entry that a match claims: each but once. A trigger holds that what a match claims on both sides is the same. */
export const bankClaim = pgTable(
  'bank_claim',
  {
    bookId,
    matchId: uuid('match_id').notNull(),
    /** Its place in the match, from 1. */
    number: integer().notNull(),
    statementId: uuid('statement_id'),
    line: integer(),
    sequence: bigint({ mode: 'bigint' }),
    position: smallint(),
    /** Minor units by which it moves the account, what comes in above zero. */
    moves: amount('moves').notNull(),
  },
  t => [
    primaryKey({ name: 'bank_claim_pkey', columns: [t.bookId, t.matchId, t.number] }),
    unique('bank_claim_line_once').on(t.bookId, t.statementId, t.line),
    unique('bank_claim_entry_once').on(t.bookId, t.sequence, t.position),
    foreignKey({
      name: 'bank_claim_match_fkey',
      columns: [t.bookId, t.matchId],
      foreignColumns: [bankMatch.bookId, bankMatch.id],
    }),
    foreignKey({
      name: 'bank_claim_line_fkey',
      columns: [t.bookId, t.statementId, t.line, t.moves],
      foreignColumns: [bankLine.bookId, bankLine.statementId, bankLine.number, bankLine.moves],
    }),
    foreignKey({
      name: 'bank_claim_entry_fkey',
      columns: [t.bookId, t.sequence, t.position],
      foreignColumns: [entry.bookId, entry.sequence, entry.position],
    }),
    check(
      'bank_claim_is_of_one_thing',
      sql`num_nonnulls(${t.statementId}, ${t.line}) in (0, 2) and num_nonnulls(${t.sequence}, ${t.position}) in (0, 2)
        and num_nonnulls(${t.statementId}, ${t.sequence}) = 1`,
    ),
    check('bank_claim_moves_something', sql`${t.moves} <> 0`),
  ],
)
