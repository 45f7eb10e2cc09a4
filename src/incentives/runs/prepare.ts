import { and, eq, sql } from 'drizzle-orm'
import { lastDay } from '../../dates.ts'
import { type Tx, transact } from '../../db/client.ts'
import { bookOf, type Connection } from '../../ledger/index.ts'
import type { Currency } from '../../money.ts'
import type { Parts } from '../../savings/parts.ts'
import { creditRules } from '../rules/rules.ts'
import { linesOfContracts } from './contracts.ts'
import type { Course } from './known.ts'
import { lockRun } from './run.ts'
import { incentiveRun, type RunRow } from './schema.ts'
import { contractsAfter, limitsOn } from './standing.ts'

/** As many savers as are seen in one database transaction: few enough to be quick, enough to be fast. */
const saversAtOnce = 500

/**
 * Makes the lines of the next savers of a run that prepares, in one database transaction with how far it came: whoever is
 * killed has done all of it or nothing. Answers whether there is more to do here.
 */
export async function prepareNext(parts: Parts, bookId: string, runId: string): Promise<boolean> {
  const { currency } = await bookOf(parts.db, bookId)
  return transact(parts.db, async tx => {
    const run = await lockRun(tx, bookId, runId, false)
    if (run?.status !== 'preparing') return false
    const contracts = await contractsAfter(tx, run, run.preparedThrough, saversAtOnce)
    const mine = and(eq(incentiveRun.bookId, bookId), eq(incentiveRun.id, runId))
    if (contracts.length === 0) {
      await tx.update(incentiveRun).set({ status: 'prepared' }).where(mine)
      return false
    }
    const lines = await linesOfContracts(tx, await courseOf(tx, run, currency), contracts)
    await keep(tx, run, lines)
    const savers = run.savers + new Set(contracts.map(({ saverId }) => saverId)).size
    const preparedThrough = contracts.at(-1)!.saverId
    await tx
      .update(incentiveRun)
      .set({ preparedThrough, savers, lines: run.lines + lines.length })
      .where(mine)
    return true
  })
}

/** What a run computes by: what was recorded after it was opened is left to the next. */
export async function courseOf(connection: Connection, run: RunRow, currency: Currency): Promise<Course> {
  const { bookId, id: runId, programmeId, month, valueDate, cutoff } = run
  return {
    ...{ programmeId, runId, month, valueDate, currency },
    horizon: { bookId, cutoff, through: lastDay(month) },
    rules: await creditRules(connection, programmeId, currency),
    limits: await limitsOn(connection, bookId, valueDate),
  }
}

/** Writes lines in one statement with one value: as many rows as there are would be parsed and bound each. */
async function keep(tx: Tx, run: RunRow, lines: Awaited<ReturnType<typeof linesOfContracts>>): Promise<void> {
  const rows = lines.map((line, place) => ({ ...line, amount: String(line.amount), number: run.lines + place + 1 }))
  await tx.execute(sql`
    insert into incentive_run_line (book_id, run_id, number, saver_id, enrolment_id, rule_id, period, revision, savings_account_id,
      money, household, turn, amount, document, document_use, outcome, reason, explanation)
    select ${run.bookId}::uuid, ${run.id}::uuid, x.number, x."saverId", x."enrolmentId", x."ruleId", x.period, x.revision,
      x."savingsAccountId", x.money, x.household, x.turn, x.amount, x.document, x."documentUse", x.outcome, x.reason, x.explanation
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as x(number int, "saverId" uuid, "enrolmentId" uuid, "ruleId" uuid,
      period text, revision smallint, "savingsAccountId" uuid, money text, household text, turn smallint, amount bigint, document text,
      "documentUse" smallint, outcome text, reason text,
      explanation jsonb)`)
}
