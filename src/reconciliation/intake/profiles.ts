import { and, desc, eq, gt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { instantText } from '../../dates.ts'
import { transact } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { clientId } from '../../http/idempotency.ts'
import { cursor } from '../../http/pages.ts'
import type { Connection } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import type { Parts } from '../../savings/parts.ts'
import { register } from '../../savings/registering.ts'
import { savingsBook } from '../../savings/schema.ts'
import { code } from '../../savings/wording.ts'
import { type Profile, profileSchema } from '../statements/profile-shape.ts'
import { statementProfile } from './schema.ts'

const example = {
  name: 'Movements as the bank’s page gives them',
  layout: { kind: 'delimited', delimiter: ';', hasHeader: true },
  encoding: 'utf-8-or-latin1',
  dateFormat: 'dd/mm/yyyy',
  decimal: { point: ',', grouping: '.' },
  sign: { kind: 'two-columns', credit: { name: 'Abono' }, debit: { name: 'Cargo' } },
  columns: { bookingDate: { name: 'Fecha' }, balance: { name: 'Saldo' }, text: [{ name: 'Descripción' }] },
  account: { constant: '191-0000000-0-00' },
  currency: { constant: 'PEN' },
  opening: 'computed',
  closing: 'computed',
}

export const profileBody = z.strictObject({ id: clientId, code, profile: profileSchema }).meta({
  id: 'StatementProfileTold',
  examples: [{ id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11', code: 'WEB-CSV', profile: example }],
})

export const profileShown = z
  .object({
    id: z.uuid(),
    code,
    revision: z.int().describe('Each time it is told anew is the next; the last one holds'),
    profile: z.record(z.string(), z.any()).meta({ examples: [example] }),
    recordedAt: instantText,
  })
  .meta({ id: 'StatementProfile' })

type Row = typeof statementProfile.$inferSelect
export type HeldProfile = { id: string; profile: Profile }

export function profileOf({ id, code, revision, profile, recordedAt }: Row) {
  return { id, code, revision, profile, recordedAt: recordedAt.toISOString() }
}

export const profilePlace = cursor(z.strictObject({ code: z.string() }))

async function institutionOf(connection: Connection, bookId: string): Promise<string> {
  const [row] = await connection
    .select({ id: savingsBook.institutionId })
    .from(savingsBook)
    .where(eq(savingsBook.bookId, bookId))
  return row!.id
}

/**
 * Tells how the institution of a book writes its statements, or tells it otherwise than before.
 * @throws Refusal `id-reused`, `code-taken` when somebody told the same profile at the same time
 */
export async function tellProfile(
  parts: Parts,
  bookId: string,
  actor: Actor,
  { id, code, profile }: { id: string; code: string; profile: Profile },
): Promise<{ row: Row; replayed: boolean }> {
  return transact(parts.db, async tx => {
    const institutionId = await institutionOf(tx, bookId)
    return register(tx, statementProfile, {
      where: eq(statementProfile.id, id),
      content: { institutionId, code, profile },
      at: parts.clock.now(),
      actor: actor.clientId,
      decide: async () => {
        const mine = and(eq(statementProfile.institutionId, institutionId), eq(statementProfile.code, code))
        const [last] = await tx
          .select({ revision: sql<number>`coalesce(max(${statementProfile.revision}), 0)::int` })
          .from(statementProfile)
          .where(mine)
        return { id, institutionId, code, revision: last!.revision + 1, profile }
      },
      taken: () => new Refusal('code-taken', 'Somebody else told this profile at the same time; look at it first.'),
    })
  })
}

/** The profiles of a book's institution as they hold, by code. */
export async function lastProfiles(
  parts: Parts,
  bookId: string,
  after: string | undefined,
  limit: number,
): Promise<Row[]> {
  const institutionId = await institutionOf(parts.db, bookId)
  const place = profilePlace.read(after)
  const { institutionId: of, code, revision } = statementProfile
  return parts.db
    .selectDistinctOn([code])
    .from(statementProfile)
    .where(and(eq(of, institutionId), place === null ? undefined : gt(code, place.code)))
    .orderBy(code, desc(revision))
    .limit(limit)
}

/** The profile of this code as it holds. @throws Refusal `statement-profile-not-found` */
export async function profileByCode(parts: Parts, bookId: string, wanted: string): Promise<Row> {
  const institutionId = await institutionOf(parts.db, bookId)
  const { institutionId: of, code, revision } = statementProfile
  const [row] = await parts.db
    .select()
    .from(statementProfile)
    .where(and(eq(of, institutionId), eq(code, wanted)))
    .orderBy(desc(revision))
    .limit(1)
  if (row === undefined)
    throw new Refusal('statement-profile-not-found', 'The institution has no profile of this code.')
  return row
}
