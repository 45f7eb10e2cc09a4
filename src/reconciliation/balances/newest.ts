import { sql } from 'drizzle-orm'
import type { CalendarDate } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import type { Currency } from '../../money.ts'

/** The newest list of a book by its day, as it was compared last. Amounts are minor units. */
export type NewestList = {
  bookCode: string
  currency: Currency
  asOf: CalendarDate
  lines: number
  accounts: number
  theirs: string
  ours: string
  difference: string
  /** Lines that are not equal; and proposals that wait to be decided. */
  unequal: number
  waiting: number
}

/** Of each book that the key reaches and that has one, by its code. */
export async function newestLists(db: Db, { books }: Pick<Actor, 'books'>): Promise<NewestList[]> {
  const reached = books === 'all' ? null : [...books]
  const { rows } = await db.execute<NewestList>(sql`
    select k.code as "bookCode", k.currency::text as currency, b.as_of::text as "asOf", b.lines, c.accounts, c.theirs::text, c.ours::text,
      c.difference::text, u.unequal, w.waiting
    from book k
    cross join lateral (
      select b.id, b.as_of, b.lines from balance_list b where b.book_id = k.id
      order by b.as_of desc, b.recorded_at desc, b.id desc limit 1) b
    cross join lateral (
      select c.id, c.accounts, c.theirs, c.ours, c.difference from balance_comparison c where c.book_id = k.id and c.list_id = b.id
      order by c.recorded_at desc, c.sequence desc, c.id desc limit 1) c
    cross join lateral (
      select count(*)::int as unequal from balance_comparison_line l
      where l.book_id = k.id and l.comparison_id = c.id and l.outcome <> 'equal') u
    cross join lateral (
      select count(*)::int as waiting from balance_proposal p where p.book_id = k.id and p.list_id = b.id and not exists (
        select from balance_decided d where d.book_id = k.id and d.list_id = p.list_id and d.savings_account_id = p.savings_account_id
          and d.kind = p.kind)) w
    where ${sql.param(reached)}::uuid[] is null or k.id = any (${sql.param(reached)}::uuid[])
    order by k.code`)
  return rows
}
