import { FileFault } from './statement.ts'

export type TextLine = { number: number; text: string }

/** How bytes are letters. `utf-8-or-latin1` is decided line by line: whatever is no UTF-8 is Latin-1, as banks mix them. */
export const lineEncodings = ['utf-8', 'latin1', 'utf-8-or-latin1'] as const
export type LineEncoding = (typeof lineEncodings)[number]

/** No line of a statement is that long; what has no line ends must not fill the memory. */
const longestLine = 256 * 1024

/**
 * The lines of a file, numbered from 1, without their ends (CRLF or LF) and without a byte order mark.
 * @throws FileFault of a line without end, of a zero byte, and of bytes that are not in the encoding
 */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>, encoding: LineEncoding): AsyncGenerator<TextLine> {
  const decode = decoderOf(encoding)
  let [rest, number] = [Buffer.alloc(0), 0]
  for await (const chunk of bytes) {
    const block = Buffer.concat([rest, chunk])
    let [start, end] = [0, block.indexOf(10)]
    while (end !== -1) {
      number += 1
      yield { number, text: decode(block.subarray(start, end), number) }
      start = end + 1
      end = block.indexOf(10, start)
    }
    rest = Buffer.from(block.subarray(start))
    if (rest.length > longestLine)
      throw new FileFault(`line ${number + 1}`, 'the line is longer than any statement has')
  }
  if (rest.length > 0) yield { number: number + 1, text: decode(rest, number + 1) }
}

function decoderOf(encoding: LineEncoding): (line: Buffer, number: number) => string {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const latin1 = new TextDecoder('windows-1252')
  return (line, number) => {
    const end = line.at(-1) === 13 ? line.length - 1 : line.length
    const text = decoded(line.subarray(0, end), number)
    if (text.includes('\0')) throw new FileFault(`line ${number}`, 'the line has a byte of zero: this is no text')
    return number === 1 ? text.replace(/^\ufeff/, '') : text
  }

  function decoded(line: Buffer, number: number): string {
    if (encoding === 'latin1') return latin1.decode(line)
    try {
      return utf8.decode(line)
    } catch (cause) {
      if (encoding === 'utf-8-or-latin1') return latin1.decode(line)
      throw new FileFault(`line ${number}`, 'the line is not UTF-8, as it was said to be', cause)
    }
  }
}
