import type { CalendarDate } from '../../dates.ts'
import { type Amount, type Currency, formatAmount, least } from '../../money.ts'
import { type Accrual, onceKey } from '../accrual/accrual.ts'
import type { CreditRule } from '../accrual/lived.ts'
import type { Step } from '../accrual/steps.ts'
import { type Holding, heldOf, type Money, type Place } from '../lots/lots.ts'
import type { Explanation, LineReason } from './explanation.ts'
import type { LineOutcome, LockOutcome } from './schema.ts'

/** What earlier runs paid by a contract for a rule and a period, all revisions together. */
export type Paid = {
  saverId: string
  enrolmentId: string
  ruleId: string
  period: string
  from: CalendarDate
  to: CalendarDate
  /** The last revision. */
  revision: number
  amount: Amount
  /** Where it was paid, or taken back, last. */
  savingsAccountId: string
  money: Money
  /** The household that she was paid with last; null when it was for herself. */
  household: string | null
  /** In which turn she was paid, by household. */
  turns: Readonly<Record<string, number>>
}

/** What a savings account holds of a money of incentives, and may still take by its limits. */
export type Room = {
  held: Record<Money, Amount>
  /** The least of what its limits leave, and which limit that is; null without limits. */
  left: { limit: string; amount: Amount }[]
}

/** All that decides what one contract is paid: read before, for this decides alone. */
export type Standing = {
  saverId: string
  enrolmentId: string
  /** With which household she is paid for a period, and how many others of it were before her. */
  homeOf: (one: { ruleId: string; period: string; to: CalendarDate }) => { household: string | null; turn: number }
  /** The account that is paid: the first of hers that is open. */
  savingsAccountId: string | null
  /** How the contract's lock ended, if it did: what comes later is not locked, or is not paid any more. */
  lock: 'locked' | LockOutcome
  paid: readonly Paid[]
  room: ReadonlyMap<string, Room>
  /** What she holds of each incentive, and lost of it; undefined when nobody asked yet. */
  holding: Holding | undefined
  /** Of which incentives a run told already that they went back with the contract, by `onceKey`. */
  toldForfeited: ReadonlySet<string>
}

export type Line = {
  saverId: string
  enrolmentId: string
  ruleId: string
  period: string
  revision: number
  savingsAccountId: string | null
  money: Money | null
  household: string | null
  turn: number
  /** Minor units: a payment, or a clawback, which is negative; 0 when nothing is paid. */
  amount: Amount
  /** Of the first payment for a withdrawal: its proof, and how many others were paid by it before. */
  document: string | null
  documentUse: number | null
  outcome: Exclude<LineOutcome, 'posted' | 'refused'>
  reason: LineReason | null
  explanation: Explanation
  /** Whether more was paid than is owed, also when nothing of it can be taken. */
  takesBack: boolean
}

/**
 * The lines of one contract: what is owed for each period less what was paid for it. Of the periods that ended in the
 * run's month also those that owe nothing, or nothing more, with the reason. Pure.
 * A clawback takes what she still holds of that incentive, in whichever account of hers; the rest is told, and looked at
 * again by the next run. What the same run pays is of other incentives, so that it does not matter which comes first.
 */
export function linesOf(
  rules: readonly CreditRule[],
  accruals: readonly Accrual[],
  standing: Standing,
  { month, currency }: { month: string; currency: Currency },
): Line[] {
  const paid = new Map(standing.paid.map(one => [`${one.ruleId} ${one.period}`, one]))
  const terms = new Map(rules.map(({ id, terms }) => [id, terms]))
  const lines: Line[] = []
  for (const accrual of accruals) {
    const key = `${accrual.ruleId} ${accrual.period}`
    const before = paid.get(key)
    paid.delete(key)
    const line = lineOf(accrual, before)
    if (line !== null) lines.push(line)
  }
  // What was paid for a period that owes nothing any more, because its deposit or its contract is gone.
  for (const before of paid.values()) {
    const line = lineOf(noLongerOwed(before), before)
    if (line !== null) lines.push(line)
  }
  return lines

  function lineOf(accrual: Accrual, before: Paid | undefined): Line | null {
    const change = accrual.amount - (before?.amount ?? 0n)
    if (change > 0n) return payment(accrual, before, change)
    if (change < 0n) return clawback(accrual, before!, -change)
    if (!accrual.to.startsWith(month)) return null
    return { ...lineBase(accrual, before), ...nothingOf(accrual) }
  }

  function payment(accrual: Accrual, before: Paid | undefined, amount: Amount): Line {
    const first = before === undefined ? accrual.document : undefined
    const proof = { document: first?.key ?? null, documentUse: first?.uses ?? null }
    const base = { ...lineBase(accrual, before), amount, ...proof, reason: accrual.reason }
    if (standing.savingsAccountId === null) return { ...base, outcome: 'blocked', reason: 'no-open-account' }
    const { locked, earlyExit } = terms.get(accrual.ruleId)!
    if (locked && earlyExit === 'forfeit' && standing.lock === 'forfeited') {
      return { ...lineBase(accrual, before), outcome: 'nothing', reason: 'contract-forfeited' }
    }
    const money: Money = locked && standing.lock === 'locked' ? 'incentive-locked' : 'incentive-released'
    const line = { ...base, savingsAccountId: standing.savingsAccountId, money }
    const room = standing.room.get(standing.savingsAccountId)!
    const limit = takeRoom(room, amount)
    if (limit !== null) {
      const explanation = { ...line.explanation, limit }
      return { ...line, explanation, outcome: 'blocked', reason: 'BLOCKED_BY_ACCOUNT_LIMIT' }
    }
    return { ...line, outcome: 'due' }
  }

  function clawback(accrual: Accrual, before: Paid, amount: Amount): Line | null {
    const text = (amount: Amount) => formatAmount(amount, currency)
    const key = onceKey(before)
    const forfeited = standing.holding?.forfeited.get(key) ?? 0n
    const { savingsAccountId, money } = before
    const base = { ...lineBase(accrual, before), savingsAccountId, money, reason: accrual.reason, takesBack: true }
    const explanation = { ...base.explanation, ...(forfeited > 0n && { forfeited: text(forfeited) }) }
    const wanted = amount - forfeited
    if (wanted <= 0n) {
      if (standing.toldForfeited.has(key) && !accrual.to.startsWith(month)) return null
      return { ...base, explanation, outcome: 'nothing', reason: 'contract-forfeited' }
    }
    const takenFrom = takeBack(key, wanted)
    const taken = takenFrom.reduce((sum, { amount }) => sum + amount, 0n)
    const told = taken === wanted ? explanation : { ...explanation, notTakenBack: text(wanted - taken) }
    const [first] = takenFrom
    if (first === undefined)
      return { ...base, explanation: told, outcome: 'nothing', reason: 'nothing-left-to-take-back' }
    return {
      ...{ ...base, savingsAccountId: first.savingsAccountId, money: first.money, amount: -taken, outcome: 'due' },
      explanation: { ...told, takenFrom: takenFrom.map(one => ({ ...one, amount: text(one.amount) })) },
    }
  }

  /** Takes what there is of an incentive, place by place, and nothing that a hold keeps. */
  function takeBack(key: string, amount: Amount): (Place & { amount: Amount })[] {
    let wanted = amount
    const taken: (Place & { amount: Amount })[] = []
    for (const { amount: there, ...place } of standing.holding === undefined ? [] : heldOf(standing.holding, key)) {
      const { held } = standing.room.get(place.savingsAccountId)!
      const part = least(least(there, held[place.money]), wanted)
      if (part <= 0n) continue
      held[place.money] -= part
      wanted -= part
      taken.push({ ...place, amount: part })
    }
    return taken
  }

  function lineBase(accrual: Accrual, before: Paid | undefined) {
    return {
      saverId: standing.saverId,
      enrolmentId: standing.enrolmentId,
      ruleId: accrual.ruleId,
      period: accrual.period,
      revision: before === undefined ? 0 : before.revision + 1,
      savingsAccountId: null,
      money: null,
      ...(terms.get(accrual.ruleId)!.unit === 'household' ? standing.homeOf(accrual) : { household: null, turn: 0 }),
      amount: 0n,
      document: null,
      documentUse: null,
      takesBack: false,
      explanation: explain(accrual, before, currency),
    }
  }
}

/** That nothing is to be paid, or taken back, for what is owed, and why. */
export function nothingOf({ amount, reason }: Accrual): Pick<Line, 'outcome' | 'reason'> {
  return { outcome: 'nothing', reason: amount > 0n ? 'already-paid' : reason }
}

/** Takes an amount from what an account's limits leave; answers the limit that it would break, and then takes nothing. */
export function takeRoom({ left }: Room, amount: Amount): string | null {
  const tight = left.find(one => one.amount < amount)
  if (tight !== undefined) return tight.limit
  for (const one of left) one.amount -= amount
  return null
}

export function noLongerOwed({ ruleId, period, from, to }: Paid): Accrual {
  return { ruleId, period, from, to, amount: 0n, reason: 'no-longer-owed', steps: [], inputs: [] }
}

/** An accrual as it is kept with what is paid for it. */
export function explain(accrual: Accrual, before: Paid | undefined, currency: Currency): Explanation {
  const text = (amount: Amount) => formatAmount(amount, currency)
  return {
    from: accrual.from,
    to: accrual.to,
    inputs: accrual.inputs.map(({ effect, ...input }) => ({ ...input, amount: text(effect) })),
    steps: told(accrual.steps, currency),
    owed: text(accrual.amount),
    paidBefore: text(before?.amount ?? 0n),
    ...(accrual.savers !== undefined && { savers: accrual.savers }),
    ...(accrual.earlier !== undefined && { earlier: accrual.earlier }),
    ...(accrual.decision !== undefined && {
      decision: accrual.decision.stands ? ('institution' as const) : ('lapsed' as const),
      decisionId: accrual.decision.id,
      owedByRule: text(accrual.decision.ruled),
    }),
  }
}

/** An accrual's arithmetic in words a person can follow, amounts as decimal strings. */
function told(steps: readonly Step[], currency: Currency) {
  return steps.map(({ step, amount, rate, cap }) => ({
    step,
    ...(amount !== undefined && { amount: formatAmount(amount, currency) }),
    ...(rate !== undefined && { rate }),
    ...(cap !== undefined && { cap }),
  }))
}
