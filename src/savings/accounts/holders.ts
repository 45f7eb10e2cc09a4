import { sql } from 'drizzle-orm'
import type { CalendarDate } from '../../dates.ts'
import type { Connection } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { refuseEarly } from '../registering.ts'
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
  { kind: 'saver', path: 'saverId', table: saver, began: sql`null`, unknown: 'saver-not-found' },
  { kind: 'group', path: 'groupId', table: savingsGroup, began: savingsGroup.formedOn, unknown: 'group-not-found' },
  {
    kind: 'organisation',
    path: 'organisationId',
    table: organisation,
    began: sql`null`,
    unknown: 'organisation-not-found',
  },
] as const

/**
 * Which kind of holder it is, who must be in the book, and have begun (a group) when her account opens.
 * @throws Refusal `saver-not-found`, `group-not-found`, `organisation-not-found`, `date-too-early`
 */
export async function requireHolder(
  connection: Connection,
  bookId: string,
  { openedOn, ...holder }: Holder & { openedOn: CalendarDate },
): Promise<HolderKind> {
  const { kind, path, table, began, unknown } = holders.find(({ path }) => holder[path] !== undefined)!
  const { rows } = await connection.execute<{ began: CalendarDate | null }>(
    sql`select ${began} as began from ${table} where book_id = ${bookId} and id = ${holder[path]}`,
  )
  const [found] = rows
  if (found === undefined) {
    throw new Refusal(unknown, `${path}: the book has no such ${kind}.`, {
      fields: [{ path, message: 'is not in this book' }],
    })
  }
  if (found.began !== null) refuseEarly('openedOn', openedOn, found.began)
  return kind
}
