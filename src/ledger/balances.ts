import { type CalendarDate, type Clock, endOfDay, limaDate } from '../dates.ts'
import { ask, type Db } from '../db/client.ts'
import type { Amount } from '../money.ts'
import { sequenceKnownAt, type Viewpoint } from './knowledge.ts'
import type { AccountStatus, Direction } from './schema.ts'

/** An account's totals and balances in minor units; balances are positive on the account's normal side. */
export type Balance = {
  accountId: string
  status: AccountStatus
  debits: Amount
  credits: Amount
  posted: Amount
  /** Set aside by holds: those in force now, or at the end of `asOf` or at `knownAt`, whichever is the earlier. */
  held: Amount
  available: Amount
}

/** Balances with the last sequence of the book that they count. */
export type Balances = { sequence: bigint; balances: Balance[] }

type Row = {
  id: string
  normal: Direction
  status: AccountStatus
  debits: string
  credits: string
  held: string
  sequence: string
}

/** Holds that have expired hold nothing, even before posting has written them off. */
const heldNow = `a.held - case when a.held = 0 then 0 else coalesce((
    select sum(h.amount) from hold h
    where h.book_id = $1 and h.account_id = a.id and h.status = 'placed' and h.expires_at <= $3), 0) end`

const postedNow = {
  name: 'posted_now',
  text: `
  select a.id, a.normal, a.status, a.debits, a.credits, ${heldNow} as held, b.sequence
  from account a join book_head b on b.book_id = $1
  where a.book_id = $1 and a.id = any($2)`,
}

/**
 * The same for up to four accounts, a savings account's: an array as parameter would have PostgreSQL plan anew each time, and
 * the join and the sum of holds take half as long again to begin with, used or not. So a hold has the whole asked afterwards.
 */
const postedFewNow = {
  name: 'posted_few_now',
  text: `
  select a.id, a.normal, a.status, a.debits, a.credits, a.held, (select b.sequence from book_head b where b.book_id = $1) as sequence
  from account a
  where a.book_id = $1 and a.id = any(array[$2, $3, $4, $5]::uuid[])`,
}

const asOfDay = (held: string) => `
  select a.id, a.normal, a.status, coalesce(d.debits, 0) as debits, coalesce(d.credits, 0) as credits, ${held} as held, b.sequence
  from account a join book_head b on b.book_id = $1
  cross join lateral (
    select sum(d.debits) as debits, sum(d.credits) as credits from account_day_to_date d
    where d.book_id = $1 and d.account_id = a.id and d.value_date <= $4) d
  where a.book_id = $1 and a.id = any($2)`

const heldAt = (moment: string) => `(
    select coalesce(sum(h.amount), 0) from hold h join event e on e.book_id = $1 and e.number = h.placed_event
    where h.book_id = $1 and h.account_id = a.id and e.recorded_at <= ${moment}
      and (h.ended_at is null or h.ended_at > ${moment}) and (h.expires_at is null or h.expires_at > ${moment}))`

const postedAsOf = { name: 'posted_as_of', text: asOfDay(heldNow) }
const postedAsOfPast = { name: 'posted_as_of_past', text: asOfDay(heldAt('$3')) }

const statusKnownAt = `coalesce((
    select e.content::json ->> 'status' from event e
    where e.book_id = $1 and e.subject = a.id and e.kind = 'account-changed' and e.recorded_at <= $3
      and e.content::json ->> 'status' is not null
    order by e.number desc limit 1), 'open')`

/** Accounts that were opened by then: of others nothing was known. */
const accountsKnownAt = 'account a join event o on o.book_id = $1 and o.number = a.opened_event and o.recorded_at <= $3'

/** What was known is written in the account's last entry up to that sequence. */
const postedKnownAt = {
  name: 'posted_known_at',
  text: `
  select a.id, a.normal, ${statusKnownAt} as status, coalesce(last.debits_after, 0) as debits,
    coalesce(last.credits_after, 0) as credits, ${heldAt('$3')} as held, $4::bigint as sequence
  from ${accountsKnownAt}
  left join lateral (
    select e.debits_after, e.credits_after from entry e
    where e.book_id = $1 and e.account_id = a.id and e.sequence <= $4
    order by e.sequence desc, e.position desc limit 1) last on true
  where a.book_id = $1 and a.id = any($2)`,
}

/** The days up to that day, less what of them was recorded later. */
const postedAsOfKnownAt = {
  name: 'posted_as_of_known_at',
  text: `
  select a.id, a.normal, ${statusKnownAt} as status, coalesce(d.debits, 0) - coalesce(later.debits, 0) as debits,
    coalesce(d.credits, 0) - coalesce(later.credits, 0) as credits, ${heldAt('$6::timestamptz')} as held, $4::bigint as sequence
  from ${accountsKnownAt}
  cross join lateral (
    select sum(d.debits) as debits, sum(d.credits) as credits from account_day_to_date d
    where d.book_id = $1 and d.account_id = a.id and d.value_date <= $5) d
  cross join lateral (
    select sum(e.amount) filter (where e.direction = 'debit') as debits, sum(e.amount) filter (where e.direction = 'credit') as credits
    from entry e where e.book_id = $1 and e.account_id = a.id and e.sequence > $4 and e.value_date <= $5) later
  where a.book_id = $1 and a.id = any($2)`,
}

/**
 * Balances of accounts of one book, in no particular order; accounts that do not exist, or were not known at `knownAt`, are
 * left out.
 * @throws Refusal `instant-in-future`, `book-not-found`
 */
export async function balancesOf(
  db: Db,
  bookId: string,
  accountIds: readonly string[],
  clock: Clock,
  { asOf, knownAt }: Viewpoint = {},
): Promise<Balances> {
  if (knownAt === undefined) {
    const now = clock.now()
    if (asOf === undefined) {
      return (await withoutHolds(db, bookId, accountIds)) ?? (await read(db, postedNow, [bookId, accountIds, now]))
    }
    return asOf >= limaDate(now)
      ? await read(db, postedAsOf, [bookId, accountIds, now, asOf])
      : await read(db, postedAsOfPast, [bookId, accountIds, endOfDay(asOf), asOf])
  }
  const sequence = await sequenceKnownAt(db, bookId, knownAt, clock)
  // Nothing is recorded before its value date, so a day after that instant leaves nothing out.
  const day = asOf === undefined || asOf >= limaDate(knownAt) ? null : asOf
  return await balancesKnownAt(db, bookId, accountIds, knownAt, sequence, day)
}

/** The quick way, if they are few and no money of theirs is held. */
async function withoutHolds(db: Db, bookId: string, accountIds: readonly string[]): Promise<Balances | undefined> {
  const [first, second = first, third = first, fourth = first, ...more] = accountIds
  if (first === undefined || more.length > 0) return undefined
  const found = await read(db, postedFewNow, [bookId, first, second, third, fourth])
  return found.balances.every(({ held }) => held === 0n) ? found : undefined
}

/** As `balancesOf`, as known at a sequence that `knownAt` was resolved to before. */
export async function balancesKnownAt(
  db: Db,
  bookId: string,
  accountIds: readonly string[],
  knownAt: Date,
  sequence: bigint,
  asOf: CalendarDate | null,
): Promise<Balances> {
  const values = [bookId, accountIds, knownAt, sequence.toString()]
  if (asOf === null) return await read(db, postedKnownAt, values, sequence)
  const end = endOfDay(asOf)
  return await read(db, postedAsOfKnownAt, [...values, asOf, end < knownAt ? end : knownAt], sequence)
}

type Statement = { name: string; text: string }

async function read(db: Db, statement: Statement, values: unknown[], sequence = 0n): Promise<Balances> {
  const rows = await ask<Row>(db, statement, values)
  return {
    sequence: rows[0] === undefined ? sequence : BigInt(rows[0].sequence),
    balances: rows.map(row => {
      const debits = BigInt(row.debits)
      const credits = BigInt(row.credits)
      const held = BigInt(row.held)
      const posted = row.normal === 'debit' ? debits - credits : credits - debits
      return { accountId: row.id, status: row.status, debits, credits, posted, held, available: posted - held }
    }),
  }
}
