import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { type CalendarDate, calendarDate, limaDate } from '../../dates.ts'
import { type Db, transact } from '../../db/client.ts'
import { nameId } from '../../ids.ts'
import { bookOf, type Draft, type DraftEntry } from '../../ledger/index.ts'
import { type Amount, allocate, currencySchema, formatAmount, totalText } from '../../money.ts'
import { fundMoney, moneyAccount } from '../../savings/chart.ts'
import type { Parts } from '../../savings/parts.ts'
import { refuseFuture } from '../../savings/registering.ts'
import { type LockOutcome, lockEnd } from '../runs/schema.ts'
import { type Lock, overBy } from './over.ts'

/** As many locks as are ended in one list of transactions. */
const locksAtOnce = 500

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
    refused: z.int().describe('Not possible now, or credited after that day; tried again'),
  })
  .meta({ id: 'EndedLocks' })

/**
 * Ends the locks of contracts that are over by a day: what was locked becomes hers, or goes back to the funds when the
 * contract ended before its time and the rule says so. Safe to do at any time, by several at once: what is locked is
 * counted anew, the transactions have computed ids, and what is noted of them stands or falls with them.
 */
export async function endLocks(
  parts: Parts,
  bookId: string,
  { on }: { on?: CalendarDate | undefined },
  actor: string,
): Promise<z.output<typeof locksSchema>> {
  const day = on ?? limaDate(parts.clock.now())
  refuseFuture(parts, { on: day })
  const book = await bookOf(parts.db, bookId)
  const { currency } = book
  const sums = { released: { locks: 0, amount: 0n }, forfeited: { locks: 0, amount: 0n } }
  let refused = 0
  const over = await overBy(parts.db, bookId, day)
  // Dated before a credit, the end would take what was not there on that day.
  const due = over.filter(({ creditedOn }) => creditedOn <= day)
  refused += over.length - due.length
  for (let from = 0; from < due.length; from += locksAtOnce) {
    const some = due.slice(from, from + locksAtOnce)
    const drafts: Draft[] = []
    for (const lock of some) drafts.push(await draftOf(parts.db, bookId, day, lock))
    await transact(parts.db, async tx => {
      const lists = drafts.map(draft => [draft])
      const outcomes = (await parts.ledger.postListsWithin(tx, book, lists, actor)).flat()
      for (const [place, outcome] of outcomes.entries()) {
        const lock = some[place]!
        if ('refusal' in outcome) {
          refused += 1
          continue
        }
        const kind: LockOutcome = lock.isForfeit ? 'forfeited' : 'released'
        await tx
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
    })
  }
  const told = ({ locks, amount }: { locks: number; amount: Amount }) => ({
    locks,
    amount: formatAmount(amount, currency),
  })
  return { on: day, currency, released: told(sums.released), forfeited: told(sums.forfeited), refused }
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

/** To each fund in the proportion in which it paid what the contract may forfeit. */
async function back(db: Db, bookId: string, { enrolmentId, amount }: Lock): Promise<DraftEntry[]> {
  const { rows } = await db.execute<{ fundId: string; paid: string }>(sql`
    select s.fund_id as "fundId", sum(s.amount)::text as paid
    from incentive i join incentive_share s on s.book_id = i.book_id and s.transaction_id = i.transaction_id
    join incentive_rule r on r.id = i.rule_id and r.terms ->> 'earlyExit' = 'forfeit'
    where i.book_id = ${bookId} and i.enrolment_id = ${enrolmentId}
    group by s.fund_id having sum(s.amount) > 0 order by s.fund_id`)
  const parts = allocate(
    amount,
    rows.map(({ paid }) => BigInt(paid)),
  )
  return rows.flatMap(({ fundId }, place): DraftEntry[] =>
    parts[place]! > 0n ? [{ accountId: fundMoney(fundId), direction: 'credit', amount: parts[place]! }] : [],
  )
}
