import { linesOf, type TextLine } from './lines.ts'

/** One field of a message: `:61:…`, with the rows that go on with it. */
export type Field = { tag: string; line: number; rows: string[] }

/** The fields of one message, what stood before its first, and whether its envelope says that it is an MT942. */
export type Message = { fields: Field[]; stray: TextLine[]; isInterim: boolean }

const fieldStart = /^:(\d\d[A-Z]?|NS):/

/**
 * The messages of a file, one after the other. They end by `-`, by `-}`, or where the next `:20:` begins; the blocks of an
 * envelope around them (`{1:…}{2:…}{4:`) are taken off.
 */
export async function* messagesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Message> {
  let message = emptyMessage()
  for await (const line of linesOf(bytes, 'utf-8-or-latin1')) {
    const isEnvelope = /^(-\}|\{)/.test(line.text) && /\{[1-4]:/.test(line.text)
    const isEnd = !isEnvelope && /^(-\}?\s*|-?\}?\{[5S]:.*)$/.test(line.text)
    if (message.fields.length > 0 && (isEnvelope || isEnd || line.text.startsWith(':20:'))) {
      yield message
      message = emptyMessage()
    }
    if (isEnd) continue
    if (!isEnvelope) take(message, line)
    else {
      message.isInterim ||= /\{2:[IO]942/.test(line.text)
      take(message, { ...line, text: line.text.split('{4:')[1] ?? '' })
    }
  }
  if (message.fields.length > 0 || message.stray.length > 0) yield message
}

function emptyMessage(): Message {
  return { fields: [], stray: [], isInterim: false }
}

function take(message: Message, line: TextLine): void {
  const start = fieldStart.exec(line.text)
  if (start) message.fields.push({ tag: start[1]!, line: line.number, rows: [line.text.slice(start[0].length)] })
  else if (message.fields.length > 0) message.fields.at(-1)!.rows.push(line.text)
  else if (line.text.trim() !== '' && message.stray.length < 10) message.stray.push(line)
}
