import type { Amount } from '../../money.ts'
import type { Cap } from '../rules/terms.ts'
import type { Accrual } from './accrual.ts'
import type { CreditRule } from './lived.ts'

/** What was owed so far, by the names under which later caps count it. */
type Used = Map<string, Amount>
type Within = Pick<Accrual, 'period' | 'to'>

/** Under which name what counts against a cap is kept; what an event is owed counts against no other. */
export function spanOf({ per, over }: Cap, { code }: CreditRule, { period, to }: Within): string {
  const whose = over === 'programme' ? '' : code
  const spans = { event: `${code} ${period} alone`, period: `${code} ${period}`, year: `${whose} ${to.slice(0, 4)}` }
  return per === 'lifetime' ? whose : spans[per]
}

/** Of its period and of the year, whichever contract of hers it is owed for. */
export function sharedSpans({ code }: CreditRule, { period, to }: Within): string[] {
  const year = to.slice(0, 4)
  return [`${code} ${period}`, `${code} ${year}`, ` ${year}`]
}

/** Of one contract: of its rule and of the programme. */
export function contractSpans({ code }: CreditRule): string[] {
  return [code, '']
}

export function use(used: Used, spans: readonly string[], amount: Amount): void {
  for (const span of spans) used.set(span, (used.get(span) ?? 0n) + amount)
}

/** What is used of caps by what is owed for earlier contracts. */
export function usedBy(earlier: readonly Accrual[], rules: readonly CreditRule[]): Used {
  const used: Used = new Map()
  const byId = new Map(rules.map(rule => [rule.id, rule]))
  for (const accrual of earlier) {
    const rule = byId.get(accrual.ruleId)
    if (rule !== undefined) use(used, sharedSpans(rule, accrual), accrual.amount)
  }
  return used
}
