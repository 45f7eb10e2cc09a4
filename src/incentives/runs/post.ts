import assert from 'node:assert/strict'
import { and, asc, eq, getTableColumns, gt, sql } from 'drizzle-orm'
import { type Tx, transact } from '../../db/client.ts'
import { bookOf, type Draft, lockHead, mostDrafts, type Outcome } from '../../ledger/index.ts'
import { type Currency, parseAmount } from '../../money.ts'
import { inBook } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { onceKey } from '../accrual/accrual.ts'
import { heldOf } from '../lots/lots.ts'
import { holdingsOf } from '../lots/reading.ts'
import { incentiveRule } from '../rules/schema.ts'
import { endRun } from './ending.ts'
import { takeRoom } from './lines.ts'
import { draftOf, type Payable } from './payment.ts'
import { lockRun } from './run.ts'
import { incentiveRun, incentiveRunLine, type RunRow } from './schema.ts'
import { type Divided, divideLines, type Shared } from './shares.ts'
import { accountsOf, limitsOn } from './standing.ts'

/** As many lines as are posted, and noted as posted, at once: as many as the ledger takes in a list. */
const linesAtOnce = mostDrafts

type LineRow = typeof incentiveRunLine.$inferSelect & { code: string }
type Payment = Divided<LineRow> & { draft: Draft }

/**
 * Posts the next lines of an approved run and notes them, in one database transaction: whoever is killed has done both or
 * neither, and what cannot be noted is not posted. Answers whether there is more to do here.
 */
export async function postNext(parts: Parts, bookId: string, runId: string): Promise<boolean> {
  const book = await bookOf(parts.db, bookId)
  return transact(parts.db, async tx => {
    const run = await lockRun(tx, bookId, runId, false)
    if (run?.status !== 'posting') return false
    const lines = await dueAfter(tx, run)
    if (lines.length === 0) {
      await endRun(tx, parts, run, run.actor)
      return false
    }
    const blocked = await blockedNow(tx, parts, run, lines)
    await noteBlocked(tx, run, blocked)
    const moved = await movedSince(tx, parts, run, lines, book.currency)
    await noteMoved(tx, run, moved)
    const payable = lines.filter(({ number }) => !blocked.has(number) && !moved.has(number))
    const { payments, shared } = await paymentsOf(tx, run, payable, book.currency)
    if (payments.length > 0) {
      const lists = payments.map(({ draft }) => [draft])
      const outcomes = await parts.ledger.postListsWithin(tx, book, lists, run.actor)
      await note(tx, run, payments, outcomes.flat())
    }
    const postedThrough = lines.at(-1)!.number
    await tx
      .update(incentiveRun)
      .set({ postedThrough, ...shared })
      .where(inBook(incentiveRun, bookId, runId))
    return true
  })
}

async function dueAfter(tx: Tx, run: RunRow): Promise<LineRow[]> {
  const line = incentiveRunLine
  const due = and(
    ...[eq(line.bookId, run.bookId), eq(line.runId, run.id), eq(line.outcome, 'due')],
    gt(line.number, run.postedThrough),
  )
  return tx
    .select({ ...getTableColumns(line), code: incentiveRule.code })
    .from(line)
    .innerJoin(incentiveRule, eq(incentiveRule.id, line.ruleId))
    .where(due)
    .orderBy(asc(line.number))
    .limit(linesAtOnce)
}

/**
 * Which payments an account's limits leave no room for now, and which limit it is: accounts have moved since the run was
 * prepared. Nothing moves from here on until what is paid is posted.
 */
async function blockedNow(
  tx: Tx,
  { clock }: Parts,
  run: RunRow,
  lines: readonly LineRow[],
): Promise<Map<number, string>> {
  const { bookId, valueDate } = run
  const limits = await limitsOn(tx, bookId, valueDate)
  const blocked = new Map<number, string>()
  if (limits === null) return blocked
  await lockHead(tx, bookId, clock.now())
  const payments = lines.filter(({ amount }) => amount > 0n)
  const saverIds = payments.map(({ saverId }) => saverId)
  const accounts = await accountsOf(tx, bookId, saverIds, valueDate, limits)
  const rooms = new Map([...accounts.values()].flat().map(({ id, room }) => [id, room]))
  for (const { number, savingsAccountId, amount } of payments) {
    const limit = takeRoom(rooms.get(savingsAccountId!)!, amount)
    if (limit !== null) blocked.set(number, limit)
  }
  return blocked
}

async function noteBlocked(tx: Tx, run: RunRow, blocked: ReadonlyMap<number, string>): Promise<void> {
  if (blocked.size === 0) return
  const rows = [...blocked].map(([number, limit]) => ({ number, limit }))
  await tx.execute(sql`
    update incentive_run_line l set outcome = 'blocked', reason = 'BLOCKED_BY_ACCOUNT_LIMIT',
      explanation = l.explanation || jsonb_build_object('limit', x."limit")
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as x(number int, "limit" text)
    where l.book_id = ${run.bookId} and l.run_id = ${run.id} and l.number = x.number`)
}

/**
 * Which clawbacks would take what is no longer there: she took it out or moved it, or its lock ended, since the run was
 * prepared. What lies in its place may be of another incentive. Nothing moves from here on until they are posted.
 */
async function movedSince(
  tx: Tx,
  { clock }: Parts,
  run: RunRow,
  lines: readonly LineRow[],
  currency: Currency,
): Promise<Set<number>> {
  const clawbacks = lines.filter(({ amount }) => amount < 0n)
  if (clawbacks.length === 0) return new Set()
  await lockHead(tx, run.bookId, clock.now())
  const holdings = await holdingsOf(tx, run.bookId, [...new Set(clawbacks.map(({ saverId }) => saverId))])
  const moved = clawbacks.filter(line => {
    const held = heldOf(holdings.get(line.saverId)!, onceKey(line))
    return line.explanation.takenFrom!.some(({ savingsAccountId, money, amount }) => {
      const there = held.find(one => one.savingsAccountId === savingsAccountId && one.money === money)
      return there === undefined || there.amount < parseAmount(amount, currency)
    })
  })
  return new Set(moved.map(({ number }) => number))
}

/** The next run looks where it is now. */
async function noteMoved(tx: Tx, run: RunRow, moved: ReadonlySet<number>): Promise<void> {
  if (moved.size === 0) return
  await tx.execute(sql`
    update incentive_run_line l set outcome = 'refused', reason = 'moved-since-prepared'
    where l.book_id = ${run.bookId} and l.run_id = ${run.id} and l.number = any (${sql.param([...moved])}::int[])`)
}

/** The lines' drafts, and how far the run is divided then. */
async function paymentsOf(
  tx: Tx,
  run: RunRow,
  lines: readonly LineRow[],
  currency: Currency,
): Promise<{ payments: Payment[]; shared: Shared }> {
  const { divided, shared } = await divideLines(tx, run, lines)
  const payments = divided.map(one => ({ ...one, draft: draftOf(run, payableOf(one), one.parts, currency) }))
  return { payments, shared }
}

function payableOf({ line, sharedFrom }: Divided<LineRow>): Payable {
  const { savingsAccountId, money, ...rest } = line
  assert(savingsAccountId !== null && money !== null, 'a due line has an account')
  return { ...rest, savingsAccountId, money, sharedFrom: sharedFrom === null ? null : String(sharedFrom) }
}

/** Keeps what became of each: the incentive and who paid it, or that the ledger refused it. */
async function note(tx: Tx, run: RunRow, payments: readonly Payment[], outcomes: readonly Outcome[]): Promise<void> {
  const posted: { number: number; transactionId: string; recordedAt: Date; sharedFrom: string | null }[] = []
  const shares: { transactionId: string; fundId: string; amount: string }[] = []
  const refused: { number: number; code: string }[] = []
  payments.forEach(({ line, parts, sharedFrom, draft: { id: transactionId } }, place) => {
    const { number } = line
    const outcome = outcomes[place]!
    if ('refusal' in outcome) {
      refused.push({ number, code: outcome.refusal.code })
      return
    }
    const { recordedAt } = outcome.posted
    posted.push({ number, transactionId, recordedAt, sharedFrom: sharedFrom === null ? null : String(sharedFrom) })
    for (const { fundId, amount } of parts) shares.push({ transactionId, fundId, amount: String(amount) })
  })
  if (posted.length > 0) await notePosted(tx, run, posted, shares)
  if (refused.length === 0) return
  await tx.execute(sql`
    update incentive_run_line l set outcome = 'refused', reason = 'refused-by-ledger',
      explanation = l.explanation || jsonb_build_object('refusal', x.code)
    from jsonb_to_recordset(${JSON.stringify(refused)}::jsonb) as x(number int, code text)
    where l.book_id = ${run.bookId} and l.run_id = ${run.id} and l.number = x.number`)
}

async function notePosted(tx: Tx, run: RunRow, posted: readonly object[], shares: readonly object[]): Promise<void> {
  await tx.execute(sql`
    with x as (
      select * from jsonb_to_recordset(${JSON.stringify(posted)}::jsonb) as x(number int, "transactionId" uuid, "recordedAt" timestamptz,
        "sharedFrom" bigint)
    ), said as (
      update incentive_run_line l set outcome = 'posted', shared_from = x."sharedFrom" from x
      where l.book_id = ${run.bookId} and l.run_id = ${run.id} and l.number = x.number
    )
    insert into incentive (book_id, saver_id, rule_id, period, revision, follows, enrolment_id, savings_account_id, money, amount,
      household, turn, document, document_use, run_id, line, transaction_id, recorded_at)
    select l.book_id, l.saver_id, l.rule_id, l.period, l.revision, nullif(l.revision, 0) - 1, l.enrolment_id, l.savings_account_id,
      l.money, l.amount, l.household, l.turn, l.document, l.document_use, l.run_id, l.number, x."transactionId", x."recordedAt"
    from x join incentive_run_line l on l.book_id = ${run.bookId} and l.run_id = ${run.id} and l.number = x.number`)
  // In whichever other household somebody was counted for the period: the key refuses that, and nothing is posted.
  await tx.execute(sql`
    with x as (select * from jsonb_to_recordset(${JSON.stringify(posted)}::jsonb) as x(number int))
    insert into incentive_counted (book_id, saver_id, rule_id, period, household)
    select distinct l.book_id, s.id::uuid, l.rule_id, l.period, l.household
    from x join incentive_run_line l on l.book_id = ${run.bookId} and l.run_id = ${run.id} and l.number = x.number
    cross join jsonb_array_elements_text(l.explanation -> 'savers') as s(id)
    where not exists (
      select from incentive_counted c
      where c.book_id = l.book_id and c.saver_id = s.id::uuid and c.rule_id = l.rule_id and c.period = l.period
        and c.household is not distinct from l.household)`)
  await tx.execute(sql`
    insert into incentive_share (book_id, transaction_id, fund_id, amount)
    select ${run.bookId}::uuid, x."transactionId", x."fundId", x.amount
    from jsonb_to_recordset(${JSON.stringify(shares)}::jsonb) as x("transactionId" uuid, "fundId" uuid, amount bigint)`)
}
