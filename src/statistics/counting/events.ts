import assert from 'node:assert/strict'

/** What moved a saver's money, as far as counting cares. Its place is what the columns hold. */
export const kinds = ['deposit', 'withdrawal', 'transfer-juntos', 'transfer-other', 'other'] as const

export const [deposit, withdrawal, juntos, otherTransfer, other] = [0, 1, 2, 3, 4] as const

/** Later than any sequence: of an entry that nothing reversed. */
export const unreversed = 2 ** 31 - 1

/**
 * Entries of savers' money in columns: the first `sorted` of them by account, from `start[account]` on, in whatever order of
 * days; those since by `tail`. Amounts are minor units, negative when money went; integers up to 2^53 are exact.
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
  /** So many are sorted or in the tail. */
  indexed: number
  start: Int32Array
  tail: Map<number, number[]>
}

export function noEvents(): Events {
  return { length: 0, ...columns(1024), sorted: 0, indexed: 0, start: new Int32Array(1), tail: new Map() }
}

function columns(size: number) {
  return {
    account: new Int32Array(size),
    day: new Int32Array(size),
    amount: new Float64Array(size),
    what: new Uint8Array(size),
    sequence: new Int32Array(size),
    reversedBy: new Int32Array(size),
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
  const larger = columns(events.length * 2)
  for (const name of Object.keys(larger) as (keyof typeof larger)[]) larger[name].set(events[name])
  Object.assign(events, larger)
}

/** That an account's entries with the sequence `original` were reversed by another. */
export type Reversal = { account: number; original: number; by: number }

/** Has all that was added found by its account, and notes what reversed what. */
export function settleEvents(events: Events, accounts: number, reversals: readonly Reversal[]): void {
  const came = events.length - events.sorted
  if (came > Math.min(50_000, events.sorted)) sortEvents(events, accounts)
  else indexTail(events)
  for (const { account, original, by } of reversals) {
    for (const place of placesOf(events, account)) {
      if (events.sequence[place] === original) events.reversedBy[place] = by
    }
  }
}

/** Where an account's entries are. */
export function placesOf(events: Events, account: number): number[] {
  const places: number[] = []
  for (let place = events.start[account] ?? 0; place < (events.start[account + 1] ?? 0); place++) places.push(place)
  return [...places, ...(events.tail.get(account) ?? [])]
}

function indexTail(events: Events): void {
  for (let place = events.indexed; place < events.length; place++) {
    const account = events.account[place]!
    const known = events.tail.get(account)
    if (known === undefined) events.tail.set(account, [place])
    else known.push(place)
  }
  events.indexed = events.length
}

/** Sorts by account, for so many came that to look each up would cost more. */
function sortEvents(events: Events, accounts: number): void {
  const start = new Int32Array(accounts + 1)
  for (let place = 0; place < events.length; place++) start[events.account[place]! + 1]! += 1
  for (let account = 0; account < accounts; account++) start[account + 1]! += start[account]!
  const next = start.slice()
  const sorted = columns(Math.max(1024, Math.ceil(events.length * 1.25)))
  for (let place = 0; place < events.length; place++) {
    const to = next[events.account[place]!]!++
    sorted.account[to] = events.account[place]!
    sorted.day[to] = events.day[place]!
    sorted.amount[to] = events.amount[place]!
    sorted.what[to] = events.what[place]!
    sorted.sequence[to] = events.sequence[place]!
    sorted.reversedBy[to] = events.reversedBy[place]!
  }
  Object.assign(events, sorted, { start, sorted: events.length, indexed: events.length, tail: new Map() })
}
