import { type CalendarDate, limaDate } from '../dates.ts'
import { type Session, streamRows, type TextRow } from '../db/stream.ts'
import type { AccountStatus } from './schema.ts'
import { instantOf } from './verify-chronology.ts'
import type { FaultList, FaultRule } from './verify-faults.ts'
import { type Happening, happeningOf } from './verify-register.ts'

/** The register by account: what happened to it and to its holds, with the hold's row; a capture with its transaction. */
const stepRows = `
  select coalesce(h.account_id, e.subject), e.number, e.kind, e.subject, e.after_sequence, e.recorded_at, e.content,
    case when e.kind = 'hold-captured' then (
      select t.sequence from transaction t where t.book_id = $1 and t.hold_id = e.subject
        and t.id = substring(e.content from '"transaction":"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"')::uuid
      limit 1) end,
    h.account_id, h.amount, h.captured, h.status, h.placed_event, h.expires_at, h.ended_at
  from event e left join hold h on e.kind::text like 'hold-%' and h.book_id = $1 and h.id = e.subject
  where e.book_id = $1 and e.kind not in ('book-opened', 'month-closed', 'instant-settled') order by 1, 2`

type Text = string
type Maybe = string | null
type HoldFields = [Maybe, Maybe, Maybe, Maybe, Maybe, Maybe, Maybe]

/** One event of an account or of a hold on it. */
export type Step = TextRow & [Text, Text, Text, Text, Text, Text, Text, Maybe, ...HoldFields]

export const readSteps = (session: Session, bookId: string) => streamRows<Step>(session, stepRows, [bookId])

/** Whether the step is a capture, which happened within its transaction and not after it. */
export const isCapture = (step: Step) => step[2] === 'hold-captured'

/** The transaction after which the step happened; of a capture, the one it happened in. */
export function placeOf(step: Step): number {
  return Number(isCapture(step) ? (step[7] ?? step[4]) : step[4])
}

type Opening = Extract<Happening, { kind: 'account-opened' }> & { event: string }

/** An account as the register and its entries have made it so far. */
export type History = {
  id: string
  opening: Opening | undefined
  name: string
  status: AccountStatus
  floor: bigint | null
  closedOn: CalendarDate | null
  debits: bigint
  credits: bigint
  /** By how much the totals stored beside its last entry were off, if they were. */
  drift: { debits: bigint; credits: bigint } | undefined
  held: bigint
  holds: Map<string, OpenHold>
  /** The latest value date of its entries so far. */
  lastDay: CalendarDate
}

/** A hold in force. One of another account by the register is kept for what its row has to be, and holds nothing here. */
type OpenHold = { amount: bigint; expiresAt: number | null; counts: boolean; step: Step }

export function startHistory(id: string): History {
  const holds = new Map<string, OpenHold>()
  const nothing = { debits: 0n, credits: 0n, held: 0n, floor: null, closedOn: null, lastDay: '', drift: undefined }
  return { id, opening: undefined, name: '', status: 'open', holds, ...nothing }
}

export function postedOf({ opening, debits, credits }: History): bigint {
  return opening?.normal === 'debit' ? debits - credits : credits - debits
}

/** Whether what is available is not less than the floor. */
export function isAboveFloor(history: History): boolean {
  return history.floor === null || postedOf(history) - history.held >= history.floor
}

/** What could not have happened: what would have had to be, and what was. */
type Impossible = [expected: string, found: string] | undefined

/**
 * Takes an event into the history of its account, and says when it could not have happened then or left the hold's row
 * otherwise. `taken` is what the transaction of a capture took from the account, in minor units.
 */
export function takeStep(history: History, step: Step, taken: bigint, bookId: string, faults: FaultList): void {
  const [, number, kind, subject, , , content] = step
  const happening = happeningOf(kind, subject, bookId, content)
  // That its content is wrong has been said by whoever checked the register.
  if (happening === undefined) return
  const impossible = follow(history, happening, step, taken, faults)
  if (impossible === undefined) return
  const [expected, found] = impossible
  faults.add({ rule: 'event-impossible', event: BigInt(number), accountId: history.id, expected, found })
}

function follow(history: History, happening: Happening, step: Step, taken: bigint, faults: FaultList): Impossible {
  switch (happening.kind) {
    case 'account-opened':
      return openAccount(history, { ...happening, event: step[1] })
    case 'account-changed':
      return changeAccount(history, happening, step)
    case 'hold-placed':
      return placeHold(history, happening, step, faults)
    case 'hold-captured':
      return endHold(history, happening, happening.captured, step, taken, faults)
    case 'hold-released':
    case 'hold-expired':
      return endHold(history, happening, 0n, step, 0n, faults)
    default:
      return undefined
  }
}

function openAccount(history: History, opening: Opening): Impossible {
  if (history.opening !== undefined) return ['an account that is new', 'one that is open']
  history.opening = opening
  history.name = opening.name
  history.floor = opening.floor
  return isAboveFloor(history) ? undefined : ['a floor that nothing is above', String(history.floor)]
}

function changeAccount(
  history: History,
  change: Extract<Happening, { kind: 'account-changed' }>,
  [, , , , , recordedAtText]: Step,
): Impossible {
  if (history.opening === undefined) return ['an account that was opened', 'none']
  if (history.status === 'closed') return ['an account that is not closed', 'one that is']
  history.name = change.name ?? history.name
  history.status = change.status ?? history.status
  history.closedOn = change.closedOn ?? history.closedOn
  if (change.floor !== undefined) history.floor = change.floor
  if (!isAboveFloor(history)) return ['a floor that the account is above', String(history.floor)]
  if (change.status === 'closed' && (history.debits !== history.credits || history.held !== 0n)) {
    return ['an empty account', 'one with money']
  }
  const { closedOn, lastDay, opening } = history
  if (change.closedOn !== undefined && change.closedOn > limaDate(new Date(instantOf(recordedAtText)))) {
    return ['a closing on a day that has come', change.closedOn]
  }
  const tooEarly = closedOn !== null && (closedOn < lastDay || closedOn < opening.openedOn)
  return tooEarly ? ['a closing after its opening and its entries', closedOn] : undefined
}

type Placing = Extract<Happening, { kind: 'hold-placed' }>

function placeHold(history: History, placing: Placing, step: Step, faults: FaultList): Impossible {
  const { hold: holdId, account, amount } = placing
  const [, number, , , , recordedAtText] = step
  if (history.holds.has(holdId)) return ['a hold that is new', 'one that is placed']
  const expiresAt = placing.expiresAt === null ? null : Date.parse(placing.expiresAt)
  compareHold(holdId, step, { account_id: account, amount: String(amount), placed_event: number }, faults)
  compareExpiry(holdId, step, expiresAt, faults)
  const counts = account === history.id
  history.holds.set(holdId, { amount, expiresAt, counts, step })
  if (!counts) return undefined
  history.held += amount
  if (history.status !== 'open') return ['an open account', history.status]
  if (!isAboveFloor(history)) return ['no more held than is available', String(amount)]
  if (expiresAt !== null && expiresAt <= instantOf(recordedAtText)) return ['an expiry to come', placing.expiresAt!]
  return undefined
}

type Ending = Extract<Happening, { kind: 'hold-captured' | 'hold-released' | 'hold-expired' }>

function endHold(
  history: History,
  { kind, hold: holdId }: Ending,
  captured: bigint,
  step: Step,
  taken: bigint,
  faults: FaultList,
): Impossible {
  const [, number, , , , recordedAtText] = step
  const hold = history.holds.get(holdId)
  if (hold === undefined) return ['a hold that is placed', 'none']
  history.holds.delete(holdId)
  if (hold.counts) history.held -= hold.amount
  const status = kind.slice('hold-'.length)
  compareHold(holdId, step, { status, captured: String(captured), ended_at: recordedAtText }, faults)
  if (captured !== taken || (kind === 'hold-captured' && (captured <= 0n || captured > hold.amount))) {
    const [event, expected, found] = [BigInt(number), String(captured), String(taken)]
    faults.add({ rule: 'hold-captured-amount', event, holdId, expected, found })
  }
  const overdue = hold.expiresAt !== null && hold.expiresAt <= instantOf(recordedAtText)
  return overdue === (kind === 'hold-expired') ? undefined : ['an end as its expiry allows', kind]
}

/** What is still in force at the end has to be told so by its row, and its time may not have passed. */
export function endHolds(history: History, lastRecordedAt: number, faults: FaultList): void {
  for (const [holdId, { expiresAt, step }] of history.holds) {
    compareHold(holdId, step, { status: 'placed', captured: '0', ended_at: null }, faults)
    if (expiresAt === null || expiresAt > lastRecordedAt) continue
    const expected = 'its expiry in the register'
    faults.add({ rule: 'hold-overdue', holdId, accountId: history.id, expected, found: 'none' })
  }
}

const holdColumns = ['account_id', 'amount', 'captured', 'status', 'placed_event', 'expires_at', 'ended_at'] as const
type HoldColumn = (typeof holdColumns)[number]

function holdField(step: Step, column: HoldColumn): string | null {
  return step[8 + holdColumns.indexOf(column)] ?? null
}

function compareHold(
  holdId: string,
  step: Step,
  expected: Partial<Record<HoldColumn, Maybe>>,
  faults: FaultList,
): void {
  for (const [field, value] of Object.entries(expected) as [HoldColumn, Maybe][]) {
    const found = holdField(step, field)
    if (found !== value)
      faults.add({ rule: 'hold-differs', holdId, field, expected: String(value), found: String(found) })
  }
}

function compareExpiry(holdId: string, step: Step, expected: number | null, faults: FaultList): void {
  const found = holdField(step, 'expires_at')
  if ((found === null ? null : instantOf(found)) === expected) return
  const rule: FaultRule = 'hold-differs'
  faults.add({ rule, holdId, field: 'expires_at', expected: 'as placed', found: String(found) })
}
