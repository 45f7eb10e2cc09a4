import { and, asc, eq, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { nameId } from '../../ids.ts'
import type { Connection } from '../../ledger/index.ts'
import { type Amount, amountText, signedAmountText } from '../../money.ts'
import { setAside } from '../../savings/chart.ts'
import { reference } from '../../savings/verbs/verb.ts'
import { type Share, sharesOf, shareText, sharing } from '../funding/financings.ts'
import { availableOn } from '../funding/fund-available.ts'
import type { RunRow } from './schema.ts'
import { incentiveRunLine, type LineOutcome } from './schema.ts'
import { divideLines } from './shares.ts'

export const fundView = z
  .object({
    fundId: z.uuid(),
    budgetCode: reference.nullable(),
    share: shareText
      .nullable()
      .describe(
        'Null for a fund that pays nothing of this run, and gets back what it had paid by an earlier financing',
      ),
    comesBack: amountText.describe('What the run takes back for it'),
    needed: amountText.describe('What the run pays from it'),
    available: signedAmountText.describe(
      'What is in it, or was when the run was approved, holds taken off: the least on the run’s value date, on any day after it, and then',
    ),
    after: signedAmountText.describe('available − needed + comesBack: what the run leaves in it'),
  })
  .meta({ id: 'IncentiveRunFund' })

type Tally = { outcome: LineOutcome; amount: string; lines: number }

/** How many lines have which outcome and amount: few, for amounts repeat. */
export async function talliesOf(connection: Connection, bookId: string, runId: string) {
  const { rows } = await connection.execute<Tally>(sql`
    select l.outcome, l.amount::text as amount, count(*)::int as lines from incentive_run_line l
    where l.book_id = ${bookId} and l.run_id = ${runId} group by l.outcome, l.amount`)
  return rows.map(({ outcome, amount, lines }) => ({ outcome, amount: BigInt(amount), lines }))
}

/** What the due payments of a run take from each of its funds. */
export async function neededBy(connection: Connection, run: RunRow): Promise<Map<string, Amount>> {
  const shares = await sharesOf(connection, run.bookId, run.financingId)
  return neededOf(connection, run, shares, await talliesOf(connection, run.bookId, run.id))
}

type Tallies = Awaited<ReturnType<typeof talliesOf>>

/** Before approval what the due payments come to, divided; then what was set aside for them, less what came back of it. */
async function neededOf(connection: Connection, run: RunRow, shares: readonly Share[], tallies: Tallies) {
  if (run.approvedBy !== null) return setAsideFor(connection, run, shares)
  const parts = sharing(shares)(
    0n,
    totalOf(tallies, (amount, outcome) => amount > 0n && outcome === 'due'),
  )
  return new Map(parts.map(({ fundId, amount }) => [fundId, amount]))
}

async function setAsideFor(connection: Connection, { bookId, id }: RunRow, shares: readonly Share[]) {
  const accounts = new Map(shares.map(({ fundId }) => [setAside(id, fundId), fundId]))
  const { rows } = await connection.execute<{ id: string; amount: string }>(sql`
    select a.id, (a.credits - coalesce((
      select e.amount from transaction t join entry e on e.book_id = t.book_id and e.sequence = t.sequence
      where t.book_id = ${bookId} and t.id = ${nameId('set-aside-return', id)} and e.account_id = a.id), 0))::text as amount
    from account a where a.book_id = ${bookId} and a.id = any (${sql.param([...accounts.keys()])}::uuid[])`)
  const needed = new Map(shares.map(({ fundId }) => [fundId, 0n]))
  for (const { id, amount } of rows) needed.set(accounts.get(id)!, BigInt(amount))
  return needed
}

export function totalOf(tallies: Tallies, counts: (amount: Amount, outcome: LineOutcome) => boolean): Amount {
  return tallies.reduce(
    (sum, { outcome, amount, lines }) => (counts(amount, outcome) ? sum + amount * BigInt(lines) : sum),
    0n,
  )
}

/** What a run takes back for each fund: before approval what its clawbacks come to, divided; then what was posted of them. */
async function comesBackTo(connection: Connection, run: RunRow, tallies: Tallies): Promise<Map<string, Amount>> {
  const { bookId, id } = run
  const back = new Map<string, Amount>()
  if (tallies.every(({ amount }) => amount >= 0n)) return back
  if (run.approvedBy !== null) {
    const { rows } = await connection.execute<{ fundId: string; amount: string }>(sql`
      select s.fund_id as "fundId", (- sum(s.amount))::text as amount
      from incentive i join incentive_share s on s.book_id = i.book_id and s.transaction_id = i.transaction_id
      where i.book_id = ${bookId} and i.run_id = ${id} and i.amount < 0 group by s.fund_id order by s.fund_id`)
    return new Map(rows.map(({ fundId, amount }) => [fundId, BigInt(amount)]))
  }
  const { saverId, enrolmentId, ruleId, period, amount, number, ...line } = incentiveRunLine
  const lines = await connection
    .select({ saverId, enrolmentId, ruleId, period, amount })
    .from(incentiveRunLine)
    .where(and(eq(line.bookId, bookId), eq(line.runId, id), eq(line.outcome, 'due'), lt(amount, 0n)))
    .orderBy(asc(number))
  const { divided } = await divideLines(connection, run, lines)
  for (const { fundId, amount } of divided.flatMap(({ parts }) => parts)) {
    back.set(fundId, (back.get(fundId) ?? 0n) - amount)
  }
  return back
}

/** The funds of a run, and what it does to each: those of its financing in their order, then those that only get back. */
export async function fundsOf(connection: Connection, run: RunRow, tallies: Tallies, now: Date) {
  const shares = await sharesOf(connection, run.bookId, run.financingId)
  const needed = await neededOf(connection, run, shares, tallies)
  const back = await comesBackTo(connection, run, tallies)
  const others = [...back.keys()].filter(fundId => !needed.has(fundId))
  const before = run.fundsBefore ?? (await availableIn(connection, run, [...needed.keys(), ...others], now))
  return [...shares, ...others.map(fundId => ({ fundId, budgetCode: null, share: null }))].map(
    ({ fundId, budgetCode, share }) => {
      const available = BigInt(before[fundId] ?? 0)
      const takes = needed.get(fundId) ?? 0n
      const comesBack = back.get(fundId) ?? 0n
      const after = run.status === 'cancelled' ? available : available - takes + comesBack
      return {
        ...{ fundId, budgetCode, share: share === null ? null : String(Number(share)) },
        ...{ comesBack, needed: takes, available, after },
      }
    },
  )
}

/** What is in the funds that a run pays from or gives back to: to be kept when it is approved. */
export async function fundsBefore(connection: Connection, run: RunRow, now: Date): Promise<Record<string, string>> {
  const funds = await fundsOf(connection, run, await talliesOf(connection, run.bookId, run.id), now)
  return Object.fromEntries(funds.map(({ fundId, available }) => [fundId, String(available)]))
}

async function availableIn(
  connection: Connection,
  { bookId, valueDate }: RunRow,
  fundIds: readonly string[],
  now: Date,
) {
  const available = await availableOn(connection, bookId, fundIds, valueDate, now)
  return Object.fromEntries([...available].map(([fundId, amount]) => [fundId, String(amount)]))
}
