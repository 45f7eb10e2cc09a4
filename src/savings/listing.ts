import { type SQL, sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { instantText } from '../dates.ts'
import { cursor, cutPage } from '../http/pages.ts'

type Recorded = { recordedAt: Date; id: string }

/** Registers are read in the order in which their rows were recorded; this is the place a page ends at. */
export const recordedPlace = cursor(z.strictObject({ recordedAt: instantText, id: z.uuid() }))

/** The row of a book that has this id. */
export function inBook(table: { bookId: PgColumn; id: PgColumn }, bookId: string, id: string): SQL {
  return sql`${table.bookId} = ${bookId} and ${table.id} = ${id}`
}

/** Rows recorded after the place; all when there is none. */
export function recordedAfter(
  table: { recordedAt: PgColumn; id: PgColumn },
  after: string | undefined,
): SQL | undefined {
  const place = recordedPlace.read(after)
  return place === null ? undefined : sql`(${table.recordedAt}, ${table.id}) > (${place.recordedAt}, ${place.id})`
}

/** Cuts a page from rows in the order of recording, read one more than `limit`. */
export function recordedPage<Row extends Recorded, Item>(
  rows: readonly Row[],
  limit: number,
  itemOf: (row: Row) => Item,
) {
  const placeOf = ({ recordedAt, id }: Row) => ({ recordedAt: recordedAt.toISOString(), id })
  return cutPage(rows, limit, { cursor: recordedPlace, placeOf, itemOf })
}
