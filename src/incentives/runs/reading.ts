import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { calendarDate, instantText, monthText } from '../../dates.ts'
import { cursor, cutPage, placeNumber } from '../../http/pages.ts'
import { bookOf } from '../../ledger/index.ts'
import { currencySchema, formatAmount, signedAmountText } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import type { Parts } from '../../savings/parts.ts'
import { saverById } from '../../savings/registry/savers.ts'
import { code } from '../../savings/wording.ts'
import { explanationSchema, lineReasonSchema, moneySchema } from './explanation.ts'
import { actorText } from './run.ts'
import { type LineOutcome, lineOutcomes } from './schema.ts'

export const lineOutcomeSchema = z.enum(lineOutcomes).meta({ id: 'IncentiveLineOutcome' })
const fundPart = z.object({ fundId: z.uuid(), amount: signedAmountText }).meta({ id: 'IncentiveFundPart' })
const periodText = z.string().meta({ examples: ['2026-03'] })

export const lineSchema = z
  .object({
    number: z.int(),
    saverId: z.uuid(),
    enrolmentId: z.uuid(),
    rule: code.describe('Code of the rule'),
    ruleId: z.uuid().describe('The version that it was computed by'),
    ruleVersion: z.int(),
    period: periodText.describe(
      '`once`, `2026-03`, the bimester `2026-B2`, the quarter `2026-Q1`, or the id of the withdrawal',
    ),
    revision: z.int().describe('0 is the payment; what follows are differences'),
    savingsAccountId: z.uuid().nullable(),
    money: moneySchema.nullable(),
    amount: signedAmountText.describe('Negative when it is taken back'),
    outcome: lineOutcomeSchema,
    reason: lineReasonSchema.nullable().describe('Why it pays nothing, or less than the rate would give'),
    explanation: explanationSchema,
  })
  .meta({ id: 'IncentiveRunLine' })

export const incentiveSchema = lineSchema
  .omit({ outcome: true, number: true, savingsAccountId: true, money: true })
  .extend({
    transactionId: z.uuid(),
    savingsAccountId: z.uuid(),
    money: moneySchema,
    currency: currencySchema,
    runId: z.uuid(),
    line: z.int(),
    month: monthText,
    valueDate: calendarDate,
    recordedAt: instantText,
    preparedBy: actorText,
    approvedBy: actorText,
    approvedAt: instantText,
    paidBy: z.array(fundPart).describe('What each fund paid, or got back'),
  })
  .meta({ id: 'Incentive' })

const linePlace = cursor(z.strictObject({ number: placeNumber }))

type LineRow = Omit<z.output<typeof lineSchema>, 'amount'> & { amount: string }

/** A page of a run's lines, in their order; of one outcome or one saver when asked. */
export async function linesPage(
  parts: Parts,
  bookId: string,
  runId: string,
  { outcome, saverId }: { outcome?: LineOutcome | undefined; saverId?: string | undefined },
  after: string | undefined,
  limit: number,
) {
  const { currency } = await bookOf(parts.db, bookId)
  const from = linePlace.read(after)?.number ?? 0
  const { rows } = await parts.db.execute<LineRow>(sql`
    select ${lineColumns} from incentive_run_line l join incentive_rule r on r.id = l.rule_id
    where l.book_id = ${bookId} and l.run_id = ${runId} and l.number > ${from}
      ${outcome === undefined ? sql`` : sql`and l.outcome = ${outcome}`}
      ${saverId === undefined ? sql`` : sql`and l.saver_id = ${saverId}`}
    order by l.number limit ${limit + 1}`)
  return cutPage(rows, limit, {
    cursor: linePlace,
    placeOf: ({ number }) => ({ number }),
    itemOf: row => ({ ...row, amount: formatAmount(BigInt(row.amount), currency) }),
  })
}

const lineColumns = sql`l.number, l.saver_id as "saverId", l.enrolment_id as "enrolmentId", r.code as rule, l.rule_id as "ruleId",
  r.version as "ruleVersion", l.period, l.revision, l.savings_account_id as "savingsAccountId", l.money, l.amount::text as amount,
  l.outcome, l.reason, l.explanation`

type IncentiveRow = Omit<z.output<typeof incentiveSchema>, 'recordedAt' | 'approvedAt' | 'currency'> & {
  recordedAt: string
  approvedAt: string
}

const incentiveColumns = sql`i.transaction_id as "transactionId", i.saver_id as "saverId", i.enrolment_id as "enrolmentId", r.code as rule,
  i.rule_id as "ruleId", r.version as "ruleVersion", i.period, i.revision, i.savings_account_id as "savingsAccountId", i.money,
  i.amount::text as amount, l.reason, l.explanation, i.run_id as "runId", i.line, n.month, n.value_date as "valueDate",
  i.recorded_at as "recordedAt", n.actor as "preparedBy", n.approved_by as "approvedBy", n.approved_at as "approvedAt",
  (select jsonb_agg(jsonb_build_object('fundId', s.fund_id, 'amount', s.amount::text) order by s.fund_id) from incentive_share s
    where s.book_id = i.book_id and s.transaction_id = i.transaction_id) as "paidBy"`
const incentiveTables = sql`incentive i
  join incentive_run_line l on l.book_id = i.book_id and l.run_id = i.run_id and l.number = i.line
  join incentive_run n on n.book_id = i.book_id and n.id = i.run_id
  join incentive_rule r on r.id = i.rule_id`

/** Why and how an incentive was paid. @throws Refusal `incentive-not-found` */
export async function incentiveByTransaction(parts: Parts, bookId: string, transactionId: string) {
  const { currency } = await bookOf(parts.db, bookId)
  const { rows } = await parts.db.execute<IncentiveRow>(sql`
    select ${incentiveColumns} from ${incentiveTables} where i.book_id = ${bookId} and i.transaction_id = ${transactionId}`)
  const [row] = rows
  if (row === undefined) throw new Refusal('incentive-not-found', 'The book has no such incentive.')
  return shown(row, currency)
}

const incentivePlace = cursor(z.strictObject({ recordedAt: instantText, runId: z.uuid(), line: placeNumber }))

/** A page of a saver's incentives, in the order of recording. @throws Refusal `saver-not-found` */
export async function incentivesOfSaver(
  parts: Parts,
  bookId: string,
  saverId: string,
  after: string | undefined,
  limit: number,
) {
  const { currency } = await bookOf(parts.db, bookId)
  await saverById(parts.db, bookId, saverId)
  const from = incentivePlace.read(after)
  const { rows } = await parts.db.execute<IncentiveRow>(sql`
    select ${incentiveColumns} from ${incentiveTables} where i.book_id = ${bookId} and i.saver_id = ${saverId}
      ${from === null ? sql`` : sql`and (i.recorded_at, i.run_id, i.line) > (${from.recordedAt}, ${from.runId}, ${from.line})`}
    order by i.recorded_at, i.run_id, i.line limit ${limit + 1}`)
  return cutPage(rows, limit, {
    cursor: incentivePlace,
    placeOf: row => ({ recordedAt: new Date(row.recordedAt).toISOString(), runId: row.runId, line: row.line }),
    itemOf: row => shown(row, currency),
  })
}

function shown(row: IncentiveRow, currency: z.output<typeof currencySchema>) {
  const text = (amount: string) => formatAmount(BigInt(amount), currency)
  return {
    ...row,
    currency,
    amount: text(row.amount),
    recordedAt: new Date(row.recordedAt).toISOString(),
    approvedAt: new Date(row.approvedAt).toISOString(),
    paidBy: row.paidBy.map(({ fundId, amount }) => ({ fundId, amount: text(amount) })),
  }
}
