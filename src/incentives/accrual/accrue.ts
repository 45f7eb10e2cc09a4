import type { CalendarDate } from '../../dates.ts'
import { type Amount, type Currency, least, parseAmount, share } from '../../money.ts'
import type { CreditTerms, PeriodStatus } from '../rules/terms.ts'
import { type Accrual, type Decision, keyOf } from './accrual.ts'
import { basisOf, type Life, lifeOf, sum } from './basis.ts'
import { contractSpans, sharedSpans, spanOf, use, usedBy } from './caps.ts'
import { type Claims, claiming, claimOf } from './documents.ts'
import { countedBefore, type Earlier, leftBy } from './earlier.ts'
import type { CreditRule, Lived, Movement } from './lived.ts'
import { isPeriodic, type Period, periodsBetween } from './periods.ts'
import type { Reason, Step } from './steps.ts'

/** What is known of one saver, or of the savers of one household together. */
export type Facts = Lived & {
  /** Of a household, whose savers are not the same in each period: what counts for one. The same for the same savers. */
  livedIn?: ((one: { ruleId: string; period: string }) => Lived) | undefined
  /** The status of her household's bimesters, by period. */
  statuses: ReadonlyMap<string, PeriodStatus>
  /** What was decided to pay in place of what a rule gives, by `keyOf`. */
  decisions?: ReadonlyMap<string, Decision> | undefined
  /** What proofs of withdrawals have earned already, also other savers'. */
  claims?: Claims | undefined
  /** Her earlier contracts in the programme: caps of a period and of a year, and what counts once, are hers, whatever the contract. */
  earlier?: readonly Earlier[] | undefined
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
  const lives = new Map<Lived, Life>()
  const all = lifeOf(facts, through)
  const tasks = rules.flatMap((rule, order) => tasksOf(rule, order))
  tasks.sort((a, b) => compare(a.period.to, b.period.to) || a.order - b.order)
  const { earlier = [] } = facts
  const used = usedBy(
    earlier.flatMap(({ accruals }) => accruals),
    rules,
  )
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
      const day = all.first ?? all.until
      return isValid(day) && day >= contract.from ? [{ rule, order, period: { key: 'once', from: day, to: day } }] : []
    }
    return all.hers
      .filter(({ kind, date }) => kind === 'withdrawal' && isValid(date))
      .map(event => ({ rule, order, event, period: { key: event.transactionId, from: event.date, to: event.date } }))
  }

  function lifeIn({ id: ruleId }: CreditRule, { key: period }: Period): Life {
    if (facts.livedIn === undefined) return all
    const lived = facts.livedIn({ ruleId, period })
    const life = lives.get(lived) ?? lifeOf(lived, through)
    lives.set(lived, life)
    return life
  }

  function owed({ rule, period, event }: Task): Accrual {
    const { terms } = rule
    const life = lifeIn(rule, period)
    const within = event ? [event] : life.hers.filter(({ date }) => date >= period.from && date <= period.to)
    const { base: own, steps, inputs, empty } = basisOf(life, terms, within, period)
    const before = countedBefore(earlier, rule, period)
    const left = before === undefined ? own : leftBy(before, facts, life, terms, period)
    const base = least(own, left)
    if (base < own) steps.push({ step: 'left-by-earlier-contract', amount: base })
    const accrual: Accrual = {
      ...{ ruleId: rule.id, period: period.key, from: period.from, to: period.to, amount: 0n, reason: null, steps },
      inputs: inputs.map(({ transactionId, date, effect }) => ({ transactionId, date, effect })),
    }
    const refuse = (reason: Reason): Accrual => ({ ...accrual, reason })
    if (terms.rate === null) return refuse('rule-to-be-set')
    if (terms.cadence === 'once' && facts.openedOn !== undefined) return refuse('opened-in-earlier-contract')
    if (base <= 0n) return refuse(own > 0n ? 'counted-in-earlier-contract' : empty)
    const bar = barOf(terms, base, period, life, event)
    if (bar !== null) return refuse(bar)
    const claimed = claimOf(claims, rule, event)?.by ?? period.key
    if (claimed !== period.key) return { ...refuse('document-used'), earlier: claimed }

    const room = terms.baseCap === undefined ? base : minor(terms.baseCap) - (before?.counted ?? 0n)
    const counted = least(base, room > 0n ? room : 0n)
    if (counted < base) steps.push({ step: 'base-cap', amount: counted })
    steps.push({ step: 'rate', rate: terms.rate })
    const full = share(counted, terms.rate, rule.rounding)
    if (full === 0n) return refuse(counted === 0n ? 'cap-reached' : 'rounds-to-zero')
    const amount = capped(full, rule, period, steps)
    steps.push({ step: 'owed', amount })
    return { ...accrual, amount, counted, reason: amount === full ? null : 'cap-reached' }
  }

  function capped(full: Amount, rule: CreditRule, period: Period, steps?: Step[]): Amount {
    let amount = full
    for (const cap of rule.terms.caps) {
      const left = minor(cap.amount) - (used.get(spanOf(cap, rule, { period: period.key, to: period.to })) ?? 0n)
      if (left >= amount) continue
      amount = left > 0n ? left : 0n
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
    const reason = amount < decision.owed ? 'cap-reached' : amount === 0n ? 'decided-nothing' : null
    return { ...accrual, amount, reason, decision: { id, ruled, stands: true } }
  }

  /** What stands against a basis that is more than nothing. */
  function barOf(terms: CreditTerms, base: Amount, period: Period, { known }: Life, event?: Movement): Reason | null {
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

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
