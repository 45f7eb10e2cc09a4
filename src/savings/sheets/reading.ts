import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { calendarDate, instantText } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import type { Book } from '../../ledger/index.ts'
import { amountText, type Currency, currencySchema, formatAmount, signedAmountText, totalText } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { collectionSheet, collectionSheetLine } from '../accounts/schema.ts'
import { inBook, recordedAfter } from '../listing.ts'
import { bankAccountNumber } from '../wording.ts'
import { onRefusal, totalsOf } from './sheet.ts'

const lineSchema = z
  .object({
    line: z.int(),
    savingsAccountId: z.uuid().nullable().describe('Null when no account was found'),
    bankAccountNumber: bankAccountNumber.nullable(),
    deposit: amountText.nullable(),
    withdrawal: amountText.nullable(),
    purpose: z
      .string()
      .nullable()
      .meta({ examples: ['education'] }),
    depositorId: z.uuid().nullable(),
    depositTransactionId: z.uuid().nullable(),
    withdrawalTransactionId: z.uuid().nullable(),
    refusal: z
      .string()
      .nullable()
      .describe('The code of the refusal; null when the line was posted')
      .meta({ examples: [null] }),
  })
  .meta({ id: 'CollectionSheetLine' })

const sheetShape = {
  id: z.uuid(),
  groupId: z.uuid(),
  agentId: z.uuid(),
  coordinatorId: z.uuid(),
  meetingDate: calendarDate,
  currency: currencySchema,
  cashCount: signedAmountText,
  onRefusal: onRefusal,
  recordedAt: instantText,
}

export const sheetSummarySchema = z.object(sheetShape).meta({ id: 'CollectionSheetSummary' })

export const sheetSchema = z
  .object({
    ...sheetShape,
    deposits: totalText.describe('Posted by this sheet'),
    withdrawals: totalText.describe('Posted by this sheet'),
    unposted: signedAmountText.describe('Cash that was counted and not posted, for lines that were refused'),
    lines: z.array(lineSchema),
  })
  .meta({ id: 'CollectionSheet' })

export const postedSheetSchema = sheetSchema.extend({ replayed: z.boolean() }).meta({ id: 'CollectionSheetPosted' })

type Row = typeof collectionSheet.$inferSelect

/**
 * A sheet as it was handed in, with what became of each line.
 * @throws Refusal `collection-sheet-not-found`
 */
export async function sheetById(db: Db, book: Book, id: string): Promise<z.output<typeof sheetSchema>> {
  const [[row], lines] = await Promise.all([
    db
      .select()
      .from(collectionSheet)
      .where(inBook(collectionSheet, book.id, id)),
    db
      .select()
      .from(collectionSheetLine)
      .where(and(eq(collectionSheetLine.bookId, book.id), eq(collectionSheetLine.sheetId, id)))
      .orderBy(collectionSheetLine.line),
  ])
  if (row === undefined) throw new Refusal('collection-sheet-not-found', 'The book has no such collection sheet.')
  const posted = totalsOf(lines.filter(line => line.refusal === null))
  const text = (amount: bigint) => formatAmount(amount, book.currency)
  const textOrNull = (amount: bigint | null) => (amount === null ? null : text(amount))
  return {
    ...sheetSummaryOf(row, book.currency),
    deposits: text(posted.deposits),
    withdrawals: text(posted.withdrawals),
    unposted: text(row.cashCount - (posted.deposits - posted.withdrawals)),
    lines: lines.map(({ bookId: _, sheetId: __, ...line }) => ({
      ...line,
      deposit: textOrNull(line.deposit),
      withdrawal: textOrNull(line.withdrawal),
    })),
  }
}

export type SheetFilter = { groupId?: string | undefined; agentId?: string | undefined }

export async function listSheets(
  db: Db,
  bookId: string,
  { groupId, agentId }: SheetFilter,
  after: string | undefined,
  limit: number,
): Promise<Row[]> {
  return db
    .select()
    .from(collectionSheet)
    .where(
      and(
        eq(collectionSheet.bookId, bookId),
        groupId === undefined ? undefined : eq(collectionSheet.groupId, groupId),
        agentId === undefined ? undefined : eq(collectionSheet.agentId, agentId),
        recordedAfter(collectionSheet, after),
      ),
    )
    .orderBy(collectionSheet.recordedAt, collectionSheet.id)
    .limit(limit)
}

export function sheetSummaryOf(row: Row, currency: Currency): z.output<typeof sheetSummarySchema> {
  const { id, groupId, agentId, coordinatorId, meetingDate, cashCount, onRefusal, recordedAt } = row
  return {
    id,
    groupId,
    agentId,
    coordinatorId,
    meetingDate,
    currency,
    cashCount: formatAmount(cashCount, currency),
    onRefusal,
    recordedAt: recordedAt.toISOString(),
  }
}
