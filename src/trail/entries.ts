import { hash } from 'node:crypto'
import { z } from 'zod'
import { instantText } from '../dates.ts'
import { hashText } from '../ledger/index.ts'
import { auditActions } from './schema.ts'

export const actionSchema = z.enum(auditActions).meta({ id: 'AuditAction' })

const number = z
  .int()
  .positive()
  .describe('1, 2, 3 … without a gap')
  .meta({ examples: [7] })

/** What both a listed entry and an exported one say. */
const told = {
  number,
  at: instantText.describe('By the clock of the database'),
  action: actionSchema.describe('Rows were written, or savers’ names were handed out'),
  actor: z
    .string()
    .nullable()
    .describe('The client that did it; null of what the service does by itself')
    .meta({ examples: ['0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e16'] }),
  requestId: z
    .string()
    .nullable()
    .describe('The request, where it is known')
    .meta({ examples: ['0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e17'] }),
  subject: z
    .string()
    .describe('The table that was written, or the operation that read')
    .meta({ examples: ['saver'] }),
}

const keys = z
  .array(z.string())
  .meta({ examples: [['0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e15']] })
  .describe('Of the rows within their book; or the ids of the savers that were told')

export const entrySchema = z
  .object({
    ...told,
    rows: z
      .int()
      .describe('How many keys it has')
      .meta({ examples: [1] }),
    keys: keys.describe('The first 200 of them; the export has all'),
    hash: hashText.describe('Of the hash before and of all that the entry says'),
  })
  .meta({ id: 'AuditEntry' })

/** A line of an export. */
export const exportedEntry = z.strictObject({
  ...told,
  keys,
  contents: z
    .array(hashText)
    .describe('Of each row as it then was, with a salt that is not handed out; none of a reading'),
  hash: hashText,
})

export type ExportedEntry = z.output<typeof exportedEntry>

/** The first line of an export: whose chain it is, and the hash before its first entry. */
export const exportHead = z.strictObject({ auditLogOf: z.uuid(), after: z.int().nonnegative(), hash: hashText })

/** Its last line: an export without it is not whole. */
export const exportEnd = z.strictObject({ endsAt: z.int().nonnegative(), hash: hashText })

/** The hash before the first entry of a chain. */
export function firstHash(bookId: string): string {
  return hash('sha256', `audit of ${bookId}`)
}

/** The hash of an entry, as the database function `audit_hash` makes it. */
export function entryHash(bookId: string, previous: string, entry: Omit<ExportedEntry, 'hash'>): string {
  const { number, at, action, actor, requestId, subject, keys, contents } = entry
  const rows = keys.map((key, place) => (contents[place] === undefined ? key : `${contents[place]} ${key}`))
  const instant = new Date(at).getTime()
  const said = [previous, bookId, number, instant, action, actor ?? '', requestId ?? '', subject, ...rows]
  return hash('sha256', said.join('\n'))
}
