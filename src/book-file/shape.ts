import { z } from 'zod'

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const whole = z.string().regex(/^\d{1,19}$/)

/** The first line: what the file is, of which book, and where its chains end. */
export const headSchema = z.strictObject({
  format: z.literal('qullqi-book-1'),
  version: z.string(),
  shape: hash,
  madeAt: z.iso.datetime(),
  book: z.strictObject({ id: z.uuid(), code: z.string() }),
  ends: z.strictObject({ sequence: whole, hash, eventNumber: whole, eventHash: hash }),
})
export type Head = z.output<typeof headSchema>

/** The last line: how many lines there are between it and the first, and their SHA-256 with that of the first. */
export const tailSchema = z.strictObject({ lines: z.int().nonnegative(), sha256: hash, contents: hash })
export type Tail = z.output<typeof tailSchema>

/** A file that is not what was exported, or cannot be taken here; says where and why. */
export class BookFileError extends Error {}
