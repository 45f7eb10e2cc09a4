import { sql } from 'drizzle-orm'
import type { Connection } from '../../ledger/index.ts'
import type { Gated } from './gate.ts'

/** Statements of an account that count, in order: by their last day, then by number, then as they came. */
export const statementOrder = sql`s.to_day, coalesce(s.sequence, -1), coalesce(s.page, 0), s.turn, s.position, s.id`

type Named = Gated & { id: string }

/** One without a number, of which every line was had, says where nothing begins or ends: it is nobody's neighbour. */
const isRetold = sql`(s.sequence is null and s.lines > 0 and s.repeated = s.lines)`

const columns = sql`s.id, s.sequence::int8 as sequence, s.page, s.to_day as "toDay", s.opening::text, s.closing::text, s.residue::text,
  s.credits::text, s.debits::text, s.uncounted, coalesce(s.unsure, 0) as unsure`

type Row = Omit<Named, 'sequence'> & { sequence: string | null }

function named({ sequence, ...row }: Row): Named {
  return { ...row, sequence: sequence === null ? null : Number(sequence) }
}

/** The last statement that stands before one of this place; of those at the same place, the one that came last. */
export async function statementBefore(
  connection: Connection,
  bookId: string,
  bankAccountId: string,
  { toDay, sequence, page }: Pick<Gated, 'toDay' | 'sequence' | 'page'>,
): Promise<Named | null> {
  const { rows } = await connection.execute<Row>(sql`
    select ${columns} from bank_statement s
    where s.book_id = ${bookId} and s.bank_account_id = ${bankAccountId} and s.standing = 'taken' and not ${isRetold}
      and (s.to_day, coalesce(s.sequence, -1), coalesce(s.page, 0)) <= (${toDay}::date, ${sequence ?? -1}::bigint, ${page ?? 0}::int)
    order by s.to_day desc, coalesce(s.sequence, -1) desc, coalesce(s.page, 0) desc, s.turn desc, s.position desc, s.id desc
    limit 1`)
  return rows[0] === undefined ? null : named(rows[0])
}

/** The first statement that stands after this place. */
export async function statementAfter(
  connection: Connection,
  bookId: string,
  bankAccountId: string,
  { toDay, sequence, page }: Pick<Gated, 'toDay' | 'sequence' | 'page'>,
): Promise<Named | null> {
  const { rows } = await connection.execute<Row>(sql`
    select ${columns} from bank_statement s
    where s.book_id = ${bookId} and s.bank_account_id = ${bankAccountId} and s.standing = 'taken' and not ${isRetold}
      and (s.to_day, coalesce(s.sequence, -1), coalesce(s.page, 0)) > (${toDay}::date, ${sequence ?? -1}::bigint, ${page ?? 0}::int)
    order by ${statementOrder} limit 1`)
  return rows[0] === undefined ? null : named(rows[0])
}

/** Where a statement stands, to the last: no two of an account stand in one place. */
const standsAt = (s: string) =>
  sql.raw(`(${s}.to_day, coalesce(${s}.sequence, -1), coalesce(${s}.page, 0), ${s}.turn, ${s}.position, ${s}.id)`)

/** A statement with the one before it, and the one after it, which it stands before. */
export async function neighbours(
  connection: Connection,
  bookId: string,
  bankAccountId: string,
  statementId: string,
): Promise<{ before: Named | null; itself: Named; after: Named | null }> {
  const ofAccount = sql`s.book_id = ${bookId} and s.bank_account_id = ${bankAccountId} and s.standing = 'taken' and not ${isRetold}`
  const { rows } = await connection.execute<Row & { offset: number }>(sql`
    with itself as (select i.* from bank_statement i where i.book_id = ${bookId} and i.id = ${statementId})
    (select ${columns}, -1 as offset from bank_statement s cross join itself i
      where ${ofAccount} and s.to_day <= i.to_day and ${standsAt('s')} < ${standsAt('i')}
      order by s.to_day desc, coalesce(s.sequence, -1) desc, coalesce(s.page, 0) desc, s.turn desc, s.position desc, s.id desc limit 1)
    union all
    (select ${columns}, 0 from itself s)
    union all
    (select ${columns}, 1 from bank_statement s cross join itself i
      where ${ofAccount} and s.to_day >= i.to_day and ${standsAt('s')} > ${standsAt('i')}
        and exists (select from bank_statement s where s.book_id = i.book_id and s.id = i.id and not ${isRetold})
      order by ${statementOrder} limit 1)`)
  const at = (offset: number) => {
    const row = rows.find(one => one.offset === offset)
    return row === undefined ? null : named(row)
  }
  return { before: at(-1), itself: at(0)!, after: at(1) }
}

/**
 * What those lines of a statement come to that lie before the end of the one before it, to the last decimal: those that earlier
 * statements had as well and, where it begins earlier, those of the days before.
 */
export async function sharedSum(
  connection: Connection,
  bookId: string,
  bankAccountId: string,
  statementId: string,
  before: Pick<Gated, 'toDay'> | null,
): Promise<string> {
  if (before === null) return '0'
  const { rows: earlier } = await connection.execute<{ id: string }>(sql`
    select s.id from bank_statement s join bank_statement i on i.book_id = ${bookId} and i.id = ${statementId}
    where s.book_id = ${bookId} and s.bank_account_id = ${bankAccountId} and s.standing = 'taken'
      and s.to_day between i.from_day and i.to_day and ${standsAt('s')} < ${standsAt('i')}`)
  // Both sides are added up together rather than joined: of rows that were just written nobody knows how many there are.
  const { rows } = await connection.execute<{ shared: string | null }>(sql`
    select sum(g.amount)::text as shared
    from (
      select max(u.amount) as amount, bool_or(u.is_its_own) as is_its_own, bool_or(u.is_before) as is_before
      from (
        select l.same_as, l.occurrence, case l.side when 'credit' then l.amount else -l.amount end as amount, true as is_its_own,
          i.from_day < ${before.toDay}::date and coalesce(l.booking_day, l.value_day, ${before.toDay}::date) < ${before.toDay}::date as is_before
        from bank_line l join bank_statement i on i.book_id = l.book_id and i.id = l.statement_id
        where l.book_id = ${bookId} and l.statement_id = ${statementId} and l.status = 'booked'
          and l.currency = coalesce(i.currency, l.currency)
        union all
        select o.same_as, o.occurrence, null, false, true from bank_line o
        where o.book_id = ${bookId} and o.statement_id = any (${sql.param(earlier.map(({ id }) => id))}::uuid[])) u
      group by u.same_as, u.occurrence) g
    where g.is_its_own and g.is_before`)
  return rows[0]?.shared ?? '0'
}
