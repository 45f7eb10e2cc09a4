import canonicalize from 'canonicalize'
import { jsonOf, type TableJson, tableOf } from '../exports/json.ts'
import type { Table } from '../table.ts'
import type { Difference } from './differences.ts'

/** All that a release publishes. `differences` is null where it revises none. */
export type Content = { tables: { name: string; table: Table }[]; differences: Difference[] | null }

type Written = { tables: { name: string; table: TableJson }[]; differences: Difference[] | null }

/** As it is hashed and kept: JSON in its canonical form (RFC 8785), so that the same tables are the same bytes anywhere. */
export function writeContent({ tables, differences }: Content): Buffer {
  const written: Written = { tables: tables.map(({ name, table }) => ({ name, table: jsonOf(table) })), differences }
  return Buffer.from(canonicalize(written)!)
}

export function readContent(content: Buffer): Content {
  const { tables, differences } = JSON.parse(content.toString()) as Written
  return { tables: tables.map(({ name, table }) => ({ name, table: tableOf(table) })), differences }
}

/** Whether a text is what the canonical form would make of it. */
export function isCanonical(content: Buffer): boolean {
  return canonicalize(JSON.parse(content.toString())) === content.toString()
}
