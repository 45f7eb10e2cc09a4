import { z } from 'zod'

/** A short name that people give to things: an account, a key, a book, a group, an institution. It stands on one line. */
export const title = z
  .string()
  .trim()
  .normalize('NFC')
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u, 'must be 1 to 200 characters that can be seen')
  .meta({ examples: ['Sumaq Warmi'] })
