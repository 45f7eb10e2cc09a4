import { createHash } from 'node:crypto'
import { type BookLine, textOf } from './lines.ts'
import { BookFileError, type Head, headSchema, type Tail, tailSchema } from './shape.ts'

const rowLine = /^\{"(reference|table)":"([a-z_]{1,63})","row":(\{.*\})\}$/s

/** Lines as they were written: by the one character that ends them, and no other that a reader may take for an end. */
export async function* linesIn(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let held = ''
  for await (const piece of pieces) {
    const lines = decoded(() => decoder.decode(piece, { stream: true })).split('\n')
    lines[0] = held + lines[0]
    held = lines.pop()!
    yield* lines
  }
  held += decoded(() => decoder.decode())
  if (held !== '') yield held
}

function decoded(decode: () => string): string {
  try {
    return decode()
  } catch {
    throw new BookFileError('it has bytes that are no text')
  }
}

/** What comes of reading a file: its head at first, then its rows; the tail when all of it was read, and was as it had been written. */
export type BookReading = { head: Head; rows: AsyncGenerator<BookLine, Tail> }

/** @throws BookFileError where the file is cut, altered, or none of a book */
export async function readBook(lines: AsyncIterable<string>): Promise<BookReading> {
  const source = lines[Symbol.asyncIterator]()
  const first = await source.next()
  if (first.done) throw new BookFileError('line 1: there is nothing in it')
  const head = parsed(first.value, 1, headSchema)
  const [all, contents] = [createHash('sha256'), createHash('sha256')]
  all.update(`${first.value}\n`)

  async function* rows(): AsyncGenerator<BookLine, Tail> {
    for (let count = 0; ; count++) {
      const { value, done } = await source.next()
      const at = count + 2
      if (done) throw new BookFileError(`line ${at}: it ends before its end`)
      const [, kind, name, row] = rowLine.exec(value) ?? []
      if (kind === undefined) return await end(value, at, count)
      const line = { kind, name, row } as BookLine
      all.update(textOf(line))
      contents.update(textOf(line))
      yield line
    }
  }

  async function end(text: string, at: number, count: number): Promise<Tail> {
    const tail = parsed(text, at, tailSchema)
    const found = { lines: count, sha256: all.digest('hex'), contents: contents.digest('hex') }
    if (tail.lines !== found.lines || tail.sha256 !== found.sha256 || tail.contents !== found.contents)
      throw new BookFileError(`line ${at}: what stands before it is not what was written`)
    if (!(await source.next()).done) throw new BookFileError(`line ${at + 1}: it goes on behind its end`)
    return tail
  }

  return { head, rows: rows() }
}

function parsed<Shape>(
  text: string,
  at: number,
  schema: { safeParse(given: unknown): { success: boolean; data?: Shape } },
): Shape {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    throw new BookFileError(`line ${at}: it is not a line of an exported book`)
  }
  const { success, data: shape } = schema.safeParse(given)
  if (!success) throw new BookFileError(`line ${at}: it is not a line of an exported book`)
  return shape!
}
