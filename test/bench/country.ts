import { createHash } from 'node:crypto'
import type pg from 'pg'
import { v7 as uuid } from 'uuid'
import { addDays, addMonths, daysBetween, lastDay } from '../../src/dates.ts'
import { nameId } from '../../src/ids.ts'
import { controlAccounts, moneyAccount, moneyKinds } from '../../src/savings/chart.ts'
import { entriesSql, movementsSql, registerSql, totalsSql } from './country-sql.ts'

/** What a country is made of: so many savers, who save in the months from the first on. */
export type Country = { savers: number; firstMonth: string; months: number }

export type CountryBook = { id: string; code: string; accounts: string[] }

/** How many books there are: one a department. */
const departments = 25

/**
 * Fills a migrated database with savers, their accounts and their movements, a book a department. Written as rows in the ledger's
 * own tables, for posting so many would take hours; sums, sequences, instants of recording and what each row refers to are right,
 * and constraints hold. Bypassed are what says how it came about: the chain of hashes, the register's events, totals by day and,
 * for many savers, the triggers; `npm run verify` would say so. The same lives for the same numbers, under other ids.
 */
export async function makeCountry(
  database: pg.Client,
  country: Country,
  say: (line: string) => void = () => {},
): Promise<CountryBook[]> {
  const { savers, firstMonth, months } = country
  const begins = addDays(`${firstMonth}-01`, -365)
  const ends = lastDay(addMonths(firstMonth, months - 1))
  const many = savers > 50_000
  if (many) await leaveGuards(database)
  const institutions = await makeReference(database, begins)
  const books: CountryBook[] = []
  for (let number = 0; number < departments; number++) {
    const { id, code } = await makeBook(database, { number, institutionId: institutions[number % 5]!, begins })
    const size = Math.floor(savers / departments) + (number < savers % departments ? 1 : 0)
    const accounts = await makeLot(database, id, size, number)
    await database.query('truncate this')
    await database.query('insert into this values ($1, $2, $3, $4)', [id, number, begins, daysBetween(begins, ends)])
    for (const text of [...registerSql, movementsSql, entriesSql, ...totalsSql]) await database.query(text)
    books.push({ id, code, accounts })
    say(`book ${number + 1} of ${departments}`)
  }
  if (many) await restoreGuards(database, say)
  for (const table of ['lot', 'movement', 'this', 'course']) await database.query(`drop table ${table}`)
  await database.query('analyze')
  return books
}

const slowIndexes = ['entry_by_recording', 'entry_by_value_date'] as const
let definitions: string[] = []

/** Without triggers, and without the indexes that would be filled in no order. */
async function leaveGuards(database: pg.Client): Promise<void> {
  await database.query(`set session_replication_role = replica`)
  await database.query(`set synchronous_commit = off`)
  const { rows } = await database.query<{ indexdef: string }>(
    `select indexdef from pg_indexes where schemaname = 'public' and indexname = any ($1)`,
    [slowIndexes],
  )
  definitions = rows.map(({ indexdef }) => indexdef)
  for (const name of slowIndexes) await database.query(`drop index ${name}`)
}

async function restoreGuards(database: pg.Client, say: (line: string) => void): Promise<void> {
  await database.query(`set maintenance_work_mem = '1GB'`)
  for (const definition of definitions) {
    await database.query(definition)
    say(definition.split(' ')[2]!)
  }
  await database.query(`reset session_replication_role`)
  await database.query(`reset synchronous_commit`)
}

async function makeReference(database: pg.Client, begins: string): Promise<string[]> {
  const ids = Array.from({ length: 5 }, () => uuid())
  const run = uuid().slice(-8)
  await database.query(
    `insert into partner_institution (id, code, name, kind, recorded_at, actor, content_hash)
     select x.id, $3 || x.n, 'Caja', 'caja', $2::date, 'bench', sha256('') from unnest($1::uuid[]) with ordinality x(id, n)`,
    [ids, begins, `CAJA-${run}-`],
  )
  await database.query('create temp table this (book_id uuid, number int, begins date, days int)')
  await database.query('create temp table course (id uuid, code text, n int)')
  await database.query('insert into course select gen_random_uuid(), $1 || n, n from generate_series(0, 1) n', [
    `PROG-${run}-`,
  ])
  await database.query(
    `insert into programme (id, code, name, contract_months, valid_from, recorded_at, actor, content_hash)
     select id, code, 'Programme', 48, $1::date, $1::date, 'bench', sha256('') from course`,
    [begins],
  )
  await database.query(
    `create unlogged table lot (n int primary key, saver_id uuid, person bytea, account_id uuid, own_id uuid, locked_id uuid,
       released_id uuid, interest_id uuid, opened_on date)`,
  )
  await database.query(
    `create unlogged table movement (sequence bigint, n int, turn int, day date, value_date date, kind text, amount bigint,
       reverses bigint)`,
  )
  return ids
}

async function makeBook(database: pg.Client, book: { number: number; institutionId: string; begins: string }) {
  const { number, institutionId, begins } = book
  const id = uuid()
  const code = `COUNTRY-${number}-${id.slice(-6)}`
  await database.query(`insert into book (id, code, name, currency, opened_on) values ($1, $2, 'Country', 'PEN', $3)`, [
    ...[id, code, begins],
  ])
  await database.query(
    `insert into savings_book (book_id, institution_id, opened_on, recorded_at, actor, content_hash)
     values ($1, $2, $3::date, $3::date, 'bench', sha256(''))`,
    [id, institutionId, begins],
  )
  await database.query(
    `insert into book_head (book_id, sequence, days_through, hash, recorded_at, event_number, event_hash)
     values ($1, 0, 0, sha256(''), $2::date, 1, sha256(''))`,
    [id, begins],
  )
  await database.query(
    `insert into account (book_id, id, code, name, type, normal, status, opened_on, opened_event)
     values ($1, $2, '1010', $3, 'asset', 'debit', 'open', $4, 1)`,
    [id, nameId('bank', id), controlAccounts['1010'], begins],
  )
  return { id, code }
}

/** The savers of a book: their ids, and those that the ledger computes of them. One in a hundred is in the next book as well. */
async function makeLot(database: pg.Client, bookId: string, size: number, number: number): Promise<string[]> {
  await database.query('truncate lot')
  const accounts: string[] = []
  for (let from = 0; from < size; from += 5_000) {
    const ns = Array.from({ length: Math.min(5_000, size - from) }, (_, place) => from + place)
    const ids = ns.map(() => uuid())
    const moneys = moneyKinds.map(({ name }) => ids.map(id => moneyAccount(id, name)))
    const persons = ns.map(n => personOf(n % 100 === 1 ? `both ${number >> 1} ${n}` : `${bookId} ${n}`))
    await database.query(
      `insert into lot (n, saver_id, person, account_id, own_id, locked_id, released_id, interest_id)
       select * from unnest($1::int[], $2::uuid[], $3::bytea[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[])`,
      [ns, ns.map(() => uuid()), persons, ids, ...moneys],
    )
    accounts.push(...ids)
  }
  return accounts
}

function personOf(name: string): Buffer {
  return createHash('sha256').update(name).digest()
}
