import { hash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Clock } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import type { Role } from '../actor.ts'
import { tokenClient } from '../schema.ts'

/** Whom an issuer means, and by which claim he says so: a person and a program may bear the same word. */
export type TokenSubject = { issuer: string; claim: 'sub' | 'client_id'; subject: string }

/** The fourth group of a UUID begins with one of four digits, which say that it is one of RFC 9562. */
const variants = [...'89ab89ab89ab89ab']

/**
 * The client that a subject is here, for ever the same: a UUID of version 8, out of SHA-256 as in RFC 9562, B.2. No key has a
 * client of that version unless a token made it for itself, so nobody acts in a subject's name by a key, also not before the
 * subject was ever here.
 */
export function tokenClientId({ issuer, claim, subject }: TokenSubject): string {
  const digits = hash('sha256', JSON.stringify(['qullqi client of tokens', issuer, claim, subject]))
  const variant = variants[Number.parseInt(digits[16]!, 16)]
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20, 32)}`
}

export function isTokenClient(clientId: string): boolean {
  return clientId[14] === '8'
}

/** As many as are remembered as noted. */
const capacity = 100_000

/**
 * Notes who came in, once for each role: what is recorded of transactions is the client's id, and an auditor has to find who
 * that was.
 */
export function noteClients(db: Db, clock: Clock): (subject: TokenSubject, role: Role) => Promise<void> {
  const noted = new Set<string>()
  return async (subject, role) => {
    const id = tokenClientId(subject)
    if (noted.has(`${id} ${role}`)) return
    const row = { ...subject, id, role, firstSeenAt: clock.now() }
    await db.insert(tokenClient).values(row).onConflictDoNothing()
    if (noted.size >= capacity) noted.clear()
    noted.add(`${id} ${role}`)
  }
}

export type TokenClientRow = typeof tokenClient.$inferSelect

/** Clients in the order in which they first came in, `limit` of them after `after`. */
export async function listTokenClients(
  db: Db,
  after: { firstSeenAt: string; id: string; role: Role } | null,
  limit: number,
): Promise<TokenClientRow[]> {
  const { firstSeenAt, id, role } = tokenClient
  const later = after && sql`(${firstSeenAt}, ${id}, ${role}) > (${after.firstSeenAt}, ${after.id}, ${after.role})`
  return db
    .select()
    .from(tokenClient)
    .where(later ?? undefined)
    .orderBy(firstSeenAt, id, role)
    .limit(limit)
}
