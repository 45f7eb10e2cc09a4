import { type SQL, sql } from 'drizzle-orm'
import { PgDialect } from 'drizzle-orm/pg-core'
import type { CalendarDate } from '../../dates.ts'
import type { Session } from '../../db/stream.ts'
import type { AccountStatus, Connection } from '../../ledger/index.ts'
import type { Amount } from '../../money.ts'

/** Asks a statement, whoever is asked: a connection, or the snapshot of a verification. */
export type Ask = <Row extends Record<string, unknown>>(statement: SQL) => Promise<Row[]>

export function askingOf(connection: Connection): Ask {
  return async <Row extends Record<string, unknown>>(statement: SQL) => {
    const { rows } = await connection.execute(statement)
    return rows as Row[]
  }
}

const dialect = new PgDialect()

export function askingOfSession(session: Session): Ask {
  return async <Row extends Record<string, unknown>>(statement: SQL) => {
    const { sql: text, params } = dialect.sqlToQuery(statement)
    return (await session.query<Row>(text, params)).rows
  }
}

/** What is asked about: a day, as it was known when the book had these as its last transaction and event. */
export type Viewed = { bookId: string; asOf: CalendarDate; sequence: bigint; eventNumber: bigint }

/** An account of ours with all its money under one balance, and how it stood, at the end of the day. */
export type Position = {
  id: string
  bankAccountNumber: string | null
  cci: string | null
  /** Whether it was open, or blocked, that day: else the bank need not list it. */
  isThere: boolean
  status: AccountStatus
  balance: Amount
}

/**
 * The savings accounts that were known then, or those of them that are named. Balances are those by value dates up to now less what was
 * recorded after the sequence; a block holds from the day on which it was recorded, a closing from its own.
 */
export async function positionsAt(
  ask: Ask,
  { bookId, asOf, sequence, eventNumber }: Viewed,
  ids: readonly string[] | null = null,
): Promise<Position[]> {
  const named = ids === null ? sql`` : sql`and a.id = any (${sql.param(ids)}::uuid[])`
  const rows = await ask<Omit<Position, 'balance'> & { balance: string }>(sql`
    with known as (
      select a.id, a.bank_account_number, a.cci, a.opened_on, a.own_account_id, a.incentive_locked_account_id,
        a.incentive_released_account_id, a.interest_account_id
      from savings_account a join account o on o.book_id = a.book_id and o.id = a.own_account_id
      where a.book_id = ${bookId} and o.opened_event <= ${eventNumber.toString()}::bigint ${named}
    ), money as (
      select k.id, m.account_id from known k cross join lateral (
        values (k.own_account_id), (k.incentive_locked_account_id), (k.incentive_released_account_id), (k.interest_account_id)) m(account_id)
    ), moved as (
      select m.id, sum(d.credits - d.debits) as amount
      from money m join account_day_to_date d on d.book_id = ${bookId} and d.account_id = m.account_id and d.value_date <= ${asOf}::date
      group by m.id
    ), later as (
      select m.id, sum(case e.direction when 'credit' then e.amount else -e.amount end) as amount
      from entry e join money m on m.account_id = e.account_id
      where e.book_id = ${bookId} and e.sequence > ${sequence.toString()}::bigint and e.value_date <= ${asOf}::date
      group by m.id
    ), changed as (
      select distinct on (c.subject) c.subject, c.status from (
        select e.subject, e.number, e.content::json ->> 'status' as status, case e.content::json ->> 'status'
            when 'closed' then (e.content::json ->> 'closedOn')::date
            else (e.recorded_at at time zone 'UTC' - interval '5 hours')::date end as since
        from event e where e.book_id = ${bookId} and e.kind = 'account-changed' and e.number <= ${eventNumber.toString()}::bigint) c
      where c.status is not null and c.since <= ${asOf}::date
      order by c.subject, c.number desc
    )
    select k.id, k.bank_account_number as "bankAccountNumber", k.cci, coalesce(c.status, 'open') as status,
      k.opened_on <= ${asOf}::date and coalesce(c.status, 'open') <> 'closed' as "isThere",
      (coalesce(v.amount, 0) - coalesce(l.amount, 0))::text as balance
    from known k left join moved v on v.id = k.id left join later l on l.id = k.id left join changed c on c.subject = k.own_account_id
    order by k.bank_account_number nulls last, k.id`)
  return rows.map(row => ({ ...row, balance: BigInt(row.balance) }))
}

/** The last transaction and event of a book. */
export async function headOf(ask: Ask, bookId: string): Promise<{ sequence: bigint; eventNumber: bigint }> {
  const [row] = await ask<{ sequence: string; eventNumber: string }>(sql`
    select h.sequence::text, h.event_number::text as "eventNumber" from book_head h where h.book_id = ${bookId}`)
  return { sequence: BigInt(row!.sequence), eventNumber: BigInt(row!.eventNumber) }
}
