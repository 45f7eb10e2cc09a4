import { sql } from 'drizzle-orm'
import type { Tx } from '../../db/client.ts'
import type { Book } from '../../ledger/index.ts'
import { type Amount, type Currency, formatAmount } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { inBook } from '../../savings/listing.ts'
import { type Accrual, type Decision, keyOf, onceKey } from '../accrual/accrual.ts'
import { accrualsOf, heldBy, knownOf, linesFrom } from '../runs/contracts.ts'
import type { Course, Known } from '../runs/known.ts'
import { explain, type Line, nothingOf } from '../runs/lines.ts'
import { courseOf } from '../runs/prepare.ts'
import type { RunRow } from '../runs/schema.ts'
import { incentiveRun, incentiveRunLine } from '../runs/schema.ts'
import { type Contract, contractsOfSavers } from '../runs/standing.ts'
import { type incentiveCalculationLine, incentiveDecided, type payables } from './schema.ts'

type Chosen = typeof incentiveCalculationLine.$inferSelect
type Taken = { id: string; calculationId: string; pay: (typeof payables)[number] }
type DecidedRow = Pick<
  typeof incentiveDecided.$inferInsert,
  'saverId' | 'enrolmentId' | 'ruleId' | 'period' | 'number' | 'ruled' | 'owed'
>

const saversAtOnce = 500
const rowsAtOnce = 2_000

/**
 * Keeps what is owed by a decision, and gives the run's lines the amounts that follow: of these periods, and of the savers'
 * others as far as caps over several periods leave less for them. What an earlier decision said of other periods stands.
 * @throws Refusal `lines-refused`, with `incentive-not-payable` and `cap-exceeded` by line
 */
export async function decideLines(tx: Tx, book: Book, run: RunRow, taken: Taken, chosen: readonly Chosen[]) {
  const course = await courseOf(tx, run, book.currency)
  const refused = new Map<number, Refusal>()
  const bySaver = [...Map.groupBy(chosen, ({ saverId }) => saverId)]
  let lines = run.lines
  for (let from = 0; from < bySaver.length; from += saversAtOnce) {
    const some = bySaver.slice(from, from + saversAtOnce)
    const saverIds = some.map(([saverId]) => saverId)
    const contracts = await contractsOfSavers(tx, run, saverIds)
    const known = { ...(await knownOf(tx, course, contracts)), ...(await heldBy(tx, course, saverIds)) }
    const hers = Map.groupBy(contracts, ({ saverId }) => saverId)
    const rows: DecidedRow[] = []
    const changed: Line[] = []
    for (const [saverId, ofSaver] of some) {
      const decided = decideSaver(ofSaver, hers.get(saverId) ?? [], course, known, taken)
      for (const [number, refusal] of decided.refused) refused.set(number, refusal)
      rows.push(...decided.rows)
      changed.push(...decided.changed)
    }
    if (refused.size > 0) continue
    await keepDecided(tx, book.id, taken, saverIds, rows)
    lines = await changeLines(tx, run, taken.id, saverIds, changed, lines)
  }
  if (refused.size > 0) {
    const lines = [...refused].map(([line, { code, facts }]) => ({ line, code, ...facts }))
    const detail = `${lines.length} of ${chosen.length} lines cannot be paid so; nothing was decided.`
    throw new Refusal('lines-refused', detail, { facts: { lines } })
  }
  await tx
    .update(incentiveRun)
    .set({ lines })
    .where(inBook(incentiveRun, run.bookId, run.id))
}

/** What is decided of one saver, and which of her lines change by it. Pure. */
function decideSaver(
  chosen: readonly Chosen[],
  contracts: readonly Contract[],
  course: Course,
  known: Known,
  { id, pay }: Taken,
): { rows: DecidedRow[]; changed: Line[]; refused: [number, Refusal][] } {
  const saverId = chosen[0]!.saverId
  const refused: [number, Refusal][] = []
  const rows: DecidedRow[] = []
  const byKey = new Map(chosen.map(line => [`${line.enrolmentId} ${line.ruleId} ${line.period}`, line]))
  const decisions = new Map(
    contracts.map(({ enrolmentId: id }) => [id, new Map<string, Decision>(known.decisions.get(id))]),
  )
  const owing = () => accrualsOf(contracts, course, decidedKnown())
  // In their order, for what is decided of one period may leave less of a cap for the next.
  for (const accrual of owing()) {
    const { enrolmentId, ruleId, period, reason } = accrual
    const line = byKey.get(onceKey(accrual))
    if (line === undefined) continue
    byKey.delete(onceKey(accrual))
    const now = owing().find(one => onceKey(one) === onceKey(accrual))!
    const ruled = now.decision?.ruled ?? now.amount
    const owed = pay === 'ours' ? ruled : (line.theirs ?? 0n)
    if (owed > 0n && reason !== null && neverPaid.has(reason)) {
      refused.push([line.number, notPayable(reason)])
      continue
    }
    if (owed > 0n && line.stranger !== null) {
      refused.push([line.number, notPayable(line.stranger)])
      continue
    }
    decisions.get(enrolmentId)!.set(keyOf(now), { id, ruled, owed })
    rows.push({ saverId, enrolmentId, ruleId, period, number: line.number, ruled, owed })
  }
  for (const { number, theirs, stranger } of byKey.values()) {
    if (pay === 'theirs' && theirs !== 0n) refused.push([number, notPayable(stranger ?? 'no-such-period')])
  }
  const accruals = new Map(owing().map(accrual => [onceKey(accrual), accrual]))
  for (const row of rows) {
    const { amount } = accruals.get(onceKey(row))!
    if (amount < row.owed) refused.push([row.number, overCap(row.owed, amount, course.currency)])
  }
  const before = linesFrom(course, contracts, known)
  const after = linesFrom(course, contracts, decidedKnown())
  const changed = changedLines(before, after, accruals, known, course.currency)
  for (const line of changed) {
    const { reason, outcome } = line
    const row = rows.find(one => onceKey(one) === onceKey(line))
    if (row !== undefined && outcome === 'nothing' && reason === 'contract-forfeited') {
      refused.push([row.number, notPayable(reason)])
    }
  }
  return { rows, changed, refused }

  function decidedKnown(): Known {
    return { ...known, decisions: new Map([...known.decisions, ...decisions]) }
  }
}

/** The lines that are other than they were. Where nothing is to be changed any more, a line says that it pays nothing. */
function changedLines(
  before: readonly Line[],
  after: readonly Line[],
  accruals: ReadonlyMap<string, Accrual>,
  known: Known,
  currency: Currency,
): Line[] {
  const were = new Map(before.map(line => [onceKey(line), line]))
  const changed: Line[] = []
  for (const line of after) {
    const was = were.get(onceKey(line))
    were.delete(onceKey(line))
    if (was === undefined || told(was) !== told(line)) changed.push(line)
  }
  for (const [key, was] of were) {
    const paid = known.paid.get(was.enrolmentId)?.find(one => onceKey(one) === key)
    const accrual = accruals.get(key)!
    const explanation = explain(accrual, paid, currency)
    const nothing = { savingsAccountId: null, money: null, document: null, documentUse: null, amount: 0n } as const
    changed.push({ ...was, ...nothing, ...nothingOf(accrual), explanation })
  }
  return changed
}

/** What no decision pays. */
const neverPaid: ReadonlySet<string> = new Set([
  'rule-to-be-set',
  'counted-with-household',
  'document-used',
  'opened-in-earlier-contract',
])

const told = ({ amount, outcome, explanation: { owed, owedByRule, decisionId } }: Line) =>
  `${amount} ${outcome} ${owed} ${owedByRule} ${decisionId}`

function notPayable(reason: string): Refusal {
  return new Refusal('incentive-not-payable', `Nothing of ours would pay it: ${reason}.`, { facts: { reason } })
}

function overCap(owed: Amount, most: Amount, currency: Currency): Refusal {
  const [wanted, left] = [formatAmount(owed, currency), formatAmount(most, currency)]
  return new Refusal('cap-exceeded', `The caps leave ${left} of ${wanted}.`, { facts: { wanted, most: left } })
}

async function keepDecided(
  tx: Tx,
  bookId: string,
  { id: decisionId, calculationId }: Taken,
  saverIds: readonly string[],
  rows: readonly DecidedRow[],
) {
  type Last = { enrolmentId: string; ruleId: string; period: string; revision: number }
  const { rows: last } = await tx.execute<Last>(sql`
    select d.enrolment_id as "enrolmentId", d.rule_id as "ruleId", d.period, max(d.revision)::int as revision
    from incentive_decided d
    where d.book_id = ${bookId} and d.saver_id = any (${sql.param(saverIds)}::uuid[])
    group by d.saver_id, d.enrolment_id, d.rule_id, d.period`)
  const revisions = new Map(last.map(row => [onceKey(row), row.revision]))
  const values = rows.map(row => {
    const revision = (revisions.get(onceKey(row)) ?? -1) + 1
    return { ...row, bookId, decisionId, calculationId, revision }
  })
  for (let from = 0; from < values.length; from += rowsAtOnce) {
    await tx.insert(incentiveDecided).values(values.slice(from, from + rowsAtOnce))
  }
}

/** Answers how many lines the run has then: a period of which it had nothing to say gets a line of its own. */
async function changeLines(
  tx: Tx,
  run: RunRow,
  decisionId: string,
  saverIds: readonly string[],
  changed: readonly Line[],
  lines: number,
): Promise<number> {
  type Known = { number: number; enrolmentId: string; ruleId: string; period: string }
  const { rows } = await tx.execute<Known>(sql`
    select l.number, l.enrolment_id as "enrolmentId", l.rule_id as "ruleId", l.period from incentive_run_line l
    where l.book_id = ${run.bookId} and l.run_id = ${run.id} and l.saver_id = any (${sql.param(saverIds)}::uuid[])`)
  const numbers = new Map(rows.map(row => [onceKey(row), row.number]))
  const numberOf = (line: Line) => numbers.get(onceKey(line))
  const known = changed.filter(line => numberOf(line) !== undefined)
  const json = known.map(line => ({ ...line, number: numberOf(line), amount: line.amount.toString() }))
  await tx.execute(sql`
    update incentive_run_line l set amount = x.amount, outcome = x.outcome, reason = x.reason, money = x.money,
      savings_account_id = x."savingsAccountId", document = x.document, document_use = x."documentUse",
      explanation = x.explanation, decision_id = ${decisionId}
    from jsonb_to_recordset(${JSON.stringify(json)}::jsonb) as x(number int, amount bigint, outcome text, reason text, money text,
      "savingsAccountId" uuid, document text, "documentUse" smallint, explanation jsonb)
    where l.book_id = ${run.bookId} and l.run_id = ${run.id} and l.number = x.number`)
  const more = changed.filter(line => numberOf(line) === undefined)
  const inserts = more.map((line, place) => ({
    ...{ ...line, bookId: run.bookId, runId: run.id, decisionId },
    number: lines + place + 1,
  }))
  for (let from = 0; from < inserts.length; from += rowsAtOnce) {
    await tx.insert(incentiveRunLine).values(inserts.slice(from, from + rowsAtOnce))
  }
  return lines + inserts.length
}
