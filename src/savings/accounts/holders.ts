import { sql } from 'drizzle-orm'
import type { Connection } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { organisation, saver, savingsGroup } from '../schema.ts'
import type { holderKinds } from './schema.ts'

export type HolderKind = (typeof holderKinds)[number]

/** Whose an account is: exactly one of the three. */
export type Holder = {
  saverId?: string | undefined
  groupId?: string | undefined
  organisationId?: string | undefined
}

const holders = [
  { kind: 'saver', path: 'saverId', table: saver, unknown: 'saver-not-found' },
  { kind: 'group', path: 'groupId', table: savingsGroup, unknown: 'group-not-found' },
  { kind: 'organisation', path: 'organisationId', table: organisation, unknown: 'organisation-not-found' },
] as const

/**
 * Which kind of holder it is, who must be in the book.
 * @throws Refusal `saver-not-found`, `group-not-found`, `organisation-not-found`
 */
export async function requireHolder(connection: Connection, bookId: string, holder: Holder): Promise<HolderKind> {
  const { kind, path, table, unknown } = holders.find(({ path }) => holder[path] !== undefined)!
  const { rowCount } = await connection.execute(
    sql`select from ${table} where book_id = ${bookId} and id = ${holder[path]}`,
  )
  if (rowCount === 0) {
    throw new Refusal(unknown, `${path}: the book has no such ${kind}.`, {
      fields: [{ path, message: 'is not in this book' }],
    })
  }
  return kind
}
