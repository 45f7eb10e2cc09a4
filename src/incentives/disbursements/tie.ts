import { and, asc, eq, sql } from 'drizzle-orm'
import type { Tx } from '../../db/client.ts'
import type { Amount } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { setAside } from '../../savings/chart.ts'
import { runRow } from '../runs/run.ts'
import type { RequestRow } from './request.ts'
import { disbursementLine } from './schema.ts'

/** Where a request's payments stand in the ledger, and what they come to there. */
export type Tie = { ledgerTransactions: number; ledgerAmount: Amount; firstSequence: bigint; lastSequence: bigint }

/**
 * Adds up from the ledger's entries what the fund paid by the transactions behind a request, line by line.
 * @throws Refusal `incentive-run-not-posted`; `disbursement-not-in-ledger` naming the lines of which something is missing
 */
export async function tieToLedger(tx: Tx, { bookId, id, runId, fundId }: RequestRow): Promise<Tie> {
  const { status } = await runRow(tx, bookId, runId)
  if (status !== 'posted') throw new Refusal('incentive-run-not-posted', `The run is ${status}.`, { facts: { status } })
  const { rows } = await tx.execute<{
    line: number
    transactions: number
    amount: string
    first: string
    last: string
  }>(sql`
    select i.line, count(*)::int as transactions, sum(e.amount)::text as amount, min(e.sequence)::text as first, max(e.sequence)::text as last
    from disbursement_item i
    join incentive p on p.book_id = ${bookId} and p.run_id = i.run_id and p.line = i.run_line
    join transaction t on t.book_id = ${bookId} and t.id = p.transaction_id
    join entry e on e.book_id = ${bookId} and e.sequence = t.sequence and e.account_id = ${setAside(runId, fundId)}
      and e.direction = 'debit' and e.amount = i.amount
    where i.book_id = ${bookId} and i.request_id = ${id}
    group by i.line`)
  const found = new Map(rows.map(row => [row.line, row]))
  const lines = await tx
    .select()
    .from(disbursementLine)
    .where(and(eq(disbursementLine.bookId, bookId), eq(disbursementLine.requestId, id)))
    .orderBy(asc(disbursementLine.number))
  const wrong = lines.flatMap(({ number, transactions, amount }) => {
    const there = found.get(number)
    const missing = transactions - (there?.transactions ?? 0)
    return missing === 0 && BigInt(there?.amount ?? '0') === amount ? [] : [{ line: number, missing }]
  })
  if (wrong.length > 0) {
    const text = `The ledger lacks transactions of ${wrong.length} of its lines: cancel it, and request anew.`
    throw new Refusal('disbursement-not-in-ledger', text, { facts: { lines: wrong.slice(0, 20) } })
  }
  const sequences = rows.flatMap(({ first, last }) => [BigInt(first), BigInt(last)])
  sequences.sort((one, other) => (one < other ? -1 : 1))
  return {
    ledgerTransactions: rows.reduce((sum, { transactions }) => sum + transactions, 0),
    ledgerAmount: rows.reduce((sum, { amount }) => sum + BigInt(amount), 0n),
    firstSequence: sequences[0]!,
    lastSequence: sequences.at(-1)!,
  }
}
