import { sql } from 'drizzle-orm'
import type { CalendarDate } from '../../dates.ts'
import type { Connection } from '../../ledger/index.ts'
import { type Currency, currencyDecimals } from '../../money.ts'
import type { BreakReason } from '../breaks/reasons.ts'
import type { BankAccountRow } from '../intake/bank-accounts.ts'
import { statementOrder } from '../intake/order.ts'
import { bookedOn } from '../intake/schema.ts'
import { suspenseKind } from '../suspense/accounts.ts'
import type { Cause, Covering, Facts, Moved } from './proof.ts'

type MovedRow = Omit<Moved, 'amount'> & { amount: string }
type StatementRow = { id: string; fromDay: string; toDay: string; opening: string | null; closing: string | null }

const isSuspense = sql`exists (select from transaction t where t.book_id = e.book_id and t.sequence = e.sequence and t.kind = ${suspenseKind})`

/** What the proofs of an account's days rest on, from one snapshot of the database. */
export async function factsOf(
  connection: Connection,
  { bookId, id, accountId }: Pick<BankAccountRow, 'bookId' | 'id' | 'accountId'>,
  currency: Currency,
  to: CalendarDate,
): Promise<Facts> {
  const lines = await connection.execute<MovedRow>(sql`
    select ${bookedOn}::text as day, c.match_id is not null as "isClaimed", b.reason, x.break_id is not null as "isAccepted", count(*)::int as count, sum(l.moves)::text as amount
    from bank_line l
    left join bank_claim c on c.book_id = l.book_id and c.statement_id = l.statement_id and c.line = l.number
    left join reconciliation_break b on b.book_id = l.book_id and b.bank_account_id = l.bank_account_id and b.ended_at is null
      and b.statement_id = l.statement_id and b.line = l.number
    left join accepted_break x on x.book_id = b.book_id and x.break_id = b.id
    where l.book_id = ${bookId} and l.bank_account_id = ${id} and l.moves is not null and ${bookedOn} <= ${to}::date
    group by 1, 2, 3, 4`)
  const entries = await connection.execute<MovedRow>(sql`
    select e.value_date::text as day, c.match_id is not null as "isClaimed", b.reason, x.break_id is not null as "isAccepted", count(*)::int as count,
      sum(case e.direction when 'debit' then e.amount else -e.amount end)::text as amount
    from entry e
    left join bank_claim c on c.book_id = e.book_id and c.sequence = e.sequence and c.position = e.position
    left join reconciliation_break b on b.book_id = e.book_id and b.bank_account_id = ${id} and b.ended_at is null
      and b.sequence = e.sequence and b.position = e.position
    left join accepted_break x on x.book_id = b.book_id and x.break_id = b.id
    where e.book_id = ${bookId} and e.account_id = ${accountId} and e.value_date <= ${to}::date and not ${isSuspense}
    group by 1, 2, 3, 4`)
  const suspense = await connection.execute<{ day: CalendarDate; amount: string }>(sql`
    select e.value_date::text as day, sum(case e.direction when 'debit' then e.amount else -e.amount end)::text as amount
    from entry e
    where e.book_id = ${bookId} and e.account_id = ${accountId} and e.value_date <= ${to}::date and ${isSuspense}
    group by 1`)
  const underWay = await connection.execute<{ first: CalendarDate; last: CalendarDate }>(sql`
    select min(d.day)::text as first, max(d.day)::text as last
    from bank_match m
    join bank_claim c on c.book_id = m.book_id and c.match_id = m.id
    left join bank_line l on l.book_id = c.book_id and l.statement_id = c.statement_id and l.number = c.line
    left join entry e on e.book_id = c.book_id and e.sequence = c.sequence and e.position = c.position
    cross join lateral (select coalesce(e.value_date, ${bookedOn}) as day) d
    where m.book_id = ${bookId} and m.bank_account_id = ${id}
    group by m.id having min(d.day) < max(d.day)`)
  return {
    lines: lines.rows.map(moved),
    entries: entries.rows.map(moved),
    suspense: suspense.rows.map(({ day, amount }) => ({ day, amount: BigInt(amount) })),
    underWay: underWay.rows,
    statements: await statementsOf(connection, bookId, id, currency),
    causes: await causesOf(connection, bookId, id),
  }
}

function moved({ amount, ...row }: MovedRow): Moved {
  return { ...row, amount: BigInt(amount) }
}

async function statementsOf(
  connection: Connection,
  bookId: string,
  id: string,
  currency: Currency,
): Promise<Covering[]> {
  const { rows } = await connection.execute<StatementRow>(sql`
    select s.id, s.from_day::text as "fromDay", s.to_day::text as "toDay", s.opening::text, s.closing::text from bank_statement s
    where s.book_id = ${bookId} and s.bank_account_id = ${id} and s.standing = 'taken' and s.currency = ${currency}
    order by ${statementOrder}`)
  const days = await connection.execute<{ id: string; day: string; amount: string }>(sql`
    select s.id, ${bookedOn}::text as day, sum(case l.side when 'credit' then l.amount else -l.amount end)::text as amount
    from bank_statement s join bank_line l on l.book_id = s.book_id and l.statement_id = s.id
    where s.book_id = ${bookId} and s.bank_account_id = ${id} and s.standing = 'taken' and s.from_day < s.to_day
      and l.status = 'booked' and l.currency = ${currency}
    group by 1, 2`)
  const ofStatement = Map.groupBy(days.rows, row => row.id)
  return rows.map(({ opening, closing, ...row }) => ({
    ...row,
    opening: minorUnits(opening, currency),
    closing: minorUnits(closing, currency),
    days: new Map((ofStatement.get(row.id) ?? []).map(({ day, amount }) => [day, minorUnits(amount, currency) ?? 0n])),
  }))
}

async function causesOf(connection: Connection, bookId: string, id: string): Promise<Cause[]> {
  const { rows } = await connection.execute<{
    reason: BreakReason
    day: string
    amount: string | null
    detail: string
  }>(sql`
    select b.reason, b.day::text, b.amount::text, b.detail from reconciliation_break b
    where b.book_id = ${bookId} and b.bank_account_id = ${id} and b.ended_at is null and b.statement_id is not null and b.line is null
    order by b.day, b.subject`)
  return rows.map(({ amount, ...row }) => ({ ...row, amount: amount === null ? null : BigInt(amount) }))
}

/** An amount of a statement in minor units; null of none, and of one that is finer. */
function minorUnits(amount: string | null, currency: Currency): bigint | null {
  const [whole = '', fraction = ''] = amount?.replace('-', '').split('.') ?? []
  const decimals = currencyDecimals[currency]
  if (amount === null || /[1-9]/.test(fraction.slice(decimals))) return null
  const minor = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'))
  return amount.startsWith('-') ? -minor : minor
}
