import { hash } from 'node:crypto'
import { z } from 'zod'

/** All zeros and all ones are UUIDs by RFC 9562, and nobody's: they come from a value that was never filled in. */
const nobodys = /^(?:[0-]+|[f-]+)$/i

/** The id of something as it comes in, made lower case, as the ledger keeps ids and fingerprints cover them. */
export const idText = z
  .uuid()
  .refine(id => !nobodys.test(id), 'must be an id, not the nil or the max UUID')
  .toLowerCase()

/** The fourth group of a UUID begins with one of four digits, which say that it is one of RFC 9562. */
const variants = [...'89ab89ab89ab89ab']

/**
 * A UUID made of a name within another UUID (version 5): the same for the same two, for ever. As the package `uuid` makes
 * it, at a third of the cost, for several are made for each movement of money.
 */
export function nameId(name: string, within: string): string {
  const bytes = Buffer.from(within.replaceAll('-', '') + Buffer.from(name).toString('hex'), 'hex')
  const digits = hash('sha1', bytes)
  const variant = variants[Number.parseInt(digits[16]!, 16)]
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-5${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20, 32)}`
}
