import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { calendarDate } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import { clientId } from '../../http/idempotency.ts'
import { Refusal } from '../../refusals.ts'
import { fieldRoles } from '../acting.ts'
import { inBook, recordedAfter } from '../listing.ts'
import { refuseFuture, register, requireDistrict } from '../registering.ts'
import { rucText } from '../ruc.ts'
import { organisation, organisationKinds } from '../schema.ts'
import { districtCode, title } from '../wording.ts'
import type { RegistryVerb } from './verb.ts'

type Row = typeof organisation.$inferSelect

const organisationKind = z.enum(organisationKinds).meta({ id: 'OrganisationKind' })

const organisationBody = z
  .strictObject({
    id: clientId,
    name: title,
    kind: organisationKind,
    ruc: rucText.optional(),
    districtCode,
    registeredOn: calendarDate,
  })
  .meta({
    id: 'OrganisationRegistration',
    examples: [
      {
        id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e20',
        name: 'Comunidad Campesina de Ccorca',
        kind: 'community',
        districtCode: '080102',
        registeredOn: '2026-01-15',
      },
    ],
  })

export const organisationSchema = z
  .object({
    id: z.uuid(),
    name: title,
    kind: organisationKind,
    ruc: rucText.nullable(),
    districtCode,
    registeredOn: calendarDate,
  })
  .meta({ id: 'Organisation' })

type Organisation = z.output<typeof organisationSchema>

/** A community or association may hold an account: funds given by a committee go there. */
export const registerOrganisation: RegistryVerb<
  z.output<typeof organisationBody>,
  Organisation & { replayed: boolean }
> = {
  type: 'register-organisation',
  path: 'organisations',
  operationId: 'registerOrganisation',
  summary: 'Register an organisation that may hold an account',
  access: fieldRoles,
  body: organisationBody,
  answer: organisationSchema.extend({ replayed: z.boolean() }).meta({ id: 'RegisteredOrganisation' }),
  identified: true,
  refusals: ['id-reused', 'organisation-already-registered', 'territory-not-found', 'date-in-future'],
  async run(parts, bookId, actor, { id, ...body }) {
    refuseFuture(parts, { registeredOn: body.registeredOn })
    const { row, replayed } = await register(parts.db, organisation, {
      where: inBook(organisation, bookId, id),
      content: body,
      at: parts.clock.now(),
      actor: actor.clientId,
      decide: async () => {
        await requireDistrict(parts.db, body.districtCode)
        return { ...body, bookId, id }
      },
      taken: () => new Refusal('organisation-already-registered', 'The book has an organisation with this RUC.'),
    })
    return { ...organisationOf(row), replayed }
  },
}

/** @throws Refusal `organisation-not-found` */
export async function organisationById(db: Db, bookId: string, id: string): Promise<Organisation> {
  const [row] = await db
    .select()
    .from(organisation)
    .where(inBook(organisation, bookId, id))
  if (row === undefined) throw new Refusal('organisation-not-found', 'The book has no such organisation.')
  return organisationOf(row)
}

export async function listOrganisations(
  db: Db,
  bookId: string,
  after: string | undefined,
  limit: number,
): Promise<Row[]> {
  return db
    .select()
    .from(organisation)
    .where(and(eq(organisation.bookId, bookId), recordedAfter(organisation, after)))
    .orderBy(organisation.recordedAt, organisation.id)
    .limit(limit)
}

export function organisationOf({ id, name, kind, ruc, districtCode, registeredOn }: Row): Organisation {
  return { id, name, kind, ruc, districtCode, registeredOn }
}
