import assert from 'node:assert/strict'
import { and, eq, isNull, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { limaDate } from '../../dates.ts'
import { type Tx, transact } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { clientId } from '../../http/idempotency.ts'
import { idText, nameId } from '../../ids.ts'
import type { Connection } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { inBook } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { register } from '../../savings/registering.ts'
import { code } from '../../savings/wording.ts'
import { lockRun, runRow } from '../runs/run.ts'
import type { RunRow } from '../runs/schema.ts'
import { type Demand, demandsOf, saversOf, writeLines } from './demand.ts'
import { numberText, takeNumbers } from './numbers.ts'
import { disbursementRequest, disbursementStep } from './schema.ts'

export const requestBody = z
  .strictObject({
    id: clientId,
    runId: idText.describe('An approved run'),
    rule: code.describe('Code of one of the rules by which it pays'),
    fundId: idText.describe('One of the funds that pay it'),
  })
  .meta({
    id: 'DisbursementRequestMaking',
    examples: [
      {
        id: '0198c5f2-6d10-7b1d-8e2f-0a1b2c3d4e5f',
        runId: '0198c5f2-6c30-7b1d-8e2f-0a1b2c3d4e5f',
        rule: '1-APERTURA',
        fundId: '0198c5f2-6b00-7b1d-8e2f-0a1b2c3d4e5f',
      },
    ],
  })

export type RequestRow = typeof disbursementRequest.$inferSelect

/**
 * Makes the request that a fund's part of what an approved run pays by a rule be disbursed, with its number and a line a
 * group.
 * @throws Refusal `incentive-run-not-found`, `incentive-run-not-approved`, `nothing-to-disburse`,
 *   `disbursement-requested-already`, `id-reused`
 */
export async function requestDisbursement(
  parts: Parts,
  bookId: string,
  actor: Actor,
  { id, ...body }: z.output<typeof requestBody> & { id: string },
): Promise<{ row: RequestRow; replayed: boolean }> {
  const now = parts.clock.now()
  return transact(parts.db, async tx => {
    // Locked, it posts nothing meanwhile, and whoever asks for the same waits: so the other's request is seen.
    const run = await lockRun(tx, bookId, body.runId, true)
    let demand: Demand | undefined
    const { row, replayed } = await register(tx, disbursementRequest, {
      where: inBook(disbursementRequest, bookId, id),
      content: body,
      at: now,
      actor: actor.clientId,
      decide: async () => {
        demand = await demandAsked(tx, run ?? (await runRow(tx, bookId, body.runId)), body)
        const replaced = await lastRequest(tx, bookId, body)
        const requestedOn = limaDate(now)
        const year = Number(requestedOn.slice(0, 4))
        const number = await takeNumbers(tx, bookId, 'request', year, 1)
        return {
          ...{ bookId, id, runId: body.runId, ruleCode: body.rule, fundId: body.fundId },
          ...{
            budgetCode: demand.share.budgetCode,
            year,
            number,
            follows: number === 1 ? null : number - 1,
            requestedOn,
          },
          ...{ savers: await saversOf(tx, run!, demand), transactions: demand.transactions, amount: demand.amount },
          ...{ replaces: replaced, replacedStatus: replaced && 'cancelled' },
        }
      },
    })
    if (replayed) return { row, replayed }
    const { savers, transactions, amount } = await writeLines(tx, id, run!, demand!)
    assert(
      savers === row.savers && transactions === row.transactions && amount === row.amount,
      'the lines make the whole',
    )
    await tx.insert(disbursementStep).values({
      ...{
        bookId,
        requestId: id,
        status: 'requested',
        id: nameId('requested', id),
        requestedBy: row.actor,
        day: row.requestedOn,
      },
      ...{ recordedAt: row.recordedAt, actor: row.actor, contentHash: row.contentHash },
    })
    return { row, replayed }
  })
}

async function demandAsked(tx: Tx, run: RunRow, { rule, fundId }: { rule: string; fundId: string }): Promise<Demand> {
  refuseUnapproved(run)
  const demands = await demandsOf(tx, run)
  const asked = demands.find(demand => demand.rule === rule && demand.share.fundId === fundId)
  if (asked === undefined) {
    throw new Refusal('nothing-to-disburse', 'The run pays nothing by this rule from this fund.')
  }
  return asked
}

/** @throws Refusal `incentive-run-not-approved` */
export function refuseUnapproved({ status }: RunRow): void {
  if (status === 'posting' || status === 'stopped' || status === 'posted') return
  throw new Refusal('incentive-run-not-approved', `The run is ${status}.`, { facts: { status } })
}

/**
 * The last request for the same, to be replaced: none, or a cancelled one.
 * @throws Refusal `disbursement-requested-already` when it is in force
 */
async function lastRequest(
  tx: Tx,
  bookId: string,
  { runId, rule, fundId }: { runId: string; rule: string; fundId: string },
): Promise<string | null> {
  const later = alias(disbursementRequest, 'later')
  const { id, year, number } = disbursementRequest
  const isCancelled = sql<boolean>`exists (select from disbursement_step s
    where s.book_id = ${bookId} and s.request_id = ${id} and s.status = 'cancelled')`
  const [last] = await tx
    .select({ id, year, number, isCancelled })
    .from(disbursementRequest)
    .leftJoin(later, and(eq(later.bookId, bookId), eq(later.replaces, id)))
    .where(
      and(
        ...[eq(disbursementRequest.bookId, bookId), eq(disbursementRequest.runId, runId), isNull(later.id)],
        ...[eq(disbursementRequest.ruleCode, rule), eq(disbursementRequest.fundId, fundId)],
      ),
    )
  if (last === undefined) return null
  if (last.isCancelled) return last.id
  throw new Refusal('disbursement-requested-already', `Request ${numberText(last)} asks for it.`, {
    facts: { requestId: last.id, number: numberText(last) },
  })
}

/** @throws Refusal `disbursement-request-not-found` */
export async function requestRow(connection: Connection, bookId: string, id: string): Promise<RequestRow> {
  const [row] = await connection
    .select()
    .from(disbursementRequest)
    .where(inBook(disbursementRequest, bookId, id))
  if (row === undefined) throw new Refusal('disbursement-request-not-found', 'The book has no such request.')
  return row
}
