import assert from 'node:assert/strict'
import canonicalize from 'canonicalize'
import { sql } from 'drizzle-orm'
import type { CalendarDate } from '../dates.ts'
import type { Db } from '../db/client.ts'
import type { Amount } from '../money.ts'
import { Refusal } from '../refusals.ts'
import { type Connection, call } from './books.ts'
import type { AccountStatus, AccountType, Direction, Evidence } from './schema.ts'

/**
 * An account to be opened. `normal` follows from the type unless given; `floor` in minor units, null for none. The register
 * keeps `evidence` for ever, and means nothing by it: other parts have it vouch there for what they keep.
 */
export type AccountOpening = {
  id: string
  code: string
  name: string
  type: AccountType
  normal?: Direction
  floor: Amount | null
  openedOn: CalendarDate
  evidence?: Evidence
}

/** What may change of an account. An account that is closed changes no more. */
export type AccountChange = {
  id: string
  name?: string
  status?: AccountStatus
  floor?: Amount | null
  closedOn?: CalendarDate
}

/** A line of a book's chart of accounts. */
export type Account = {
  id: string
  code: string
  name: string
  type: AccountType
  normal: Direction
  floor: Amount | null
  status: AccountStatus
  openedOn: CalendarDate
  closedOn: CalendarDate | null
}

export const accountCodePattern = /^[0-9A-Za-z][0-9A-Za-z.:-]{0,79}$/

/** The side on which accounts of a type grow. */
export function normalSide(type: AccountType): Direction {
  return type === 'asset' || type === 'expense' ? 'debit' : 'credit'
}

/**
 * Opens accounts, all or none, and answers how many were new: one opened before with the same content is a replay.
 * It begins empty, so its floor is not above zero.
 * @throws Refusal `id-reused`, `account-code-taken`, `balance-below-floor`, `book-not-found`
 */
export async function openAccounts(
  connection: Connection,
  bookId: string,
  openings: readonly AccountOpening[],
  at: Date,
  actor: string,
): Promise<number> {
  const accounts = openings.map(opening => {
    const fields = {
      ...opening,
      normal: opening.normal ?? normalSide(opening.type),
      floor: opening.floor === null ? null : opening.floor.toString(),
    }
    return { ...fields, content: canonicalize(fields) }
  })
  return await call<number>(
    connection,
    sql`select ledger_open_accounts(${bookId}, ${at.toISOString()}, ${actor}, ${JSON.stringify(accounts)}) as result`,
  )
}

/**
 * Changes accounts, all or none, and answers how many did change. A closing needs `closedOn`, and an empty account.
 * @throws Refusal `account-not-found`, `account-closed`, `account-not-empty`, `account-not-effective`, `date-in-future`,
 * `balance-below-floor`
 */
export async function changeAccounts(
  connection: Connection,
  bookId: string,
  changes: readonly AccountChange[],
  at: Date,
  actor: string,
): Promise<number> {
  assert(
    changes.every(change => change.status !== 'closed' || change.closedOn !== undefined),
    'a closing says as of which day',
  )
  const items = changes.map(change => {
    const fields = {
      ...change,
      ...(change.floor === undefined ? {} : { floor: change.floor === null ? null : change.floor.toString() }),
    }
    return { ...fields, content: canonicalize(fields) }
  })
  return await call<number>(
    connection,
    sql`select ledger_change_accounts(${bookId}, ${at.toISOString()}, ${actor}, ${JSON.stringify(items)}) as result`,
  )
}

const accountColumns = `id, code, name, type, normal, floor, status, opened_on as "openedOn", closed_on as "closedOn"`

type AccountRow = Omit<Account, 'floor'> & { floor: string | null }

function accountOf(row: AccountRow): Account {
  return { ...row, floor: row.floor === null ? null : BigInt(row.floor) }
}

/** A book's accounts in the order of their codes, after `afterCode`, of one control account if `control` is given. */
export async function chartOfAccounts(
  db: Db,
  bookId: string,
  { afterCode, control, limit }: { afterCode: string | null; control?: string; limit: number },
): Promise<Account[]> {
  const { rows } = await db.$client.query<AccountRow>(
    `select ${accountColumns} from account
     where book_id = $1 and code > $2 and ($3::text is null or split_part(code, '.', 1) = $3)
     order by code limit $4`,
    [bookId, afterCode ?? '', control ?? null, limit],
  )
  return rows.map(accountOf)
}

/** The codes of those of these accounts that the book has, by their ids in lower case. */
export async function codesOf(db: Db, bookId: string, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await db.$client.query<Pick<Account, 'id' | 'code'>>(
    'select id, code from account where book_id = $1 and id = any ($2::uuid[])',
    [bookId, [...new Set(ids)]],
  )
  return new Map(rows.map(({ id, code }) => [id, code]))
}

/**
 * An account as it was opened, whatever became of it since: what a replay is answered.
 * @throws Refusal `ledger-account-not-found`
 */
export async function accountAsOpened(db: Db, bookId: string, accountId: string): Promise<Account> {
  const { rows } = await db.$client.query<{ content: string }>(
    `select e.content from account a join event e on e.book_id = $1 and e.number = a.opened_event
     where a.book_id = $1 and a.id = $2`,
    [bookId, accountId],
  )
  if (rows[0] === undefined) throw accountNotFound()
  const opened = JSON.parse(rows[0].content) as Omit<AccountRow, 'status' | 'closedOn'>
  return accountOf({ ...opened, status: 'open', closedOn: null })
}

export function accountNotFound(): Refusal {
  return new Refusal('ledger-account-not-found', 'There is no such account in this book.')
}

/** The account that an address names. @throws Refusal `ledger-account-not-found` */
export async function accountById(db: Db, bookId: string, accountId: string): Promise<Account> {
  const { rows } = await db.$client.query<AccountRow>(
    `select ${accountColumns} from account where book_id = $1 and id = $2`,
    [bookId, accountId],
  )
  const [row] = rows
  if (row === undefined) throw accountNotFound()
  return accountOf(row)
}
