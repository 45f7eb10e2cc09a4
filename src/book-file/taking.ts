import { databaseMessage, sqlState } from '../db/errors.ts'
import type { Session } from '../db/stream.ts'
import { type BookLine, digestOf, writeAlike } from './lines.ts'
import type { BookReading } from './reading.ts'
import { BookFileError, type Head } from './shape.ts'
import { bookTables, shapeOf } from './tables.ts'

/** Rows, and characters of them, that are put into a table at a time. */
const [mostRows, mostCharacters] = [1_000, 4_000_000]

/**
 * Takes a book into a database that has none of it, as its owner, within a database transaction that the caller ends: nothing of it is
 * there if this fails. What belongs to no book is added as new, or has to be the same already. All rows are then read again, and have to
 * be to the letter those of the file; that no row names another that is not there is looked up, since PostgreSQL is not asked row by row.
 * @throws BookFileError
 */
export async function takeBook(session: Session, { head, rows }: BookReading): Promise<number> {
  await writeAlike(session)
  await requireRoom(session, head)
  const known = new Set(['book', ...(await bookTables(session)).map(({ name }) => name)])
  let held: BookLine[] = []
  let characters = 0
  let isReplica = false
  async function put(): Promise<void> {
    if (held.length > 0) await insert(session, head, held)
    held = []
    characters = 0
  }
  let next = await rows.next()
  for (let at = 2; !next.done; at++, next = await rows.next()) {
    const line = next.value
    if (line.kind === 'reference') {
      await refer(session, line, at)
      continue
    }
    if (!known.has(line.name)) throw new BookFileError(`line ${at}: there is no table ${line.name} of a book`)
    if (!isReplica) await asReplica(session)
    isReplica = true
    if (held[0]?.name !== line.name || held.length === mostRows || characters > mostCharacters) await put()
    held.push(line)
    characters += line.row.length
  }
  await put()
  await session.query('set local session_replication_role = origin')
  // What reads it next is planned by what is there now.
  await session.query(`analyze ${[...known].map(name => `"${name}"`).join(', ')}`)
  await requireTies(session, head.book.id)
  const { sha256, lines } = await digestOf(session, head.book.id)
  if (sha256 !== next.value.contents || lines !== next.value.lines)
    throw new BookFileError('what is stored now is not what the file has')
  return lines
}

async function requireRoom(session: Session, { shape, version, book }: Head): Promise<void> {
  if (shape !== (await shapeOf(session)))
    throw new BookFileError(
      `it is of another shape of the database (version ${version}); bring both to the same version`,
    )
  const { rows } = await session.query<{ code: string }>('select code from book where id = $1 or code = $2', [
    book.id,
    book.code,
  ])
  if (rows[0] !== undefined) throw new BookFileError(`there is a book ${rows[0].code} here already`)
}

/** Rows come as they were, with their logs and chains: triggers would write these anew, and foreign keys go in circles. */
async function asReplica(session: Session): Promise<void> {
  try {
    await session.query('set local session_replication_role = replica')
  } catch (error) {
    if (sqlState(error) !== '42501') throw error
    throw new BookFileError(
      'the owner may not take rows as they were; a superuser says: grant set on parameter session_replication_role to the owner',
    )
  }
}

async function insert(session: Session, { book }: Head, lines: readonly BookLine[]): Promise<void> {
  const { name } = lines[0]!
  const of = name === 'book' ? 'id' : 'book_id'
  try {
    const { rowCount } = await session.query(
      `insert into "${name}" select r.* from json_populate_recordset(null::"${name}", $1::json) r where r.${of} = $2`,
      [`[${lines.map(({ row }) => row).join(',')}]`, book.id],
    )
    if (rowCount !== lines.length) throw new BookFileError(`rows of ${name} are of another book`)
  } catch (error) {
    throw refusedBy(error, name)
  }
}

/** What belongs to no book is the same here, or new. */
async function refer(session: Session, { name, row }: BookLine, at: number): Promise<void> {
  try {
    const { rows } = await session.query<{ ours: string }>(
      `select row_to_json(t)::text as ours from "${name}" t, json_populate_record(null::"${name}", $1::json) r
       where to_jsonb(t) ->> $2 = to_jsonb(r) ->> $2`,
      [row, name === 'territory' ? 'code' : 'id'],
    )
    if (rows[0] === undefined)
      await session.query(`insert into "${name}" select r.* from json_populate_record(null::"${name}", $1::json) r`, [
        row,
      ])
    else if (rows[0].ours !== row)
      throw new BookFileError(
        name === 'identity_check'
          ? `line ${at}: its persons were hashed by another IDENTITY_KEY than that of this installation`
          : `line ${at}: a row of ${name} is another one here`,
      )
  } catch (error) {
    throw refusedBy(error, name)
  }
}

function refusedBy(error: unknown, name: string): unknown {
  const state = sqlState(error)
  if (error instanceof BookFileError || state === undefined) return error
  return /^(22|23|42)/.test(state)
    ? new BookFileError(`a row of ${name} cannot be taken: ${databaseMessage(error)}`)
    : error
}

/** Every row that one of the book names is there. */
async function requireTies(session: Session, bookId: string): Promise<void> {
  const { rows } = await session.query<{
    name: string
    source: string
    target: string
    columns: string[]
    keys: string[]
  }>(
    `select f.conname as name, s.relname as source, t.relname as target,
       (select array_agg(a.attname::text order by k.place) from unnest(f.conkey) with ordinality k(number, place)
        join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.number) as columns,
       (select array_agg(a.attname::text order by k.place) from unnest(f.confkey) with ordinality k(number, place)
        join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.number) as keys
     from pg_constraint f join pg_class s on s.oid = f.conrelid join pg_class t on t.oid = f.confrelid
     where f.contype = 'f' and s.relnamespace = 'public'::regnamespace
       and exists (select from pg_attribute b where b.attrelid = s.oid and b.attname = 'book_id' and not b.attisdropped)`,
  )
  for (const { name, source, target, columns, keys } of rows) {
    const isNamed = columns.map(column => `s."${column}" is not null`).join(' and ')
    const isIt = columns.map((column, place) => `t."${keys[place]}" = s."${column}"`).join(' and ')
    const { rows: loose } = await session.query(
      `select from "${source}" s where s.book_id = $1 and ${isNamed} and not exists (select from "${target}" t where ${isIt}) limit 1`,
      [bookId],
    )
    if (loose.length > 0)
      throw new BookFileError(`a row of ${source} names one of ${target} that is not there (${name})`)
  }
}
