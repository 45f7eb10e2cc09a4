import { addDays, addMonths, type CalendarDate, firstDay, lastDay, type Month, monthOf } from '../../dates.ts'
import { type Amount, type Currency, parseAmount } from '../../money.ts'
import type { Status, Terms } from '../definitions/terms.ts'

/** Why something that moved her money is no operation; `kept` is of a transfer that stayed, so that its month counts. */
export const verdicts = [
  'qualifies',
  'kept',
  'too-small',
  'reversed',
  'is-a-reversal',
  'withdrawals-do-not-count',
  'not-her-own-money',
  'not-her-own-deposit',
  'not-kept',
  'not-known-to-be-kept-yet',
] as const

export type Verdict = (typeof verdicts)[number]

export const moneys = ['own', 'incentive-locked', 'incentive-released', 'interest'] as const

/** An entry of her money; negative when it went. `reversed`: by something that was known. */
export type Movement = {
  transactionId: string
  accountId: string
  kind: string
  valueDate: CalendarDate
  amount: Amount
  money: (typeof moneys)[number]
  isReversal: boolean
  reversed: boolean
}

export type HerAccount = { id: string; openedOn: CalendarDate; closedOn: CalendarDate | null }

export type Standing = {
  status: Status
  firstOpenedOn: CalendarDate
  /** The last day on which her first account may have been opened for her to be counted. */
  oldEnoughOn: CalendarDate
  windowFrom: CalendarDate
  /** Months of the window with their operations; of a window of days those that it touches. */
  months: { month: Month; operations: number }[]
  /** How many months, or operations, there are of those that the definition counts. */
  found: number
  lastActive: Month | null
  own: Amount
  balance: Amount
  movements: (Movement & { verdict: Verdict })[]
}

/**
 * Where a woman stands at the end of a month, read plainly from all that was known of her: apart from the counter, which
 * has to come to the same. Null when she was not registered yet.
 */
export function standingOf(
  terms: Terms,
  currency: Currency,
  { accounts, movements: all }: { accounts: readonly HerAccount[]; movements: readonly Movement[] },
  month: Month,
): Standing | null {
  const end = lastDay(month)
  const open = accounts.filter(({ openedOn }) => openedOn <= end)
  const firstOpenedOn = open.map(({ openedOn }) => openedOn).toSorted()[0]
  if (firstOpenedOn === undefined) return null
  const { unit, length } = terms.window
  const windowFrom = unit === 'months' ? firstDay(addMonths(month, 1 - length)) : addDays(end, 1 - length)
  const until = all.filter(({ valueDate }) => valueDate <= end)
  const minor = (text: string | null) => (text === null ? 0n : parseAmount(text, currency))
  const movements = until
    .filter(({ valueDate }) => valueDate >= windowFrom)
    .map(movement => ({ ...movement, verdict: verdictOn(movement, terms, minor, { all: until, end }) }))
  const counting = movements.filter(({ verdict }) => verdict === 'qualifies' || verdict === 'kept')
  const months = monthsFrom(monthOf(windowFrom), month).map(one => ({
    month: one,
    operations: operationsIn(counting.filter(({ valueDate }) => monthOf(valueDate) === one)),
  }))
  const active = months.filter(({ operations }) => operations > 0)
  const found = terms.count === 'months' ? active.length : active.reduce((sum, { operations }) => sum + operations, 0)
  const own = sum(until.filter(({ money }) => money === 'own'))
  const lastActive = active.at(-1)?.month ?? null
  const told = { firstOpenedOn, oldEnoughOn: before(month, terms.minimumAge), windowFrom, months, found, lastActive }
  const balances = { own, balance: sum(until) }
  const isOpen = open.some(({ closedOn }) => closedOn === null || closedOn > end)
  const status = !isOpen
    ? 'CLOSED'
    : firstOpenedOn > told.oldEnoughOn
      ? 'TOO_NEW'
      : activity(terms, minor, month, { ...told, ...balances })
  return { status, ...told, ...balances, movements }
}

/** A month in which transfers were kept has that once, beside its operations. */
function operationsIn(movements: readonly { verdict: Verdict }[]): number {
  const kept = movements.some(({ verdict }) => verdict === 'kept') ? 1 : 0
  return kept + movements.filter(({ verdict }) => verdict === 'qualifies').length
}

function activity(
  terms: Terms,
  minor: (text: string | null) => Amount,
  month: Month,
  { found, lastActive, own, balance }: Pick<Standing, 'found' | 'lastActive' | 'own' | 'balance'>,
): Status {
  if (lastActive === null) return balance > 0n ? 'DORMANT' : 'EMPTY'
  const isRecent = terms.recency === null || lastActive > addMonths(month, -terms.recency)
  const isEnough = terms.minimumBalance === null || own >= minor(terms.minimumBalance)
  return found >= terms.minimumActive && isRecent && isEnough ? 'PERMANENT_ACTIVE' : 'ACTIVE'
}

function verdictOn(
  movement: Movement,
  terms: Terms,
  minor: (text: string | null) => Amount,
  known: { all: readonly Movement[]; end: CalendarDate },
): Verdict {
  const { kind, amount, money, isReversal, reversed } = movement
  if (isReversal) return 'is-a-reversal'
  if (money !== 'own') return 'not-her-own-money'
  if (reversed) return 'reversed'
  if (kind === 'state-transfer' && terms.retention !== null) {
    return verdictOnTransfer(movement, terms.retention.days, minor(terms.retention.amount), known)
  }
  if (kind === 'withdrawal' && terms.operations === 'DEPOSITS') return 'withdrawals-do-not-count'
  if (kind !== 'deposit' && kind !== 'withdrawal') return 'not-her-own-deposit'
  return (kind === 'deposit' ? amount : -amount) >= minor(terms.minimumDeposit) ? 'qualifies' : 'too-small'
}

function verdictOnTransfer(
  { accountId, valueDate, amount }: Movement,
  days: number,
  least: Amount,
  { all, end }: { all: readonly Movement[]; end: CalendarDate },
): Verdict {
  const until = addDays(valueDate, days)
  if (until > end) return 'not-known-to-be-kept-yet'
  const taken = all.filter(
    one =>
      one.accountId === accountId &&
      one.money === 'own' &&
      one.kind === 'withdrawal' &&
      !one.reversed &&
      one.valueDate >= valueDate &&
      one.valueDate <= until,
  )
  return amount + sum(taken) >= least ? 'kept' : 'not-kept'
}

function sum(movements: readonly Movement[]): Amount {
  return movements.reduce((all, { amount }) => all + amount, 0n)
}

/** The day so many months before the end of a month: the same day of that month, or its last. */
function before(month: Month, months: number): CalendarDate {
  const then = addMonths(month, -months)
  const day = lastDay(month).slice(8)
  return day > lastDay(then).slice(8) ? lastDay(then) : `${then}-${day}`
}

function monthsFrom(first: Month, last: Month): Month[] {
  const months: Month[] = []
  for (let nth = 0; addMonths(first, nth) <= last; nth++) months.push(addMonths(first, nth))
  return months
}
