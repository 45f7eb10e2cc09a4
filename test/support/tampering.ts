import type pg from 'pg'
import { expect } from 'vitest'

/** Does what only an owner can, with every trigger and foreign key off; looks; and takes it all back. */
export async function tampering<T>(
  client: pg.PoolClient,
  tamper: () => Promise<unknown>,
  look: () => Promise<T>,
): Promise<T> {
  await client.query('begin')
  try {
    await client.query('set local session_replication_role = replica')
    await tamper()
    return await look()
  } finally {
    await client.query('rollback')
  }
}

/** Constraints that stand in the way of a change are dropped: an owner can. */
export async function change(client: pg.PoolClient, text: string, values: unknown[]): Promise<'done' | 'taken'> {
  for (;;) {
    await client.query('savepoint here')
    try {
      const { rowCount } = await client.query(text, values)
      expect(rowCount).toBe(1)
      return 'done'
    } catch (error) {
      await client.query('rollback to here')
      const { code, table, constraint } = error as pg.DatabaseError
      if (code === '23505') return 'taken'
      if (code !== '23514') throw error
      await client.query(`alter table ${table} drop constraint ${constraint}`)
    }
  }
}

export type Column = { table: string; column: string; type: string; nullable: boolean; labels: string[] | null }

/** Every column of the tables, as the catalogue has them. */
export async function columns(client: pg.PoolClient, tableNames: readonly string[]): Promise<Column[]> {
  const { rows } = await client.query<Column>(
    `select c.relname as table, a.attname as column, t.typname as type, not a.attnotnull as nullable,
       (select array_agg(e.enumlabel::text order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid) as labels
     from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_type t on t.oid = a.atttypid
     where c.oid = any($1::regclass[]) and a.attnum > 0 and not a.attisdropped order by c.relname, a.attnum`,
    [tableNames],
  )
  return rows
}

/** What a value of a type may plausibly be changed into, as SQL; the next one is for when a unique key is in the way. */
export function changes({ column, type, nullable, labels }: Column): string[][] {
  const byType: Record<string, string[]> = {
    uuid: ['gen_random_uuid()'],
    int8: [`${column} + 1`, `${column} + 1000000`],
    int2: [`${column} + 1`, `${column} + 1000`],
    int4: [`${column} + 1`, `${column} + 1000`],
    text: [`${column} || 'x'`],
    date: [`${column} + 1`, `${column} + 1000`],
    timestamptz: [`${column} + interval '1 millisecond'`],
    bytea: [`set_byte(${column}, 0, get_byte(${column}, 0) # 1)`],
    bool: [`not ${column}`],
    jsonb: [`${column} || '{"more": true}'`],
  }
  const nulls: Record<string, string> = {
    uuid: 'gen_random_uuid()',
    int8: '1',
    int2: '1',
    int4: '1',
    bool: 'true',
    text: `'x'`,
    jsonb: `'{"more": true}'::jsonb`,
    date: `date '2026-01-31'`,
    timestamptz: `timestamptz '2026-02-01 00:00:00+00'`,
  }
  const other = labels?.map((label, place) => `when '${label}' then '${labels[(place + 1) % labels.length]}'`).join(' ')
  const changed = labels ? [`(case ${column} ${other} end)::${type}`] : byType[type]
  if (changed === undefined) throw new Error(`say how a value of the type ${type} of ${column} may be changed`)
  if (!nullable) return [changed]
  const filled = nulls[type]
  if (filled === undefined) throw new Error(`say what a null of the type ${type} of ${column} may become`)
  return [
    changed.map(sql => `case when ${column} is null then ${filled} else ${sql} end`),
    [`case when ${column} is null then ${filled} end`],
  ]
}

/** A few rows from beginning to end, with some that have the value and some that have not. */
export async function someRows(
  client: pg.PoolClient,
  bookId: string,
  { table, column }: Column,
): Promise<{ ctid: string; sequence: string | null }[]> {
  const own = table === 'book' ? 'id' : 'book_id'
  const sequence = ['transaction', 'entry'].includes(table) ? 'sequence' : 'null'
  const { rows } = await client.query<{ ctid: string; sequence: string | null }>(
    `select ctid::text, sequence from (
       select ctid, ${sequence} as sequence, row_number() over part as place, count(*) over (partition by ${column} is null) as all
       from ${table} where ${own} = $1 window part as (partition by ${column} is null order by ctid)) r
     where place in (1, "all", "all" / 2, "all" / 3, "all" - 1, "all" / 5)`,
    [bookId],
  )
  return rows
}
