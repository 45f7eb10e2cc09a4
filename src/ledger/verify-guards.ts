import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import type { Session } from '../db/stream.ts'
import { account, accountDay, book, bookHead, entry, event, hold, transaction } from './schema.ts'
import type { FaultList } from './verify-faults.ts'

/** The tables of the ledger; all but the first are keyed by the book. */
export const ledgerTables = [book, bookHead, account, transaction, entry, accountDay, hold, event] as const

export const tableNames = ledgerTables.map(nameOf)

/** Tables, with the triggers and constraints of theirs that migrations write by hand. */
export type Guarded = { tables: readonly PgTable[]; handWritten: readonly string[] }

const handWritten = [
  'transaction_first_entry_fkey',
  'entry_balanced',
  'transaction_is_final',
  'entry_is_final',
  'event_is_final',
  'book_is_final',
  'account_is_kept',
  'account_identity_is_final',
  'account_day_is_kept',
  'account_day_identity_is_final',
  'hold_is_kept',
  'hold_identity_is_final',
  'book_head_is_kept',
  'book_head_identity_is_final',
]

function nameOf(table: PgTable): string {
  return getTableConfig(table).name
}

function guardNames({ tables, handWritten }: Guarded): string[] {
  const declared = tables.flatMap(table => {
    const { checks, foreignKeys, name, primaryKeys, uniqueConstraints } = getTableConfig(table)
    const named = [...checks, ...uniqueConstraints].flatMap(one => one.name ?? [])
    return [...named, ...foreignKeys.map(one => one.getName()), primaryKeys[0]?.getName() ?? `${name}_pkey`]
  })
  return [...declared, ...handWritten]
}

/**
 * Checks that PostgreSQL still guards the ledger, or other tables: what it keeps by itself, such as that ids are unique, is not recounted.
 * A trigger that is off counts as missing, the hidden ones of foreign keys included.
 */
export async function verifyGuards(
  session: Session,
  faults: FaultList,
  guarded: Guarded = { tables: ledgerTables, handWritten },
): Promise<void> {
  const { rows } = await session.query<{ name: string; on: boolean }>(
    `select conname as name, convalidated as on from pg_constraint
     where connamespace = current_schema()::regnamespace and conrelid = any($1::regclass[])
     union all
     select case when c.oid is null then t.tgname else c.conname end, t.tgenabled in ('O', 'A')
     from pg_trigger t left join pg_constraint c on c.oid = t.tgconstraint
     where t.tgrelid = any($1::regclass[])`,
    [guarded.tables.map(nameOf)],
  )
  const off = new Set(rows.filter(row => !row.on).map(row => row.name))
  const present = new Set(rows.map(row => row.name))
  for (const name of guardNames(guarded)) {
    const found = !present.has(name) ? 'none' : off.has(name) ? 'one that is off' : undefined
    if (found !== undefined) faults.add({ rule: 'guard-missing', field: name, expected: 'in force', found })
  }
}
