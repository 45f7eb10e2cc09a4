import { and, desc, eq } from 'drizzle-orm'
import type { Connection } from '../../ledger/index.ts'
import { matchingRun } from './schema.ts'

/** The last matching of an account; null before the first. */
export async function lastRun(
  connection: Connection,
  bookId: string,
  bankAccountId: string,
): Promise<typeof matchingRun.$inferSelect | null> {
  const [row] = await connection
    .select()
    .from(matchingRun)
    .where(and(eq(matchingRun.bookId, bookId), eq(matchingRun.bankAccountId, bankAccountId)))
    .orderBy(desc(matchingRun.recordedAt), desc(matchingRun.id))
    .limit(1)
  return row ?? null
}
