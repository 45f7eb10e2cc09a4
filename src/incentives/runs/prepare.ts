import { and, eq } from 'drizzle-orm'
import { lastDay } from '../../dates.ts'
import { type Tx, transact } from '../../db/client.ts'
import { bookOf } from '../../ledger/index.ts'
import type { Parts } from '../../savings/parts.ts'
import { creditRules } from '../rules/rules.ts'
import { type Course, linesOfContracts } from './contracts.ts'
import { lockRun, type RunRow } from './run.ts'
import { incentiveRun, incentiveRunLine } from './schema.ts'
import { contractsAfter, limitsOn } from './standing.ts'

/** As many savers as are seen in one database transaction: few enough to be quick, enough to be fast. */
const saversAtOnce = 500
/** PostgreSQL takes 65,535 parameters a statement. */
const rowsAtOnce = 2_000

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
    const course: Course = {
      ...{ programmeId: run.programmeId, month: run.month, valueDate: run.valueDate, currency },
      horizon: { bookId, cutoff: run.cutoff, through: lastDay(run.month) },
      rules: await creditRules(tx, run.programmeId, currency),
      limits: await limitsOn(tx, bookId, run.valueDate),
    }
    const lines = await linesOfContracts(tx, course, contracts)
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

async function keep(tx: Tx, run: RunRow, lines: Awaited<ReturnType<typeof linesOfContracts>>): Promise<void> {
  const rows = lines.map((line, place) => ({
    ...line,
    bookId: run.bookId,
    runId: run.id,
    number: run.lines + place + 1,
  }))
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    await tx.insert(incentiveRunLine).values(rows.slice(from, from + rowsAtOnce))
  }
}
