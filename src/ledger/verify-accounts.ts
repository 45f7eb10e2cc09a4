import type { CalendarDate } from '../dates.ts'
import { type RowStream, type Session, streamRows, type TextRow } from '../db/stream.ts'
import type { Direction } from './schema.ts'
import type { FaultList, FaultRule } from './verify-faults.ts'
import {
  endHolds,
  type History,
  isAboveFloor,
  isCapture,
  placeOf,
  readSteps,
  type Step,
  startHistory,
  takeStep,
} from './verify-history.ts'

const accountRows = `
  select id, code, name, type, normal, floor, status, opened_on, closed_on, opened_event, debits, credits, held
  from account where book_id = $1 order by id`

const entryRows = `
  select account_id, sequence, direction, amount, value_date, debits_after, credits_after
  from entry where book_id = $1 order by account_id, sequence, position`

const dayRows = `
  select account_id, value_date, debits, credits
  from account_day where book_id = $1 order by account_id, value_date`

type Text = string
type Maybe = string | null
type AccountRow = TextRow & [Text, Text, Text, Text, Direction, Maybe, Text, Text, Maybe, Text, Text, Text, Text]
type EntryRow = TextRow & [Text, Text, Direction, Text, Text, Text, Text]
type DayRow = TextRow & [Text, Text, Text, Text]

type Days = Map<CalendarDate, { debits: bigint; credits: bigint }>

export type AccountsEnd = { accounts: number; days: number; nextExpiry: number | null }

/**
 * Checks a book's accounts one by one: their entries in the order of recording against the totals written beside them, what
 * the register says was allowed when each was recorded, their days, their holds, and at the end their rows. Only the days
 * and the holds in force of one account are ever in memory. `judge` is false when the register cannot be relied on:
 * then no transaction is named for breaking what the register says. Days hold entries up to the sequence
 * `daysThrough`; null when nobody knows.
 */
export async function verifyAccounts(
  session: Session,
  bookId: string,
  { judge, lastRecordedAt, daysThrough }: { judge: boolean; lastRecordedAt: number; daysThrough: number | null },
  faults: FaultList,
  onEntry: () => void,
): Promise<AccountsEnd> {
  const accounts = await streamRows<AccountRow>(session, accountRows, [bookId])
  const steps = await readSteps(session, bookId)
  const entries = await streamRows<EntryRow>(session, entryRows, [bookId])
  const dayStream = await streamRows<DayRow>(session, dayRows, [bookId])
  const end: AccountsEnd = { accounts: 0, days: 0, nextExpiry: null }

  for (;;) {
    const id = least([accounts.row?.[0], steps.row?.[0], entries.row?.[0], dayStream.row?.[0]])
    if (id === undefined) return end
    const row = accounts.row?.[0] === id ? accounts.row : undefined
    const { history, days } = row === undefined ? await strayRows(id) : await replay(id)
    await compareDays(id, days)
    if (row === undefined) continue
    end.accounts += 1
    endHolds(history, lastRecordedAt, faults)
    for (const { expiresAt } of history.holds.values()) {
      if (expiresAt !== null) end.nextExpiry = Math.min(expiresAt, end.nextExpiry ?? expiresAt)
    }
    compareAccount(history, row, faults)
    await advance(accounts)
  }

  async function replay(id: string): Promise<{ history: History; days: Days }> {
    const history = startHistory(id)
    const days: Days = new Map()
    for (;;) {
      const step = steps.row?.[0] === id ? steps.row : undefined
      const entry = entries.row?.[0] === id ? entries.row : undefined
      if (entry !== undefined && (step === undefined || placeOf(step) >= Number(entry[1]))) {
        await replayTransaction(history, days, entry[1])
      } else if (step !== undefined) {
        takeStep(history, step, 0n, bookId, faults)
        await advance(steps)
      } else {
        return { history, days }
      }
    }
  }

  /** The entries that one transaction has on the account, and then what it left. */
  async function replayTransaction(history: History, days: Days, sequence: string): Promise<void> {
    const before = history.debits - history.credits
    let valueDate = ''
    for (let row = entries.row; row?.[0] === history.id && row[1] === sequence; row = entries.row) {
      takeEntry(history, days, row)
      valueDate = row[4]
      onEntry()
      const wait = entries.next()
      if (wait) await wait
    }
    const grown = history.debits - history.credits - before
    const taken = history.opening?.normal === 'debit' ? -grown : grown
    while (steps.row?.[0] === history.id && isCapture(steps.row) && placeOf(steps.row) === Number(sequence)) {
      takeStep(history, steps.row, taken, bookId, faults)
      await advance(steps)
    }
    if (judge) judgeTransaction(history, sequence, valueDate)
  }

  function takeEntry(history: History, days: Days, row: EntryRow): void {
    const [, sequence, direction, amountText, valueDate, debitsAfter, creditsAfter] = row
    const amount = BigInt(amountText)
    if (direction === 'debit') history.debits += amount
    else history.credits += amount
    if (daysThrough !== null && Number(sequence) <= daysThrough) {
      const day = days.get(valueDate) ?? { debits: 0n, credits: 0n }
      days.set(valueDate, day)
      if (direction === 'debit') day.debits += amount
      else day.credits += amount
    }
    if (valueDate > history.lastDay) history.lastDay = valueDate
    const [debits, credits] = [BigInt(debitsAfter) - history.debits, BigInt(creditsAfter) - history.credits]
    if (debits === 0n && credits === 0n) {
      history.drift = undefined
    } else if (history.drift?.debits !== debits || history.drift.credits !== credits) {
      // Later totals that are off by as much follow from the same wrong entry.
      history.drift = { debits, credits }
      const expected = `debits ${history.debits}, credits ${history.credits}`
      const found = `debits ${debitsAfter}, credits ${creditsAfter}`
      faults.add({ rule: 'entry-totals', sequence: BigInt(sequence), accountId: history.id, expected, found })
    }
  }

  function judgeTransaction(history: History, sequence: string, valueDate: CalendarDate): void {
    const { opening, status, closedOn } = history
    if (opening === undefined || history.drift !== undefined) return
    const wrong = (rule: FaultRule, expected: string, found: string) =>
      faults.add({ rule, sequence: BigInt(sequence), accountId: history.id, expected, found })
    if (status !== 'open') wrong('account-not-open', 'open', status)
    else if (valueDate < opening.openedOn || (closedOn !== null && valueDate > closedOn)) {
      wrong('account-not-effective', `${opening.openedOn} to ${closedOn ?? 'now'}`, valueDate)
    } else if (!isAboveFloor(history)) {
      wrong('below-floor', `${history.floor} or more available`, 'less')
    }
  }

  /** Rows about an account that is not there: one that the register knows is missing, others were never allowed. */
  async function strayRows(id: string): Promise<{ history: History; days: Days }> {
    const history = startHistory(id)
    let known = false
    while (steps.row?.[0] === id) {
      const step = steps.row
      known ||= step[2] === 'account-opened'
      if (step[2] === 'account-opened') {
        faults.add({
          rule: 'account-missing',
          accountId: id,
          expected: `the account of event ${step[1]}`,
          found: 'none',
        })
      } else if (step[2] === 'hold-placed') {
        reportStrayHold(step, known)
      }
      await advance(steps)
    }
    while (entries.row?.[0] === id) {
      const sequence = BigInt(entries.row[1])
      if (!known) faults.add({ rule: 'entry-account', sequence, accountId: id, expected: 'an account', found: 'none' })
      await advance(entries)
    }
    return { history, days: new Map() }
  }

  function reportStrayHold(step: Step, known: boolean): void {
    const [holdId, accountId] = [step[3], step[8]]
    if (accountId === null) {
      faults.add({ rule: 'hold-missing', holdId, expected: `the hold of event ${step[1]}`, found: 'none' })
    } else if (!known) {
      const expected = 'an account of the book'
      faults.add({ rule: 'hold-differs', holdId, field: 'account_id', expected, found: accountId })
    }
  }

  async function compareDays(accountId: string, days: Days): Promise<void> {
    const differs = (day: string, expected: string, found: string) =>
      faults.add({ rule: 'day-totals', accountId, field: day, expected, found })
    const totals = (debits: bigint | string, credits: bigint | string) => `debits ${debits}, credits ${credits}`
    for (let row = dayStream.row; row?.[0] === accountId; row = dayStream.row) {
      const [, valueDate, debits, credits] = row
      const day = days.get(valueDate)
      const expected = day === undefined ? 'none' : totals(day.debits, day.credits)
      if (daysThrough !== null && expected !== totals(debits, credits))
        differs(valueDate, expected, totals(debits, credits))
      days.delete(valueDate)
      end.days += 1
      await advance(dayStream)
    }
    for (const [valueDate, { debits, credits }] of days) differs(valueDate, totals(debits, credits), 'none')
  }
}

async function advance(stream: RowStream<TextRow>): Promise<void> {
  const wait = stream.next()
  if (wait) await wait
}

/** Ids are ordered by PostgreSQL as bytes, which is as their texts are. */
function least(ids: (string | undefined)[]): string | undefined {
  let first: string | undefined
  for (const id of ids) if (id !== undefined && (first === undefined || id < first)) first = id
  return first
}

function compareAccount(history: History, row: AccountRow, faults: FaultList): void {
  const [accountId, code, name, type, normal, floor, status, openedOn, closedOn, openedEvent, debits, credits, held] =
    row
  const { opening } = history
  function compare(rule: FaultRule, field: string, expected: string | null, found: string | null, shown = true): void {
    if (expected === found) return
    const [said, seen] = shown ? [String(expected), String(found)] : ['as the register says', 'another']
    faults.add({ rule, accountId, field, expected: said, found: seen })
  }
  if (opening === undefined) {
    faults.add({ rule: 'account-unregistered', accountId, expected: 'its opening in the register', found: 'none' })
  } else {
    compare('account-differs', 'code', opening.code, code, false)
    compare('account-differs', 'name', history.name, name, false)
    compare('account-differs', 'type', opening.type, type)
    compare('account-differs', 'normal', opening.normal, normal)
    compare('account-differs', 'floor', history.floor === null ? null : String(history.floor), floor)
    compare('account-differs', 'status', history.status, status)
    compare('account-differs', 'opened_on', opening.openedOn, openedOn)
    compare('account-differs', 'closed_on', history.closedOn, closedOn)
    compare('account-differs', 'opened_event', opening.event, openedEvent)
  }
  const drift = history.drift ?? { debits: 0n, credits: 0n }
  if (BigInt(debits) - history.debits !== drift.debits) {
    compare('account-totals', 'debits', String(history.debits), debits)
  }
  if (BigInt(credits) - history.credits !== drift.credits) {
    compare('account-totals', 'credits', String(history.credits), credits)
  }
  compare('account-held', 'held', String(history.held), held)
}
