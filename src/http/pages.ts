import { z } from 'zod'
import { Refusal } from '../refusals.ts'

export const defaultLimit = 50
export const greatestLimit = 200

/** A whole number in a query, of digits only: `Number` would take `1e2`, `0x10` and no text at all. */
export function numberInQuery(least: number, most: number) {
  return z.preprocess(
    text => (typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : text),
    z
      .int('must be a whole number, of digits only')
      .min(least, `must be from ${least} to ${most}`)
      .max(most, `must be from ${least} to ${most}`),
  )
}

/** The two query parameters of every list. */
export const pageQuery = {
  after: z
    .string()
    .max(1000)
    .optional()
    .describe('Where to read on: `next` of the page before. Opaque; do not build or change it'),
  limit: numberInQuery(1, greatestLimit)
    .default(defaultLimit)
    .describe(`Items on the page, ${defaultLimit} unless told`),
}

/** A page of items as it travels. `id` names the schema in the document. */
export function pageOf<Item extends z.ZodType>(item: Item, id: string) {
  const next = z
    .string()
    .nullable()
    .describe('Pass it as `after` to read on; null at the end')
    .meta({ examples: [null] })
  return z.object({ items: z.array(item), next }).meta({ id })
}

/** A number in a place: what PostgreSQL’s integer holds, for places come back from outside. */
export const placeNumber = z.int().min(0).max(2_147_483_647)

/** Writes and reads the place in a list after which a page begins. */
export type Cursor<Place> = {
  write(place: Place): string
  /** @throws Refusal `request-invalid` naming `after` when the text is none of ours. */
  read(text: string | undefined): Place | null
}

/** A keyset cursor: base64url of JSON, so that it is opaque, and checked by `schema`, for it comes back from outside. */
export function cursor<Place>(schema: z.ZodType<Place>): Cursor<Place> {
  return {
    write: place => Buffer.from(JSON.stringify(place)).toString('base64url'),
    read(text) {
      if (text === undefined) return null
      const result = schema.safeParse(jsonOf(text))
      if (result.success) return result.data
      throw new Refusal('request-invalid', 'after: is not the `next` of a page of this list', {
        fields: [{ path: 'after', message: 'is not the `next` of a page of this list' }],
      })
    },
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined
  }
}

/**
 * Cuts a page from rows that were read one more than `limit`: the one too many only says that there is more.
 */
export function cutPage<Row, Place, Item>(
  rows: readonly Row[],
  limit: number,
  places: { cursor: Cursor<Place>; placeOf: (row: Row) => Place; itemOf: (row: Row) => Item },
): { items: Item[]; next: string | null } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const next = rows.length > limit && last !== undefined ? places.cursor.write(places.placeOf(last)) : null
  return { items: page.map(places.itemOf), next }
}
