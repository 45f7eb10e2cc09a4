import type { CalendarDate } from '../../dates.ts'
import { type Amount, amountText, type Currency, currencyDecimals, parseAmount } from '../../money.ts'
import { householdReference } from '../../savings/registry/savers.ts'
import { bimesterOf } from '../accrual/periods.ts'
import { type PeriodStatus, periodStatuses } from '../rules/terms.ts'
import type { LineProblem, Told, ToldField } from './told.ts'

/** A bimester of the calendar: `2026-B1` is January and February. */
export const bimesterPattern = /^(?!0000)\d{4}-B[1-6]$/

/** JUNTOS began in 2005: what is told of a time before is a slip of the pen. */
const firstBimester = '2005-B1'

/** What a household was found to have met in a bimester, and what it was paid for it, in minor units. */
export type HouseholdPeriod = {
  row: number
  household: string
  period: string
  status: PeriodStatus
  amount: Amount
  /** Null when the line says nothing of it: then it is what was told before, and nothing when nothing was. */
  firstChildhood: Amount | null
  secondarySchool: Amount | null
}

type Known = {
  currency: Currency
  today: CalendarDate
  households: ReadonlySet<string>
  /** Whether lines of other households are left out, and are no problem. */
  leavesOut: boolean
}

/**
 * Checks each line by itself, against the households that the book knows and against the other lines. Pure. A line with a
 * problem makes no period; all its problems are told, but a household that nobody lives in once for all its lines. What else is
 * wrong with a line that is left out is told as well.
 */
export function checkTold(
  lines: readonly Told[],
  { currency, today, households, leavesOut }: Known,
): { periods: HouseholdPeriod[]; problems: LineProblem[]; leftOut: number } {
  let leftOut = 0
  const periods: HouseholdPeriod[] = []
  const problems: LineProblem[] = []
  const rows = new Map<string, number>()
  for (const line of lines) {
    const before = problems.length
    const tell = (field: ToldField, message: string) => problems.push({ row: line.row, field, message })
    const wrongHousehold = flawOfHousehold(line.household)
    const isUnknown = wrongHousehold === null && !households.has(line.household)
    if (wrongHousehold !== null) tell('household', wrongHousehold)
    else if (isUnknown && !leavesOut) {
      const message = 'is the household of no saver in this book'
      problems.push({ row: line.row, field: 'household', message, about: line.household })
    }
    const wrongBimester = flawOfBimester(line.bimester, today)
    if (wrongBimester !== null) tell('bimester', wrongBimester)
    const status = periodStatuses.find(known => known === line.status)
    if (status === undefined) {
      tell('status', line.status === '' ? 'is needed' : `must be one of ${periodStatuses.join(', ')}`)
    }
    const amounts = (['amount', 'firstChildhood', 'secondarySchool'] as const).map(field => {
      // What is not paid beside the amount is mostly left blank, which takes back nothing; 0 says that nothing was paid.
      const text = line[field]
      if (text === '' && field !== 'amount') return null
      const flaw = flawOfAmount(text, currency)
      if (flaw !== null) tell(field, flaw)
      return flaw === null ? parseAmount(text, currency) : 0n
    })
    if (wrongHousehold === null && wrongBimester === null) {
      const key = `${line.bimester} ${line.household}`
      const earlier = rows.get(key)
      if (earlier !== undefined) tell('bimester', `is told of this household in row ${earlier} already`)
      else rows.set(key, line.row)
    }
    if (problems.length > before || status === undefined) continue
    if (isUnknown) {
      leftOut++
      continue
    }
    const [amount, firstChildhood = null, secondarySchool = null] = amounts
    const { row, household, bimester } = line
    periods.push({ row, household, period: bimester, status, amount: amount!, firstChildhood, secondarySchool })
  }
  return { periods, problems, leftOut }
}

function flawOfHousehold(text: string): string | null {
  if (text === '') return 'is needed'
  const checked = householdReference.safeParse(text)
  return checked.success ? null : checked.error.issues[0]!.message
}

function flawOfBimester(text: string, today: CalendarDate): string | null {
  if (text === '') return 'is needed'
  if (!bimesterPattern.test(text)) return 'must be a bimester such as 2026-B1, which is January and February'
  if (text < firstBimester) return 'lies before JUNTOS began, in 2005'
  return bimesterOf(text).from > today ? 'has not begun yet' : null
}

function flawOfAmount(text: string, currency: Currency): string | null {
  if (text === '') return 'is needed; 0 when nothing was paid'
  if (/^-[\d.,]*$/.test(text)) return 'must not be negative'
  const checked = amountText.safeParse(text)
  if (!checked.success) return checked.error.issues[0]!.message
  const decimals = currencyDecimals[currency]
  const [, fraction = ''] = text.split('.')
  return /[1-9]/.test(fraction.slice(decimals)) ? `${currency} has ${decimals} decimals, it has more` : null
}
