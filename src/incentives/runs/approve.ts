import { sql } from 'drizzle-orm'
import { transact } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { nameId } from '../../ids.ts'
import { bookOf, type DraftEntry, openAccounts } from '../../ledger/index.ts'
import { type Amount, formatAmount } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { fundMoney, setAside, setAsideOpening } from '../../savings/chart.ts'
import { inBook } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { sharesOf } from '../funding/financings.ts'
import { availableOn } from '../funding/fund-available.ts'
import { lockRun, neededBy, type RunRow, runRow } from './run.ts'
import { incentiveRun } from './schema.ts'

/**
 * Approves a prepared run: sets aside, in one transaction, what it pays from each fund, so that nothing else can take it,
 * and lets it post. By another actor than whoever prepared it or decided in it whose calculation is paid.
 * @throws Refusal `incentive-run-not-found`, `incentive-run-not-prepared`, `second-actor-needed`, `fund-exceeded`, and
 *   what posting refuses
 */
export async function approveRun(parts: Parts, bookId: string, runId: string, actor: Actor): Promise<RunRow> {
  return transact(parts.db, async tx => {
    const run = await lockRun(tx, bookId, runId, true)
    if (run === undefined) return runRow(tx, bookId, runId)
    const isApproved = run.status === 'posting' || run.status === 'posted'
    if (isApproved && run.approvedBy === actor.clientId) return run
    if (run.status !== 'prepared') {
      throw new Refusal('incentive-run-not-prepared', `The run is ${run.status}.`, { facts: { status: run.status } })
    }
    if (run.actor === actor.clientId) {
      throw new Refusal('second-actor-needed', 'The run was prepared by the same client.')
    }
    if (run.deciders.includes(actor.clientId)) {
      throw new Refusal('second-actor-needed', 'The same client decided whose calculation the run pays from.')
    }
    const needed = await neededBy(tx, run)
    await refuseExceeded(parts, run, needed)
    const now = parts.clock.now()
    const takes = [...needed].filter(([, amount]) => amount > 0n)
    if (takes.length > 0) {
      const openings = takes.map(([fundId]) => setAsideOpening(run.id, fundId, run.valueDate))
      await openAccounts(parts.db, bookId, openings, now, actor.clientId)
      const entries = takes.flatMap(([fundId, amount]): DraftEntry[] => [
        { accountId: fundMoney(fundId), direction: 'debit', amount },
        { accountId: setAside(run.id, fundId), direction: 'credit', amount },
      ])
      const draft = {
        ...{ id: nameId('set-aside', run.id), kind: 'incentive-set-aside', valueDate: run.valueDate, entries },
        evidence: { programmeId: run.programmeId, runId: run.id, month: run.month },
      }
      await parts.ledger.post(bookId, draft, run.actor)
    }
    const approved = { status: 'posting', approvedBy: actor.clientId, approvedAt: now } as const
    await tx
      .update(incentiveRun)
      .set(approved)
      .where(inBook(incentiveRun, bookId, runId))
    return { ...run, ...approved }
  })
}

async function refuseExceeded(parts: Parts, run: RunRow, needed: ReadonlyMap<string, Amount>): Promise<void> {
  const { currency } = await bookOf(parts.db, run.bookId)
  const already = await parts.db.execute(
    sql`select from transaction t where t.book_id = ${run.bookId} and t.id = ${nameId('set-aside', run.id)}`,
  )
  if (already.rowCount === 1) return
  const available = await availableOn(parts, run.bookId, [...needed.keys()], run.valueDate)
  const text = (amount: Amount) => formatAmount(amount, currency)
  const funds = [...needed].flatMap(([fundId, amount]) => {
    const there = available.get(fundId)!
    const short = amount - there
    return short > 0n ? [{ fundId, needed: text(amount), available: text(there), short: text(short) }] : []
  })
  if (funds.length === 0) return
  const worst = funds.map(({ fundId, short }) => `${fundId} by ${short}`).join(', ')
  throw new Refusal('fund-exceeded', `On ${run.valueDate} the run exceeds its fund: ${worst}.`, {
    facts: { on: run.valueDate, funds },
  })
}

/**
 * Gives up a run that was not approved. What was set aside by an approval that did not come to its end goes back.
 * @throws Refusal `incentive-run-not-found`, `incentive-run-not-prepared`
 */
export async function cancelRun(parts: Parts, bookId: string, runId: string, actor: Actor): Promise<RunRow> {
  return transact(parts.db, async tx => {
    const run = (await lockRun(tx, bookId, runId, true)) ?? (await runRow(tx, bookId, runId))
    if (run.status === 'cancelled') return run
    if (run.status !== 'preparing' && run.status !== 'prepared') {
      throw new Refusal('incentive-run-not-prepared', `The run is ${run.status}.`, { facts: { status: run.status } })
    }
    await returnRest(parts, run, actor.clientId)
    const cancelled = { status: 'cancelled', endedAt: parts.clock.now() } as const
    await tx
      .update(incentiveRun)
      .set(cancelled)
      .where(inBook(incentiveRun, bookId, runId))
    return { ...run, ...cancelled }
  })
}

/** Gives the funds back what was set aside and not paid. Once a run, for the id is the run's. */
export async function returnRest(parts: Parts, run: RunRow, actor: string): Promise<void> {
  const shares = await sharesOf(parts.db, run.bookId, run.financingId)
  const ids = shares.map(({ fundId }) => setAside(run.id, fundId))
  const { rows } = await parts.db.execute<{ id: string; rest: string }>(sql`
    select a.id, (a.credits - a.debits)::text as rest from account a
    where a.book_id = ${run.bookId} and a.id = any (${sql.param(ids)}::uuid[]) and a.credits > a.debits`)
  if (rows.length === 0) return
  const entries = shares.flatMap(({ fundId }): DraftEntry[] => {
    const accountId = setAside(run.id, fundId)
    const amount = BigInt(rows.find(({ id }) => id === accountId)?.rest ?? '0')
    if (amount === 0n) return []
    return [
      { accountId, direction: 'debit', amount },
      { accountId: fundMoney(fundId), direction: 'credit', amount },
    ]
  })
  const draft = {
    ...{
      id: nameId('set-aside-return', run.id),
      kind: 'incentive-set-aside-return',
      valueDate: run.valueDate,
      entries,
    },
    evidence: { programmeId: run.programmeId, runId: run.id, month: run.month },
  }
  await parts.ledger.post(run.bookId, draft, actor)
}
