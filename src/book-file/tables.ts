import type { Session } from '../db/stream.ts'

/** A table whose rows go with a book, and the columns that these are in order by. */
export type BookTable = { name: string; key: readonly string[] }

/** A column of a table that names rows of a reference table by their key. */
export type Referring = { table: string; column: string; to: string; key: string }

/**
 * What stays behind: seals are of one installation, and sign the ends of all its books. A copy of theirs that is kept outside proves as
 * much as before, and the next installation seals the book with its own.
 */
const staysBehind = ['book_seal']

/** The tables that belong to a book, as PostgreSQL knows them: none can be forgotten. */
export async function bookTables(session: Session): Promise<BookTable[]> {
  const { rows } = await session.query<BookTable>(
    `select c.relname as name,
       (select array_agg(a.attname::text order by k.place) from unnest(i.indkey::int2[]) with ordinality k(number, place)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number) as key
     from pg_class c join pg_attribute b on b.attrelid = c.oid and b.attname = 'book_id' and not b.attisdropped
     join pg_index i on i.indrelid = c.oid and i.indisprimary
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> all ($1)
     order by c.relname collate "C"`,
    [staysBehind],
  )
  return rows
}

/** Where tables of books, or other reference tables, name rows that belong to no book. */
export async function referring(session: Session): Promise<Referring[]> {
  const { rows } = await session.query<Referring>(
    `select s.relname as "table", a.attname as "column", t.relname as "to", k.attname as key
     from pg_constraint f join pg_class s on s.oid = f.conrelid join pg_class t on t.oid = f.confrelid
     join pg_attribute a on a.attrelid = s.oid and a.attnum = f.conkey[1]
     join pg_attribute k on k.attrelid = t.oid and k.attnum = f.confkey[1]
     where f.contype = 'f' and s.relnamespace = 'public'::regnamespace and s.oid <> t.oid and s.relname <> all ($1) and t.relname <> 'book'
       and array_length(f.conkey, 1) = 1
       and not exists (select from pg_attribute b where b.attrelid = t.oid and b.attname = 'book_id' and not b.attisdropped)
     order by 1, 2`,
    [staysBehind],
  )
  return rows
}

/** The newest migration that the database has: only between two of the same shape can a book go. */
export async function shapeOf(session: Session): Promise<string> {
  const { rows } = await session.query<{ hash: string }>(
    'select hash from drizzle.__drizzle_migrations order by created_at desc limit 1',
  )
  return rows[0]!.hash
}
