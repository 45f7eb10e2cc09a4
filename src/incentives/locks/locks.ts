import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { type CalendarDate, calendarDate, limaDate } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import { nameId } from '../../ids.ts'
import { bookOf, type Draft, type DraftEntry } from '../../ledger/index.ts'
import { type Amount, allocate, currencySchema, formatAmount, totalText } from '../../money.ts'
import { fundMoney, moneyAccount } from '../../savings/chart.ts'
import type { Parts } from '../../savings/parts.ts'
import { refuseFuture } from '../../savings/registering.ts'
import { contractEnd } from '../../savings/registry/periods.ts'
import { type LockOutcome, lockEnd } from '../runs/schema.ts'

/** As many locks as are ended in one list of transactions. */
const locksAtOnce = 500

/** A contract's locked incentives of one kind in one account: what is still locked of them. */
type Lock = {
  enrolmentId: string
  savingsAccountId: string
  startsOn: CalendarDate
  contractMonths: number
  endsOn: CalendarDate | null
  isForfeit: boolean
  number: number
  amount: Amount
}

export const locksBody = z
  .strictObject({
    on: calendarDate.optional().describe('Locks whose contracts are over on that day; by default today'),
  })
  .meta({ id: 'LockEnding', examples: [{ on: '2030-02-01' }] })

const endedSchema = z.object({ locks: z.int(), amount: totalText }).meta({ id: 'EndedLocksSum' })

export const locksSchema = z
  .object({
    on: calendarDate,
    currency: currencySchema,
    released: endedSchema,
    forfeited: endedSchema.describe('Gone back to the funds that paid'),
    refused: z.int().describe('Not possible now, and tried again'),
  })
  .meta({ id: 'EndedLocks' })

/**
 * Ends the locks of contracts that are over by a day: what was locked becomes hers, or goes back to the funds when the
 * contract ended before its time and the rule says so. Safe to do at any time, by several at once: what is locked is
 * counted anew, and the transactions have computed ids.
 */
export async function endLocks(
  parts: Parts,
  bookId: string,
  { on }: { on?: CalendarDate | undefined },
  actor: string,
): Promise<z.output<typeof locksSchema>> {
  const day = on ?? limaDate(parts.clock.now())
  refuseFuture(parts, { on: day })
  const { currency } = await bookOf(parts.db, bookId)
  const sums = { released: { locks: 0, amount: 0n }, forfeited: { locks: 0, amount: 0n } }
  let refused = 0
  const over = (await overBy(parts.db, bookId, day)).filter(lock => isOver(lock, day))
  for (let from = 0; from < over.length; from += locksAtOnce) {
    const due = over.slice(from, from + locksAtOnce)
    const drafts: Draft[] = []
    for (const lock of due) drafts.push(await draftOf(parts.db, bookId, day, lock))
    const outcomes = await parts.ledger.postList(bookId, drafts, 'independent', actor)
    for (const [place, outcome] of outcomes.entries()) {
      const lock = due[place]!
      if ('refusal' in outcome) {
        refused += 1
        continue
      }
      const kind: LockOutcome = lock.isForfeit ? 'forfeited' : 'released'
      await parts.db
        .insert(lockEnd)
        .values({
          ...{ bookId, enrolmentId: lock.enrolmentId, savingsAccountId: lock.savingsAccountId, outcome: kind },
          ...{ number: lock.number, amount: lock.amount, endedOn: day, transactionId: drafts[place]!.id, actor },
          recordedAt: outcome.posted.recordedAt,
        })
        .onConflictDoNothing()
      sums[kind].locks += 1
      sums[kind].amount += lock.amount
    }
  }
  const told = ({ locks, amount }: { locks: number; amount: Amount }) => ({
    locks,
    amount: formatAmount(amount, currency),
  })
  return { on: day, currency, released: told(sums.released), forfeited: told(sums.forfeited), refused }
}

function isOver({ startsOn, contractMonths, endsOn }: Lock, day: CalendarDate): boolean {
  return contractEnd(startsOn, contractMonths) < day || (endsOn !== null && endsOn <= day)
}

/**
 * The locks of contracts that may be over, all at once: a book's incentives are summed for it. What was entered by mistake is
 * for the next run to take back.
 */
async function overBy(db: Db, bookId: string, day: CalendarDate): Promise<Lock[]> {
  const { rows } = await db.execute<Omit<Lock, 'amount'> & { amount: string }>(sql`
    with x as (
      select i.enrolment_id, i.savings_account_id, e.starts_on, e.contract_months, e.ends_on, sum(i.amount) as paid,
        coalesce(e.ends_on < (e.starts_on + make_interval(months => e.contract_months))::date - 1
          and e.end_reason <> 'completed' and r.terms ->> 'earlyExit' = 'forfeit', false) as is_forfeit
      from incentive i
      join enrolment e on e.book_id = i.book_id and e.id = i.enrolment_id
      join incentive_rule r on r.id = i.rule_id
      where i.book_id = ${bookId} and i.money = 'incentive-locked' and e.end_reason is distinct from 'entered-by-mistake'
        and (e.starts_on + make_interval(months => e.contract_months) <= ${day}::date or e.ends_on <= ${day})
      group by 1, 2, 3, 4, 5, 7)
    select x.enrolment_id as "enrolmentId", x.savings_account_id as "savingsAccountId", x.starts_on as "startsOn",
      x.contract_months as "contractMonths", x.ends_on as "endsOn", x.is_forfeit as "isForfeit",
      (x.paid - coalesce(d.amount, 0))::text as amount, coalesce(d.number, 0) + 1 as number
    from x left join lateral (
      select sum(l.amount) as amount, max(l.number) as number from lock_end l
      where l.book_id = ${bookId} and l.enrolment_id = x.enrolment_id and l.savings_account_id = x.savings_account_id
        and l.outcome = case when x.is_forfeit then 'forfeited' else 'released' end) d on true
    where x.paid > coalesce(d.amount, 0)
    order by x.enrolment_id, x.savings_account_id, x.is_forfeit`)
  return rows.map(({ amount, ...lock }) => ({ ...lock, amount: BigInt(amount) }))
}

async function draftOf(db: Db, bookId: string, day: CalendarDate, lock: Lock): Promise<Draft> {
  const { enrolmentId, savingsAccountId, isForfeit, number, amount } = lock
  const outcome: LockOutcome = isForfeit ? 'forfeited' : 'released'
  const locked: DraftEntry = {
    accountId: moneyAccount(savingsAccountId, 'incentive-locked'),
    direction: 'debit',
    amount,
  }
  return {
    id: nameId(`lock:${outcome}:${number}:${enrolmentId}`, savingsAccountId),
    kind: isForfeit ? 'incentive-forfeiture' : 'incentive-release',
    valueDate: day,
    entries: isForfeit
      ? [locked, ...(await back(db, bookId, lock))]
      : [locked, { accountId: moneyAccount(savingsAccountId, 'incentive-released'), direction: 'credit', amount }],
    evidence: { savingsAccountId, enrolmentId },
  }
}

/** To each fund in the proportion in which it paid. */
async function back(db: Db, bookId: string, { enrolmentId, amount }: Lock): Promise<DraftEntry[]> {
  const { rows } = await db.execute<{ fundId: string; paid: string }>(sql`
    select s.fund_id as "fundId", sum(s.amount)::text as paid
    from incentive i join incentive_share s on s.book_id = i.book_id and s.transaction_id = i.transaction_id
    where i.book_id = ${bookId} and i.enrolment_id = ${enrolmentId} and i.money = 'incentive-locked'
    group by s.fund_id having sum(s.amount) > 0 order by s.fund_id`)
  const parts = allocate(
    amount,
    rows.map(({ paid }) => BigInt(paid)),
  )
  return rows.flatMap(({ fundId }, place): DraftEntry[] =>
    parts[place]! > 0n ? [{ accountId: fundMoney(fundId), direction: 'credit', amount: parts[place]! }] : [],
  )
}
