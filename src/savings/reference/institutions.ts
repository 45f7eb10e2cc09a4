import { eq } from 'drizzle-orm'
import { z } from 'zod'
import type { Db } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { clientId } from '../../http/idempotency.ts'
import { Refusal } from '../../refusals.ts'
import { recordedAfter } from '../listing.ts'
import type { Parts } from '../parts.ts'
import { register } from '../registering.ts'
import { rucText } from '../ruc.ts'
import { code, title } from '../wording.ts'
import { institutionKinds, partnerInstitution } from './schema.ts'

type Row = typeof partnerInstitution.$inferSelect

const institutionKind = z.enum(institutionKinds).meta({ id: 'InstitutionKind' })

const cciEntity = z
  .string()
  .regex(/^\d{3}$/, 'must be three digits')
  .describe('The digits that its interbank account numbers (CCI) begin with')
  .meta({ examples: ['806'] })

export const institutionBody = z
  .strictObject({
    id: clientId,
    code,
    name: title,
    kind: institutionKind.describe('A caja is a municipal or rural savings bank'),
    ruc: rucText.optional(),
    cciEntity: cciEntity.optional(),
  })
  .meta({
    id: 'InstitutionRegistration',
    examples: [
      {
        id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
        code: 'CMAC-CUSCO',
        name: 'Caja Cusco',
        kind: 'caja',
        cciEntity: '806',
      },
    ],
  })

export const institutionSchema = z
  .object({
    id: z.uuid(),
    code,
    name: title,
    kind: institutionKind,
    ruc: rucText.nullable(),
    cciEntity: cciEntity.nullable(),
  })
  .meta({ id: 'Institution' })

export type Institution = z.output<typeof institutionSchema>

type Body = z.output<typeof institutionBody> & { id: string }

/**
 * Registers a partner institution: a bank, caja or cooperative that holds savers' money.
 * @throws Refusal `id-reused`, `code-taken`
 */
export async function registerInstitution(
  parts: Parts,
  actor: Actor,
  { id, ...body }: Body,
): Promise<Institution & { replayed: boolean }> {
  const { row, replayed } = await register(parts.db, partnerInstitution, {
    where: eq(partnerInstitution.id, id),
    content: body,
    at: parts.clock.now(),
    actor: actor.clientId,
    decide: () => ({ ...body, id }),
    taken: () => new Refusal('code-taken', 'Another institution has this code.'),
  })
  return { ...institutionOf(row), replayed }
}

/** @throws Refusal `institution-not-found` */
export async function institutionById(db: Db, id: string): Promise<Institution> {
  const [row] = await db.select().from(partnerInstitution).where(eq(partnerInstitution.id, id))
  if (row === undefined) throw new Refusal('institution-not-found', 'No partner institution has this id.')
  return institutionOf(row)
}

export async function listInstitutions(db: Db, after: string | undefined, limit: number): Promise<Row[]> {
  const { recordedAt, id } = partnerInstitution
  const later = recordedAfter(partnerInstitution, after)
  return db.select().from(partnerInstitution).where(later).orderBy(recordedAt, id).limit(limit)
}

export function institutionOf({ id, code, name, kind, ruc, cciEntity }: Row): Institution {
  return { id, code, name, kind, ruc, cciEntity }
}
