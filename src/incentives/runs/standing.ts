import { sql } from 'drizzle-orm'
import { type CalendarDate, firstDay, lastDay, monthOf } from '../../dates.ts'
import type { Connection } from '../../ledger/index.ts'
import type { Amount } from '../../money.ts'
import { keyOf, onceKey } from '../accrual/accrual.ts'
import type { Money } from '../lots/lots.ts'
import type { Paid, Room } from './lines.ts'
import type { LockOutcome } from './schema.ts'

/** A contract as a run reads it. */
export type Contract = {
  enrolmentId: string
  saverId: string
  startsOn: CalendarDate
  contractMonths: number
  endsOn: CalendarDate | null
  enteredByMistake: boolean
  household: string | null
}

const contractColumns = sql`e.id as "enrolmentId", e.saver_id as "saverId", e.starts_on as "startsOn",
  e.contract_months as "contractMonths", e.ends_on as "endsOn", e.end_reason is not distinct from 'entered-by-mistake' as "enteredByMistake",
  s.household_reference as household`

/** The contracts of the next savers after one, a saver's oldest first; whole savers, some `limit` of them. */
export async function contractsAfter(
  connection: Connection,
  { bookId, programmeId }: { bookId: string; programmeId: string },
  after: string | null,
  limit: number,
): Promise<Contract[]> {
  const { rows } = await connection.execute<Contract>(sql`
    with next as (
      select distinct e.saver_id from enrolment e
      where e.book_id = ${bookId} and e.programme_id = ${programmeId} ${after === null ? sql`` : sql`and e.saver_id > ${after}`}
      order by e.saver_id limit ${limit})
    select ${contractColumns}
    from next join enrolment e on e.book_id = ${bookId} and e.saver_id = next.saver_id and e.programme_id = ${programmeId}
    join saver s on s.book_id = e.book_id and s.id = e.saver_id
    order by e.saver_id, e.starts_on, e.id`)
  return rows
}

/** The contracts of these savers, a saver's oldest first. */
export async function contractsOfSavers(
  connection: Connection,
  { bookId, programmeId }: { bookId: string; programmeId: string },
  saverIds: readonly string[],
): Promise<Contract[]> {
  const { rows } = await connection.execute<Contract>(sql`
    select ${contractColumns}
    from enrolment e join saver s on s.book_id = e.book_id and s.id = e.saver_id
    where e.book_id = ${bookId} and e.programme_id = ${programmeId} and e.saver_id = any (${sql.param(saverIds)}::uuid[])
    order by e.saver_id, e.starts_on, e.id`)
  return rows
}

/** The contracts in the programme of all who live in these households by the register, or were counted in them by these rules. */
export async function contractsOfHouseholds(
  connection: Connection,
  { bookId, programmeId }: { bookId: string; programmeId: string },
  ruleIds: readonly string[],
  households: readonly string[],
): Promise<Contract[]> {
  const named = sql`any (${sql.param(households)}::text[])`
  const { rows } = await connection.execute<Contract>(sql`
    with mates as (
      select s.id from saver s where s.book_id = ${bookId} and s.household_reference = ${named}
      union select c.saver_id from incentive_counted c
      where c.book_id = ${bookId} and c.household = ${named} and c.rule_id = any (${sql.param(ruleIds)}::uuid[]))
    select ${contractColumns}
    from mates join saver s on s.book_id = ${bookId} and s.id = mates.id
    join enrolment e on e.book_id = s.book_id and e.saver_id = s.id and e.programme_id = ${programmeId}
    order by e.starts_on, e.id`)
  return rows
}

/** The households that savers were counted in, by saver and, within her, by rule and period; null where she was counted alone. */
export type Counted = ReadonlyMap<string, ReadonlyMap<string, string | null>>

export async function countedOf(
  connection: Connection,
  bookId: string,
  ruleIds: readonly string[],
  saverIds: readonly string[],
): Promise<Counted> {
  type Row = { saverId: string; ruleId: string; period: string; household: string | null }
  const { rows } = await connection.execute<Row>(sql`
    select c.saver_id as "saverId", c.rule_id as "ruleId", c.period, c.household from incentive_counted c
    where c.book_id = ${bookId} and c.saver_id = any (${sql.param(saverIds)}::uuid[])
      and c.rule_id = any (${sql.param(ruleIds)}::uuid[])`)
  const bySaver = new Map<string, Map<string, string | null>>()
  for (const { saverId, household, ...one } of rows) {
    const counted = bySaver.get(saverId) ?? new Map<string, string | null>()
    bySaver.set(saverId, counted.set(keyOf(one), household))
  }
  return bySaver
}

/** What was paid to savers under rules, by contract. */
export async function paidTo(
  connection: Connection,
  bookId: string,
  ruleIds: readonly string[],
  saverIds: readonly string[],
): Promise<Map<string, Paid[]>> {
  const { rows } = await connection.execute<Omit<Paid, 'amount'> & { amount: string }>(sql`
    select i.saver_id as "saverId", i.enrolment_id as "enrolmentId", i.rule_id as "ruleId", i.period, max(i.revision) as revision, sum(i.amount)::text as amount,
      jsonb_object_agg(i.household, i.turn) filter (where i.household is not null) as turns,
      (array_agg(i.household order by i.revision desc))[1] as household,
      (array_agg(i.savings_account_id order by i.revision desc))[1] as "savingsAccountId",
      (array_agg(i.money order by i.revision desc))[1] as money,
      (array_agg(l.explanation ->> 'from' order by i.revision desc))[1] as "from",
      (array_agg(l.explanation ->> 'to' order by i.revision desc))[1] as "to"
    from incentive i join incentive_run_line l on l.book_id = i.book_id and l.run_id = i.run_id and l.number = i.line
    where i.book_id = ${bookId} and i.saver_id = any (${sql.param(saverIds)}::uuid[])
      and i.rule_id = any (${sql.param(ruleIds)}::uuid[])
    group by i.saver_id, i.enrolment_id, i.rule_id, i.period`)
  const byContract = new Map<string, Paid[]>()
  for (const { amount, turns, ...row } of rows) {
    const paid = { ...row, turns: turns ?? {}, amount: BigInt(amount) }
    const known = byContract.get(row.enrolmentId)
    if (known === undefined) byContract.set(row.enrolmentId, [paid])
    else known.push(paid)
  }
  return byContract
}

/** A saver's savings account, and what it holds of incentives. */
export type HeldAccount = { id: string; saverId: string; isOpen: boolean; room: Room }

type AccountRow = {
  id: string
  saverId: string
  isOpen: boolean
  locked: string
  released: string
  total: string
  today: string
  month: string
}

export type Limits = { mostBalance: Amount | null; mostADay: Amount | null; mostAMonth: Amount | null }

/** The savings accounts of savers, oldest first, with what they hold and what their limits leave on the value date. */
export async function accountsOf(
  connection: Connection,
  bookId: string,
  saverIds: readonly string[],
  valueDate: CalendarDate,
  limits: Limits | null,
): Promise<Map<string, HeldAccount[]>> {
  const month = monthOf(valueDate)
  const takings =
    limits === null
      ? sql`select 0 as today, 0 as month`
      : sql`select coalesce(sum(e.amount) filter (where e.value_date = ${valueDate}), 0) as today, coalesce(sum(e.amount), 0) as month
          from unnest(array[a.own_account_id, a.incentive_locked_account_id, a.incentive_released_account_id, a.interest_account_id]) as u(id)
          join entry e on e.book_id = a.book_id and e.account_id = u.id
          where e.direction = 'credit' and e.value_date between ${firstDay(month)} and ${lastDay(month)}`
  const available = (alias: string) => sql.raw(`${alias}.credits - ${alias}.debits - ${alias}.held`)
  const { rows } = await connection.execute<AccountRow>(sql`
    select a.id, a.saver_id as "saverId", o.status = 'open' as "isOpen", (${available('l')})::text as locked,
      (${available('r')})::text as released, taken.today::text as today, taken.month::text as month,
      (o.credits - o.debits + l.credits - l.debits + r.credits - r.debits + i.credits - i.debits)::text as total
    from savings_account a
    join account o on o.book_id = a.book_id and o.id = a.own_account_id
    join account l on l.book_id = a.book_id and l.id = a.incentive_locked_account_id
    join account r on r.book_id = a.book_id and r.id = a.incentive_released_account_id
    join account i on i.book_id = a.book_id and i.id = a.interest_account_id
    cross join lateral (${takings}) taken
    where a.book_id = ${bookId} and a.saver_id = any (${sql.param(saverIds)}::uuid[])
    order by a.saver_id, a.opened_on, a.id`)
  const bySaver = new Map<string, HeldAccount[]>()
  for (const row of rows) {
    const account = { id: row.id, saverId: row.saverId, isOpen: row.isOpen, room: roomOf(row, limits) }
    const known = bySaver.get(row.saverId)
    if (known === undefined) bySaver.set(row.saverId, [account])
    else known.push(account)
  }
  return bySaver
}

function roomOf({ locked, released, total, today, month }: AccountRow, limits: Limits | null): Room {
  const left: Room['left'] = []
  const add = (limit: string, most: Amount | null, used: string) => {
    if (most !== null) left.push({ limit, amount: most - BigInt(used) })
  }
  if (limits !== null) {
    add('mostBalance', limits.mostBalance, total)
    add('mostADay', limits.mostADay, today)
    add('mostAMonth', limits.mostAMonth, month)
  }
  const held: Record<Money, Amount> = { 'incentive-locked': BigInt(locked), 'incentive-released': BigInt(released) }
  return { held, left }
}

/** How the locks of contracts ended, of those that did; forfeited when any of it was. */
export async function lockEndsOf(
  connection: Connection,
  bookId: string,
  enrolmentIds: readonly string[],
): Promise<Map<string, LockOutcome>> {
  const { rows } = await connection.execute<{ id: string; outcome: LockOutcome }>(sql`
    select l.enrolment_id as id, min(l.outcome) as outcome from lock_end l
    where l.book_id = ${bookId} and l.enrolment_id = any (${sql.param(enrolmentIds)}::uuid[]) group by l.enrolment_id`)
  return new Map(rows.map(({ id, outcome }) => [id, outcome]))
}

/** Of which incentives the programme's runs told that they went back with a contract that ended early, by saver. */
export async function toldForfeitedOf(
  connection: Connection,
  bookId: string,
  programmeId: string,
  saverIds: readonly string[],
): Promise<Map<string, Set<string>>> {
  type Row = { saverId: string; enrolmentId: string; ruleId: string; period: string }
  const { rows } = await connection.execute<Row>(sql`
    select distinct l.saver_id as "saverId", l.enrolment_id as "enrolmentId", l.rule_id as "ruleId", l.period
    from incentive_run n join incentive_run_line l on l.book_id = n.book_id and l.run_id = n.id
    where n.book_id = ${bookId} and n.programme_id = ${programmeId} and n.status = 'posted'
      and l.saver_id = any (${sql.param(saverIds)}::uuid[]) and l.explanation ? 'forfeited'`)
  const bySaver = Map.groupBy(rows, ({ saverId }) => saverId)
  return new Map([...bySaver].map(([saverId, hers]) => [saverId, new Set(hers.map(onceKey))]))
}

/** The limits of accounts on a day: those last set by then. */
export async function limitsOn(connection: Connection, bookId: string, day: CalendarDate): Promise<Limits | null> {
  const { rows } = await connection.execute<{ [name in keyof Limits]: string | null }>(sql`
    select l.most_balance::text as "mostBalance", l.most_a_day::text as "mostADay", l.most_a_month::text as "mostAMonth"
    from account_limit l where l.book_id = ${bookId} and l.valid_from <= ${day} order by l.valid_from desc limit 1`)
  const [row] = rows
  if (row === undefined) return null
  const amount = (text: string | null) => (text === null ? null : BigInt(text))
  return { mostBalance: amount(row.mostBalance), mostADay: amount(row.mostADay), mostAMonth: amount(row.mostAMonth) }
}
