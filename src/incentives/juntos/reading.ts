import { and, desc, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { instantText } from '../../dates.ts'
import { cursor, cutPage, placeNumber } from '../../http/pages.ts'
import { bookOf, hashText } from '../../ledger/index.ts'
import { amountText, currencySchema, formatAmount } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import type { Parts } from '../../savings/parts.ts'
import { householdReference } from '../../savings/registry/savers.ts'
import { periodStatusSchema } from '../rules/terms.ts'
import { actorText } from '../runs/run.ts'
import { bimesterPattern } from './check.ts'
import { householdPeriodFile } from './schema.ts'

export const bimesterText = z
  .string()
  .regex(bimesterPattern, 'must be a bimester such as 2026-B1, which is January and February')
  .meta({ examples: ['2026-B1'] })

export const fileSchema = z
  .object({
    id: z.uuid(),
    sha256: hashText.describe('Of the bytes of a CSV file, or of the canonical form (RFC 8785) of a list'),
    corrects: z.boolean(),
    lines: z.int(),
    added: z.int().describe('Lines that told something new'),
    corrected: z.int().describe('Lines that told otherwise what was known'),
    unchanged: z.int().describe('Lines that told what was known already'),
    leftOut: z
      .int()
      .nullable()
      .describe('Lines of households in which no saver lives; null when such lines were to be refused')
      .meta({ examples: [null] }),
    recordedAt: instantText,
    actor: actorText,
  })
  .meta({ id: 'HouseholdPeriodFile' })

export const fileSummarySchema = fileSchema
  .extend({
    currency: currencySchema,
    byPeriod: z
      .array(
        z
          .object({
            bimester: bimesterText,
            status: periodStatusSchema,
            households: z.int(),
            amount: amountText,
            firstChildhood: amountText,
            secondarySchool: amountText,
          })
          .meta({ id: 'HouseholdPeriodSum' }),
      )
      .describe('What it added and corrected, by bimester and status'),
  })
  .meta({ id: 'HouseholdPeriodFileSummary' })

export const periodSchema = z
  .object({
    household: householdReference,
    bimester: bimesterText,
    revision: z.int().describe('0 as first told; each correction is the next'),
    isLast: z.boolean().describe('Whether it is what holds: the last that was told of this bimester'),
    status: periodStatusSchema,
    amount: amountText,
    firstChildhood: amountText.describe('Paid beside the amount'),
    secondarySchool: amountText.describe('Paid beside the amount'),
    fileId: z.uuid(),
    row: z.int().describe('Where it stands in that file'),
    recordedAt: instantText,
  })
  .meta({ id: 'HouseholdPeriod' })

type FileRow = typeof householdPeriodFile.$inferSelect

export function fileOf({ id, sha256, corrects, lines, added, corrected, leftOut, recordedAt, actor }: FileRow) {
  const counts = { lines, added, corrected, unchanged: lines - added - corrected - (leftOut ?? 0), leftOut }
  return { id, sha256, corrects, ...counts, recordedAt: recordedAt.toISOString(), actor }
}

/** The files that a book took in last. */
export async function lastFiles(parts: Parts, bookId: string, limit: number) {
  await bookOf(parts.db, bookId)
  const { recordedAt, id } = householdPeriodFile
  const rows = await parts.db
    .select()
    .from(householdPeriodFile)
    .where(eq(householdPeriodFile.bookId, bookId))
    .orderBy(desc(recordedAt), desc(id))
    .limit(limit)
  return rows.map(fileOf)
}

/** A file with what it told, summed. @throws Refusal `period-file-not-found` */
export async function fileSummary(parts: Parts, bookId: string, fileId: string) {
  const { currency } = await bookOf(parts.db, bookId)
  const mine = and(eq(householdPeriodFile.bookId, bookId), eq(householdPeriodFile.id, fileId))
  const [file] = await parts.db.select().from(householdPeriodFile).where(mine)
  if (file === undefined) throw new Refusal('period-file-not-found', 'The book has taken in no such file.')
  const { rows } = await parts.db.execute<z.output<typeof fileSummarySchema>['byPeriod'][number]>(sql`
    select p.period as bimester, p.status, count(*)::int as households, sum(p.amount)::text as amount,
      sum(p.first_childhood)::text as "firstChildhood", sum(p.secondary_school)::text as "secondarySchool"
    from household_period p where p.book_id = ${bookId} and p.file_id = ${fileId}
    group by p.period, p.status order by p.period, p.status`)
  const text = (amount: string) => formatAmount(BigInt(amount), currency)
  const byPeriod = rows.map(row => ({
    ...row,
    amount: text(row.amount),
    firstChildhood: text(row.firstChildhood),
    secondarySchool: text(row.secondarySchool),
  }))
  return { ...fileOf(file), currency, byPeriod }
}

const periodPlace = cursor(
  z.strictObject({ period: z.string().regex(bimesterPattern), revision: placeNumber.max(32_767) }),
)
type PeriodRow = Omit<z.output<typeof periodSchema>, 'recordedAt'> & { recordedAt: string }

/** A page of what was told of a household, bimester by bimester, corrections after what they correct. */
export async function periodsOfHousehold(
  parts: Parts,
  bookId: string,
  household: string,
  after: string | undefined,
  limit: number,
) {
  const { currency } = await bookOf(parts.db, bookId)
  const from = periodPlace.read(after)
  const { rows } = await parts.db.execute<PeriodRow>(sql`
    select p.household, p.period as bimester, p.revision, p.status, p.amount::text as amount,
      p.first_childhood::text as "firstChildhood", p.secondary_school::text as "secondarySchool", p.file_id as "fileId",
      p.line as row, f.recorded_at as "recordedAt",
      not exists (
        select from household_period n where n.book_id = p.book_id and n.household = p.household and n.period = p.period
          and n.revision > p.revision) as "isLast"
    from household_period p join household_period_file f on f.book_id = p.book_id and f.id = p.file_id
    where p.book_id = ${bookId} and p.household = ${household}
      ${from === null ? sql`` : sql`and (p.period, p.revision) > (${from.period}, ${from.revision})`}
    order by p.period, p.revision limit ${limit + 1}`)
  const text = (amount: string) => formatAmount(BigInt(amount), currency)
  return cutPage(rows, limit, {
    cursor: periodPlace,
    placeOf: ({ bimester, revision }) => ({ period: bimester, revision }),
    itemOf: row => ({
      ...row,
      amount: text(row.amount),
      firstChildhood: text(row.firstChildhood),
      secondarySchool: text(row.secondarySchool),
      recordedAt: new Date(row.recordedAt).toISOString(),
    }),
  })
}
