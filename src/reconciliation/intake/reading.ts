import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import { cursor, cutPage, placeNumber } from '../../http/pages.ts'
import { bookOf } from '../../ledger/index.ts'
import { formatAmount } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { inBook, recordedAfter } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import type { BreakReason } from '../breaks/reasons.ts'
import { bankFile, bankFilePiece, bankLine, bankStatement } from './schema.ts'
import type { FileRow } from './take.ts'

const repeatedOf = sql<number>`(select coalesce(sum(s.repeated), 0)::int from bank_statement s where s.book_id = bank_file.book_id and s.file_id = bank_file.id)`

type Repeated = { file: FileRow; repeated: number }

function fileOf({ file, repeated }: Repeated) {
  const { id, sha256, size, name, mediaType, format, profileId, verdict, statements, lines, recordedAt, actor } = file
  return {
    ...{ id, sha256: sha256.toString('hex'), size, name, mediaType, format, profileId, statements, lines },
    ...{ schemaVerdict: verdict, repeatedLines: repeated, recordedAt: recordedAt.toISOString(), actor },
  }
}

/** The files of a book, oldest first: one more than a page holds. */
export async function filesOf(parts: Parts, bookId: string, after: string | undefined, limit: number) {
  await bookOf(parts.db, bookId)
  const { recordedAt, id } = bankFile
  const rows = await parts.db
    .select({ file: bankFile, repeated: repeatedOf })
    .from(bankFile)
    .where(and(eq(bankFile.bookId, bookId), recordedAfter(bankFile, after)))
    .orderBy(recordedAt, id)
    .limit(limit)
  return rows.map(row => ({ ...row.file, ...row }))
}

export const shownFile = fileOf

/** @throws Refusal `bank-file-not-found` */
export async function fileById(parts: Parts, bookId: string, fileId: string) {
  await bookOf(parts.db, bookId)
  const [row] = await parts.db
    .select({ file: bankFile, repeated: repeatedOf })
    .from(bankFile)
    .where(inBook(bankFile, bookId, fileId))
  if (row === undefined) throw new Refusal('bank-file-not-found', 'The book has no such file.')
  return row
}

/** The bytes of a file as they came, piece by piece. */
export async function* bytesOf(parts: Parts, bookId: string, fileId: string, pieces: number): AsyncGenerator<Buffer> {
  for (let number = 0; number < pieces; number++) {
    const [piece] = await parts.db
      .select({ content: bankFilePiece.content })
      .from(bankFilePiece)
      .where(and(eq(bankFilePiece.bookId, bookId), eq(bankFilePiece.fileId, fileId), eq(bankFilePiece.number, number)))
    yield piece!.content
  }
}

type StatementRow = typeof bankStatement.$inferSelect

/** Statements with their open breaks. */
async function shownStatements(parts: Parts, bookId: string, rows: readonly StatementRow[]) {
  const { currency: ofBook } = await bookOf(parts.db, bookId)
  const { rows: breaks } = await parts.db.execute<{
    id: string
    reason: BreakReason
    detail: string
    amount: string
  }>(sql`
    select b.statement_id as id, b.reason, b.detail, b.amount::text as amount from reconciliation_break b
    where b.book_id = ${bookId} and b.statement_id = any (${sql.param(rows.map(({ id }) => id))}::uuid[]) and b.line is null
      and b.ended_at is null order by b.statement_id, b.reason`)
  const ofStatement = Map.groupBy(breaks, ({ id }) => id)
  return rows.map(row => {
    const { id, bankAccountId, fileId, position, standing, reference, number, currency, fromDay, toDay } = row
    const { opening, closing, credits, debits, residue, lines, repeated, uncounted, balances, warnings } = row
    return {
      ...{ id, bankAccountId, fileId, position, standing, reference, number, currency, fromDay, toDay },
      ...{ opening, closing, credits, debits, residue, lines, repeatedLines: repeated, uncountedLines: uncounted },
      balances: balances.map(({ kind, money, date }) => ({
        ...{ kind, currency: money.currency, date },
        amount: money.side === 'debit' ? `-${money.amount}` : money.amount,
      })),
      warnings: [...warnings],
      breaks: (ofStatement.get(id) ?? []).map(({ reason, detail, amount }) => ({
        ...{ reason, detail },
        amount: amount === null ? null : formatAmount(BigInt(amount), ofBook),
      })),
    }
  })
}

const statementPlace = cursor(z.strictObject({ toDay: calendarDate, id: z.uuid() }))
const positionPlace = cursor(z.strictObject({ position: placeNumber }))

/** A page of an account's statements by their last day, the latest first; or of a file's by their place in it. */
export async function statementsPage(
  parts: Parts,
  bookId: string,
  of: { bankAccountId: string } | { fileId: string },
  after: string | undefined,
  limit: number,
) {
  const t = bankStatement
  const isFile = 'fileId' in of
  const [place, position] = isFile ? [null, positionPlace.read(after)] : [statementPlace.read(after), null]
  const rows = await parts.db
    .select()
    .from(t)
    .where(
      and(
        eq(t.bookId, bookId),
        isFile ? eq(t.fileId, of.fileId) : eq(t.bankAccountId, of.bankAccountId),
        place === null ? undefined : sql`(${t.toDay}, ${t.id}) < (${place.toDay}::date, ${place.id}::uuid)`,
        position === null ? undefined : sql`${t.position} > ${position.position}`,
      ),
    )
    .orderBy(...(isFile ? [t.position] : [sql`${t.toDay} desc`, sql`${t.id} desc`]))
    .limit(limit + 1)
  const shown = await shownStatements(parts, bookId, rows)
  if (isFile)
    return cutPage(shown, limit, {
      cursor: positionPlace,
      placeOf: ({ position }) => ({ position }),
      itemOf: row => row,
    })
  return cutPage(shown, limit, {
    cursor: statementPlace,
    placeOf: ({ toDay, id }) => ({ toDay, id }),
    itemOf: row => row,
  })
}

/** @throws Refusal `bank-statement-not-found` */
export async function statementById(parts: Parts, bookId: string, statementId: string) {
  await bookOf(parts.db, bookId)
  const [row] = await parts.db
    .select()
    .from(bankStatement)
    .where(inBook(bankStatement, bookId, statementId))
  if (row === undefined) throw new Refusal('bank-statement-not-found', 'The book has no such statement.')
  const [shown] = await shownStatements(parts, bookId, [row])
  return shown!
}

const linePlace = cursor(z.strictObject({ number: placeNumber }))

/** A page of a statement's lines in their order. */
export async function linesPage(
  parts: Parts,
  bookId: string,
  statementId: string,
  after: string | undefined,
  limit: number,
) {
  const place = linePlace.read(after)
  const rows = await parts.db
    .select()
    .from(bankLine)
    .where(
      and(
        eq(bankLine.bookId, bookId),
        eq(bankLine.statementId, statementId),
        place === null ? undefined : sql`${bankLine.number} > ${place.number}`,
      ),
    )
    .orderBy(bankLine.number)
    .limit(limit + 1)
  return cutPage(rows, limit, { cursor: linePlace, placeOf: ({ number }) => ({ number }), itemOf: shownLine })
}

function shownLine(row: typeof bankLine.$inferSelect) {
  const { number, place, standing, amount, currency, side, status, moves, isReversal, bookingDay, valueDay } = row
  const { reference, endToEndId, code, counterparty, counterpartyAccount, text, details } = row
  return {
    ...{
      number,
      where: place,
      standing,
      amount,
      currency,
      side,
      status,
      counts: moves !== null,
      isReversal,
      bookingDay,
      valueDay,
    },
    ...{ reference, endToEndId, code, counterparty, counterpartyAccount, text },
    details: details.map(({ money, ...said }) => ({
      ...said,
      ...{ amount: money?.amount ?? null, currency: money?.currency ?? null, side: money?.side ?? null },
    })),
  }
}
