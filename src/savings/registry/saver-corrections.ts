import { z } from 'zod'
import { calendarDate, instantText, limaDate } from '../../dates.ts'
import { type Tx, transact } from '../../db/client.ts'
import { sqlState } from '../../db/errors.ts'
import { clientId } from '../../http/idempotency.ts'
import { idText } from '../../ids.ts'
import { Refusal } from '../../refusals.ts'
import { fieldRoles } from '../acting.ts'
import { dniText } from '../dni.ts'
import { personOfDni } from '../identity.ts'
import { inBook } from '../listing.ts'
import { refuseEarly, refuseFuture, register, requireDistrict } from '../registering.ts'
import type { SaverRow } from '../schema.ts'
import { saver } from '../schema.ts'
import { countedFields, forgetTongue, keepVersion, presentDistrict } from './saver-versions.ts'
import {
  alreadyRegistered,
  householdReference,
  isBirthDatePlausible,
  motherTongue,
  saverFields,
  saverOf,
  saverSchema,
  tongueColumns,
} from './savers.ts'
import { saverCorrection } from './schema.ts'
import type { RegistryVerb } from './verb.ts'

/** A closed list, for free words about a person would be kept beside her. */
export const correctionReasons = ['mistake', 'changed', 'dni-learnt', 'consent-withdrawn'] as const

const changes = z
  .strictObject({
    ...saverFields,
    dni: dniText,
    birthDate: calendarDate.nullable(),
    motherTongue: motherTongue.nullable().describe('Null forgets it, as when consent is withdrawn'),
    householdReference: householdReference.nullable(),
  })
  .partial()
  .refine(given => Object.keys(given).length > 0, 'must name at least one field')
  .meta({ id: 'SaverChanges' })

const correctionReason = z.enum(correctionReasons).meta({ id: 'SaverCorrectionReason' })

const correctionBody = z
  .strictObject({
    id: clientId,
    saverId: idText,
    reason: correctionReason,
    changes,
    movedOn: calendarDate
      .optional()
      .describe('Since when she lives in another district; with the reason `changed` only, and today by default'),
  })
  .refine(isMove, { path: ['movedOn'], message: 'goes with another districtCode and the reason changed, only' })
  .meta({
    id: 'SaverCorrectionRequest',
    examples: [
      {
        id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e16',
        saverId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e15',
        reason: 'mistake',
        changes: { familyNames: 'Condori Huaman' },
      },
    ],
  })

function isMove(body: {
  movedOn?: string | undefined
  reason: string
  changes: { districtCode?: string | undefined }
}) {
  return body.movedOn === undefined || (body.reason === 'changed' && body.changes.districtCode !== undefined)
}

export const correctionSchema = z
  .object({
    id: z.uuid(),
    reason: correctionReason,
    fields: z
      .array(z.string())
      .describe('What was corrected')
      .meta({ examples: [['familyNames']] }),
    recordedAt: instantText,
    saver: saverSchema,
  })
  .meta({ id: 'SaverCorrection' })

type Body = z.output<typeof correctionBody>
type Answer = z.output<typeof correctionSchema> & { replayed: boolean }

/**
 * Names and numbers that stood before are forgotten, as the law on personal data wants; that they were corrected, by whom
 * and when, is kept. What savers are counted by (see `saverVersion`) keeps its versions.
 */
export const correctSaver: RegistryVerb<Body, Answer> = {
  type: 'correct-saver',
  path: 'saver-corrections',
  operationId: 'correctSaver',
  tellsIdentity: true,
  summary: 'Correct what is registered of a saver',
  description:
    'Only the fields in `changes` change. Earlier names and numbers are not kept; which fields, when and by whom is. Sex, birth date, district and, as long as she consents, mother tongue keep their versions, so that earlier counts stay explained. Who lives elsewhere now has `changed` and `movedOn`; with `mistake` the district was always the new one, since her last move.',
  access: fieldRoles,
  body: correctionBody,
  answer: correctionSchema.extend({ replayed: z.boolean() }).meta({ id: 'RecordedSaverCorrection' }),
  identified: true,
  refusals: [
    'id-reused',
    'saver-not-found',
    'saver-already-registered',
    'territory-not-found',
    'date-in-future',
    'date-too-early',
  ],
  async run(parts, bookId, actor, { id, saverId, reason, movedOn, changes: { dni, ...changes } }) {
    refuseFuture(parts, { movedOn, 'changes.motherTongue.consentedOn': changes.motherTongue?.consentedOn })
    const person = dni === undefined ? undefined : personOfDni(parts.identityKey, dni)
    const at = parts.clock.now()
    const fields = [...Object.keys(changes), ...(dni === undefined ? [] : ['dni'])].sort()
    try {
      return await transact(parts.db, async tx => {
        const before = await lockedSaver(tx, bookId, saverId)
        const { row, replayed } = await register(tx, saverCorrection, {
          where: inBook(saverCorrection, bookId, id),
          content: { saverId, reason, movedOn, person: person?.toString('hex'), ...withNullsSaid(changes) },
          at,
          actor: actor.clientId,
          decide: async () => {
            if (movedOn !== undefined) refuseEarly('movedOn', movedOn, before.registeredOn)
            const since = reason === 'changed' ? (movedOn ?? limaDate(at)) : null
            await apply(tx, before, changes, person)
            await keepCounted(tx, before, { ...changes, person }, since, at)
            return { bookId, id, saverId, reason, fields }
          },
        })
        const [after = before] = await tx
          .select()
          .from(saver)
          .where(inBook(saver, bookId, saverId))
        const recordedAt = row.recordedAt.toISOString()
        return { id, reason, fields: row.fields, recordedAt, saver: saverOf(after, actor.role), replayed }
      })
    } catch (error) {
      // Of what is updated only the person is unique: somebody else in the book has this DNI.
      if (person === undefined || sqlState(error) !== '23505') throw error
      throw await alreadyRegistered(parts.db, bookId, person)
    }
  },
}

async function lockedSaver(tx: Tx, bookId: string, saverId: string): Promise<SaverRow> {
  const [row] = await tx
    .select()
    .from(saver)
    .where(inBook(saver, bookId, saverId))
    .for('no key update')
  if (row === undefined) throw new Refusal('saver-not-found', 'The book has no such saver.')
  return row
}

type Changes = Omit<z.output<typeof changes>, 'dni'>

async function apply(tx: Tx, before: SaverRow, { motherTongue, ...changes }: Changes, person: Buffer | undefined) {
  if (changes.districtCode !== undefined) await requireDistrict(tx, changes.districtCode)
  if (!isBirthDatePlausible(changes.birthDate, before.registeredOn)) {
    const message = 'must lie before the day she was registered, by no more than 120 years'
    throw new Refusal('request-invalid', `birthDate ${message}`, { fields: [{ path: 'changes.birthDate', message }] })
  }
  await tx
    .update(saver)
    .set({
      ...changes,
      ...(motherTongue !== undefined && tongueColumns(motherTongue)),
      ...(person !== undefined && { person, identified: true }),
    })
    .where(inBook(saver, before.bookId, before.id))
}

type Counted = Changes & { person: Buffer | undefined }

/** Keeps another version of what she is counted by. A move that is told after a later one leaves her where she lives. */
async function keepCounted(tx: Tx, before: SaverRow, changes: Counted, movedOn: string | null, at: Date) {
  if (changes.motherTongue === null) await forgetTongue(tx, before)
  if (!countedFields.some(field => changes[field] !== undefined)) return
  const mine = inBook(saver, before.bookId, before.id)
  const [after] = await tx.select().from(saver).where(mine)
  await keepVersion(tx, after!, changes.districtCode === undefined ? null : movedOn, at)
  const { districtCode } = await presentDistrict(tx, before)
  if (districtCode !== after!.districtCode) await tx.update(saver).set({ districtCode }).where(mine)
}

/** A null says "forget it", and must not look like silence in the fingerprint. */
function withNullsSaid(changes: Changes): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(changes).map(([name, value]) => [name, value === null ? 'forgotten:' : value]),
  )
}
