import { linesOf, type TextLine } from './lines.ts'
import { FileFault } from './statement.ts'

/** One field of a message: `:61:…`, with the rows that go on with it. */
export type Field = { tag: string; line: number; rows: string[] }

/** What a file has, in its order: fields, text before a message's first field, and the end of each message, with what its envelope says. */
export type Part =
  | { kind: 'field'; field: Field }
  | { kind: 'stray'; line: TextLine }
  | { kind: 'end'; isInterim: boolean }

const fieldStart = /^:(\d\d[A-Z]?|NS):/

/** No bank writes more to a payment; what never ends must not fill the memory. */
const mostRows = 1_000
const mostStray = 10

/**
 * The messages of a file, part by part. They end by `-`, by `-}`, or where the next `:20:` begins; the blocks of an
 * envelope around them (`{1:…}{2:…}{4:`) are taken off.
 */
export async function* partsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Part> {
  let [field, stray, isInterim]: [Field | null, number, boolean] = [null, 0, false]
  for await (const line of linesOf(bytes, 'utf-8-or-latin1')) {
    const isEnvelope = /^(-\}|\{)/.test(line.text) && /\{[1-4]:/.test(line.text)
    const isEnd = !isEnvelope && /^(-\}?\s*|-?\}?\{[5S]:.*)$/.test(line.text)
    if (field !== null && (isEnvelope || isEnd || line.text.startsWith(':20:'))) {
      yield { kind: 'field', field }
      yield { kind: 'end', isInterim }
      ;[field, stray, isInterim] = [null, 0, false]
    }
    if (isEnd) continue
    if (isEnvelope) isInterim ||= /\{2:[IO]942/.test(line.text)
    const text = isEnvelope ? (line.text.split('{4:')[1] ?? '') : line.text
    const start = fieldStart.exec(text)
    if (start !== null) {
      if (field !== null) yield { kind: 'field', field }
      field = { tag: start[1]!, line: line.number, rows: [text.slice(start[0].length)] }
    } else if (field !== null) addRow(field, line.number, text)
    else if (text.trim() !== '' && stray < mostStray) {
      stray += 1
      yield { kind: 'stray', line: { number: line.number, text } }
    }
  }
  if (field !== null) yield { kind: 'field', field }
  if (field !== null || stray > 0) yield { kind: 'end', isInterim }
}

function addRow({ tag, rows }: Field, line: number, text: string): void {
  if (rows.length === mostRows) throw new FileFault(`line ${line}`, `:${tag}: has more rows than any field`)
  rows.push(text)
}
