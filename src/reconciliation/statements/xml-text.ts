import { TextDecoder } from 'node:util'
import { FileFault } from './statement.ts'

/** Encodings that a declaration may name, and how Node calls them. Windows-1252 is Latin-1 with letters where that has none. */
const encodings = new Map([
  ['utf-8', 'utf-8'],
  ['utf8', 'utf-8'],
  ['us-ascii', 'utf-8'],
  ['iso-8859-1', 'windows-1252'],
  ['iso-8859-15', 'iso-8859-15'],
  ['windows-1252', 'windows-1252'],
])

/** A piece of text small enough that an XML parser is asked often whether it came on. */
const pieceSize = 64 * 1024

/** A declaration is within these bytes, or there is none. */
const declarationSize = 256

/**
 * The letters of an XML file, by its byte order mark, else by its declaration, else UTF-8; without the mark.
 * @throws FileFault of an encoding that we do not read, and of bytes that are not in it
 */
export async function* xmlText(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let head: Buffer | null = Buffer.alloc(0)
  let decode: ((piece: Uint8Array, isLast: boolean) => string) | null = null
  for await (const chunk of bytes) {
    let piece: Buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (head !== null) {
      piece = head = Buffer.concat([head, piece])
      if (head.length < declarationSize) continue
      decode = decoderOf(encodingOf(head))
      head = null
    }
    for (let at = 0; at < piece.length; at += pieceSize) yield decode!(piece.subarray(at, at + pieceSize), false)
  }
  const rest = head ?? Buffer.alloc(0)
  decode ??= decoderOf(encodingOf(rest))
  yield decode(rest, true)
}

function encodingOf(head: Buffer): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8'
  const start = head.toString('latin1', 0, declarationSize)
  const named = /^<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)["']/.exec(start)?.[1] ?? 'utf-8'
  const encoding = encodings.get(named.toLowerCase())
  if (encoding === undefined) throw new FileFault('line 1', `the encoding ${JSON.stringify(named)} is not read`)
  return encoding
}

function decoderOf(encoding: string): (piece: Uint8Array, isLast: boolean) => string {
  const decoder = new TextDecoder(encoding, { fatal: true })
  let lines = 1
  return (piece, isLast) => {
    try {
      const text = decoder.decode(piece, { stream: !isLast })
      lines += newLines(text)
      return text
    } catch (cause) {
      const [before = ''] = new TextDecoder(encoding).decode(piece).split('\ufffd')
      throw new FileFault(
        `line ${lines + newLines(before)}`,
        'there are bytes that are no letters in its encoding',
        cause,
      )
    }
  }
}

function newLines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1
  return count
}
