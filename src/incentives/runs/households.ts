import { type CalendarDate, firstDay } from '../../dates.ts'
import type { Amount } from '../../money.ts'
import { type Accrual, type Facts, keyOf, type Movement } from '../accrual/accrue.ts'
import { contractEnd } from '../accrual/periods.ts'
import type { Known } from './contracts.ts'
import type { Paid } from './lines.ts'
import type { Contract, Mate } from './standing.ts'

type Living = Pick<Known, 'households' | 'paid'>

/**
 * The household that a saver's money counts in on a day. A period that was paid is judged by the household recorded at the
 * payment, whatever the register says since: hers, if she was the one paid; and that of whoever lives with her by the
 * register now and always did, for her reference had been a mistake. Else it is the one that the register tells.
 */
export function homeOn(contract: Contract, day: CalendarDate, known: Living): string | null {
  const own = paidHome(contract.saverId, day, known)
  const { household } = contract
  if (own !== undefined || household === null) return own ?? null
  const mates = known.households.get(household) ?? []
  const elsewhere = mates.find(mate => {
    const home = mate.household === household && !mate.hasMoved ? paidHome(mate.saverId, day, known) : undefined
    return home !== undefined && home !== household
  })
  if (elsewhere === undefined) return household
  const isPaid = mates.some(({ saverId }) => paidHome(saverId, day, known) === household)
  return isPaid ? household : paidHome(elsewhere.saverId, day, known)!
}

function paidHome(saverId: string, day: CalendarDate, { paid }: Living): string | undefined {
  const covering = paid
    .get(saverId)
    ?.find(({ household, amount, from, to }) => household !== null && amount > 0n && from <= day && day <= to)
  return covering?.household ?? undefined
}

/** The households that a saver's money may count in, on one day or another. */
export function homesOf({ saverId, household }: Contract, { households, paid }: Living): string[] {
  const mates = household === null ? [] : (households.get(household) ?? [])
  const savers = new Set([saverId, ...mates.filter(mate => mate.household === household).map(mate => mate.saverId)])
  const recorded = [...savers].flatMap(id => paid.get(id)?.flatMap(one => one.household ?? []) ?? [])
  return [...new Set([...(household === null ? [] : [household]), ...recorded])].filter(home => households.has(home))
}

/** The savers of a household together: their contracts' whole time, and what each of them moved while she counted in it. */
export function householdFacts(home: string, known: Known): Facts {
  const mates = known.households.get(home)!.filter(({ enteredByMistake }) => !enteredByMistake)
  const spans = mates.map(spanOf)
  const savers = new Map(mates.map(mate => [mate.saverId, mate]))
  const movements = [...savers].flatMap(([saverId, mate]) =>
    (known.movements.get(saverId) ?? []).filter(movement => homeOn(mate, dayOf(movement), known) === home),
  )
  const isOfHome = (saverId: string, key: string) => {
    const recorded = known.paid.get(saverId)?.find(one => keyOf(one) === key)?.household ?? null
    return recorded === null || recorded === home
  }
  const decisions = [...savers.keys()].flatMap(saverId =>
    [...(known.decisions.get(saverId) ?? [])].filter(([key]) => isOfHome(saverId, key)),
  )
  return {
    contract: {
      from: spans.map(({ from }) => from).sort()[0] ?? '9999-12-31',
      to:
        spans
          .map(({ to }) => to)
          .sort()
          .at(-1) ?? '0001-01-01',
    },
    movements: movements.toSorted((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0)),
    statuses: known.statuses.get(home) ?? new Map(),
    decisions: new Map(decisions),
  }
}

/** A transfer counts where she lived in the months that it is for. */
function dayOf({ date, months }: Movement): CalendarDate {
  return months === undefined ? date : firstDay(months.from)
}

/**
 * What of a household's accrual is owed to one of its contracts. It is paid once: to whom it was paid before, else to the
 * saver whose contract that day is the oldest. What others of it still hold of the same is not paid again: not before it
 * was taken back of one whose contract was a mistake.
 */
export function ofHousehold(accrual: Accrual, home: string, { enrolmentId }: Contract, known: Known): Accrual {
  const mates = known.households.get(home)!
  const holders = mates.flatMap(mate => {
    const paid = known.paid.get(mate.saverId)?.find(one => isPaidBy(one, accrual, mate, home))
    return paid === undefined ? [] : [{ mate, amount: paid.amount }]
  })
  const payee =
    holders.find(({ mate }) => !mate.enteredByMistake)?.mate ??
    mates.find(mate => isThere(mate, accrual) && homeOn(mate, accrual.to, known) === home)
  const shares = new Map<string, Amount>()
  let left = accrual.amount
  // What cannot be taken back from whose contract was a mistake stays paid.
  for (const { mate, amount } of holders) if (mate.enteredByMistake) left = left > amount ? left - amount : 0n
  for (const { mate, amount } of holders) {
    if (mate.enteredByMistake || mate === payee) continue
    let kept = amount
    if (left < kept) kept = left
    shares.set(mate.enrolmentId, kept)
    left -= kept
  }
  if (payee !== undefined) shares.set(payee.enrolmentId, left)
  const amount = shares.get(enrolmentId) ?? 0n
  if (payee?.enrolmentId === enrolmentId && amount === accrual.amount) return accrual
  const { ruleId, period, from, to } = accrual
  const counted = { ruleId, period, from, to, amount, reason: 'counted-with-household' as const, inputs: [], steps: [] }
  if (amount === 0n) return counted
  const steps: Accrual['steps'] = [
    ...accrual.steps,
    { step: 'paid-in-household', amount: accrual.amount - amount },
    { step: 'owed', amount },
  ]
  return { ...accrual, amount, reason: 'counted-with-household', steps }
}

/** By a contract for the period, with this household; or for herself, before it was known with whom she lives. */
function isPaidBy(one: Paid, { ruleId, period }: Accrual, mate: Mate, home: string): boolean {
  return (
    keyOf(one) === keyOf({ ruleId, period }) &&
    one.amount > 0n &&
    one.enrolmentId === mate.enrolmentId &&
    (one.household === home || (one.household === null && mate.household === home))
  )
}

function isThere(mate: Mate, { from, to }: Accrual): boolean {
  const span = spanOf(mate)
  return !mate.enteredByMistake && span.from <= to && span.to >= from
}

/** In which turn a saver of a household is paid for a period: hers, if she was; else after all who were. */
export function turnOf(
  one: { ruleId: string; period: string },
  household: string | null,
  saverId: string,
  { households, paid }: Living,
): number {
  if (household === null) return 0
  const turn = (id: string) => paid.get(id)?.find(row => keyOf(row) === keyOf(one))?.turns[household]
  const others = new Set(households.get(household)?.map(mate => mate.saverId))
  return turn(saverId) ?? [...others].filter(id => turn(id) !== undefined).length
}

/** The first and the last day of a contract, cut short when it ended before its time. */
export function spanOf({ startsOn, contractMonths, endsOn }: Contract): { from: CalendarDate; to: CalendarDate } {
  const end = contractEnd(startsOn, contractMonths)
  return { from: startsOn, to: endsOn !== null && endsOn < end ? endsOn : end }
}
