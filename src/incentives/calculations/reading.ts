import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { instantText } from '../../dates.ts'
import { cursor, cutPage, placeNumber } from '../../http/pages.ts'
import { type Book, bookOf } from '../../ledger/index.ts'
import { amountText, currencySchema, formatAmount, signedAmountText } from '../../money.ts'
import { recordedAfter } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { bankAccountNumber, code } from '../../savings/wording.ts'
import { lineReasonSchema } from '../runs/explanation.ts'
import { actorText } from '../runs/run.ts'
import { calculationRow, periodTold } from './calculation.ts'
import { readingNames } from './readings.ts'
import { type Comparison, comparisons, incentiveCalculation, incentiveDecision, strangers } from './schema.ts'

export const comparisonSchema = z.enum(comparisons).meta({ id: 'IncentiveComparison' })
const readingSchema = z.enum(readingNames).meta({ id: 'IncentiveRuleReading' })
const readingsSchema = z
  .array(readingSchema)
  .describe('Together they give the institution’s figure')
  .meta({ examples: [['gross-deposits']] })

/** What a list may be narrowed to: a reading that explains, or that none was found. */
export const readingAsked = z.enum([...readingNames, 'unexplained']).meta({ id: 'IncentiveReadingAsked' })

const sum = z
  .object({ lines: z.int(), ours: amountText, theirs: amountText, difference: signedAmountText })
  .meta({ id: 'IncentiveComparisonTotal' })

export const calculationSchema = z
  .object({
    id: z.uuid(),
    runId: z.uuid(),
    lines: z.int().describe('As many as the institution told'),
    currency: currencySchema,
    handedInBy: actorText,
    recordedAt: instantText,
    totals: z
      .object({ equal: sum, differs: sum, onlyOurs: sum, onlyTheirs: sum })
      .meta({ id: 'IncentiveComparisonTotals' })
      .describe('A difference is theirs less ours'),
    explanations: z
      .array(
        z
          .object({ readings: readingsSchema, lines: z.int() })
          .meta({ id: 'IncentiveExplanationCount' })
          .describe('How many of the lines that differ this would explain'),
      )
      .describe('The ten that explain most; a line may be explained in several ways'),
    unexplained: z.int().describe('Lines that differ and that no reading explains'),
  })
  .meta({ id: 'IncentiveCalculation' })

export const comparedLineSchema = z
  .object({
    number: z.int().describe('Of the line as it was told, from 1; what only we have comes after those'),
    comparison: comparisonSchema,
    savingsAccountId: z.uuid().nullable(),
    bankAccountNumber: bankAccountNumber.nullable().describe('If it was told so'),
    saverId: z.uuid(),
    enrolmentId: z.uuid().nullable().describe('Her contract that it is owed by'),
    rule: code,
    ruleId: z.uuid().nullable(),
    period: periodTold,
    ours: amountText.nullable().describe('All that we owe for the period'),
    theirs: amountText.nullable(),
    difference: signedAmountText.describe('Theirs less ours'),
    paidBefore: amountText.describe('For this period, by earlier runs'),
    reason: lineReasonSchema.nullable().describe('Why ours is nothing, or less than the rate would give'),
    stranger: z
      .enum(strangers)
      .meta({ id: 'IncentiveStranger' })
      .nullable()
      .describe(
        'Why only they have it: she has no contract in the programme, or none with such a period, or she is owed nothing for it and no reading of the rule gives their figure',
      ),
    explanations: z
      .array(readingsSchema)
      .describe('Readings of the rule that would give their figure, each by itself; none: it is unexplained'),
    runLine: z.int().nullable().describe('The line of the run, which says how ours came about'),
    decisionId: z.uuid().nullable().describe('The last decision on it'),
  })
  .meta({ id: 'IncentiveComparedLine' })

type CalculationRow = typeof incentiveCalculation.$inferSelect
type Tally = { comparison: Comparison; lines: number; ours: string; theirs: string; unexplained: number }

/** A calculation with what came of comparing it. */
export async function shownCalculation(parts: Parts, book: Book, row: CalculationRow) {
  const { id, runId, actor, recordedAt } = row
  const { rows: tallies } = await parts.db.execute<Tally>(sql`
    select c.comparison, count(*)::int as lines, coalesce(sum(c.ours), 0)::text as ours, coalesce(sum(c.theirs), 0)::text as theirs,
      (count(*) filter (where c.comparison = 'differs' and c.readings = '[]'))::int as unexplained
    from incentive_calculation_line c where c.book_id = ${row.bookId} and c.calculation_id = ${id} group by c.comparison`)
  const { rows: explanations } = await parts.db.execute<z.output<typeof calculationSchema>['explanations'][number]>(sql`
    select e.readings, count(*)::int as lines
    from incentive_calculation_line c cross join lateral jsonb_array_elements(c.readings) as e(readings)
    where c.book_id = ${row.bookId} and c.calculation_id = ${id}
    group by e.readings order by count(*) desc, e.readings limit 10`)
  const total = (of: Comparison) => {
    const found = tallies.find(({ comparison }) => comparison === of)
    const [ours, theirs] = [BigInt(found?.ours ?? 0), BigInt(found?.theirs ?? 0)]
    const text = (amount: bigint) => formatAmount(amount, book.currency)
    return { lines: found?.lines ?? 0, ours: text(ours), theirs: text(theirs), difference: text(theirs - ours) }
  }
  return {
    ...{ id, runId, lines: row.lines, currency: book.currency, handedInBy: actor },
    recordedAt: recordedAt.toISOString(),
    totals: {
      equal: total('equal'),
      differs: total('differs'),
      onlyOurs: total('only-ours'),
      onlyTheirs: total('only-theirs'),
    },
    explanations,
    unexplained: tallies.reduce((lines, { unexplained }) => lines + unexplained, 0),
  }
}

/** The calculations of a run, one more than `limit`, oldest first. */
export async function calculationsOfRun(
  { db }: Parts,
  bookId: string,
  runId: string,
  after: string | undefined,
  limit: number,
): Promise<CalculationRow[]> {
  const table = incentiveCalculation
  const mine = and(eq(table.bookId, bookId), eq(table.runId, runId), recordedAfter(table, after))
  return db
    .select()
    .from(table)
    .where(mine)
    .orderBy(table.recordedAt, table.id)
    .limit(limit + 1)
}

/** The decisions on a calculation, one more than `limit`, oldest first. */
export async function decisionsOnCalculation(
  { db }: Parts,
  bookId: string,
  calculationId: string,
  after: string | undefined,
  limit: number,
) {
  const table = incentiveDecision
  const mine = and(eq(table.bookId, bookId), eq(table.calculationId, calculationId), recordedAfter(table, after))
  return db
    .select()
    .from(table)
    .where(mine)
    .orderBy(table.recordedAt, table.id)
    .limit(limit + 1)
}

const linePlace = cursor(z.strictObject({ number: placeNumber }))
type Line = z.output<typeof comparedLineSchema>
type LineRow = Omit<Line, 'difference'>

type Filter = {
  comparison?: Comparison | undefined
  rule?: string | undefined
  saverId?: string | undefined
  reading?: z.output<typeof readingAsked> | undefined
}

/**
 * A page of the comparison, in the order of the file.
 * @throws Refusal `incentive-calculation-not-found`
 */
export async function comparedLinesPage(
  parts: Parts,
  bookId: string,
  calculationId: string,
  { comparison, rule, saverId, reading }: Filter,
  after: string | undefined,
  limit: number,
) {
  const { currency } = await bookOf(parts.db, bookId)
  const { runId } = await calculationRow(parts.db, bookId, calculationId)
  const readings =
    reading === undefined
      ? sql``
      : reading === 'unexplained'
        ? sql`and c.comparison = 'differs' and c.readings = '[]'`
        : sql`and c.readings @> ${JSON.stringify([[reading]])}::jsonb`
  const { rows } = await parts.db.execute<LineRow>(sql`
    select c.number, c.comparison, c.savings_account_id as "savingsAccountId", c.bank_account_number as "bankAccountNumber",
      c.saver_id as "saverId", c.enrolment_id as "enrolmentId", c.rule, c.rule_id as "ruleId", c.period, c.ours::text as ours, c.theirs::text as theirs,
      c.paid_before::text as "paidBefore", c.reason, c.stranger, c.readings as explanations, l.number as "runLine",
      (select d.decision_id from incentive_decided d join incentive_decision n on n.book_id = d.book_id and n.id = d.decision_id
        where d.book_id = c.book_id and d.saver_id = c.saver_id and d.enrolment_id = c.enrolment_id
          and d.rule_id = c.rule_id and d.period = c.period
          and n.run_id = ${runId} order by d.revision desc limit 1) as "decisionId"
    from incentive_calculation_line c
    left join incentive_run_line l on l.book_id = c.book_id and l.run_id = ${runId} and l.saver_id = c.saver_id
      and l.enrolment_id = c.enrolment_id and l.rule_id = c.rule_id and l.period = c.period
    where c.book_id = ${bookId} and c.calculation_id = ${calculationId} and c.number > ${linePlace.read(after)?.number ?? 0}
      ${comparison === undefined ? sql`` : sql`and c.comparison = ${comparison}`}
      ${rule === undefined ? sql`` : sql`and c.rule = ${rule}`}
      ${saverId === undefined ? sql`` : sql`and c.saver_id = ${saverId}`}
      ${readings}
    order by c.number limit ${limit + 1}`)
  const text = (amount: string | null) => (amount === null ? null : formatAmount(BigInt(amount), currency))
  return cutPage(rows, limit, {
    cursor: linePlace,
    placeOf: ({ number }) => ({ number }),
    itemOf: (row): Line => ({
      ...row,
      ours: text(row.ours),
      theirs: text(row.theirs),
      paidBefore: text(row.paidBefore)!,
      difference: formatAmount(BigInt(row.theirs ?? 0) - BigInt(row.ours ?? 0), currency),
    }),
  })
}
