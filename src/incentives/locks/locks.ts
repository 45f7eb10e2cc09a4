import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { type CalendarDate, calendarDate, limaDate } from '../../dates.ts'
import { transact } from '../../db/client.ts'
import { nameId } from '../../ids.ts'
import { type Book, bookOf, type Connection, type Draft, type DraftEntry, lockHead } from '../../ledger/index.ts'
import { allocate, currencySchema, formatAmount, totalText } from '../../money.ts'
import { fundMoney, moneyAccount } from '../../savings/chart.ts'
import type { Parts } from '../../savings/parts.ts'
import { refuseFuture } from '../../savings/registering.ts'
import { type LockOutcome, lockEnd } from '../runs/schema.ts'
import { type Contract, contractsOver, type Lock, locksOf } from './over.ts'

/** As many contracts' locks as are ended in one database transaction. */
const contractsAtOnce = 250

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
 * contract ended before its time and the rule says so. Safe to do at any time, by several at once: one after the other
 * counts what is locked, and what is noted of the transactions stands or falls with them.
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
  const over = await contractsOver(parts.db, bookId, day)
  const ended: Ended[] = []
  for (let from = 0; from < over.length; from += contractsAtOnce) {
    ended.push(...(await endSome(parts, book, day, over.slice(from, from + contractsAtOnce), actor)))
  }
  const told = (outcome: LockOutcome) => {
    const some = ended.filter(one => one.outcome === outcome)
    const amount = some.reduce((sum, { lock }) => sum + lock.amount, 0n)
    return { locks: some.length, amount: formatAmount(amount, book.currency) }
  }
  const refused = ended.filter(({ outcome }) => outcome === 'refused').length
  return { on: day, currency: book.currency, released: told('released'), forfeited: told('forfeited'), refused }
}

type Ended = { lock: Lock; outcome: LockOutcome | 'refused' }

/** In one database transaction, under the lock of the book's head: nothing moves meanwhile, so what is locked is what is ended. */
async function endSome(
  parts: Parts,
  book: Book,
  day: CalendarDate,
  contracts: readonly Contract[],
  actor: string,
): Promise<Ended[]> {
  const { id: bookId } = book
  return transact(parts.db, async tx => {
    await lockHead(tx, bookId, parts.clock.now())
    const locks = await locksOf(tx, bookId, contracts)
    // Dated before a credit, the end would take what was not there on that day.
    const [due, early] = [locks.filter(one => one.creditedOn <= day), locks.filter(one => one.creditedOn > day)]
    const ended: Ended[] = early.map(lock => ({ lock, outcome: 'refused' }))
    if (due.length === 0) return ended
    const drafts: Draft[] = []
    for (const lock of due) drafts.push(await draftOf(tx, bookId, day, lock))
    const lists = drafts.map(draft => [draft])
    const outcomes = (await parts.ledger.postListsWithin(tx, book, lists, actor)).flat()
    for (const [place, posting] of outcomes.entries()) {
      const lock = due[place]!
      const outcome = 'refusal' in posting ? 'refused' : lock.isForfeit ? 'forfeited' : 'released'
      ended.push({ lock, outcome })
      if ('refusal' in posting || outcome === 'refused') continue
      const { enrolmentId, savingsAccountId, number, amount } = lock
      await tx.insert(lockEnd).values({
        ...{ bookId, enrolmentId, savingsAccountId, outcome, number, amount, endedOn: day, actor },
        ...{ transactionId: drafts[place]!.id, recordedAt: posting.posted.recordedAt },
      })
    }
    return ended
  })
}

async function draftOf(connection: Connection, bookId: string, day: CalendarDate, lock: Lock): Promise<Draft> {
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
      ? [locked, ...(await back(connection, bookId, lock))]
      : [locked, { accountId: moneyAccount(savingsAccountId, 'incentive-released'), direction: 'credit', amount }],
    evidence: { savingsAccountId, enrolmentId },
  }
}

/** To each fund in the proportion in which it paid what the contract may forfeit. */
async function back(connection: Connection, bookId: string, { enrolmentId, amount }: Lock): Promise<DraftEntry[]> {
  const { rows } = await connection.execute<{ fundId: string; paid: string }>(sql`
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
