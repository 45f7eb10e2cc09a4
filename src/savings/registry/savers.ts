import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { addDays, calendarDate, isCalendarDate } from '../../dates.ts'
import { type Db, transact } from '../../db/client.ts'
import type { Role } from '../../http/actor.ts'
import { clientId } from '../../http/idempotency.ts'
import { idText } from '../../ids.ts'
import type { Connection } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { actingAgent, fieldRoles, requireAgent } from '../acting.ts'
import { dniText } from '../dni.ts'
import { personOfDni, personOfSaver } from '../identity.ts'
import { inBook, recordedAfter } from '../listing.ts'
import { refuseFuture, register, requireDistrict } from '../registering.ts'
import { type SaverRow, saver, sexes } from '../schema.ts'
import { districtCode, personName } from '../wording.ts'
import { keepFirstVersion } from './saver-versions.ts'
import type { RegistryVerb } from './verb.ts'

/** Which language somebody learnt at home is sensitive: it comes with her consent, or not at all. */
export const motherTongue = z
  .strictObject({
    language: z
      .string()
      .regex(/^[a-z]{3}$/, 'must be three small letters')
      .describe('ISO 639-3: `que` Quechua, `aym` Aimara, `spa` Castilian')
      .meta({ examples: ['que'] }),
    consentedOn: calendarDate.describe('When she consented to its being kept'),
  })
  .meta({ id: 'MotherTongue' })

export const householdReference = z
  .string()
  .regex(/^[0-9A-Za-z][0-9A-Za-z._/-]{0,39}$/, 'must be 1 to 40 letters, digits, dots, slashes, hyphens or underscores')
  .describe('The household’s number in another register, such as JUNTOS’')
  .meta({ examples: ['H-080101-0417'] })

const sexSchema = z.enum(sexes).meta({ id: 'Sex' })

/** What is told of a saver, and may be corrected. */
export const saverFields = {
  givenNames: personName,
  familyNames: personName,
  sex: sexSchema,
  birthDate: calendarDate.optional(),
  districtCode,
  motherTongue: motherTongue.optional(),
  householdReference: householdReference.optional(),
}

const saverBody = z
  .strictObject({
    id: clientId,
    dni: dniText.optional(),
    ...saverFields,
    registeredOn: calendarDate,
    agentId: idText.optional().describe('Who registered her; by default the agent of the key'),
  })
  .refine(body => isBirthDatePlausible(body.birthDate, body.registeredOn), {
    path: ['birthDate'],
    message: 'must lie before registeredOn, by no more than 120 years',
  })
  .meta({
    id: 'SaverRegistration',
    examples: [
      {
        id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e15',
        dni: '10117410',
        givenNames: 'Juana',
        familyNames: 'Condori Huamán',
        sex: 'female',
        birthDate: '1984-06-24',
        districtCode: '080101',
        registeredOn: '2026-01-12',
      },
    ],
  })

/** What is no day of the calendar was refused already, and passes here. */
export function isBirthDatePlausible(birthDate: string | undefined | null, on: string): boolean {
  if (birthDate == null || !isCalendarDate(birthDate) || !isCalendarDate(on)) return true
  return birthDate < on && birthDate > addDays(on, -120 * 366)
}

export const saverSchema = z
  .object({
    id: z.uuid(),
    givenNames: personName,
    familyNames: personName,
    identified: z.boolean().describe('Whether her DNI is known; it is never shown'),
    sex: sexSchema,
    districtCode,
    registeredOn: calendarDate,
    agentId: z.uuid().nullable(),
    birthDate: calendarDate.nullish().describe('Absent for the role bank'),
    motherTongue: motherTongue.nullish().describe('Absent for the role bank'),
    householdReference: householdReference.nullish().describe('Absent for the role bank'),
  })
  .meta({ id: 'Saver' })

export type Saver = z.output<typeof saverSchema>

/** Registers a person in a book. The book has each person once; two books know nothing of each other. */
export const registerSaver: RegistryVerb<z.output<typeof saverBody>, Saver & { replayed: boolean }> = {
  type: 'register-saver',
  path: 'savers',
  operationId: 'registerSaver',
  summary: 'Register a saver in a book',
  description:
    'The DNI is checked and kept as a keyed hash, by which the book refuses the same person twice (`saverId` in the facts says who it is).',
  access: fieldRoles,
  body: saverBody,
  answer: saverSchema.extend({ replayed: z.boolean() }).meta({ id: 'RegisteredSaver' }),
  identified: true,
  refusals: ['id-reused', 'saver-already-registered', 'agent-not-found', 'territory-not-found', 'date-in-future'],
  async run(parts, bookId, actor, { id, dni, motherTongue, agentId: named, ...body }) {
    const agentId = actingAgent(actor, named)
    refuseFuture(parts, { registeredOn: body.registeredOn, 'motherTongue.consentedOn': motherTongue?.consentedOn })
    const person = dni === undefined ? personOfSaver(parts.identityKey, id) : personOfDni(parts.identityKey, dni)
    return transact(parts.db, async tx => {
      const { row, replayed } = await register(tx, saver, {
        where: inBook(saver, bookId, id),
        // The hash of a content with the DNI in it would tell the DNI to whoever tries all hundred million.
        content: { ...body, motherTongue, agentId, person: person.toString('hex') },
        at: parts.clock.now(),
        actor: actor.clientId,
        decide: async () => {
          await requireDistrict(tx, body.districtCode)
          if (agentId !== null) await requireAgent(tx, bookId, agentId)
          return { ...body, ...tongueColumns(motherTongue), bookId, id, person, identified: dni !== undefined, agentId }
        },
        taken: () => alreadyRegistered(tx, bookId, person),
      })
      if (!replayed) await keepFirstVersion(tx, row)
      return { ...saverOf(row, actor.role), replayed }
    })
  },
}

export function tongueColumns(tongue: z.output<typeof motherTongue> | null | undefined) {
  return { motherTongue: tongue?.language ?? null, motherTongueConsentedOn: tongue?.consentedOn ?? null }
}

export async function alreadyRegistered(connection: Connection, bookId: string, person: Buffer): Promise<Refusal> {
  const [row] = await saversWhere(connection, bookId, person)
  return new Refusal('saver-already-registered', 'The book has a saver with this DNI.', { facts: { saverId: row?.id } })
}

function saversWhere(connection: Connection, bookId: string, person: Buffer): Promise<SaverRow[]> {
  return connection
    .select()
    .from(saver)
    .where(and(eq(saver.bookId, bookId), eq(saver.person, person)))
}

/** @throws Refusal `saver-not-found` */
export async function saverByDni(db: Db, identityKey: Buffer, bookId: string, dni: string): Promise<SaverRow> {
  const [row] = await saversWhere(db, bookId, personOfDni(identityKey, dni))
  if (row === undefined) throw new Refusal('saver-not-found', 'The book has no saver with this DNI.')
  return row
}

/** @throws Refusal `saver-not-found` */
export async function saverById(db: Db, bookId: string, id: string): Promise<SaverRow> {
  const [row] = await db
    .select()
    .from(saver)
    .where(inBook(saver, bookId, id))
  if (row === undefined) throw new Refusal('saver-not-found', 'The book has no such saver.')
  return row
}

export async function listSavers(
  db: Db,
  bookId: string,
  after: string | undefined,
  limit: number,
): Promise<SaverRow[]> {
  return db
    .select()
    .from(saver)
    .where(and(eq(saver.bookId, bookId), recordedAfter(saver, after)))
    .orderBy(saver.recordedAt, saver.id)
    .limit(limit)
}

/** A saver as `role` may see her: the bank knows its own customers by name, and has no use for the rest. */
export function saverOf(row: SaverRow, role: Role): Saver {
  const { id, givenNames, familyNames, identified, sex, districtCode, registeredOn, agentId } = row
  const known = { id, givenNames, familyNames, identified, sex, districtCode, registeredOn, agentId }
  if (role === 'bank') return known
  const { birthDate, motherTongue: language, motherTongueConsentedOn: consentedOn, householdReference } = row
  return {
    ...known,
    birthDate,
    motherTongue: language === null || consentedOn === null ? null : { language, consentedOn },
    householdReference,
  }
}
