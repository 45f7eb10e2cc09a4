import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { cursor, cutPage, placeNumber } from '../../http/pages.ts'
import type { Book, Connection } from '../../ledger/index.ts'
import { formatAmount } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { inBook, recordedAfter } from '../../savings/listing.ts'
import { type Outcome, outcomes } from './outcomes.ts'
import { proposalCounts } from './proposals/reading.ts'
import { balanceComparison, balanceComparisonLine, balanceList, balanceListPiece } from './schema.ts'
import type { comparisonSchema, lineSchema, listSchema } from './wire.ts'

type ListRow = typeof balanceList.$inferSelect
type ComparisonRow = typeof balanceComparison.$inferSelect

/** @throws Refusal `balance-list-not-found` */
export async function listRow(connection: Connection, bookId: string, listId: string): Promise<ListRow> {
  const [row] = await connection
    .select()
    .from(balanceList)
    .where(inBook(balanceList, bookId, listId))
  if (row === undefined) throw new Refusal('balance-list-not-found', 'The book has no such list.')
  return row
}

/** Lists of a book, oldest first: one more than a page holds. */
export async function listRows(connection: Connection, bookId: string, after: string | undefined, limit: number) {
  const { recordedAt, id } = balanceList
  return connection
    .select()
    .from(balanceList)
    .where(and(eq(balanceList.bookId, bookId), recordedAfter(balanceList, after)))
    .orderBy(recordedAt, id)
    .limit(limit)
}

/** Comparisons of a list, oldest first: one more than a page holds. */
export async function comparisonRows(
  connection: Connection,
  bookId: string,
  listId: string,
  after: string | undefined,
  limit: number,
) {
  const t = balanceComparison
  return connection
    .select()
    .from(t)
    .where(and(eq(t.bookId, bookId), eq(t.listId, listId), recordedAfter(t, after)))
    .orderBy(t.recordedAt, t.id)
    .limit(limit)
}

/** @throws Refusal `balance-comparison-not-found` */
export async function comparisonRow(
  connection: Connection,
  { bookId, listId, comparisonId }: { bookId: string; listId: string; comparisonId: string },
): Promise<ComparisonRow> {
  const [row] = await connection
    .select()
    .from(balanceComparison)
    .where(and(inBook(balanceComparison, bookId, comparisonId), eq(balanceComparison.listId, listId)))
  if (row === undefined) throw new Refusal('balance-comparison-not-found', 'The list has no such comparison.')
  return row
}

/** A list with its newest comparison, and what was proposed of it. */
export async function shownList(
  connection: Connection,
  book: Book,
  row: ListRow,
): Promise<z.output<typeof listSchema>> {
  const { id, asOf, sha256, size, name, mediaType, decimal, encoding, lines, recordedAt, actor } = row
  const t = balanceComparison
  const [newest] = await connection
    .select()
    .from(t)
    .where(and(eq(t.bookId, book.id), eq(t.listId, id)))
    .orderBy(sql`${t.recordedAt} desc`, sql`${t.sequence} desc`, sql`${t.id} desc`)
    .limit(1)
  const counts = await proposalCounts(connection, book.id, id)
  return {
    ...{ id, asOf, sha256: sha256.toString('hex'), size, name, mediaType, decimal, encoding, lines },
    ...{ recordedAt: recordedAt.toISOString(), actor },
    comparison: await shownComparison(connection, book, row, newest!),
    proposals: counts.map(({ amount, ...of }) => ({ ...of, total: formatAmount(BigInt(amount), book.currency) })),
  }
}

/** A comparison with what each outcome comes to. */
export async function shownComparison(
  connection: Connection,
  { id: bookId, currency }: Book,
  list: Pick<ListRow, 'asOf' | 'lines'>,
  row: ComparisonRow,
): Promise<z.output<typeof comparisonSchema>> {
  const { id, listId, sequence, accounts, ours, theirs, difference, recordedAt, actor } = row
  type Total = { outcome: Outcome; lines: number; ours: string; theirs: string; difference: string }
  const { rows } = await connection.execute<Total>(sql`
    select l.outcome, count(*)::int as lines, coalesce(sum(l.ours), 0)::text as ours, coalesce(sum(l.theirs), 0)::text as theirs,
      sum(l.difference)::text as difference
    from balance_comparison_line l where l.book_id = ${bookId} and l.comparison_id = ${id} group by l.outcome`)
  const text = (amount: bigint | string) => formatAmount(BigInt(amount), currency)
  const byOutcome = new Map(rows.map(total => [total.outcome, total]))
  return {
    ...{ id, listId, asOf: list.asOf, sequence: Number(sequence), currency },
    ours: { accounts, total: text(ours) },
    theirs: { lines: list.lines, total: text(theirs) },
    difference: text(difference),
    outcomes: outcomes.flatMap(outcome => {
      const total = byOutcome.get(outcome)
      if (total === undefined) return []
      const { lines, ours, theirs, difference } = total
      return [{ outcome, lines, ours: text(ours), theirs: text(theirs), difference: text(difference) }]
    }),
    ...{ recordedAt: recordedAt.toISOString(), actor },
  }
}

const linePlace = cursor(z.strictObject({ number: placeNumber }))

/** A page of a comparison's lines in their order, of one outcome if it is told. */
export async function linesPage(
  connection: Connection,
  { id: bookId, currency }: Book,
  comparisonId: string,
  outcome: Outcome | undefined,
  after: string | undefined,
  limit: number,
) {
  type Row = z.output<typeof lineSchema>
  const place = linePlace.read(after)
  const { rows } = await connection.execute<Row>(sql`
    select l.number, l.file_row as row, l.outcome, l.stranger, l.savings_account_id as "savingsAccountId",
      case when l.file_row is null then a.bank_account_number else l.bank_account_number end as "bankAccountNumber",
      case when l.file_row is null then a.cci else l.cci end as cci, l.ours::text, l.theirs::text, l.difference::text, l.told, l.currency,
      l.our_status as "ourStatus", l.their_status as "theirStatus", l.interest::text, l.fees::text, l.explanations
    from ${balanceComparisonLine} l left join savings_account a on a.book_id = l.book_id and a.id = l.savings_account_id
    where l.book_id = ${bookId} and l.comparison_id = ${comparisonId} ${outcome === undefined ? sql`` : sql`and l.outcome = ${outcome}`}
      ${place === null ? sql`` : sql`and l.number > ${place.number}`}
    order by l.number limit ${limit + 1}`)
  const text = (amount: string | null) => (amount === null ? null : formatAmount(BigInt(amount), currency))
  return cutPage(rows, limit, {
    cursor: linePlace,
    placeOf: ({ number }) => ({ number }),
    itemOf: ({ ours, theirs, difference, interest, fees, ...row }) => ({
      ...row,
      ...{ ours: text(ours), theirs: text(theirs), difference: text(difference)! },
      ...{ interest: text(interest), fees: text(fees) },
    }),
  })
}

/** The bytes of a list as they came, piece by piece. */
export async function* bytesOfList(
  connection: Connection,
  { bookId, id, pieces }: Pick<ListRow, 'bookId' | 'id' | 'pieces'>,
): AsyncGenerator<Buffer> {
  const t = balanceListPiece
  for (let number = 0; number < pieces; number++) {
    const [piece] = await connection
      .select({ content: t.content })
      .from(t)
      .where(and(eq(t.bookId, bookId), eq(t.listId, id), eq(t.number, number)))
    yield piece!.content
  }
}
