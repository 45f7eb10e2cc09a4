import { getTableName } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { type Session, streamRows, type TextRow } from '../db/stream.ts'
import { type FaultList, type FurtherCheck, verifyGuards } from '../ledger/index.ts'
import { collectionSheet, collectionSheetLine, fund, savingsAccount } from './accounts/schema.ts'
import { textColumns, textsRead } from './records.ts'
import { fingerprint } from './registering.ts'
import { agent, savingsBook } from './schema.ts'
import { verifySheets } from './sheets/verify-sheets.ts'

/** Tables for whose rows the opening of an account vouches, with the column of the id that it names. */
const vouched = [
  { table: savingsBook, id: 'book_id' },
  { table: agent, id: 'id' },
  { table: savingsAccount, id: 'id' },
  { table: fund, id: 'id' },
] as const

const guardedTables = [...vouched.map(({ table }) => table), collectionSheet, collectionSheetLine]

const guards = {
  tables: guardedTables,
  handWritten: [...guardedTables.map(table => `${getTableName(table)}_is_final`), 'collection_sheet_whole'],
}

/**
 * Compares what ties savings to the ledger with what the ledger's chains say of it: whose a savings account is, the funds,
 * the agents whose cash there is an account of, the book, and the collection sheets with every line. The rest of the
 * register (names, groups, memberships) may change or moves no money, and is not looked at.
 */
export const verifySavings: FurtherCheck = async (session, book, faults) => {
  let rows = 0
  for (const { table, id } of vouched) rows += await verifyVouched(session, book.id, table, id, faults)
  rows += await verifySheets(session, book, faults)
  await verifyGuards(session, faults, guards)
  return rows
}

/**
 * Rows beside the openings that vouch for them. Evidence is taken from the canonical content as text: what is no such
 * content is the register's own fault.
 */
async function verifyVouched(
  session: Session,
  bookId: string,
  table: PgTable,
  idColumn: string,
  faults: FaultList,
): Promise<number> {
  const name = getTableName(table)
  const { fields, sql } = textColumns(table, 's')
  const text = `
    select v.number, v.id, v.hash, s.${idColumn}::text, ${sql}
    from (
      select e.number, substring(e.content from '"evidence":\\{[^{}]*"id":"([^"]*)"') as id,
        substring(e.content from '"evidence":\\{[^{}]*"hash":"([^"]*)"') as hash
      from event e
      where e.book_id = $1 and e.kind = 'account-opened' and position($2 in e.content) > 0
    ) v
    full join (select * from ${name} where book_id = $1) s on s.${idColumn}::text = v.id`
  const stream = await streamRows<TextRow>(session, text, [bookId, `"table":"${name}"}`])
  let rows = 0
  for (let row = stream.row; row !== undefined; row = stream.row) {
    const [event = null, named = null, hash = null, id = null, ...values] = row
    const wrong = (
      rule: 'record-missing' | 'record-unregistered' | 'record-differs',
      expected: string,
      found: string,
    ) => faults.add({ rule, table: name, recordId: id ?? named ?? bookId, expected, found })
    if (id !== null) rows += 1
    if (id === null) wrong('record-missing', `the record of event ${event}`, 'none')
    else if (event === null) wrong('record-unregistered', 'an opening in the register that names it', 'none')
    else {
      const found = fingerprint(textsRead(fields, values)).toString('hex')
      if (found !== hash) wrong('record-differs', hash ?? 'a fingerprint', found)
    }
    const wait = stream.next()
    if (wait) await wait
  }
  return rows
}
