import { sql } from 'drizzle-orm'
import type { CalendarDate, Month } from '../../dates.ts'
import type { Connection } from '../../ledger/index.ts'
import type { PeriodStatus } from '../rules/terms.ts'
import { type Decision, keyOf } from './accrual.ts'
import type { Movement } from './lived.ts'

/** Up to where the book is read: what was recorded by a transaction, of days up to a day. */
export type Horizon = { bookId: string; cutoff: bigint; through: CalendarDate }

type Row = {
  saverId: string
  transactionId: string
  date: CalendarDate
  kind: string
  effect: string
  source: string | null
  periodFrom: Month | null
  periodTo: Month | null
  purpose: string | null
  reference: string | null
  document: string | null
}

/**
 * What changed the own money of savers, over all their accounts in the book, by saver; what was reversed, and its
 * reversal, are left out. A transaction that moves money between two accounts of one saver changed nothing.
 */
export async function movementsOf(
  connection: Connection,
  { bookId, cutoff, through }: Horizon,
  saverIds: readonly string[],
): Promise<Map<string, Movement[]>> {
  const { rows } = await connection.execute<Row>(sql`
    select a.saver_id as "saverId", t.id as "transactionId", t.value_date as date, t.kind,
      sum(case e.direction when 'credit' then e.amount else - e.amount end)::text as effect,
      t.evidence ->> 'source' as source, t.evidence ->> 'periodFrom' as "periodFrom",
      t.evidence ->> 'periodTo' as "periodTo", t.evidence ->> 'purpose' as purpose,
      t.evidence ->> 'reference' as reference, t.evidence ->> 'documentSha256' as document
    from savings_account a
    join entry e on e.book_id = a.book_id and e.account_id = a.own_account_id
    join transaction t on t.book_id = e.book_id and t.sequence = e.sequence
    where a.book_id = ${bookId} and a.saver_id = any (${sql.param(saverIds)}::uuid[])
      and e.sequence <= ${cutoff.toString()} and e.value_date <= ${through} and t.reverses is null
      and not exists (
        select from transaction r
        where r.book_id = ${bookId} and r.reverses = t.sequence and r.sequence <= ${cutoff.toString()})
    group by a.saver_id, t.book_id, t.sequence
    having sum(case e.direction when 'credit' then e.amount else - e.amount end) <> 0
    order by a.saver_id, t.value_date, t.sequence`)
  const bySaver = new Map<string, Movement[]>()
  for (const row of rows) {
    const movements = bySaver.get(row.saverId)
    if (movements === undefined) bySaver.set(row.saverId, [movementOf(row)])
    else movements.push(movementOf(row))
  }
  return bySaver
}

const told: Record<string, Movement['kind']> = {
  deposit: 'deposit',
  withdrawal: 'withdrawal',
  'state-transfer': 'state-transfer',
}

function movementOf({
  transactionId,
  date,
  kind,
  effect,
  source,
  purpose,
  reference,
  document,
  ...row
}: Row): Movement {
  const { periodFrom: from, periodTo: to } = row
  return {
    transactionId,
    date,
    kind: told[kind] ?? 'other',
    effect: BigInt(effect),
    ...(source !== null && { source }),
    ...(from !== null && to !== null && { months: { from, to } }),
    ...(purpose !== null && { purpose }),
    ...(reference !== null && { reference }),
    ...(document !== null && { document }),
  }
}

/** The statuses of households' bimesters as last told, by household and period. */
export async function statusesOf(
  connection: Connection,
  bookId: string,
  households: readonly string[],
): Promise<Map<string, Map<string, PeriodStatus>>> {
  const { rows } = await connection.execute<{ household: string; period: string; status: PeriodStatus }>(sql`
    select distinct on (p.household, p.period) p.household, p.period, p.status from household_period p
    where p.book_id = ${bookId} and p.household = any (${sql.param(households)}::text[])
    order by p.household, p.period, p.revision desc`)
  const byHousehold = new Map<string, Map<string, PeriodStatus>>()
  for (const { household, period, status } of rows) {
    const statuses = byHousehold.get(household) ?? new Map()
    byHousehold.set(household, statuses.set(period, status))
  }
  return byHousehold
}

/** Decisions by contract, and of one by rule and period. */
export type Decisions = ReadonlyMap<string, ReadonlyMap<string, Decision>>

/** What was last decided of savers' periods. What was decided of a run that was then given up is void. */
export async function decisionsOf(
  connection: Connection,
  bookId: string,
  ruleIds: readonly string[],
  saverIds: readonly string[],
): Promise<Decisions> {
  type Decided = { enrolmentId: string; ruleId: string; period: string; id: string; ruled: string; owed: string }
  const { rows } = await connection.execute<Decided>(sql`
    select distinct on (d.saver_id, d.enrolment_id, d.rule_id, d.period) d.enrolment_id as "enrolmentId", d.rule_id as "ruleId", d.period,
      d.decision_id as id, d.ruled::text as ruled, d.owed::text as owed
    from incentive_decided d
    join incentive_decision n on n.book_id = d.book_id and n.id = d.decision_id
    join incentive_run r on r.book_id = n.book_id and r.id = n.run_id
    where d.book_id = ${bookId} and d.saver_id = any (${sql.param(saverIds)}::uuid[])
      and d.rule_id = any (${sql.param(ruleIds)}::uuid[]) and r.status <> 'cancelled'
    order by d.saver_id, d.enrolment_id, d.rule_id, d.period, d.revision desc`)
  const byContract = new Map<string, Map<string, Decision>>()
  for (const { enrolmentId, id, ruled, owed, ...row } of rows) {
    const decisions = byContract.get(enrolmentId) ?? new Map<string, Decision>()
    byContract.set(enrolmentId, decisions.set(keyOf(row), { id, ruled: BigInt(ruled), owed: BigInt(owed) }))
  }
  return byContract
}
