import type { Session, TextRow } from '../../db/stream.ts'
import { streamRows } from '../../db/stream.ts'
import type { Book } from './facts.ts'

/**
 * How long after the instant that a registration says it may become visible, at most: a statement and an idle transaction
 * end after a minute each. So a register is read again from so long before the latest instant seen in it, and what is
 * known at an instant that old changes no more. Milliseconds.
 */
const settlingMs = 150_000

/** Whatever is read of who there is in a book: rows are added, and nothing but an end is told of one later. */
const registers = {
  saver: { table: 'saver_version', only: 'true', ends: false },
  correction: { table: 'saver_correction', only: `'motherTongue' = any (t.fields)`, ends: false },
  membership: { table: 'membership', only: 'true', ends: true },
  enrolment: { table: 'enrolment', only: 'true', ends: true },
  account: { table: 'savings_account', only: 't.saver_id is not null', ends: false },
  closing: { table: 'savings_account_status_change', only: `t.status = 'closed'`, ends: false },
} as const

export type Register = keyof typeof registers

const names = Object.keys(registers) as Register[]

/** The rows of a register recorded since an instant, as a table; one that began and ended since is there twice. */
export function recordedSince(register: Register, book = '$1', from = '$2'): string {
  const { table, only, ends } = registers[register]
  const rows = (instant: string) =>
    `select t.* from ${table} t where t.book_id = ${book} and t.${instant} >= ${from} and ${only}`
  return `(${rows('recorded_at')}${ends ? ` union all ${rows('end_recorded_at')}` : ''})`
}

/** From when on a register is read. */
function fromOf(book: Book, register: Register): string {
  const newest = book.seen.get(register)?.newest ?? 0
  return new Date(Math.max(newest - settlingMs, 0)).toISOString()
}

/**
 * Which registers of which books have rows that were not read. One statement for all of them, for mostly there are none: as
 * many rows since the same instant are the same rows. A register that brought something the last time is read once more.
 */
export async function changedRegisters(session: Session, books: readonly Book[]): Promise<Map<Book, Set<Register>>> {
  const counts = names.map((name, nth) => {
    return `case when p.f${nth} < 'infinity' then (select count(*) from ${recordedSince(name, 'p.book_id', `p.f${nth}`)} t) end as ${name}`
  })
  const columns = names.map((_, nth) => `f${nth}`)
  const text = `select ${counts.join(', ')}
    from unnest($1::uuid[]${names.map((_, nth) => `, $${nth + 2}::timestamptz[]`).join('')}) with ordinality p(book_id, ${columns.join(', ')}, nth)
    order by p.nth`
  const since = (name: Register) =>
    books.map(book => (book.seen.get(name)?.rows === undefined ? 'infinity' : fromOf(book, name)))
  await session.query('set local enable_seqscan = off')
  const { rows } = await session.query<Record<Register, string | null>>(text, [
    books.map(({ id }) => id),
    ...names.map(since),
  ])
  await session.query('set local enable_seqscan = on')
  return new Map(
    books.map((book, nth) => {
      const isRead = (name: Register) => {
        const count = rows[nth]![name]
        return count !== null && Number(count) === book.seen.get(name)!.rows
      }
      return [book, new Set(names.filter(name => !isRead(name)))]
    }),
  )
}

/** Reads a register's rows, of `text` with the book as $1 and the instant as $2; when it was recorded is the last column. */
export async function readRegister<Row extends TextRow>(
  session: Session,
  book: Book,
  register: { name: Register; text: string },
  take: (row: Row) => void,
): Promise<void> {
  const before = book.seen.get(register.name)?.newest ?? 0
  const stream = await streamRows<Row>(session, register.text, [book.id, fromOf(book, register.name)])
  let [newest, rows] = [before, 0]
  for (let row = stream.row; row !== undefined; row = stream.row) {
    take(row)
    rows += 1
    newest = Math.max(newest, Number(row[row.length - 1]))
    const more = stream.next()
    if (more !== undefined) await more
  }
  book.seen.set(register.name, { newest, rows: newest === before ? rows : undefined })
}
