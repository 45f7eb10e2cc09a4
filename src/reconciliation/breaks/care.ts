import { asc, eq, sql } from 'drizzle-orm'
import { type Tx, transact } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { Refusal } from '../../refusals.ts'
import { inBook, recordedAfter } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { register } from '../../savings/registering.ts'
import { bankAccountById } from '../intake/bank-accounts.ts'
import { breakById } from './reading.ts'
import { breakComment, breakOwner } from './schema.ts'

/** A break, by any of the ids that it had. */
type Of = { bookId: string; bankAccountId: string; breakId: string }

export type CommentRow = typeof breakComment.$inferSelect
export type OwnerRow = typeof breakOwner.$inferSelect

/**
 * Says something of a break. It stays with it while the break is found, for whatever reason.
 * @throws Refusal `bank-account-not-found`, `break-not-found`, `break-ended`, `id-reused`
 */
export async function comment(
  parts: Parts,
  { bookId, bankAccountId, breakId }: Of,
  { clientId, role }: Actor,
  { id, text }: { id: string; text: string },
): Promise<{ row: CommentRow; replayed: boolean }> {
  await bankAccountById(parts, bookId, bankAccountId)
  const { origin } = await breakById(parts.db, { bookId, bankAccountId }, breakId)
  return transact(parts.db, async tx =>
    register(tx, breakComment, {
      where: inBook(breakComment, bookId, id),
      content: { origin, text },
      at: parts.clock.now(),
      actor: clientId,
      decide: async () => {
        await refuseEnded(tx, bookId, origin)
        return { bookId, id, origin, role, text }
      },
    }),
  )
}

/** What is said of a break, in order. @throws Refusal `bank-account-not-found`, `break-not-found` */
export async function commentsOf(
  parts: Parts,
  { bookId, bankAccountId, breakId }: Of,
  after: string | undefined,
  limit: number,
): Promise<CommentRow[]> {
  await bankAccountById(parts, bookId, bankAccountId)
  const { origin } = await breakById(parts.db, { bookId, bankAccountId }, breakId)
  const { recordedAt, id } = breakComment
  return parts.db
    .select()
    .from(breakComment)
    .where(
      sql`${eq(breakComment.bookId, bookId)} and ${eq(breakComment.origin, origin)} and ${recordedAfter(breakComment, after) ?? sql`true`}`,
    )
    .orderBy(asc(recordedAt), asc(id))
    .limit(limit)
}

/**
 * Says who is to see to a break; null: nobody. A bank speaks for itself alone.
 * @throws Refusal `bank-account-not-found`, `break-not-found`, `break-ended`, `break-owner-unknown`, `access-denied`, `id-reused`
 */
export async function giveOwner(
  parts: Parts,
  { bookId, bankAccountId, breakId }: Of,
  actor: Actor,
  { id, owner }: { id: string; owner: string | null },
): Promise<{ row: OwnerRow; replayed: boolean }> {
  await bankAccountById(parts, bookId, bankAccountId)
  const { origin } = await breakById(parts.db, { bookId, bankAccountId }, breakId)
  const at = parts.clock.now()
  return transact(parts.db, async tx =>
    register(tx, breakOwner, {
      where: inBook(breakOwner, bookId, id),
      content: { origin, owner },
      at,
      actor: actor.clientId,
      decide: async () => {
        await refuseEnded(tx, bookId, origin)
        const { rows } = await tx.execute<{ number: number; owner: string | null }>(sql`
          select o.number, o.owner from break_owner o where o.book_id = ${bookId} and o.origin = ${origin}
          order by o.number desc limit 1`)
        const [before] = rows
        refuseForOthers(actor, owner, before?.owner ?? null)
        if (owner !== null && owner !== actor.clientId) await refuseStranger(tx, bookId, owner, at)
        return { bookId, id, origin, number: (before?.number ?? 0) + 1, owner }
      },
    }),
  )
}

/** Whoever asks of the same break at the same time waits. @throws Refusal `break-ended` */
async function refuseEnded(tx: Tx, bookId: string, origin: string): Promise<void> {
  await tx.execute(sql`
    select from reconciliation_break b where b.book_id = ${bookId} and b.id = ${origin} for no key update`)
  const { rowCount } = await tx.execute(sql`
    select from reconciliation_break b where b.book_id = ${bookId} and b.origin = ${origin} and b.ended_at is null`)
  if (rowCount === 0) throw new Refusal('break-ended', 'It is found no more.')
}

function refuseForOthers({ role, clientId }: Actor, owner: string | null, before: string | null): void {
  if (role !== 'bank') return
  if (owner === clientId || (owner === null && before === clientId)) return
  throw new Refusal('access-denied', 'A bank’s key takes breaks for itself, and gives back what is its own.')
}

async function refuseStranger(tx: Tx, bookId: string, owner: string, at: Date): Promise<void> {
  const { rowCount } = await tx.execute(sql`
    select from api_key k
    where k.client_id = ${owner} and k.role in ('bank', 'auditor', 'administrator') and k.revoked_at is null
      and (k.expires_at is null or k.expires_at > ${at.toISOString()}) and (k.books is null or ${bookId}::uuid = any (k.books))
    union all
    select from token_client t where t.id = ${owner} and t.role in ('bank', 'auditor', 'administrator')`)
  if (rowCount === 0)
    throw new Refusal('break-owner-unknown', 'No key in force of that client sees the breaks of this book.')
}
