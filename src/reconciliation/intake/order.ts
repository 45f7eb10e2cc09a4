import { sql } from 'drizzle-orm'
import type { Connection } from '../../ledger/index.ts'
import type { Gated } from './gate.ts'

/** Statements of an account that count, in order: by their last day, then by number, then as they came. */
export const statementOrder = sql`s.to_day, coalesce(s.sequence, -1), coalesce(s.page, 0), s.turn, s.position, s.id`

type Named = Gated & { id: string }

const columns = sql`s.id, s.sequence::int8 as sequence, s.page, s.to_day as "toDay", s.opening::text, s.closing::text, s.residue::text, s.uncounted`

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
    where s.book_id = ${bookId} and s.bank_account_id = ${bankAccountId} and s.standing = 'taken'
      and (s.to_day, coalesce(s.sequence, -1), coalesce(s.page, 0)) <= (${toDay}::date, ${sequence ?? -1}::bigint, ${page ?? 0}::int)
    order by s.to_day desc, coalesce(s.sequence, -1) desc, coalesce(s.page, 0) desc, s.turn desc, s.position desc, s.id desc
    limit 1`)
  return rows[0] === undefined ? null : named(rows[0])
}

/** A statement with the one before it and the one after it. */
export async function neighbours(
  connection: Connection,
  bookId: string,
  bankAccountId: string,
  statementId: string,
): Promise<{ before: Named | null; itself: Named | null; after: Named | null }> {
  const { rows } = await connection.execute<Row & { offset: number }>(sql`
    with numbered as (
      select ${columns}, row_number() over (order by ${statementOrder})::int as place
      from bank_statement s
      where s.book_id = ${bookId} and s.bank_account_id = ${bankAccountId} and s.standing = 'taken')
    select n.*, n.place - m.place as offset from numbered n join numbered m on m.id = ${statementId} and abs(n.place - m.place) <= 1`)
  const at = (offset: number) => {
    const row = rows.find(one => one.offset === offset)
    return row === undefined ? null : named(row)
  }
  return { before: at(-1), itself: at(0), after: at(1) }
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
): Promise<string> {
  const { rows } = await connection.execute<{ shared: string | null }>(sql`
    with numbered as (
      select s.id, s.from_day, s.to_day, s.currency, row_number() over (order by ${statementOrder})::int as place
      from bank_statement s
      where s.book_id = ${bookId} and s.bank_account_id = ${bankAccountId} and s.standing = 'taken'),
    itself as (
      select i.*, b.to_day as ended from numbered i left join numbered b on b.place = i.place - 1 where i.id = ${statementId}),
    earlier as (select n.id from numbered n cross join itself i where n.place < i.place and n.to_day >= i.from_day)
    select sum(case l.side when 'credit' then l.amount else -l.amount end)::text as shared
    from bank_line l cross join itself i
    where l.book_id = ${bookId} and l.statement_id = i.id and l.status = 'booked' and l.currency = coalesce(i.currency, l.currency)
      and ((i.from_day < i.ended and coalesce(l.booking_day, l.value_day) < i.ended)
        or exists (
          select from bank_line o where o.book_id = ${bookId} and o.bank_account_id = ${bankAccountId} and o.same_as = l.same_as
            and o.occurrence = l.occurrence and o.statement_id in (select e.id from earlier e)))`)
  return rows[0]?.shared ?? '0'
}
