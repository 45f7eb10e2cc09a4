import type { CalendarDate } from '../../dates.ts'
import type { Amount } from '../../money.ts'
import type { CreditTerms } from '../rules/terms.ts'
import type { Lived, Movement } from './lived.ts'
import { isPeriodic, type Period, periodsBetween } from './periods.ts'
import type { Reason, Step } from './steps.ts'
import { type Kept, transfersKept } from './transfers.ts'

/** What counts of a life by the end of a day. */
export type Life = {
  contract: Lived['contract']
  through: CalendarDate
  until: CalendarDate
  /** All by then; and of it what is of the time of her contract. */
  known: readonly Movement[]
  hers: readonly Movement[]
  /** The day of her first deposit in this contract, and of her first in any: only that is an opening. */
  first: CalendarDate | undefined
  opening: CalendarDate | undefined
  kept: Map<CreditTerms, { kept: Map<string, Kept>; beyond: Map<string, Amount> }>
}

export function lifeOf({ contract, movements, openedOn }: Lived, through: CalendarDate): Life {
  const until = contract.to < through ? contract.to : through
  const known = movements.filter(({ date }) => date <= until)
  const hers = known.filter(({ date }) => date >= contract.from)
  const first = hers.find(({ kind }) => kind === 'deposit')?.date
  return { contract, through, until, known, hers, first, opening: openedOn ?? first, kept: new Map() }
}

/** The sum that a rule's basis comes to, how, and why it may have come to nothing. */
export function basisOf(life: Life, terms: CreditTerms, within: readonly Movement[], period: Period) {
  const { opening } = life
  const steps: Step[] = []
  const saved = (movements: readonly Movement[]) =>
    movements.filter(({ kind, date }) => kind === 'deposit' && (terms.openingCounts || date !== opening))
  const taken = (movements: readonly Movement[]) => movements.filter(({ kind }) => kind === 'withdrawal')
  const tell = (step: Step['step'], amount: Amount) => {
    steps.push({ step, amount })
    return amount
  }
  const answer = (base: Amount, inputs: readonly Movement[], empty: Reason = 'no-growth') => {
    tell('base', base)
    return { base, steps, inputs, empty }
  }
  switch (terms.basis) {
    case 'OPENING_DEPOSIT': {
      // All that came in on the first day, so that a deposit in two slips is one.
      const first = within.filter(({ kind }) => kind === 'deposit')
      return answer(tell('deposits', sum(first)), first, 'no-deposit-yet')
    }
    case 'GROSS_DEPOSITS': {
      const deposits = saved(within)
      return answer(tell('deposits', sum(deposits)), deposits)
    }
    case 'NET_GROWTH': {
      const inputs = [...saved(within), ...taken(within)]
      const growth = tell('deposits', sum(saved(within))) + tell('withdrawals', sum(taken(within)))
      return answer(growth > 0n ? growth : 0n, inputs)
    }
    case 'RETAINED_TRANSFER': {
      const ofTransfers = keptOf(life, terms)
      const { credited, kept, inputs } = ofTransfers.kept.get(period.key) ?? { credited: 0n, kept: 0n, inputs: [] }
      const beyond = ofTransfers.beyond.get(period.key) ?? 0n
      const base =
        tell('deposits', sum(saved(within))) +
        tell('withdrawals', -beyond) +
        tell('transfers', credited) +
        tell('transfers-withdrawn', kept - credited)
      const all = [...saved(within), ...(beyond > 0n ? taken(within) : []), ...inputs]
      return answer(base > 0n ? base : 0n, [...new Set(all)])
    }
    case 'HIGH_WATER_MARK': {
      const inputs = [...saved(within), ...taken(within)]
      const now = tell('saved-so-far', savedBy(life, terms, within.at(-1)?.date))
      const before = tell('highest-before', highestBefore(life, terms, within[0]?.date))
      return answer(now > before ? now - before : 0n, inputs)
    }
    case 'WITHDRAWAL':
      return answer(tell('withdrawn', -sum(within)), within)
  }
}

function keptOf({ kept, hers, through }: Life, terms: CreditTerms) {
  const found = kept.get(terms) ?? transfersKept(hers, terms, through)
  kept.set(terms, found)
  return found
}

/** Her deposits less her withdrawals in this contract, by the end of a day. */
function savedBy({ hers, opening }: Life, terms: CreditTerms, day: CalendarDate | undefined): Amount {
  if (day === undefined) return 0n
  return sum(
    hers.filter(
      ({ kind, date }) =>
        date <= day && (kind === 'withdrawal' || (kind === 'deposit' && (terms.openingCounts || date !== opening))),
    ),
  )
}

/** The most that she had saved at the end of any period before the one in which `day` lies. */
function highestBefore(life: Life, terms: CreditTerms, day: CalendarDate | undefined): Amount {
  const { cadence } = terms
  const { contract } = life
  if (day === undefined || !isPeriodic(cadence)) return 0n
  const before = periodsBetween(cadence, { from: contract.from, to: contract.to, through: day })
  return before.filter(({ to }) => to < day).reduce((most, { to }) => greatest(most, savedBy(life, terms, to)), 0n)
}

export function sum(movements: readonly Movement[]): Amount {
  return movements.reduce((total, { effect }) => total + effect, 0n)
}

const greatest = (a: Amount, b: Amount) => (a > b ? a : b)
