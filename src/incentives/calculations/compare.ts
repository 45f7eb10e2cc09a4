import { isCalendarDate } from '../../dates.ts'
import type { Amount } from '../../money.ts'
import { onceKey } from '../accrual/accrual.ts'
import type { CreditRule } from '../accrual/lived.ts'
import type { Cap } from '../rules/terms.ts'
import { accrualsOf, type Owed } from '../runs/contracts.ts'
import type { Course, Known } from '../runs/known.ts'
import { noLongerOwed } from '../runs/lines.ts'
import type { Contract } from '../runs/standing.ts'
import { pairedReadingsOf, type Reading, type ReadingName, readingsOf } from './readings.ts'
import type { Comparison, Stranger } from './schema.ts'

/** A figure of the institution's, of a saver who was found. */
export type ToldLine = {
  number: number
  saverId: string
  /** Her contract, if it was told. */
  contract?: string | undefined
  rule: string
  /** The period as it was told: of a withdrawal also its day. */
  told: string
  theirs: Amount
}

/** What is wrong with a line: the field, when it is one field's fault, and why. */
export type Fault = { field: string | null; message: string }

/** What it was found to be, beside ours. */
export type Compared = {
  comparison: Comparison
  enrolmentId: string | null
  ruleId: string | null
  period: string
  ours: Amount | null
  paidBefore: Amount
  reason: string | null
  stranger: Stranger | null
  readings: ReadingName[][]
}

/**
 * Compares what an institution told of one saver with what the rules owe her by the same facts. Pure.
 * Of what differs it says which readings of the rule would give the institution's figure: of one respect, else of two.
 */
export function compare(
  lines: readonly ToldLine[],
  contracts: readonly Contract[],
  course: Course,
  known: Known,
): (Compared | Fault)[] {
  const rules = new Map(course.rules.map(rule => [rule.id, rule]))
  const accruals = accrualsOf(contracts, course, known)
  const paid = new Map(contracts.flatMap(one => known.paid.get(one.enrolmentId) ?? []).map(one => [onceKey(one), one]))
  const owing = new Set(accruals.map(onceKey))
  const gone = [...paid.values()].flatMap((one): Owed[] =>
    owing.has(onceKey(one)) ? [] : [{ ...noLongerOwed(one), enrolmentId: one.enrolmentId }],
  )
  const hers = [...accruals, ...gone]
  const undecided = { ...known, decisions: new Map() }
  const read = new Map<Reading, readonly Owed[]>()
  const readingsByRule = new Map<string, { single: Reading[]; paired: Reading[] }>()
  return lines.map(compareLine)

  function compareLine({ contract, rule, told, theirs }: ToldLine): Compared | Fault {
    if (contract !== undefined && contracts.every(({ enrolmentId }) => enrolmentId !== contract)) {
      return { field: 'enrolmentId', message: 'is no contract of hers in the programme' }
    }
    const ofRule = hers.filter(accrual => rules.get(accrual.ruleId)?.code === rule && isOf(accrual, told))
    const found = ofRule.filter(({ enrolmentId }) => (contract ?? enrolmentId) === enrolmentId)
    if (new Set(found.map(({ period }) => period)).size > 1) {
      return { field: 'period', message: `there are ${found.length} withdrawals of that day: name one by its id` }
    }
    const some = found.filter(one => one.amount > 0n || (paid.get(onceKey(one))?.amount ?? 0n) > 0n)
    if (some.length > 1) {
      return { field: 'enrolmentId', message: `${some.length} contracts of hers are owed for that period: name one` }
    }
    const accrual = some[0] ?? found.at(-1)
    if (accrual === undefined) return strange(told, theirs, contract)
    const { enrolmentId, ruleId, period, amount: ours, reason } = accrual
    const paidBefore = paid.get(onceKey(accrual))?.amount ?? 0n
    const line = { enrolmentId, ruleId, period, ours, paidBefore, reason, stranger: null }
    if (theirs === ours) return { ...line, comparison: 'equal', readings: [] }
    const readings = explain(accrual, theirs, paidBefore)
    // Nothing is owed, neither as we read the rule nor by a reading that gives their figure: only they have something.
    const owed = accrual.decision?.ruled ?? ours
    if (ours === 0n && owed === 0n && readings.length === 0) {
      return { ...line, comparison: 'only-theirs', ours: null, stranger: 'nothing-owed', readings }
    }
    return { ...line, comparison: 'differs', readings }
  }

  /** Of a withdrawal, institutions know the day and not our id. */
  function isOf({ ruleId, period, from }: Owed, told: string): boolean {
    return period === told || (from === told && rules.get(ruleId)!.terms.cadence === 'per-event')
  }

  function strange(period: string, theirs: Amount, contract: string | undefined): Compared {
    const line = { enrolmentId: contract ?? null, ruleId: null, period, paidBefore: 0n, reason: null, readings: [] }
    // That she gets nothing, we say too.
    if (theirs === 0n) return { ...line, comparison: 'equal', ours: 0n, stranger: null }
    const hasContract = contracts.some(({ enteredByMistake }) => !enteredByMistake)
    return {
      ...line,
      comparison: 'only-theirs',
      ours: null,
      stranger: hasContract ? 'no-such-period' : 'no-contract',
    }
  }

  function explain(accrual: Owed, theirs: Amount, paidBefore: Amount): ReadingName[][] {
    // Any reading that changes nothing would give the rule's own figure too.
    if (accrual.decision?.stands && theirs === accrual.decision.ruled) return [['without-the-decision']]
    const found: ReadingName[][] = []
    if (paidBefore > 0n && theirs === accrual.amount - paidBefore) found.push(['only-the-difference'])
    const rule = rules.get(accrual.ruleId)!
    if (rule.terms.rate === null) return found
    const gives = (reading: Reading) => {
      const most = amountOf(accrual, inPeriodAlone(reading.rule, accrual))
      if (most < theirs) return false
      if (reading.rule.terms.caps.every(({ per }) => isWithinPeriod(per))) return most === theirs
      return amountOf(accrual, accrualsRead(reading)) === theirs
    }
    const { single, paired } = readingsOfRule(rule)
    found.push(...single.filter(gives).map(({ names }) => names))
    return found.length > 0 ? found : paired.filter(gives).map(({ names }) => names)
  }

  function readingsOfRule(rule: CreditRule) {
    const known = readingsByRule.get(rule.id)
    if (known !== undefined) return known
    const readings = { single: readingsOf(rule), paired: pairedReadingsOf(rule) }
    readingsByRule.set(rule.id, readings)
    return readings
  }

  /** What the rule would give for one period if caps over several periods left enough: the most that it may give. */
  function inPeriodAlone(rule: CreditRule, { to }: Owed): readonly Owed[] {
    const caps = rule.terms.caps.filter(({ per }) => isWithinPeriod(per))
    const alone = { ...rule, validFrom: to, validTo: to, terms: { ...rule.terms, caps } }
    return accrualsOf(contracts, { ...course, rules: [alone] }, undecided)
  }

  /** What she would be owed by the rule so read. Once a saver and reading, for all periods. */
  function accrualsRead(reading: Reading): readonly Owed[] {
    const before = read.get(reading)
    if (before !== undefined) return before
    const { rule } = reading
    // Other rules matter only through caps over all of them.
    const isAlone = rule.terms.caps.every(({ over }) => over === 'rule')
    const concerned = isAlone ? course.rules.filter(({ code }) => code === rule.code) : course.rules
    const asRead = concerned.map(one => (one.id === rule.id ? rule : one))
    const accruals = accrualsOf(contracts, { ...course, rules: asRead }, undecided)
    read.set(reading, accruals)
    return accruals
  }
}

const isWithinPeriod = (per: Cap['per']) => per === 'event' || per === 'period'

function amountOf(owed: Owed, accruals: readonly Owed[]): Amount {
  return accruals.find(one => onceKey(one) === onceKey(owed))?.amount ?? 0n
}

/** How the periods of a cadence are written. */
export const periodPatterns = {
  once: { pattern: /^once$/, example: 'once' },
  monthly: { pattern: /^\d{4}-(?:0[1-9]|1[0-2])$/, example: '2026-03' },
  'two-monthly': { pattern: /^\d{4}-B[1-6]$/, example: '2026-B2' },
  quarterly: { pattern: /^\d{4}-Q[1-4]$/, example: '2026-Q1' },
  'per-event': { pattern: /^[0-9a-f]{8}-[0-9a-f-]{27}$/, example: '2026-03-14' },
} as const

export function isPeriodOf(rule: CreditRule, told: string): boolean {
  const { cadence } = rule.terms
  return periodPatterns[cadence].pattern.test(told) || (cadence === 'per-event' && isCalendarDate(told))
}
