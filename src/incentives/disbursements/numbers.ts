import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../../db/client.ts'
import type { PaperKind } from './schema.ts'

/** A paper's number as people write it: its year, and its place in it without a gap. */
export const paperNumber = z
  .string()
  .regex(/^\d{4}-\d{4,}$/)
  .meta({ examples: ['2026-0007'] })

export function numberText({ year, number }: { year: number; number: number }): string {
  return `${year}-${String(number).padStart(4, '0')}`
}

/**
 * Takes the next numbers of a book's papers, and answers the first. Whoever asks at the same time waits until this
 * transaction ends, and is given these numbers when it fails: so there are no gaps.
 */
export async function takeNumbers(
  tx: Tx,
  bookId: string,
  kind: PaperKind,
  year: number,
  count: number,
): Promise<number> {
  const { rows } = await tx.execute<{ last: number }>(sql`
    insert into paper_counter as c (book_id, kind, year, last) values (${bookId}, ${kind}, ${year}, ${count})
    on conflict (book_id, kind, year) do update set last = c.last + excluded.last
    returning c.last`)
  return rows[0]!.last - count + 1
}
