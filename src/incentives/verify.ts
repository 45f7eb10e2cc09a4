import { getTableName } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { type Session, streamRows, type TextRow } from '../db/stream.ts'
import { nameId } from '../ids.ts'
import { type Book, contentHash, type FaultList, type FurtherCheck, verifyGuards } from '../ledger/index.ts'
import { moneyAccount } from '../savings/chart.ts'
import { incentiveCounted } from './households/schema.ts'
import type { Money } from './lots/lots.ts'
import { takenFromSchema } from './runs/explanation.ts'
import { draftOf } from './runs/payment.ts'
import { incentive, incentiveRunLine, incentiveShare, lockEnd } from './runs/schema.ts'

const guards = {
  tables: [incentive, incentiveCounted, incentiveShare, lockEnd],
  handWritten: ['incentive_is_final', 'incentive_counted_is_final', 'incentive_share_is_final', 'lock_end_is_final'],
}

/**
 * Compares what was paid as incentives with the ledger: each, with what it was paid for and by which funds, makes its
 * transaction again, which has to be the one that was posted; so does every end of a lock. Of runs only posted lines are
 * looked at, for of the others nothing was posted.
 */
export const verifyIncentives: FurtherCheck = async (session, book, faults) => {
  const rows = (await verifyPaid(session, book, faults)) + (await verifyLockEnds(session, book, faults))
  await verifyStrayShares(session, book, faults)
  await verifyCounted(session, book, faults)
  await verifyGuards(session, faults, guards)
  return rows
}

type Rule = 'record-missing' | 'record-unregistered' | 'record-differs' | 'record-unposted'

function teller(faults: FaultList) {
  return (rule: Rule, table: PgTable, recordId: string, expected: string, found: string) =>
    faults.add({ rule, table: getTableName(table), recordId, expected, found })
}

const instant = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** Each incentive beside its transaction, its line, its run and its funds, as JSON: few fields, of which all are compared. */
const paidRows = `
  select t.sequence::text, t.id::text, encode(t.content_hash, 'hex'), ${instant('t.recorded_at')}, i.transaction_id::text,
    ${instant('i.recorded_at')},
    json_build_object('saverId', i.saver_id, 'enrolmentId', i.enrolment_id, 'ruleId', i.rule_id, 'period', i.period,
      'revision', i.revision, 'follows', i.follows, 'savingsAccountId', i.savings_account_id, 'money', i.money, 'household', i.household,
      'turn', i.turn, 'document', i.document, 'documentUse', i.document_use, 'amount', i.amount::text, 'number', i.line)::text,
    json_build_object('saverId', l.saver_id, 'enrolmentId', l.enrolment_id, 'ruleId', l.rule_id, 'period', l.period,
      'revision', l.revision, 'follows', nullif(l.revision, 0) - 1, 'savingsAccountId', l.savings_account_id, 'money', l.money,
      'household', l.household, 'turn', l.turn, 'document', l.document, 'documentUse', l.document_use,
      'amount', l.amount::text, 'number', l.number)::text,
    json_build_object('code', r.code, 'reason', l.reason, 'explanation', l.explanation, 'outcome', l.outcome,
      'sharedFrom', l.shared_from::text)::text,
    json_build_object('id', n.id, 'programmeId', n.programme_id, 'valueDate', n.value_date)::text,
    (select json_agg(json_build_object('fundId', s.fund_id, 'amount', s.amount::text)) from incentive_share s
      where s.book_id = $1 and s.transaction_id = i.transaction_id)::text
  from (select * from transaction where book_id = $1 and kind in ('incentive', 'incentive-clawback')) t
  full join (select * from incentive where book_id = $1) i on i.transaction_id = t.id
  left join incentive_run_line l on l.book_id = $1 and l.run_id = i.run_id and l.number = i.line
  left join incentive_run n on n.book_id = $1 and n.id = i.run_id
  left join incentive_rule r on r.id = i.rule_id`

async function verifyPaid(session: Session, book: Book, faults: FaultList): Promise<number> {
  const wrong = teller(faults)
  const stream = await streamRows<TextRow>(session, paidRows, [book.id])
  let rows = 0
  for (let row = stream.row; row !== undefined; row = stream.row) {
    const [sequence, transactionId, hash, postedAt, paidId, recordedAt, paid, line, told, run, shares] = row
    if (paidId === null)
      wrong('record-missing', incentive, transactionId!, `the incentive of transaction ${sequence}`, 'none')
    else {
      rows += 1
      if (transactionId === null) wrong('record-unposted', incentive, paidId!, `transaction ${paidId}`, 'none')
      else if (paid !== line) wrong('record-differs', incentiveRunLine, paidId!, paid!, line!)
      else if (postedAt !== recordedAt) wrong('record-differs', incentive, paidId!, postedAt!, recordedAt!)
      else {
        const again = hashAgain(book, paid!, told!, run!, shares ?? null)
        if (again !== hash) wrong('record-differs', incentive, paidId!, hash!, again)
      }
    }
    const wait = stream.next()
    if (wait) await wait
  }
  return rows
}

/** The content hash of the transaction that these rows make; in words when they make none. */
function hashAgain(book: Book, paid: string, told: string, run: string, shares: string | null): string {
  const { outcome, ...said } = JSON.parse(told)
  if (outcome !== 'posted') return `a line that is ${outcome}`
  const { amount, ...line } = { ...JSON.parse(paid), ...said }
  const parts = JSON.parse(shares ?? '[]').map((part: { fundId: string; amount: string }) => ({
    ...part,
    amount: BigInt(part.amount),
  }))
  const { takenFrom } = said.explanation ?? {}
  if (takenFrom !== undefined && !takenFromSchema.safeParse(takenFrom).success) return 'takings that are none'
  const draft = draftOf(JSON.parse(run), { ...line, amount: BigInt(amount) }, parts, book.currency)
  return contentHash(book.id, draft).toString('hex')
}

async function verifyStrayShares(session: Session, book: Book, faults: FaultList): Promise<void> {
  const text = `
    select s.transaction_id::text from incentive_share s
    where s.book_id = $1 and not exists (
      select from incentive i where i.book_id = $1 and i.transaction_id = s.transaction_id)`
  const stream = await streamRows<TextRow>(session, text, [book.id])
  for (let row = stream.row; row !== undefined; row = stream.row) {
    teller(faults)('record-unregistered', incentiveShare, row[0]!, 'an incentive', 'none')
    const wait = stream.next()
    if (wait) await wait
  }
}

/** Who was counted in which household, as it is kept, and as the sealed explanations of what was posted tell it. */
const countedRows = `
  select coalesce(c.saver_id, told.saver_id)::text, c.counted, told.counted
  from (select saver_id, rule_id, period, coalesce('in ' || household, 'alone') as counted from incentive_counted where book_id = $1) c
  full join (
    select s.id::uuid as saver_id, l.rule_id, l.period, min(coalesce('in ' || l.household, 'alone')) as counted
    from incentive_run_line l cross join jsonb_array_elements_text(l.explanation -> 'savers') as s(id)
    where l.book_id = $1 and l.outcome = 'posted' group by 1, 2, 3) told using (saver_id, rule_id, period)
  where c.counted is distinct from told.counted`

async function verifyCounted(session: Session, book: Book, faults: FaultList): Promise<void> {
  const wrong = teller(faults)
  const stream = await streamRows<TextRow>(session, countedRows, [book.id])
  for (let row = stream.row; row !== undefined; row = stream.row) {
    const [saverId, kept, told] = row
    const rule = kept === null ? 'record-missing' : told === null ? 'record-unregistered' : 'record-differs'
    wrong(rule, incentiveCounted, saverId!, told ?? 'a payment', kept ?? 'none')
    const wait = stream.next()
    if (wait) await wait
  }
}

/** Each end of a lock as its transaction tells it, and as it is kept. */
const lockRows = `
  select t.sequence::text, t.id::text, l.transaction_id::text, t.evidence ->> 'savingsAccountId', l.outcome, l.number::text,
    l.enrolment_id::text, l.savings_account_id::text, e.account_id::text,
    json_build_array(case t.kind when 'incentive-release' then 'released' else 'forfeited' end, t.evidence ->> 'enrolmentId',
      t.evidence ->> 'savingsAccountId', e.amount::text, t.value_date, ${instant('t.recorded_at')}, t.actor)::text,
    json_build_array(l.outcome, l.enrolment_id, l.savings_account_id, l.amount::text, l.ended_on, ${instant('l.recorded_at')}, l.actor)::text
  from (select * from transaction where book_id = $1 and kind in ('incentive-release', 'incentive-forfeiture')) t
  left join entry e on e.book_id = $1 and e.sequence = t.sequence and e.position = 1
  full join (select * from lock_end where book_id = $1) l on l.transaction_id = t.id`

async function verifyLockEnds(session: Session, book: Book, faults: FaultList): Promise<number> {
  const wrong = teller(faults)
  const stream = await streamRows<TextRow>(session, lockRows, [book.id])
  let rows = 0
  for (let row = stream.row; row !== undefined; row = stream.row) {
    const [
      sequence,
      transactionId,
      endId,
      toldAccount,
      outcome,
      number,
      enrolmentId,
      savingsAccountId,
      debited,
      said,
      kept,
    ] = row
    if (endId === null)
      wrong('record-missing', lockEnd, transactionId!, `the end of a lock of transaction ${sequence}`, 'none')
    else {
      rows += 1
      const id = nameId(`lock:${outcome}:${number}:${enrolmentId}`, savingsAccountId!)
      if (transactionId === null) wrong('record-unposted', lockEnd, endId!, `transaction ${endId}`, 'none')
      else if (said !== kept || id !== endId || debited !== lockedAccount(toldAccount!)) {
        wrong('record-differs', lockEnd, endId!, `what transaction ${sequence} says`, 'another')
      }
    }
    const wait = stream.next()
    if (wait) await wait
  }
  return rows
}

const locked: Money = 'incentive-locked'
const lockedAccount = (savingsAccountId: string) => moneyAccount(savingsAccountId, locked)
