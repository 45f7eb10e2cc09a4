import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { clientId } from '../../http/idempotency.ts'
import type { Connection } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { recordedAfter } from '../listing.ts'
import type { Parts } from '../parts.ts'
import { register } from '../registering.ts'
import { code, title } from '../wording.ts'
import { programme } from './schema.ts'

type Row = typeof programme.$inferSelect

export const contractMonths = z.int().min(1).max(240).describe('Months of a saver’s contract')

export const programmeBody = z
  .strictObject({
    id: clientId,
    code,
    name: title,
    contractMonths: contractMonths.describe('Months of a saver’s contract unless her enrolment says otherwise'),
    validFrom: calendarDate.describe('The first day on which a contract may start'),
    validTo: calendarDate.optional().describe('The last such day'),
  })
  .refine(body => body.validTo === undefined || body.validTo >= body.validFrom, {
    path: ['validTo'],
    message: 'must not lie before validFrom',
  })
  .meta({
    id: 'ProgrammeRegistration',
    examples: [
      {
        id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e12',
        code: 'CORREDOR-2003',
        name: 'Corredor Puno-Cusco',
        contractMonths: 48,
        validFrom: '2003-01-01',
      },
    ],
  })

export const programmeSchema = z
  .object({
    id: z.uuid(),
    code,
    name: title,
    contractMonths: z.int(),
    validFrom: calendarDate,
    validTo: calendarDate.nullable(),
  })
  .meta({ id: 'Programme' })

export type Programme = z.output<typeof programmeSchema>

type Body = z.output<typeof programmeBody> & { id: string }

/**
 * Registers a programme in which savers enrol.
 * @throws Refusal `id-reused`, `code-taken`
 */
export async function registerProgramme(
  parts: Parts,
  actor: Actor,
  { id, ...body }: Body,
): Promise<Programme & { replayed: boolean }> {
  const { row, replayed } = await register(parts.db, programme, {
    where: eq(programme.id, id),
    content: body,
    at: parts.clock.now(),
    actor: actor.clientId,
    decide: () => ({ ...body, id }),
    taken: () => new Refusal('code-taken', 'Another programme has this code.'),
  })
  return { ...programmeOf(row), replayed }
}

/** @throws Refusal `programme-not-found` */
export async function programmeById(db: Connection, id: string): Promise<Programme> {
  const [row] = await db.select().from(programme).where(eq(programme.id, id))
  if (row === undefined) throw new Refusal('programme-not-found', 'No programme has this id.')
  return programmeOf(row)
}

export async function listProgrammes(db: Db, after: string | undefined, limit: number): Promise<Row[]> {
  const { recordedAt, id } = programme
  return db.select().from(programme).where(recordedAfter(programme, after)).orderBy(recordedAt, id).limit(limit)
}

export function programmeOf({ id, code, name, contractMonths, validFrom, validTo }: Row): Programme {
  return { id, code, name, contractMonths, validFrom, validTo }
}
