import { createHash } from 'node:crypto'
import about from '../../package.json' with { type: 'json' }
import type { Session } from '../db/stream.ts'
import { linesOf, textOf, writeAlike } from './lines.ts'
import type { Head, Tail } from './shape.ts'
import { shapeOf } from './tables.ts'

/**
 * A whole book as lines of JSON, from one state of the database: a head, a line for each row, a tail that nothing can be cut off
 * before. Answers how many lines were written between the two.
 */
export async function writeBook(
  session: Session,
  book: { id: string; code: string },
  at: Date,
  write: (text: string) => Promise<void>,
): Promise<number> {
  await writeAlike(session)
  const { rows } = await session.query<Head['ends']>(
    `select sequence::text, encode(hash, 'hex') as hash, event_number::text as "eventNumber", encode(event_hash, 'hex') as "eventHash"
     from book_head where book_id = $1`,
    [book.id],
  )
  const shape = await shapeOf(session)
  const head: Head = {
    ...{ format: 'qullqi-book-1', version: about.version, shape, madeAt: at.toISOString() },
    ...{ book: { id: book.id, code: book.code }, ends: rows[0]! },
  }
  const [all, contents] = [createHash('sha256'), createHash('sha256')]
  const first = `${JSON.stringify(head)}\n`
  all.update(first)
  await write(first)
  let lines = 0
  for await (const line of linesOf(session, book.id)) {
    const text = textOf(line)
    all.update(text)
    contents.update(text)
    lines += 1
    await write(text)
  }
  const tail: Tail = { lines, sha256: all.digest('hex'), contents: contents.digest('hex') }
  await write(`${JSON.stringify(tail)}\n`)
  return lines
}
