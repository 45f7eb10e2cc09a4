import { sql } from 'drizzle-orm'
import { z } from 'zod'
import type { CalendarDate } from '../../dates.ts'
import { bookOf } from '../../ledger/index.ts'
import { amountText, currencySchema, formatAmount, signedAmountText, totalText } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { fundMoney } from '../../savings/chart.ts'
import type { Parts } from '../../savings/parts.ts'

export const fundSummarySchema = z
  .object({
    fundId: z.uuid(),
    currency: currencySchema,
    received: totalText.describe('Paid in'),
    paid: totalText.describe(
      'Paid out: incentives with what runs have set aside and still need, committees’ transfers, prizes',
    ),
    returned: totalText.describe('Come back of what was paid: clawbacks, forfeitures'),
    left: signedAmountText.describe('received − paid + returned'),
    byKind: z.array(
      z
        .object({
          kind: z
            .string()
            .meta({ examples: ['fund-receipt'] })
            .describe('Of the transactions'),
          transactions: z.int(),
          in: amountText,
          out: amountText,
        })
        .meta({ id: 'FundKindSum' }),
    ),
  })
  .meta({ id: 'FundSummary' })

/** What came into a fund, what left it and what is left, by value dates up to a day. @throws Refusal `fund-not-found` */
export async function fundSummary(parts: Parts, bookId: string, fundId: string, asOf: CalendarDate | undefined) {
  const { currency } = await bookOf(parts.db, bookId)
  const known = await parts.db.execute(sql`select from fund f where f.book_id = ${bookId} and f.id = ${fundId}`)
  if (known.rowCount === 0) throw new Refusal('fund-not-found', 'The book has no such fund.')
  const { rows } = await parts.db.execute<{ kind: string; transactions: number; in: string; out: string }>(sql`
    select coalesce(o.kind, t.kind) as kind, count(distinct t.sequence)::int as transactions,
      coalesce(sum(e.amount) filter (where e.direction = 'credit'), 0)::text as "in",
      coalesce(sum(e.amount) filter (where e.direction = 'debit'), 0)::text as "out"
    from entry e join transaction t on t.book_id = e.book_id and t.sequence = e.sequence
    left join transaction o on o.book_id = t.book_id and o.sequence = t.reverses
    where e.book_id = ${bookId} and e.account_id = ${fundMoney(fundId)} ${asOf === undefined ? sql`` : sql`and e.value_date <= ${asOf}`}
    group by 1 order by 1`)
  const lines = rows.map(row => ({ ...row, in: BigInt(row.in), out: BigInt(row.out) }))
  const sum = (of: (line: (typeof lines)[number]) => bigint) => lines.reduce((total, line) => total + of(line), 0n)
  const isReceipt = (kind: string) => kind === 'fund-receipt'
  const text = (amount: bigint) => formatAmount(amount, currency)
  const received = sum(line => (isReceipt(line.kind) ? line.in - line.out : 0n))
  // What a run set aside and did not need was never paid to anybody.
  const isUnneeded = (kind: string) => kind === 'incentive-set-aside-return'
  const paid = sum(line => (isReceipt(line.kind) ? 0n : isUnneeded(line.kind) ? -line.in : line.out))
  const returned = sum(line => (isReceipt(line.kind) || isUnneeded(line.kind) ? 0n : line.in))
  return {
    ...{ fundId, currency, received: text(received), paid: text(paid), returned: text(returned) },
    left: text(received - paid + returned),
    byKind: lines.map(line => ({ ...line, in: text(line.in), out: text(line.out) })),
  }
}
