import assert from 'node:assert/strict'
import { bytes, doubles, ints, withRoom } from './columns.ts'

/** What moved a saver's money, as far as counting cares. Its place is what the columns hold. */
export const kinds = ['deposit', 'withdrawal', 'transfer-juntos', 'transfer-other', 'other', 'incentive'] as const

export const [deposit, withdrawal, juntos, otherTransfer, other, incentive] = [0, 1, 2, 3, 4, 5] as const

/** Later than any sequence: of an entry that nothing reversed. */
export const unreversed = 2 ** 31 - 1

/**
 * Entries of savers' money in columns: the first `sorted` of them by account, from `start[account]` on, in whatever order of
 * days; those since in lists, from `tail[account]` on. Amounts are minor units, negative when money went; integers up to 2^53
 * are exact.
 */
export type Events = {
  length: number
  account: Int32Array
  day: Int32Array
  amount: Float64Array
  /** The kind, and 16 times the kind of money: 0 is own money. */
  what: Uint8Array
  sequence: Int32Array
  /** The sequence of what reversed it. */
  reversedBy: Int32Array
  sorted: number
  start: Int32Array
  /** So many are sorted or in the lists. */
  indexed: number
  tail: Int32Array
  /** By how many places it lies behind the sorted ones. */
  next: Int32Array
}

export function noEvents(): Events {
  const lists = { start: ints(1), tail: ints(0), next: ints(0) }
  return { length: 0, ...columns(1024), sorted: 0, indexed: 0, ...lists }
}

function columns(size: number) {
  return {
    account: ints(size),
    day: ints(size),
    amount: doubles(size),
    what: bytes(size),
    sequence: ints(size),
    reversedBy: ints(size),
  }
}

export function addEvent(
  events: Events,
  one: { account: number; day: number; amount: number; what: number; sequence: number },
): void {
  assert(Number.isSafeInteger(one.amount) && one.sequence < unreversed)
  if (events.length === events.account.length) grow(events)
  const place = events.length++
  events.account[place] = one.account
  events.day[place] = one.day
  events.amount[place] = one.amount
  events.what[place] = one.what
  events.sequence[place] = one.sequence
  events.reversedBy[place] = unreversed
}

function grow(events: Events): void {
  const room = Math.ceil(events.length * 1.5)
  events.account = withRoom(events.account, room)
  events.day = withRoom(events.day, room)
  events.amount = withRoom(events.amount, room)
  events.what = withRoom(events.what, room)
  events.sequence = withRoom(events.sequence, room)
  events.reversedBy = withRoom(events.reversedBy, room)
}

/** That an account's entries with the sequence `original` were reversed by another. */
export type Reversal = { account: number; original: number; by: number }

/** Has all that was added found by its account, and notes what reversed what. */
export function settleEvents(events: Events, accounts: number, reversals: readonly Reversal[]): void {
  if (events.length - events.sorted > events.sorted / 8) sortEvents(events, accounts)
  else listTail(events, accounts)
  for (const { account, original, by } of reversals) {
    for (const place of placesOf(events, account)) {
      if (events.sequence[place] === original) events.reversedBy[place] = by
    }
  }
}

/** Where an account's entries are. */
export function placesOf(events: Events, account: number): number[] {
  const places: number[] = []
  eachPlace(events, account, place => places.push(place))
  return places
}

/** Tells an account's entries one after the other, without making a list of them. */
export function eachPlace(events: Events, account: number, take: (place: number) => void): void {
  const last = events.start[account + 1] ?? 0
  for (let place = events.start[account] ?? 0; place < last; place++) take(place)
  for (let place = events.tail[account] ?? -1; place !== -1; place = events.next[place - events.sorted]!) take(place)
}

function listTail(events: Events, accounts: number): void {
  const known = events.tail.length
  events.tail = withRoom(events.tail, accounts)
  events.tail.fill(-1, known)
  events.next = withRoom(events.next, events.length - events.sorted)
  for (let place = events.indexed; place < events.length; place++) {
    const account = events.account[place]!
    events.next[place - events.sorted] = events.tail[account]!
    events.tail[account] = place
  }
  events.indexed = events.length
}

/** Sorts by account. Done whenever an eighth more came, so that each entry is moved a few times in its life. */
function sortEvents(events: Events, accounts: number): void {
  const start = ints(accounts + 1)
  for (let place = 0; place < events.length; place++) start[events.account[place]! + 1]! += 1
  for (let account = 0; account < accounts; account++) start[account + 1]! += start[account]!
  const next = start.slice()
  const sorted = columns(Math.max(1024, Math.ceil(events.length * 1.0625)))
  for (let place = 0; place < events.length; place++) {
    const to = next[events.account[place]!]!++
    sorted.account[to] = events.account[place]!
    sorted.day[to] = events.day[place]!
    sorted.amount[to] = events.amount[place]!
    sorted.what[to] = events.what[place]!
    sorted.sequence[to] = events.sequence[place]!
    sorted.reversedBy[to] = events.reversedBy[place]!
  }
  Object.assign(events, sorted, { start, sorted: events.length, indexed: events.length })
  Object.assign(events, { tail: ints(0), next: ints(0) })
}
