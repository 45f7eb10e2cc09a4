import { createHash } from 'node:crypto'
import { type Session, streamRows } from '../db/stream.ts'
import { type BookTable, bookTables, type Referring, referring } from './tables.ts'

/** Rows as lines of JSON, each as PostgreSQL writes it: what is compared and hashed is what is stored, to the letter. */
export type BookLine = { kind: 'reference' | 'table'; name: string; row: string }

export function textOf({ kind, name, row }: BookLine): string {
  return `{"${kind}":"${name}","row":${row}}\n`
}

/** How rows are written, whatever the session was told before. Within a database transaction. */
export async function writeAlike(session: Session): Promise<void> {
  await session.query(`select set_config('timezone', 'UTC', true), set_config('bytea_output', 'hex', true)`)
}

/** Everything of a book, in an order that is the same for the same rows: what it refers to and shares with others, then its own. */
export async function* linesOf(session: Session, bookId: string): AsyncGenerator<BookLine> {
  yield* references(session, bookId)
  for await (const row of rowsOf(session, { name: 'book', key: ['id'] }, bookId))
    yield { kind: 'table', name: 'book', row }
  for (const table of await bookTables(session))
    for await (const row of rowsOf(session, table, bookId)) yield { kind: 'table', name: table.name, row }
}

async function* rowsOf(session: Session, { name, key }: BookTable, bookId: string): AsyncGenerator<string> {
  const order = key.map(column => `t."${column}"`).join(', ')
  const of = name === 'book' ? 'id' : 'book_id'
  const rows = await streamRows<readonly [string]>(
    session,
    `select row_to_json(t) from "${name}" t where t.${of} = $1 order by ${order}`,
    [bookId],
  )
  for (let { row } = rows; row !== undefined; { row } = rows) {
    yield row[0]
    const more = rows.next()
    if (more !== undefined) await more
  }
}

/** Rows of tables that belong to no book and that its rows name, and what those name; and by which key its persons were hashed. */
async function* references(session: Session, bookId: string): AsyncGenerator<BookLine> {
  const ties = await referring(session)
  const found = new Map<string, Map<string, string>>()
  const isOfBook = new Set((await bookTables(session)).map(({ name }) => name))
  async function take(tie: Referring, values: readonly string[]): Promise<void> {
    const known = found.get(tie.to) ?? new Map<string, string>()
    found.set(tie.to, known)
    const wanted = values.filter(value => !known.has(value))
    if (wanted.length === 0) return
    const { rows } = await session.query<{ key: string; row: string }>(
      `select t."${tie.key}"::text as key, row_to_json(t)::text as row from "${tie.to}" t where t."${tie.key}"::text = any ($1)`,
      [wanted],
    )
    for (const { key, row } of rows) known.set(key, row)
    for (const further of ties.filter(({ table }) => table === tie.to)) {
      const named = await session.query<{ value: string }>(
        `select distinct t."${further.column}"::text as value from "${tie.to}" t
         where t."${tie.key}"::text = any ($1) and t."${further.column}" is not null`,
        [wanted],
      )
      await take(
        further,
        named.rows.map(({ value }) => value),
      )
    }
  }
  for (const tie of ties) {
    if (!isOfBook.has(tie.table)) continue
    const { rows } = await session.query<{ value: string }>(
      `select distinct t."${tie.column}"::text as value from "${tie.table}" t where t.book_id = $1 and t."${tie.column}" is not null`,
      [bookId],
    )
    await take(
      tie,
      rows.map(({ value }) => value),
    )
  }
  const key = await session.query<{ row: string }>('select row_to_json(t)::text as row from identity_check t')
  for (const { row } of key.rows) yield { kind: 'reference', name: 'identity_check', row }
  for (const name of inOrder([...found.keys()], ties))
    for (const [, row] of [...found.get(name)!].sort(([one], [other]) => (one < other ? -1 : 1)))
      yield { kind: 'reference', name, row }
}

/** What others name comes before them. */
function inOrder(names: readonly string[], ties: readonly Referring[]): string[] {
  const ordered: string[] = []
  function place(name: string): void {
    if (ordered.includes(name)) return
    for (const { table, to } of ties) if (table === name && names.includes(to)) place(to)
    ordered.push(name)
  }
  for (const name of names.toSorted()) place(name)
  return ordered
}

/** SHA-256 of all lines of a book, and how many there are. */
export async function digestOf(session: Session, bookId: string): Promise<{ sha256: string; lines: number }> {
  const hash = createHash('sha256')
  let lines = 0
  for await (const line of linesOf(session, bookId)) {
    hash.update(textOf(line))
    lines += 1
  }
  return { sha256: hash.digest('hex'), lines }
}
