import type { CalendarDate } from '../../dates.ts'
import { addDays } from '../../dates.ts'
import type { Amount } from '../../money.ts'
import type { BreakReason } from '../breaks/reasons.ts'

/** Money that moved on one side on a day: claimed, or left for a reason; null of what no matching has looked at yet. */
export type Moved = {
  day: CalendarDate
  isClaimed: boolean
  reason: BreakReason | null
  /** Whether it was left for that reason on purpose. */
  isAccepted: boolean
  count: number
  amount: Amount
}

/** A statement that counts. Balances are null where it gives none, or one finer than the book's currency. */
export type Covering = {
  id: string
  fromDay: CalendarDate
  toDay: CalendarDate
  opening: Amount | null
  closing: Amount | null
  /** What its lines move, by the day on which they were booked; only of statements of several days. */
  days: ReadonlyMap<CalendarDate, Amount>
}

export type Cause = { reason: BreakReason; day: CalendarDate; amount: Amount | null; detail: string }

export type Facts = {
  lines: readonly Moved[]
  entries: readonly Moved[]
  /** By how much what stands in suspense moves the ledger's account, by value date: it is none of `entries`. */
  suspense: readonly { day: CalendarDate; amount: Amount }[]
  /** Matches whose lines and entries are not of one day: the first of their days and the last. */
  underWay: readonly { first: CalendarDate; last: CalendarDate }[]
  /** In order. */
  statements: readonly Covering[]
  /** Open breaks of statements. */
  causes: readonly Cause[]
}

export type Item = { reason: BreakReason | null; accepted: boolean; lines: number; entries: number; amount: Amount }

export type Proof = {
  day: CalendarDate
  status: 'proved' | 'broken' | 'not-covered'
  ledger: Amount
  /** How much of the ledger's balance stands there for what is listed as open. */
  suspense: Amount
  bank: Amount | null
  items: Item[]
  underWay: { matches: number; amount: Amount }
  residue: Amount | null
  because: Omit<Cause, 'day'>[]
}

/**
 * For each day: what the ledger has, what the bank has, and what lies between them. What is open and stands in suspense is in the
 * ledger's balance already. What is matched on different days and what
 * is not matched is listed, so that nothing is left over unless the bank's own statements do not hang together.
 */
export function proofs(facts: Facts, from: CalendarDate, to: CalendarDate): Proof[] {
  const all: Proof[] = []
  for (let day = from; day <= to; day = addDays(day, 1)) all.push(proofOf(facts, day))
  return all
}

function proofOf({ lines, entries, suspense, underWay, statements, causes }: Facts, day: CalendarDate): Proof {
  const until = (one: Moved) => one.day <= day
  const [told, posted] = [lines.filter(until), entries.filter(until)]
  const [left, right] = [told.filter(one => !one.isClaimed), posted.filter(one => !one.isClaimed)]
  const suspended = sumOf(suspense.filter(one => one.day <= day))
  const ledger = sumOf(posted) + suspended
  const bank = bankBalance(statements, day)
  const items = itemsOf(left, right)
  const claimed = sumOf(told.filter(one => one.isClaimed)) - sumOf(posted.filter(one => one.isClaimed))
  const open = underWay.filter(({ first, last }) => first <= day && day < last)
  const listed = items.reduce((sum, { amount }) => sum + amount, claimed - suspended)
  const residue = bank === null ? null : bank - ledger - listed
  return {
    ...{ day, ledger, suspense: suspended, bank, items, residue, underWay: { matches: open.length, amount: claimed } },
    status: residue === null ? 'not-covered' : residue === 0n ? 'proved' : 'broken',
    because: residue === null || residue === 0n ? [] : because(statements, causes, day, residue),
  }
}

function sumOf(moved: readonly Pick<Moved, 'amount'>[]): Amount {
  return moved.reduce((sum, { amount }) => sum + amount, 0n)
}

function itemsOf(lines: readonly Moved[], entries: readonly Moved[]): Item[] {
  const items = new Map<string, Item>()
  const at = ({ reason, isAccepted }: Moved): Item => {
    const key = `${reason ?? ''} ${isAccepted}`
    const item = items.get(key) ?? { reason, accepted: isAccepted, lines: 0, entries: 0, amount: 0n }
    items.set(key, item)
    return item
  }
  for (const moved of lines) {
    const { count, amount } = moved
    const item = at(moved)
    item.lines += count
    item.amount += amount
  }
  for (const moved of entries) {
    const { count, amount } = moved
    const item = at(moved)
    item.entries += count
    item.amount -= amount
  }
  return [...items].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, item]) => item)
}

/**
 * What the bank had at the end of a day, by its own word: the closing balance of the day's last statement, or of one of several
 * days without what it booked later; between two statements what there was after the first. Null on days that none covers.
 */
export function bankBalance(statements: readonly Covering[], day: CalendarDate): Amount | null {
  const ofDay = statements.findLast(({ toDay }) => toDay === day)
  if (ofDay !== undefined) return ofDay.closing
  const around = statements.find(({ fromDay, toDay }) => fromDay <= day && day < toDay)
  if (around !== undefined) {
    if (around.closing === null) return null
    let later = 0n
    for (const [booked, amount] of around.days) if (booked > day) later += amount
    return around.closing - later
  }
  const isBeforeAnother = statements.some(({ fromDay }) => fromDay > day)
  const before = statements.findLast(({ toDay }) => toDay < day)
  return isBeforeAnother ? (before?.closing ?? null) : null
}

/** Why something is left over: never without a name. */
function because(
  statements: readonly Covering[],
  causes: readonly Cause[],
  day: CalendarDate,
  residue: Amount,
): Omit<Cause, 'day'>[] {
  const opening = statements[0]?.opening ?? 0n
  const named = causes
    .filter(cause => cause.day <= day)
    .map(({ reason, amount, detail }) => ({ reason, amount, detail }))
  if (opening !== 0n)
    named.unshift({
      reason: 'statement-gap',
      amount: opening,
      detail: 'the first statement that came does not begin at zero',
    })
  return named.length > 0 ? named : [{ reason: 'residue', amount: residue, detail: 'no break of a statement tells it' }]
}
