import { and, desc, eq } from 'drizzle-orm'
import { z } from 'zod'
import { calendarDate, firstDay, instantText, lastDay, limaDate, monthText } from '../../dates.ts'
import { type Tx, transact } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { clientId } from '../../http/idempotency.ts'
import { idText } from '../../ids.ts'
import { type Book, bookOf, type Connection, headOf } from '../../ledger/index.ts'
import { type Amount, amountText, currencySchema, formatAmount, totalText } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { inBook } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { programmeById } from '../../savings/reference/programmes.ts'
import { refuseFuture, register } from '../../savings/registering.ts'
import { financingOn } from '../funding/financings.ts'
import { creditRules } from '../rules/rules.ts'
import { fundsOf, fundView, talliesOf, totalOf } from './funds.ts'
import { incentiveRun, type LineOutcome, type RunRow, runStatuses } from './schema.ts'

/** Who did something: the client of the key. */
export const actorText = z.string().meta({ examples: ['0198c5f2-6d00-7b1d-8e2f-0a1b2c3d4e5f'] })

export const runBody = z
  .strictObject({
    id: clientId,
    programmeId: idText,
    month: monthText.describe(
      'What is owed by the end of this month is computed: also of earlier months that was not paid',
    ),
    valueDate: calendarDate.optional().describe('When the savers are credited; by default today'),
  })
  .meta({
    id: 'IncentiveRunRequest',
    examples: [
      {
        id: '0198c5f2-6c30-7b1d-8e2f-0a1b2c3d4e5f',
        programmeId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e12',
        month: '2026-03',
        valueDate: '2026-04-05',
      },
    ],
  })

export const runSchema = z
  .object({
    id: z.uuid(),
    programmeId: z.uuid(),
    month: monthText,
    valueDate: calendarDate,
    status: z
      .enum(runStatuses)
      .meta({ id: 'IncentiveRunStatus' })

      .describe(
        'preparing → prepared → (approved by a second actor) posting → posted; or cancelled before it is approved; stopped when it cannot post on, until somebody approves it again or ends it',
      ),
    currency: currencySchema,
    cutoff: z.int().describe('The last transaction of the book that it knows; later ones wait for the next run'),
    progress: z
      .object({
        savers: z.int().describe('Savers seen so far'),
        lines: z.int(),
        seenTo: z.int().describe('Lines seen to since it was approved'),
      })
      .meta({ id: 'IncentiveRunProgress' }),
    totals: z
      .object({
        due: totalText.describe('To be paid, not yet posted'),
        paid: totalText,
        takenBack: totalText.describe('By clawbacks, due or posted'),
        blocked: amountText.describe('Owed, and not payable now'),
        lines: z
          .object({ due: z.int(), posted: z.int(), blocked: z.int(), refused: z.int(), nothing: z.int() })
          .meta({ id: 'IncentiveLineCounts' })
          .describe('How many lines have which outcome'),
      })
      .meta({ id: 'IncentiveRunTotals' }),
    funds: z.array(fundView),
    preparedBy: actorText,
    approvedBy: actorText.nullable(),
    recordedAt: instantText,
    approvedAt: instantText.nullable(),
    stopReason: z
      .string()
      .nullable()
      .meta({ examples: ['database-unavailable'] })
      .describe('Why it stopped: the code of a refusal, or what the database said'),
    endedAt: instantText.nullable(),
  })
  .meta({ id: 'IncentiveRun' })

/**
 * Opens a run: from now on it prepares its lines. One at a time of a programme in a book.
 * @throws Refusal `programme-not-found`, `month-not-over`, `value-date-before-period`, `financing-not-found`,
 *   `incentive-rule-not-found`, `incentive-run-open`, `incentive-run-out-of-order`, `id-reused`
 */
export async function openRun(
  parts: Parts,
  bookId: string,
  actor: Actor,
  { id, ...body }: z.output<typeof runBody> & { id: string },
): Promise<{ row: RunRow; replayed: boolean }> {
  const now = parts.clock.now()
  const today = limaDate(now)
  const { currency } = await bookOf(parts.db, bookId)
  return transact(parts.db, async tx => {
    return register(tx, incentiveRun, {
      where: inBook(incentiveRun, bookId, id),
      content: body,
      at: now,
      actor: actor.clientId,
      decide: async () => {
        const valueDate = body.valueDate ?? today
        await programmeById(tx, body.programmeId)
        refuseFuture(parts, { valueDate })
        const last = lastDay(body.month)
        if (last > today) throw new Refusal('month-not-over', `The month ends on ${last}.`, { facts: { today } })
        if (valueDate < last) {
          throw new Refusal('period-not-in-order', `The value date lies before the month’s last day, ${last}.`, {
            fields: [{ path: 'valueDate', message: `must not be before ${last}` }],
          })
        }
        await refuseEarlierMonth(tx, bookId, body.programmeId, body.month)
        const rules = await creditRules(tx, body.programmeId, currency)
        if (rules.length === 0) {
          throw new Refusal('incentive-rule-not-found', `The programme has no rule that pays in ${currency}.`)
        }
        const financingId = await financingOn(tx, bookId, body.programmeId, valueDate)
        const { sequence } = await headOf(parts.db, bookId)
        return {
          ...{ bookId, id, programmeId: body.programmeId, month: body.month, valueDate, financingId },
          ...{ status: 'preparing' as const, cutoff: sequence, lines: 0, savers: 0, postedThrough: 0 },
        }
      },
      taken: () => new Refusal('incentive-run-open', 'Another run of the programme in this book is not finished.'),
    })
  })
}

/** Earlier months are in what a later one computes: only the last month run, or a later one, may be run. */
async function refuseEarlierMonth(tx: Tx, bookId: string, programmeId: string, month: string): Promise<void> {
  const [last] = await tx
    .select({ month: incentiveRun.month })
    .from(incentiveRun)
    .where(
      and(
        eq(incentiveRun.bookId, bookId),
        eq(incentiveRun.programmeId, programmeId),
        eq(incentiveRun.status, 'posted'),
      ),
    )
    .orderBy(desc(incentiveRun.month))
    .limit(1)
  if (last === undefined || last.month <= month) return
  throw new Refusal('incentive-run-out-of-order', `${last.month} was run already; run it again for what came late.`, {
    facts: { lastMonth: last.month, firstDay: firstDay(last.month) },
  })
}

/** @throws Refusal `incentive-run-not-found` */
export async function runRow(connection: Connection, bookId: string, id: string): Promise<RunRow> {
  const [row] = await connection
    .select()
    .from(incentiveRun)
    .where(inBook(incentiveRun, bookId, id))
  if (row === undefined) throw new Refusal('incentive-run-not-found', 'The book has no such run.')
  return row
}

/** The run for whoever moves it on, and for nobody else meanwhile; undefined when somebody else does. */
export async function lockRun(tx: Tx, bookId: string, id: string, waits: boolean): Promise<RunRow | undefined> {
  const mine = tx
    .select()
    .from(incentiveRun)
    .where(inBook(incentiveRun, bookId, id))
  const [row] = await mine.for('no key update', waits ? {} : { skipLocked: true })
  return row
}

/** A run as it travels, with what it does to its funds. */
export async function shownRun(parts: Parts, row: RunRow): Promise<z.output<typeof runSchema>> {
  const { db } = parts
  const book: Book = await bookOf(db, row.bookId)
  const text = (amount: Amount) => formatAmount(amount, book.currency)
  const tallies = await talliesOf(db, row.bookId, row.id)
  const total = (counts: (amount: Amount, outcome: LineOutcome) => boolean) => totalOf(tallies, counts)
  return {
    id: row.id,
    programmeId: row.programmeId,
    month: row.month,
    valueDate: row.valueDate,
    status: row.status,
    currency: book.currency,
    cutoff: Number(row.cutoff),
    progress: { savers: row.savers, lines: row.lines, seenTo: row.postedThrough },
    totals: {
      due: text(total((amount, outcome) => amount > 0n && outcome === 'due')),
      paid: text(total((amount, outcome) => amount > 0n && outcome === 'posted')),
      takenBack: text(-total((amount, outcome) => amount < 0n && (outcome === 'due' || outcome === 'posted'))),
      blocked: text(total((amount, outcome) => amount > 0n && (outcome === 'blocked' || outcome === 'refused'))),
      lines: linesByOutcome(tallies),
    },
    funds: (await fundsOf(db, row, tallies, parts.clock.now())).map(
      ({ available, needed, comesBack, after, ...fund }) => ({
        ...{
          ...fund,
          comesBack: text(comesBack),
          needed: text(needed),
          available: text(available),
          after: text(after),
        },
      }),
    ),
    preparedBy: row.actor,
    approvedBy: row.approvedBy,
    recordedAt: row.recordedAt.toISOString(),
    approvedAt: row.approvedAt?.toISOString() ?? null,
    stopReason: row.stopReason,
    endedAt: row.endedAt?.toISOString() ?? null,
  }
}

function linesByOutcome(tallies: readonly { outcome: LineOutcome; lines: number }[]): Record<LineOutcome, number> {
  const counts = { due: 0, posted: 0, blocked: 0, refused: 0, nothing: 0 }
  for (const { outcome, lines } of tallies) counts[outcome] += lines
  return counts
}
