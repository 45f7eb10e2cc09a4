import { type Tx, transact } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { refuseSameHand } from '../../http/hands.ts'
import { nameId } from '../../ids.ts'
import { bookOf, type DraftEntry, lockHead, openAccounts } from '../../ledger/index.ts'
import { type Amount, formatAmount } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { fundMoney, setAside, setAsideOpening } from '../../savings/chart.ts'
import { inBook } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { availableOn } from '../funding/fund-available.ts'
import { postWithin } from './ending.ts'
import { fundsBefore, neededBy } from './funds.ts'
import { type Later, refuseOutdated } from './moved.ts'
import { lockRun, runRow } from './run.ts'
import { incentiveRun, type RunRow } from './schema.ts'

/** With what it leaves to the next run; null when it had been approved before. */
export type ApprovedRun = RunRow & { later: Later | null }

/**
 * Approves a prepared run: sets aside, in one transaction, what it pays from each fund, so that nothing else can take it,
 * and lets it post; or lets one that stopped go on. By another actor than whoever prepared it or decided in it whose calculation is paid.
 * @throws Refusal `incentive-run-not-found`, `incentive-run-not-prepared`, `second-actor-needed`, `incentive-run-outdated`,
 *   `fund-exceeded`, and
 *   what posting refuses
 */
export async function approveRun(parts: Parts, bookId: string, runId: string, actor: Actor): Promise<ApprovedRun> {
  return transact(parts.db, async tx => {
    const run = await lockRun(tx, bookId, runId, true)
    if (run === undefined) return { ...(await runRow(tx, bookId, runId)), later: null }
    const isApproved = run.status === 'posting' || run.status === 'posted'
    if (isApproved && run.approvedBy === actor.clientId) return { ...run, later: null }
    if (run.status !== 'prepared' && run.status !== 'stopped') {
      throw new Refusal('incentive-run-not-prepared', `The run is ${run.status}.`, { facts: { status: run.status } })
    }
    await refuseSameHand(tx, actor, [run.actor], 'The run was prepared by the same client.')
    const decided = 'The same client decided whose calculation the run pays from.'
    await refuseSameHand(tx, actor, run.deciders, decided)
    const later = await refuseOutdated(tx, parts, run)
    const approved =
      run.status === 'stopped'
        ? ({ status: 'posting', stopReason: null } as const)
        : await firstApproval(tx, parts, run, actor)
    await tx
      .update(incentiveRun)
      .set(approved)
      .where(inBook(incentiveRun, bookId, runId))
    return { ...run, ...approved, later }
  })
}

async function firstApproval(tx: Tx, parts: Parts, run: RunRow, actor: Actor) {
  const { bookId } = run
  const needed = await neededBy(tx, run)
  const approvedAt = parts.clock.now()
  // Another approval, or whatever takes from the funds, is through before or waits: so what it leaves is told as what it is.
  await lockHead(tx, bookId, approvedAt)
  await refuseExceeded(tx, parts, run, needed)
  const before = await fundsBefore(tx, run, approvedAt)
  const takes = [...needed].filter(([, amount]) => amount > 0n)
  if (takes.length > 0) {
    const openings = takes.map(([fundId]) => setAsideOpening(run.id, fundId, run.valueDate))
    await openAccounts(tx, bookId, openings, approvedAt, actor.clientId)
    const entries = takes.flatMap(([fundId, amount]): DraftEntry[] => [
      { accountId: fundMoney(fundId), direction: 'debit', amount },
      { accountId: setAside(run.id, fundId), direction: 'credit', amount },
    ])
    await postWithin(tx, parts, bookId, run.actor, {
      ...{ id: nameId('set-aside', run.id), kind: 'incentive-set-aside', valueDate: run.valueDate, entries },
      evidence: { programmeId: run.programmeId, runId: run.id, month: run.month },
    })
  }
  return { status: 'posting', approvedBy: actor.clientId, approvedAt, fundsBefore: before } as const
}

async function refuseExceeded(
  tx: Tx,
  { db, clock }: Parts,
  run: RunRow,
  needed: ReadonlyMap<string, Amount>,
): Promise<void> {
  const { currency } = await bookOf(db, run.bookId)
  const available = await availableOn(tx, run.bookId, [...needed.keys()], run.valueDate, clock.now())
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
