import { sql } from 'drizzle-orm'
import type { CalendarDate } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import type { Amount } from '../../money.ts'
import { contractEnd } from '../../savings/registry/periods.ts'
import { type Holding, sumOf } from '../lots/lots.ts'
import { holdingsOf } from '../lots/reading.ts'
import type { LockOutcome } from '../runs/schema.ts'

/** As many savers as are looked at together. */
const saversAtOnce = 500

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

type Contract = {
  saverId: string
  enrolmentId: string
  startsOn: CalendarDate
  contractMonths: number
  endsOn: CalendarDate | null
  isEarly: boolean
}

/**
 * The locks of contracts that are over by a day: of savers with anything locked, what is left of it by the same lots that
 * clawbacks take from. What was entered by mistake is for the next run to take back.
 */
export async function overBy(db: Db, bookId: string, day: CalendarDate): Promise<Lock[]> {
  const contracts = (await contractsOver(db, bookId, day)).filter(contract => isOver(contract, day))
  const bySaver = [...Map.groupBy(contracts, ({ saverId }) => saverId)]
  const locks: Lock[] = []
  for (let from = 0; from < bySaver.length; from += saversAtOnce) {
    const some = bySaver.slice(from, from + saversAtOnce)
    const saverIds = some.map(([saverId]) => saverId)
    const holdings = await holdingsOf(db, bookId, saverIds)
    const hers = some.flatMap(([saverId, contracts]) => contracts.flatMap(one => locksOf(holdings.get(saverId)!, one)))
    const numbers = await numbersOf(db, bookId, [...new Set(hers.map(({ enrolmentId }) => enrolmentId))])
    locks.push(...hers.map(lock => ({ ...lock, number: (numbers.get(nameOf(lock)) ?? 0) + 1 })))
  }
  return locks
}

function isOver({ startsOn, contractMonths, endsOn }: Contract, day: CalendarDate): boolean {
  return contractEnd(startsOn, contractMonths) < day || (endsOn !== null && endsOn <= day)
}

/** Pure. */
function locksOf({ places }: Holding, { enrolmentId, isEarly }: Contract): Omit<Lock, 'number'>[] {
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

async function contractsOver(db: Db, bookId: string, day: CalendarDate): Promise<Contract[]> {
  const { rows } = await db.execute<Contract>(sql`
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
  return rows
}

const nameOf = ({
  enrolmentId,
  savingsAccountId,
  isForfeit,
}: Pick<Lock, 'enrolmentId' | 'savingsAccountId' | 'isForfeit'>) =>
  `${enrolmentId} ${savingsAccountId} ${isForfeit ? 'forfeited' : 'released'}`

/** The last number of the ends of contracts' locks, by `nameOf`. */
async function numbersOf(db: Db, bookId: string, enrolmentIds: readonly string[]): Promise<Map<string, number>> {
  type Row = { enrolmentId: string; savingsAccountId: string; outcome: LockOutcome; number: number }
  const { rows } = await db.execute<Row>(sql`
    select l.enrolment_id as "enrolmentId", l.savings_account_id as "savingsAccountId", l.outcome, max(l.number)::int as number
    from lock_end l where l.book_id = ${bookId} and l.enrolment_id = any (${sql.param(enrolmentIds)}::uuid[])
    group by 1, 2, 3`)
  return new Map(
    rows.map(({ outcome, number, ...one }) => [nameOf({ ...one, isForfeit: outcome === 'forfeited' }), number]),
  )
}
