import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Tx } from '../../db/client.ts'
import { bookOf, headOf } from '../../ledger/index.ts'
import { type Amount, formatAmount, signedAmountText } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import type { Parts } from '../../savings/parts.ts'
import { onceKey } from '../accrual/accrual.ts'
import { linesOfContracts } from './contracts.ts'
import { courseOf } from './prepare.ts'
import type { RunRow } from './schema.ts'
import { contractsOfSavers } from './standing.ts'

/** What a run leaves to the next, because it was recorded since it was prepared. */
export const laterSchema = z
  .object({
    lines: z.int(),
    amount: signedAmountText.describe('To be paid, less what is to be taken back'),
  })
  .meta({ id: 'IncentiveRunLater' })

export type Later = z.output<typeof laterSchema>

const saversAtOnce = 500
/** As many lines as a refusal names: enough to see what happened. */
const mostNamed = 20

type Due = { number: number; saverId: string; enrolmentId: string; ruleId: string; period: string; amount: Amount }

/**
 * Compares what a run is to post with what is known now, of the savers of whom something was recorded since it was opened.
 * What would be paid, or taken back, too much refuses the run: money that has gone out may not come back. What the run does
 * not yet pay is no reason not to pay the rest, for in a book at work something always comes in; the next run has it.
 * @throws Refusal `incentive-run-outdated`
 */
export async function refuseOutdated(tx: Tx, parts: Parts, run: RunRow): Promise<Later> {
  const { bookId } = run
  const { currency } = await bookOf(parts.db, bookId)
  const { sequence } = await headOf(parts.db, bookId)
  const course = await courseOf(tx, run, currency)
  const now = { ...course, horizon: { ...course.horizon, cutoff: sequence } }
  const saverIds = await touched(tx, run, course.horizon.through)
  const over: { line: Due; now: Amount }[] = []
  const later = { lines: 0, amount: 0n }
  const count = (change: Amount) => {
    if (change === 0n) return
    later.lines += 1
    later.amount += change
  }
  for (let from = 0; from < saverIds.length; from += saversAtOnce) {
    const some = saverIds.slice(from, from + saversAtOnce)
    const due = await dueOf(tx, run, some)
    const lines = await linesOfContracts(tx, now, await contractsOfSavers(tx, run, some))
    const amounts = new Map(lines.map(line => [onceKey(line), line.amount]))
    for (const line of due) {
      const key = onceKey(line)
      const amount = amounts.get(key) ?? 0n
      const change = amount - line.amount
      amounts.delete(key)
      if (line.amount > 0n ? change < 0n : change > 0n) over.push({ line, now: amount })
      else count(change)
    }
    for (const amount of amounts.values()) count(amount)
  }
  const text = (amount: Amount) => formatAmount(amount, currency)
  if (over.length === 0) return { lines: later.lines, amount: text(later.amount) }
  const lines = over.slice(0, mostNamed).map(({ line: { number, saverId, period, amount }, now }) => ({
    ...{ number, saverId, period },
    ...{ amount: text(amount), now: text(now) },
  }))
  const detail = `What was recorded since it was prepared leaves less for ${over.length} of its lines. Give it up and prepare it again.`
  throw new Refusal('incentive-run-outdated', detail, { facts: { count: over.length, lines } })
}

/** Savers whose lines may be others by what was recorded since the run was opened, with those of their households. */
async function touched(tx: Tx, run: RunRow, through: string): Promise<string[]> {
  const { bookId, programmeId } = run
  const since = run.recordedAt.toISOString()
  const { rows } = await tx.execute<{ id: string }>(sql`
    with touched as (
      select a.saver_id as id
      from entry e join transaction t on t.book_id = e.book_id and t.sequence = e.sequence
      left join transaction o on o.book_id = t.book_id and o.sequence = t.reverses
      join savings_account a on a.book_id = e.book_id and a.own_account_id = e.account_id
      where e.book_id = ${bookId} and e.sequence > ${run.cutoff.toString()} and (e.value_date <= ${through} or o.value_date <= ${through})
      union select c.saver_id from saver_correction c
      where c.book_id = ${bookId} and c.recorded_at >= ${since} and 'householdReference' = any (c.fields)
      union select e.saver_id from enrolment e
      where e.book_id = ${bookId} and e.programme_id = ${programmeId} and greatest(e.recorded_at, e.end_recorded_at) >= ${since}
      union select s.id from household_period_file f
      join household_period p on p.book_id = f.book_id and p.file_id = f.id
      join saver s on s.book_id = p.book_id and s.household_reference = p.household
      where f.book_id = ${bookId} and f.recorded_at >= ${since}
      union select l.saver_id from incentive_run_line l join incentive_rule r on r.id = l.rule_id
      where l.book_id = ${bookId} and l.run_id = ${run.id} and l.outcome = 'due' and r.valid_to < (l.explanation ->> 'to')::date
      union select e.saver_id from incentive_rule r join enrolment e on e.book_id = ${bookId} and e.programme_id = r.programme_id
      where r.programme_id = ${programmeId} and r.recorded_at >= ${since})
    select t.id from touched t
    union select m.id from touched t join saver s on s.book_id = ${bookId} and s.id = t.id
    join saver m on m.book_id = ${bookId} and m.household_reference = s.household_reference
    union select l.saver_id from touched t
    join incentive_counted c on c.book_id = ${bookId} and c.saver_id = t.id
    join incentive_run_line l on l.book_id = ${bookId} and l.run_id = ${run.id} and l.household = c.household and l.outcome = 'due'
    union select l.saver_id from incentive_run_line l
    where l.book_id = ${bookId} and l.run_id = ${run.id} and l.outcome = 'due' and l.household is not null
      and l.explanation -> 'savers' ?| array(select t.id::text from touched t)
    order by 1`)
  return rows.map(({ id }) => id)
}

async function dueOf(tx: Tx, run: RunRow, saverIds: readonly string[]): Promise<Due[]> {
  const { rows } = await tx.execute<Omit<Due, 'amount'> & { amount: string }>(sql`
    select l.number, l.saver_id as "saverId", l.enrolment_id as "enrolmentId", l.rule_id as "ruleId", l.period, l.amount::text as amount from incentive_run_line l
    where l.book_id = ${run.bookId} and l.run_id = ${run.id} and l.outcome = 'due'
      and l.saver_id = any (${sql.param(saverIds)}::uuid[])`)
  return rows.map(row => ({ ...row, amount: BigInt(row.amount) }))
}
