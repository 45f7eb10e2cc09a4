import { readCamt } from './camt.ts'
import { readMt940 } from './mt940.ts'
import { readByProfile } from './profile.ts'
import type { Profile } from './profile-shape.ts'
import { FileFault, type Statement } from './statement.ts'

const statementFormats = ['camt', 'mt940', 'profile'] as const
export type StatementFormat = (typeof statementFormats)[number]

/** What whoever hands in a file knows of it: its format, or the profile by which its bank writes. */
export type Hint = { format?: StatementFormat; profile?: Profile }

/** Banks put a few lines of their own before the first field; more than this need not be looked at. */
const lookedAt = 4096

/**
 * Reads a file of bank statements, whatever its format: told by the hint, else by how it begins. A file that only a profile
 * can read is never guessed at.
 * @throws FileFault when it is of no format that we read, and whatever its reader refuses
 */
export async function* readStatements(bytes: AsyncIterable<Uint8Array>, hint: Hint = {}): AsyncGenerator<Statement> {
  const source = bytes[Symbol.asyncIterator]()
  try {
    const head = await beginning(source)
    const format = hint.format ?? (hint.profile === undefined ? formatBy(head) : 'profile')
    const whole = following(head, source)
    if (format === 'camt') yield* readCamt(whole)
    else if (format === 'mt940') yield* readMt940(whole)
    else if (hint.profile !== undefined) yield* readByProfile(whole, hint.profile)
    else throw new FileFault('line 1', 'CSV and files of fixed width are read by a profile, and none was named')
  } finally {
    await source.return?.()
  }
}

/** The format in which a file will be read: told, or found by how it begins. */
export async function formatOf(bytes: AsyncIterable<Uint8Array>, hint: Hint): Promise<StatementFormat> {
  if (hint.format !== undefined) return hint.format
  if (hint.profile !== undefined) return 'profile'
  const source = bytes[Symbol.asyncIterator]()
  try {
    return formatBy(await beginning(source))
  } finally {
    await source.return?.()
  }
}

/** The format that a file has by its first bytes; what is neither XML nor SWIFT needs a profile. */
function formatBy(head: Uint8Array): StatementFormat {
  const text = Buffer.from(head.subarray(0, lookedAt)).toString('latin1').replaceAll('\0', '')
  if (/^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*</.test(text)) return 'camt'
  return /^(\xef\xbb\xbf)?(\{1:|:20:)|\n(\{1:|:20:)/.test(text) ? 'mt940' : 'profile'
}

async function beginning(source: AsyncIterator<Uint8Array>): Promise<Buffer> {
  let head = Buffer.alloc(0)
  while (head.length < lookedAt) {
    const next = await source.next()
    if (next.done) break
    head = Buffer.concat([head, next.value])
  }
  return head
}

async function* following(head: Uint8Array, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head
  for (let next = await source.next(); !next.done; next = await source.next()) yield next.value
}
