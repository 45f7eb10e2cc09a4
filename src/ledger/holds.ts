import canonicalize from 'canonicalize'
import { sql } from 'drizzle-orm'
import type { Clock } from '../dates.ts'
import type { Db, Tx } from '../db/client.ts'
import type { Amount } from '../money.ts'
import { Refusal } from '../refusals.ts'
import { type Connection, call } from './books.ts'
import type { HoldStatus } from './schema.ts'

/** An amount to be set aside on an account, in minor units, until it is captured, released or expires. */
export type HoldPlacing = { id: string; accountId: string; amount: Amount; expiresAt?: Date; reason?: string }

export type Hold = {
  id: string
  accountId: string
  amount: Amount
  captured: Amount
  status: HoldStatus
  placedAt: Date
  expiresAt: Date | null
  endedAt: Date | null
}

/**
 * Places a hold; false when it was placed before with the same content.
 * @throws Refusal `account-not-found`, `account-blocked`, `account-closed`, `balance-below-floor`, `hold-expiry-past`, `id-reused`
 */
export async function placeHold(
  connection: Connection,
  bookId: string,
  { id, accountId, amount, expiresAt, reason }: HoldPlacing,
  at: Date,
  actor: string,
): Promise<boolean> {
  const expiry = expiresAt?.toISOString() ?? null
  const content = canonicalize({
    account: accountId,
    amount: amount.toString(),
    expiresAt: expiry,
    hold: id,
    reason: reason ?? null,
  })
  return await call<boolean>(
    connection,
    sql`select ledger_place_hold(${bookId}, ${at.toISOString()}, ${actor}, ${id}, ${accountId}, ${amount.toString()}, ${expiry}, ${content}) as result`,
  )
}

/**
 * Releases a hold; false when it was released before.
 * @throws Refusal `hold-not-found`, `hold-not-placed`
 */
export async function releaseHold(
  connection: Connection,
  bookId: string,
  holdId: string,
  reason: string | undefined,
  at: Date,
  actor: string,
): Promise<boolean> {
  const content = canonicalize({ hold: holdId, reason: reason ?? null })
  return await call<boolean>(
    connection,
    sql`select ledger_release_hold(${bookId}, ${at.toISOString()}, ${actor}, ${holdId}, ${content}) as result`,
  )
}

/**
 * Looks every half minute for holds that have expired and has the register say so. Nothing waits for it: posting and
 * reading go by the time themselves. Answers what stops it.
 */
export function keepHoldsExpired(db: Db, clock: Clock, onFault: (error: unknown) => void): () => void {
  const timer = setInterval(() => expireHolds(db, clock.now()).catch(onFault), 30_000)
  timer.unref()
  return () => clearInterval(timer)
}

/** Writes off the holds that have expired in every book; answers how many. */
export async function expireHolds(db: Db, now: Date): Promise<number> {
  const { rows } = await db.$client.query<{ bookId: string }>(
    'select book_id as "bookId" from book_head where next_expiry <= $1',
    [now],
  )
  let expired = 0
  for (const { bookId } of rows) {
    expired += await call<number>(db, sql`select ledger_expire(${bookId}, ${now.toISOString()}) as result`)
  }
  return expired
}

/**
 * Locks the book's head until the transaction ends, so that nothing in the book moves between what is read now and what is
 * posted then. Holds that have expired are written off first, as posting does.
 */
export async function lockHead(tx: Tx, bookId: string, now: Date): Promise<void> {
  await call<number>(tx, sql`select ledger_expire(${bookId}, ${now.toISOString()}) as result`)
}

const columns = `h.id, h.account_id as "accountId", h.amount, h.captured, h.status, e.recorded_at as "placedAt",
  h.expires_at as "expiresAt", h.ended_at as "endedAt"`

type Row = Omit<Hold, 'amount' | 'captured'> & { amount: string; captured: string }

/**
 * A hold whose time has passed reads as expired, written off or not; it ended when its time came, and not when that was
 * written down, so that every reading tells the same.
 */
function holdOf({ amount, captured, ...row }: Row, now: Date): Hold {
  const overdue = row.status === 'placed' && row.expiresAt !== null && row.expiresAt <= now
  return {
    ...row,
    ...(overdue || row.status === 'expired' ? { status: 'expired' as const, endedAt: row.expiresAt } : {}),
    amount: BigInt(amount),
    captured: BigInt(captured),
  }
}

/** @throws Refusal `hold-not-found` */
export async function holdById(db: Db, bookId: string, holdId: string, now: Date): Promise<Hold> {
  const { rows } = await db.$client.query<Row>(
    `select ${columns} from hold h join event e on e.book_id = $1 and e.number = h.placed_event
     where h.book_id = $1 and h.id = $2`,
    [bookId, holdId],
  )
  const [row] = rows
  if (row === undefined) throw new Refusal('hold-not-found', 'There is no such hold in this book.')
  return holdOf(row, now)
}

/** A hold as it was placed, whatever became of it since: what a replay is answered. @throws Refusal `hold-not-found` */
export async function holdAsPlaced(db: Db, bookId: string, holdId: string): Promise<Hold> {
  const { captured: _, status: __, endedAt: ___, ...hold } = await holdById(db, bookId, holdId, new Date(0))
  return { ...hold, captured: 0n, status: 'placed', endedAt: null }
}

/** The holds ever placed on an account, in the order of their ids. */
export async function holdsOf(
  db: Db,
  bookId: string,
  accountId: string,
  { afterId, limit }: { afterId: string | null; limit: number },
  now: Date,
): Promise<Hold[]> {
  const { rows } = await db.$client.query<Row>(
    `select ${columns} from hold h join event e on e.book_id = $1 and e.number = h.placed_event
     where h.book_id = $1 and h.account_id = $2 and ($3::uuid is null or h.id > $3) order by h.id limit $4`,
    [bookId, accountId, afterId, limit],
  )
  return rows.map(row => holdOf(row, now))
}
