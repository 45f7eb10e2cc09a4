import type { CalendarDate } from '../../dates.ts'
import type { Amount } from '../../money.ts'
import { contractEnd } from '../../savings/registry/periods.ts'
import { type Accrual, keyOf } from '../accrual/accrual.ts'
import type { Facts } from '../accrual/accrue.ts'
import type { Lived } from '../accrual/lived.ts'
import type { Known } from './known.ts'
import type { Paid } from './lines.ts'
import type { Contract } from './standing.ts'

type Living = Pick<Known, 'households' | 'paid' | 'counted'>
type One = { ruleId: string; period: string }

/**
 * The household that a saver's money counts in for a period; null when it counts alone. The one that was recorded when it
 * was first paid, or taken back, with her money in it, whatever the register says since; until then, the register's.
 */
export function homeIn(one: One, contract: Contract, known: Pick<Known, 'counted'>): string | null {
  return homeBy(keyOf(one), contract, known)
}

function homeBy(key: string, { saverId, household }: Contract, { counted }: Pick<Known, 'counted'>): string | null {
  const recorded = counted.get(saverId)?.get(key)
  return recorded === undefined ? household : recorded
}

/** The households that a saver's money may count in, in one period or another, or alone. */
export function homesOf({ saverId, household }: Contract, { counted }: Pick<Known, 'counted'>): (string | null)[] {
  return [...new Set([household, ...(counted.get(saverId)?.values() ?? [])])]
}

/** A saver by herself, as far as her money does not count in a household. */
export function aloneFacts(facts: Facts, contract: Contract, known: Living): Facts {
  const elsewhere = { contract: facts.contract, movements: [] }
  return { ...facts, livedIn: one => (homeIn(one, contract, known) === null ? facts : elsewhere) }
}

/** The savers of a household together: for each period those who count in it then, with all that they ever moved. */
export function householdFacts(home: string, known: Known): Facts {
  const mates = matesOf(home, known)
  const all = livedBy(mates, known)
  const lives = new Map<string, Lived>([[nameOf(mates), all]])
  const decisions = mates.flatMap(mate =>
    [...(known.decisions.get(mate.enrolmentId) ?? [])].filter(([key]) => homeBy(key, mate, known) === home),
  )
  return {
    ...all,
    livedIn: one => {
      const those = countedIn(one, home, known)
      const name = nameOf(those)
      const lived = lives.get(name) ?? livedBy(those, known)
      lives.set(name, lived)
      return lived
    },
    statuses: known.statuses.get(home) ?? new Map(),
    decisions: new Map(decisions),
  }
}

function matesOf(home: string, { households }: Living): Contract[] {
  return households.get(home)!.filter(({ enteredByMistake }) => !enteredByMistake)
}

/** The contracts of those whose money counts in a household for a period. */
export function countedIn(one: One, home: string, known: Living): Contract[] {
  return matesOf(home, known).filter(mate => homeIn(one, mate, known) === home)
}

const nameOf = (mates: readonly Contract[]) => mates.map(({ enrolmentId }) => enrolmentId).join(' ')

/** Their contracts' whole time together, and all that they moved. */
function livedBy(mates: readonly Contract[], { movements }: Known): Lived {
  const spans = mates.map(spanOf)
  const savers = [...new Set(mates.map(({ saverId }) => saverId))]
  const from = spans.map(span => span.from).sort()[0] ?? '9999-12-31'
  const to =
    spans
      .map(span => span.to)
      .sort()
      .at(-1) ?? '0001-01-01'
  const theirs = savers.flatMap(saverId => movements.get(saverId) ?? [])
  return {
    contract: { from, to },
    movements: theirs.toSorted((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0)),
  }
}

/**
 * What of a household's accrual is owed to one of its contracts. It is paid once: by that which it was paid by before, else
 * by the oldest of those that ran at the end of the period, for one that ended may be forfeited. What others of it still hold of the same is not paid again: not before it
 * was taken back of one whose contract was a mistake.
 */
export function ofHousehold(accrual: Accrual, home: string, { enrolmentId }: Contract, known: Known): Accrual {
  const mates = known.households.get(home)!
  const holders = mates.flatMap(mate => {
    const paid = known.paid.get(mate.enrolmentId)?.find(one => isPaidWith(home, one, accrual))
    return paid === undefined ? [] : [{ mate, amount: paid.amount }]
  })
  const payee =
    holders.find(({ mate }) => !mate.enteredByMistake)?.mate ??
    payeeOf(
      mates.filter(mate => isThere(mate, accrual) && homeIn(accrual, mate, known) === home),
      accrual,
    )
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

/** Of contracts of a period, the oldest first: the first that ran to its end, else that which ended last. */
function payeeOf(mates: readonly Contract[], { to }: Accrual): Contract | undefined {
  return (
    mates.find(mate => spanOf(mate).to >= to) ?? mates.toSorted((a, b) => (spanOf(a).to < spanOf(b).to ? 1 : -1))[0]
  )
}

function isPaidWith(home: string, one: Paid, accrual: Accrual): boolean {
  return keyOf(one) === keyOf(accrual) && one.amount > 0n && one.household === home
}

/** Whether a contract runs in the time of an accrual. */
export function isThere(mate: Contract, { from, to }: Pick<Accrual, 'from' | 'to'>): boolean {
  const span = spanOf(mate)
  return !mate.enteredByMistake && span.from <= to && span.to >= from
}

/** In which turn a contract of a household is paid for a period: its own, if it was; else after all that were. */
export function turnOf(
  one: { ruleId: string; period: string },
  household: string | null,
  { enrolmentId }: Contract,
  { households, paid }: Living,
): number {
  if (household === null) return 0
  const turn = (id: string) => paid.get(id)?.find(row => keyOf(row) === keyOf(one))?.turns[household]
  const mates = households.get(household) ?? []
  return turn(enrolmentId) ?? mates.filter(mate => turn(mate.enrolmentId) !== undefined).length
}

/** The first and the last day of a contract, cut short when it ended before its time. */
export function spanOf({ startsOn, contractMonths, endsOn }: Contract): { from: CalendarDate; to: CalendarDate } {
  const end = contractEnd(startsOn, contractMonths)
  return { from: startsOn, to: endsOn !== null && endsOn < end ? endsOn : end }
}
