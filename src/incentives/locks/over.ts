import { sql } from 'drizzle-orm'
import type { CalendarDate } from '../../dates.ts'
import type { Connection } from '../../ledger/index.ts'
import type { Amount } from '../../money.ts'
import { contractEnd } from '../../savings/registry/periods.ts'
import { type Holding, sumOf } from '../lots/lots.ts'
import { holdingsOf } from '../lots/reading.ts'
import type { LockOutcome } from '../runs/schema.ts'

/** A contract's locked incentives in one account that end alike: what is still locked of them. */
export type Lock = {
  enrolmentId: string
  savingsAccountId: string
  isForfeit: boolean
  number: number
  amount: Amount
  /** The last day on which any of it was credited. */
  creditedOn: CalendarDate
}

export type Contract = {
  saverId: string
  enrolmentId: string
  startsOn: CalendarDate
  contractMonths: number
  endsOn: CalendarDate | null
  isEarly: boolean
}

/** What contracts have locked, by the same lots that clawbacks take from. */
export async function locksOf(connection: Connection, bookId: string, contracts: readonly Contract[]): Promise<Lock[]> {
  const holdings = await holdingsOf(connection, bookId, [...new Set(contracts.map(({ saverId }) => saverId))])
  const locks = contracts.flatMap(contract => lockedBy(holdings.get(contract.saverId)!, contract))
  const numbers = await numbersOf(connection, bookId, [...new Set(locks.map(({ enrolmentId }) => enrolmentId))])
  return locks.map(lock => ({ ...lock, number: (numbers.get(nameOf(lock)) ?? 0) + 1 }))
}

/** Pure. */
function lockedBy({ places }: Holding, { enrolmentId, isEarly }: Contract): Omit<Lock, 'number'>[] {
  const locked = places.filter(({ money }) => money === 'incentive-locked')
  return locked.flatMap(({ savingsAccountId, lots }) => {
    const ofContract = lots.filter(lot => lot.enrolmentId === enrolmentId)
    const alike = Map.groupBy(ofContract, ({ forfeits }) => isEarly && forfeits)
    return [...alike].map(([isForfeit, lots]) => ({
      ...{ enrolmentId, savingsAccountId, isForfeit, amount: sumOf(lots) },
      creditedOn: lots
        .map(({ on }) => on)
        .sort()
        .at(-1)!,
    }))
  })
}

/**
 * The contracts that are over by a day, of savers who have anything locked; what was entered by mistake is for the next run to
 * take back.
 */
export async function contractsOver(connection: Connection, bookId: string, day: CalendarDate): Promise<Contract[]> {
  const { rows } = await connection.execute<Contract>(sql`
    select e.saver_id as "saverId", e.id as "enrolmentId", e.starts_on as "startsOn", e.contract_months as "contractMonths",
      e.ends_on as "endsOn", coalesce(e.ends_on < (e.starts_on + make_interval(months => e.contract_months))::date - 1
        and e.end_reason <> 'completed', false) as "isEarly"
    from enrolment e
    where e.book_id = ${bookId} and e.end_reason is distinct from 'entered-by-mistake'
      and (e.starts_on + make_interval(months => e.contract_months) <= ${day}::date or e.ends_on <= ${day})
      and exists (
        select from savings_account a join account l on l.book_id = a.book_id and l.id = a.incentive_locked_account_id
        where a.book_id = e.book_id and a.saver_id = e.saver_id and l.credits > l.debits)
    order by e.saver_id, e.starts_on, e.id`)
  return rows.filter(contract => isOver(contract, day))
}

function isOver({ startsOn, contractMonths, endsOn }: Contract, day: CalendarDate): boolean {
  return contractEnd(startsOn, contractMonths) < day || (endsOn !== null && endsOn <= day)
}

const nameOf = ({
  enrolmentId,
  savingsAccountId,
  isForfeit,
}: Pick<Lock, 'enrolmentId' | 'savingsAccountId' | 'isForfeit'>) =>
  `${enrolmentId} ${savingsAccountId} ${isForfeit ? 'forfeited' : 'released'}`

/** The last number of the ends of contracts' locks, by `nameOf`. */
async function numbersOf(
  connection: Connection,
  bookId: string,
  enrolmentIds: readonly string[],
): Promise<Map<string, number>> {
  type Row = { enrolmentId: string; savingsAccountId: string; outcome: LockOutcome; number: number }
  const { rows } = await connection.execute<Row>(sql`
    select l.enrolment_id as "enrolmentId", l.savings_account_id as "savingsAccountId", l.outcome, max(l.number)::int as number
    from lock_end l where l.book_id = ${bookId} and l.enrolment_id = any (${sql.param(enrolmentIds)}::uuid[])
    group by 1, 2, 3`)
  return new Map(
    rows.map(({ outcome, number, ...one }) => [nameOf({ ...one, isForfeit: outcome === 'forfeited' }), number]),
  )
}
