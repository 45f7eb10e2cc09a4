import { sql } from 'drizzle-orm'
import type { Connection } from '../../ledger/index.ts'
import type { Amount } from '../../money.ts'
import { onceKey } from '../accrual/accrual.ts'
import { type Part, sharesOf, sharing } from '../funding/financings.ts'
import type { RunRow } from './schema.ts'

type Changed = { saverId: string; enrolmentId: string; ruleId: string; period: string; amount: Amount }

/** How far a run has divided its lines among funds: it goes on from there, whoever goes on with it. */
export type Shared = Pick<RunRow, 'sharedOut' | 'sharedBack'>

/** What each fund pays of a line, or gets back; `sharedFrom` of a payment: what was divided before it. */
export type Divided<Line> = { line: Line; parts: Part[]; sharedFrom: Amount | null }

/**
 * Divides a run's next lines among the funds: payments in the shares of its financing, and what is taken back in those of the
 * financing that had paid it. Each goes on where the line before it stopped, so that of all payments of a run, and of all
 * that it takes back for a financing, each fund has its share to less than a minor unit, in whatever chunks they are posted.
 */
export async function divideLines<Line extends Changed>(
  connection: Connection,
  run: RunRow,
  lines: readonly Line[],
): Promise<{ divided: Divided<Line>[]; shared: Shared }> {
  const { bookId, financingId } = run
  const paid = await paidBefore(
    connection,
    bookId,
    lines.filter(({ amount }) => amount < 0n),
  )
  const financings = new Set([financingId, ...[...paid.values()].flat().map(one => one.financingId)])
  const ways = new Map<string, ReturnType<typeof sharing>>()
  for (const id of financings) ways.set(id, sharing(await sharesOf(connection, bookId, id)))
  const back = new Map(Object.entries(run.sharedBack).map(([id, amount]) => [id, BigInt(amount)]))
  let out = run.sharedOut
  const divided = lines.map((line): Divided<Line> => {
    if (line.amount < 0n) return { line, parts: partsBack(line), sharedFrom: null }
    const sharedFrom = out
    out += line.amount
    return { line, parts: ways.get(financingId)!(sharedFrom, line.amount).filter(isSome), sharedFrom }
  })
  const sharedBack = Object.fromEntries([...back].map(([id, amount]) => [id, String(amount)]))
  return { divided, shared: { sharedOut: out, sharedBack } }

  function partsBack(line: Line): Part[] {
    const byFund = new Map<string, Amount>()
    for (const { financingId, amount } of lastOf(paid.get(onceKey(line))!, -line.amount)) {
      const before = back.get(financingId) ?? 0n
      back.set(financingId, before + amount)
      for (const { fundId, amount: part } of ways.get(financingId)!(before, amount)) {
        byFund.set(fundId, (byFund.get(fundId) ?? 0n) - part)
      }
    }
    return [...byFund].map(([fundId, amount]) => ({ fundId, amount })).filter(isSome)
  }
}

const isSome = ({ amount }: Part) => amount !== 0n

/** What was paid, and by which financing's shares. */
type Paying = { financingId: string; amount: Amount }

/** What of payments is not taken back yet, by contract, rule and period: the oldest first. What was paid last was taken back first. */
async function paidBefore(
  connection: Connection,
  bookId: string,
  lines: readonly Changed[],
): Promise<Map<string, Paying[]>> {
  if (lines.length === 0) return new Map()
  const { rows } = await connection.execute<Record<keyof Changed | 'financingId', string>>(sql`
    select i.saver_id as "saverId", i.enrolment_id as "enrolmentId", i.rule_id as "ruleId", i.period, i.amount::text as amount, n.financing_id as "financingId"
    from incentive i join incentive_run n on n.book_id = i.book_id and n.id = i.run_id
    where i.book_id = ${bookId} and i.saver_id = any (${sql.param(lines.map(({ saverId }) => saverId))}::uuid[])
    order by i.revision`)
  const paid = new Map<string, Paying[]>()
  for (const { financingId, amount, ...row } of rows) {
    const before = paid.get(onceKey(row)) ?? []
    const change = BigInt(amount)
    if (change > 0n) paid.set(onceKey(row), [...before, { financingId, amount: change }])
    else lastOf(before, -change)
  }
  return paid
}

/** Takes an amount off the end of payments, and answers what it took. */
function lastOf(payments: Paying[], amount: Amount): Paying[] {
  const taken: Paying[] = []
  let left = amount
  while (left > 0n) {
    const last = payments.pop()!
    if (last.amount > left) {
      payments.push({ ...last, amount: last.amount - left })
      last.amount = left
    }
    taken.push(last)
    left -= last.amount
  }
  return taken
}
