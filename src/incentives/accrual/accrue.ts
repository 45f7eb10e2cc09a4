import type { CalendarDate, Month } from '../../dates.ts'
import { type Amount, type Currency, parseAmount, type Rounding, share } from '../../money.ts'
import type { CreditTerms, PeriodStatus } from '../rules/terms.ts'
import { contractSpans, sharedSpans, spanOf, use, usedBy } from './caps.ts'
import { type Claims, claiming, claimOf } from './documents.ts'
import { isPeriodic, type Period, periodsBetween } from './periods.ts'
import type { Reason, Step } from './steps.ts'
import { transfersKept } from './transfers.ts'

/** One version of a rule that pays money. Validity is by the last day of a period, or by the day of an event. */
export type CreditRule = {
  id: string
  code: string
  validFrom: CalendarDate
  validTo: CalendarDate | null
  terms: CreditTerms
  /** Half-even for every rule of ours; another only to see whether it explains an institution's figure. */
  rounding?: Rounding
}

export const movementKinds = ['deposit', 'withdrawal', 'state-transfer', 'other'] as const

/** Something that changed her own money, and was not reversed. */
export type Movement = {
  transactionId: string
  date: CalendarDate
  kind: (typeof movementKinds)[number]
  /** What it did to her own money, in minor units: a withdrawal's is negative. */
  effect: Amount
  source?: string | undefined
  /** The months that a state transfer is for, whenever it was credited. */
  months?: { from: Month; to: Month } | undefined
  purpose?: string | undefined
  reference?: string | undefined
  document?: string | undefined
}

/** What is known of one saver, or of the savers of one household together. */
export type Facts = {
  /** The first and the last day of her contract, cut short when it ended before its time. */
  contract: { from: CalendarDate; to: CalendarDate }
  /** By date, and on a day as they were recorded. */
  movements: readonly Movement[]
  /** The status of her household's bimesters, by period. */
  statuses: ReadonlyMap<string, PeriodStatus>
  /** What was decided to pay in place of what a rule gives, by `keyOf`. */
  decisions?: ReadonlyMap<string, Decision> | undefined
  /** What proofs of withdrawals have earned already, also other savers'. */
  claims?: Claims | undefined
  /** What her earlier contracts in the programme are owed: caps of a period and of a year are hers, whatever the contract. */
  earlier?: readonly Accrual[] | undefined
}

/** That another amount is owed for a period than the rule gives: as long as the rule gives what it gave then. */
export type Decision = { id: string; ruled: Amount; owed: Amount }

export const keyOf = ({ ruleId, period }: { ruleId: string; period: string }) => `${ruleId} ${period}`

/** What a rule owes for one period, with all that it follows from. */
export type Accrual = {
  ruleId: string
  /** `once`, a period of the calendar, or the id of the withdrawal. */
  period: string
  from: CalendarDate
  to: CalendarDate
  amount: Amount
  reason: Reason | null
  steps: Step[]
  inputs: { transactionId: string; date: CalendarDate; effect: Amount }[]
  /** The proof that it is owed by, and how many withdrawals were paid by it before. */
  document?: { key: string; uses: number }
  /** The withdrawal that the same proof has earned for already. */
  earlier?: string
  /** Which decision there is, what the rule itself gives, and whether the decision stands. */
  decision?: { id: string; ruled: Amount; stands: boolean }
}

type Task = { rule: CreditRule; order: number; period: Period; event?: Movement }

/**
 * What the rules of one programme owe by the end of `through`, period by period: from the whole history, so that the same
 * history always owes the same. Pure. Amounts in minor units of `currency`; each accrual is rounded once, half-even.
 * Caps count what earlier periods owe, rules of one day in their order; what was decided counts, and is capped, likewise.
 * Basis, rate, caps, cadence and lock are the rule's own; their sources are told with the presets.
 */
export function accrue(
  rules: readonly CreditRule[],
  facts: Facts,
  through: CalendarDate,
  currency: Currency,
): Accrual[] {
  const { contract } = facts
  const until = contract.to < through ? contract.to : through
  const known = facts.movements.filter(({ date }) => date <= until)
  const hers = known.filter(({ date }) => date >= contract.from)
  const opening = hers.find(({ kind }) => kind === 'deposit')?.date
  const tasks = rules.flatMap((rule, order) => tasksOf(rule, order))
  tasks.sort((a, b) => compare(a.period.to, b.period.to) || a.order - b.order)
  const used = usedBy(facts.earlier ?? [], rules)
  const kept = new Map<CreditTerms, ReturnType<typeof transfersKept>>()
  const claims = new Map(facts.claims)
  return tasks.map(task => {
    const accrual = claiming(claims, task, decided(task, owed(task)))
    use(used, [...sharedSpans(task.rule, accrual), ...contractSpans(task.rule)], accrual.amount)
    return accrual
  })

  function tasksOf(rule: CreditRule, order: number): Task[] {
    const { cadence } = rule.terms
    const isValid = (day: CalendarDate) => day >= rule.validFrom && (rule.validTo === null || day <= rule.validTo)
    if (isPeriodic(cadence)) {
      return periodsBetween(cadence, { from: contract.from, to: contract.to, through })
        .filter(({ to }) => isValid(to))
        .map(period => ({ rule, order, period }))
    }
    if (cadence === 'once') {
      const day = opening ?? until
      return isValid(day) && day >= contract.from ? [{ rule, order, period: { key: 'once', from: day, to: day } }] : []
    }
    return hers
      .filter(({ kind, date }) => kind === 'withdrawal' && isValid(date))
      .map(event => ({ rule, order, event, period: { key: event.transactionId, from: event.date, to: event.date } }))
  }

  function owed({ rule, period, event }: Task): Accrual {
    const { terms } = rule
    const within = event ? [event] : hers.filter(({ date }) => date >= period.from && date <= period.to)
    const { base, steps, inputs, empty } = basisOf(terms, within, period)
    const accrual: Accrual = {
      ...{ ruleId: rule.id, period: period.key, from: period.from, to: period.to, amount: 0n, reason: null, steps },
      inputs: inputs.map(({ transactionId, date, effect }) => ({ transactionId, date, effect })),
    }
    const refuse = (reason: Reason): Accrual => ({ ...accrual, reason })
    if (terms.rate === null) return refuse('rule-to-be-set')
    if (base <= 0n) return refuse(empty)
    const bar = barOf(terms, base, period, event)
    if (bar !== null) return refuse(bar)
    const earlier = claimOf(claims, rule, event)?.by ?? period.key
    if (earlier !== period.key) return { ...refuse('document-used'), earlier }

    const counted = terms.baseCap === undefined ? base : least(base, minor(terms.baseCap))
    if (counted < base) steps.push({ step: 'base-cap', amount: counted })
    steps.push({ step: 'rate', rate: terms.rate })
    const full = share(counted, terms.rate, rule.rounding)
    if (full === 0n) return refuse('rounds-to-zero')
    const amount = capped(full, rule, period, steps)
    steps.push({ step: 'owed', amount })
    return { ...accrual, amount, reason: amount === full ? null : 'cap-reached' }
  }

  function capped(full: Amount, rule: CreditRule, period: Period, steps?: Step[]): Amount {
    let amount = full
    for (const cap of rule.terms.caps) {
      const left = minor(cap.amount) - (used.get(spanOf(cap, rule, { period: period.key, to: period.to })) ?? 0n)
      if (left >= amount) continue
      amount = greatest(left, 0n)
      steps?.push({ step: 'cap', amount, cap })
    }
    return amount
  }

  /** What was decided for the period, if the rule still gives what it gave then. The steps stay the rule's. */
  function decided({ rule, period }: Task, accrual: Accrual): Accrual {
    const decision = facts.decisions?.get(keyOf(accrual))
    if (decision === undefined || decision.owed === decision.ruled || accrual.earlier !== undefined) return accrual
    const { id, ruled } = decision
    if (ruled !== accrual.amount) return { ...accrual, decision: { id, ruled: accrual.amount, stands: false } }
    const amount = capped(decision.owed, rule, period)
    const reason = amount === decision.owed ? null : 'cap-reached'
    return { ...accrual, amount, reason, decision: { id, ruled, stands: true } }
  }

  /** The sum that a rule's basis comes to, how, and why it may have come to nothing. */
  function basisOf(terms: CreditTerms, within: readonly Movement[], period: Period) {
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
        const ofTransfers = keptOf(terms)
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
        const now = tell('saved-so-far', savedBy(terms, within.at(-1)?.date))
        const before = tell('highest-before', highestBefore(terms, within[0]?.date))
        return answer(now > before ? now - before : 0n, inputs)
      }
      case 'WITHDRAWAL':
        return answer(tell('withdrawn', -sum(within)), within)
    }
  }

  function keptOf(terms: CreditTerms) {
    const found = kept.get(terms) ?? transfersKept(hers, terms, through)
    kept.set(terms, found)
    return found
  }

  /** Her deposits less her withdrawals in this contract, by the end of a day. */
  function savedBy(terms: CreditTerms, day: CalendarDate | undefined): Amount {
    if (day === undefined) return 0n
    return sum(
      hers.filter(
        ({ kind, date }) =>
          date <= day && (kind === 'withdrawal' || (kind === 'deposit' && (terms.openingCounts || date !== opening))),
      ),
    )
  }

  /** The most that she had saved at the end of any period before the one in which `day` lies. */
  function highestBefore({ cadence, ...terms }: CreditTerms, day: CalendarDate | undefined): Amount {
    if (day === undefined || !isPeriodic(cadence)) return 0n
    const before = periodsBetween(cadence, { from: contract.from, to: contract.to, through: day })
    return before
      .filter(({ to }) => to < day)
      .reduce((most, { to }) => greatest(most, savedBy({ cadence, ...terms }, to)), 0n)
  }

  /** What stands against a basis that is more than nothing. */
  function barOf(terms: CreditTerms, base: Amount, period: Period, event: Movement | undefined): Reason | null {
    if (terms.minimumBase !== undefined && base < minor(terms.minimumBase)) return 'below-minimum-base'
    if (terms.minimumBalance !== undefined) {
      const balance = sum(known.filter(({ date }) => date <= period.to))
      if (balance < minor(terms.minimumBalance)) return 'below-minimum-balance'
    }
    if (terms.periodStatuses !== undefined) {
      const status = facts.statuses.get(period.key)
      if (status === undefined) return 'period-status-unknown'
      if (!terms.periodStatuses.includes(status)) return 'period-not-met'
    }
    if (event === undefined) return null
    if (!terms.purposes?.some(purpose => purpose === event.purpose)) return 'purpose-not-covered'
    if (terms.evidence !== 'none' && event.reference === undefined) return 'evidence-missing'
    if (terms.evidence === 'document' && event.document === undefined) return 'evidence-missing'
    return null
  }

  function minor(text: string): Amount {
    return parseAmount(text, currency)
  }
}

function sum(movements: readonly Movement[]): Amount {
  return movements.reduce((total, { effect }) => total + effect, 0n)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const least = (a: Amount, b: Amount) => (a < b ? a : b)
const greatest = (a: Amount, b: Amount) => (a > b ? a : b)
