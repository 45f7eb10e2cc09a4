import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Lines, StatementLine } from './statement.ts'

export type HeldLines = Lines & { push(line: StatementLine): void }

const linesAPack = 500

/**
 * Lines that take a tenth of the memory that they would as objects, or of the file that they are of: a statement may have
 * hundreds of thousands. What is read of them are copies, which keep no piece of the file in memory.
 */
export function holdLines(): HeldLines {
  const packs: Buffer[] = []
  let [loose, length]: [string[], number] = [[], 0]
  return {
    get length() {
      return length
    },
    push(line) {
      loose.push(JSON.stringify(line))
      length += 1
      if (loose.length < linesAPack) return
      packs.push(deflateRawSync(`[${loose.join()}]`, { level: 1 }))
      loose = []
    },
    *[Symbol.iterator]() {
      for (const pack of packs) yield* JSON.parse(inflateRawSync(pack).toString()) as StatementLine[]
      for (const line of loose) yield JSON.parse(line) as StatementLine
    },
  }
}
