import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Clock } from '../dates.ts'
import type { Db } from '../db/client.ts'
import { Refusal } from '../refusals.ts'
import type { Actor, BookScope, KeyActor, Role } from './actor.ts'
import { apiKey } from './schema.ts'
import { isTokenClient } from './tokens/client.ts'

export type KeyRow = typeof apiKey.$inferSelect

/** What a key may do, as it is stored: `books` null reaches all. */
type KeyTerms = Omit<KeyRow, 'id' | 'secretHash' | 'createdAt' | 'createdBy' | 'createdByClient' | 'revokedAt'>

/** What a new key may do. */
export type KeyGrant = {
  id: string
  clientId: string
  name: string
  role: Role
  books: BookScope
  agentId: string | null
  readOnly: boolean
  expiresAt: Date | null
  /** Who asks for it; without, the service itself makes it. */
  maker?: Pick<Actor, 'keyId' | 'clientId'>
}

const keyPattern = /^qk_([0-9A-Za-z]{22})_([0-9A-Za-z]{43})$/
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A key's text is the name it is found by and the secret that proves it; null when it is no key's text. */
export function readKeyText(text: string): { name: string; secret: string } | null {
  const [, name, secret] = keyPattern.exec(text) ?? []
  return name === undefined || secret === undefined ? null : { name, secret }
}

/** The name in a key's text: its id in base 62. */
export function keyName(keyId: string): string {
  return base62(BigInt(`0x${keyId.replaceAll('-', '')}`), 22)
}

/** The id that a name stands for; null when it is greater than any UUID. */
export function keyIdOf(name: string): string | null {
  let number = 0n
  for (const digit of name) number = number * 62n + BigInt(digits.indexOf(digit))
  const hex = number.toString(16).padStart(32, '0')
  return hex.length > 32 ? null : hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function base62(number: bigint, length: number): string {
  let text = ''
  for (let rest = number; rest > 0n; rest /= 62n) text = digits[Number(rest % 62n)] + text
  return text.padStart(length, '0')
}

/** SHA-256 of a secret, hexadecimal. */
function hashOf(secret: string): string {
  return hash('sha256', secret, 'hex')
}

/** Whether `secret` is the one of `row`, in a time that does not depend on where they differ. */
export function opens(row: KeyRow, secret: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(row.secretHash))
}

/** Whether the key may be used at `now`. */
export function isUsable(row: KeyRow, now: Date): boolean {
  return row.revokedAt === null && (row.expiresAt === null || row.expiresAt > now)
}

export function actorOfKey(row: KeyRow): KeyActor {
  const { clientId, role, books, agentId, id, readOnly } = row
  return { clientId, role, books: books ?? 'all', agentId, keyId: id, readOnly }
}

/**
 * Makes a key. Its text is in the answer this once, for only a hash is kept: a replay answers with `text` null.
 * A further key of a client is made by that client alone: whoever else had one would act in its name.
 * @throws Refusal `id-reused` when the id is another key's, `client-taken`
 */
export async function makeKey(
  db: Db,
  clock: Clock,
  grant: KeyGrant,
): Promise<{ row: KeyRow; text: string | null; replayed: boolean }> {
  if (isTokenClient(grant.clientId) && grant.maker?.clientId !== grant.clientId) {
    throw new Refusal('client-taken', 'A UUID of version 8 is the client of a token, which makes keys for itself.')
  }
  const made = await insertKey(db, clock, grant)
  if (made === null) throw new Refusal('client-taken', 'The client has a key already, and makes further ones itself.')
  const { row, text } = made
  if (text === null && termsOf(row) !== termsOf({ ...grant, books: booksOf(grant) })) {
    throw new Refusal('id-reused', 'This id is another key, made with other terms.')
  }
  return { row, text, replayed: text === null }
}

/** A new key and its text; or the key that has this id already, whatever its terms, and no text; null when the client is another's. */
async function insertKey(
  db: Db,
  clock: Clock,
  { maker, ...grant }: KeyGrant,
): Promise<{ row: KeyRow; text: string | null } | null> {
  const secret = base62(BigInt(`0x${randomBytes(32).toString('hex')}`), 43)
  const made = {
    ...{ ...grant, books: booksOf(grant), secretHash: hashOf(secret), createdAt: clock.now(), revokedAt: null },
    ...{ createdBy: maker?.keyId ?? null, createdByClient: maker?.clientId ?? null },
  }
  const [row] = await db.insert(apiKey).values(made).onConflictDoNothing().returning()
  if (row) return { row, text: `qk_${keyName(row.id)}_${secret}` }
  const existing = await findKey(db, grant.id)
  return existing ? { row: existing, text: null } : null
}

function booksOf({ books }: Pick<KeyGrant, 'books'>): string[] | null {
  return books === 'all' ? null : [...new Set(books.map(book => book.toLowerCase()))].sort()
}

function termsOf({ clientId, name, role, books, agentId, readOnly, expiresAt }: KeyTerms): string {
  return JSON.stringify([clientId, name, role, books, agentId, readOnly, expiresAt])
}

export async function findKey(db: Db, id: string): Promise<KeyRow | undefined> {
  const [row] = await db.select().from(apiKey).where(eq(apiKey.id, id))
  return row
}

/** Keys in the order they were made, `limit` of them after `after`. */
export async function listKeys(
  db: Db,
  after: { createdAt: string; id: string } | null,
  limit: number,
): Promise<KeyRow[]> {
  const later = after && sql`(${apiKey.createdAt}, ${apiKey.id}) > (${after.createdAt}, ${after.id})`
  return db
    .select()
    .from(apiKey)
    .where(later ?? undefined)
    .orderBy(apiKey.createdAt, apiKey.id)
    .limit(limit)
}

/**
 * Revokes a key for good; revoking it again changes nothing and answers with the first time.
 * @throws Refusal `api-key-not-found`
 */
export async function revokeKey(db: Db, clock: Clock, id: string): Promise<{ row: KeyRow; replayed: boolean }> {
  const [row] = await db
    .update(apiKey)
    .set({ revokedAt: clock.now() })
    .where(and(eq(apiKey.id, id), isNull(apiKey.revokedAt)))
    .returning()
  if (row) return { row, replayed: false }
  const existing = await findKey(db, id)
  if (!existing) throw new Refusal('api-key-not-found', 'No key has this id.')
  return { row: existing, replayed: true }
}

/**
 * Makes an administrator key when no usable one exists: at the first start, and as the way back in when all were lost,
 * for whoever can start the service owns it. Its id counts administrators, so of several services starting at once one
 * makes the key and the others meet it; an id that somebody gave to another key or client before is passed over.
 * @returns the key's text, to be shown once; null when there is an administrator.
 */
export async function ensureFirstAdministrator(db: Db, clock: Clock): Promise<string | null> {
  const administrators = await db.select().from(apiKey).where(eq(apiKey.role, 'administrator'))
  if (administrators.some(row => isOpenAdministrator(row, clock.now()))) return null
  const terms = { name: 'First administrator', role: 'administrator', books: 'all', agentId: null } as const
  for (let number = administrators.length; ; number++) {
    const id = `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
    const made = await insertKey(db, clock, { ...terms, id, clientId: id, readOnly: false, expiresAt: null })
    if (made === null) continue
    if (made.text !== null) return made.text
    if (isOpenAdministrator(made.row, clock.now())) return null
  }
}

function isOpenAdministrator(row: KeyRow, now: Date): boolean {
  return row.role === 'administrator' && !row.readOnly && isUsable(row, now)
}
