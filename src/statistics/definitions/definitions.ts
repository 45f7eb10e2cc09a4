import { and, asc, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Db } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { clientId } from '../../http/idempotency.ts'
import { cursor } from '../../http/pages.ts'
import type { Connection } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import type { Parts } from '../../savings/parts.ts'
import { register } from '../../savings/registering.ts'
import { title } from '../../savings/wording.ts'
import { presets } from './presets.ts'
import { definition } from './schema.ts'
import { termsSchema } from './terms.ts'

const [pas] = presets

const definitionName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, 'must be 1 to 40 letters, digits, dots, hyphens or underscores')
  .meta({ examples: [pas.name] })

const version = z.int().min(1).max(1000)

/** How a definition is named in questions and answers: the first version by its name alone, so that a name means the same for ever. */
export const definitionReference = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}(?:@(?:[2-9]|[1-9]\d{1,3}))?$/, 'must be a name, or a name, @ and a version')
  .describe('Which definition counts: its name, which is its first version for ever, or `name@2` for a later one')
  .meta({ examples: [pas.name] })

const source = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .describe('Where the terms come from')
  .meta({ examples: [pas.source] })

export const definitionBody = z
  .strictObject({
    id: clientId,
    name: definitionName,
    version: version.default(1).describe('The next one of the name: 1 for a new name'),
    title,
    source,
    terms: termsSchema,
  })
  .meta({
    id: 'DefinitionRegistration',
    examples: [
      {
        id: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e31',
        name: 'PAS-6-MONTHS',
        title: 'Six months of the year',
        source: 'Proposed by the evaluation of 2026',
        terms: { ...pas.terms, minimumActive: 6 },
      },
    ],
  })

export const definitionSchema = z
  .object({
    id: z.uuid(),
    name: definitionName,
    version,
    reference: definitionReference,
    title,
    source,
    terms: termsSchema,
  })
  .meta({ id: 'Definition' })

export type Definition = z.output<typeof definitionSchema>
type Row = typeof definition.$inferSelect
type Body = z.output<typeof definitionBody> & { id: string }

/**
 * Registers a version of a definition, which is never changed from then on.
 * @throws Refusal `id-reused`, `code-taken`, `definition-not-found` for a version that follows none
 */
export async function registerDefinition(
  parts: Pick<Parts, 'db' | 'clock'>,
  actor: Actor,
  { id, ...body }: Body,
): Promise<Definition & { replayed: boolean }> {
  const { row, replayed } = await register(parts.db, definition, {
    where: eq(definition.id, id),
    content: body,
    at: parts.clock.now(),
    actor: actor.clientId,
    async decide() {
      refuseShipped(body.name)
      const follows = body.version === 1 ? null : body.version - 1
      if (follows !== null) await definitionRow(parts.db, body.name, follows)
      return { ...body, id, follows }
    },
    taken: () =>
      new Refusal('code-taken', `${body.name} has its version ${body.version} already, in these or other capitals.`),
  })
  return { ...definitionOf(row), replayed }
}

/** What ships has no further versions but ours, and no name that reads like its own. */
function refuseShipped(name: string): void {
  const shipped = presets.find(preset => preset.name.toLowerCase() === name.toLowerCase())
  if (shipped === undefined) return
  throw new Refusal('code-taken', `${shipped.name} is a definition that ships; register yours by a name of its own.`)
}

/** @throws Refusal `definition-not-found` */
export async function definitionBy(connection: Connection, reference: string): Promise<Definition> {
  const [name = '', number = '1'] = reference.split('@')
  return definitionOf(await definitionRow(connection, name, Number(number)))
}

async function definitionRow(connection: Connection, name: string, version: number): Promise<Row> {
  const named = and(eq(definition.name, name), eq(definition.version, version))
  const [row] = await connection.select().from(definition).where(named)
  if (row === undefined)
    throw new Refusal('definition-not-found', `There is no definition ${referenceOf(name, version)}.`)
  return row
}

export const definitionPlace = cursor(z.strictObject({ name: definitionName, version }))

/** By name, then by version. */
export async function listDefinitions(db: Db, after: string | undefined, limit: number): Promise<Row[]> {
  const place = definitionPlace.read(after)
  const { name, version } = definition
  return db
    .select()
    .from(definition)
    .where(place === null ? undefined : sql`(${name}, ${version}) > (${place.name}, ${place.version})`)
    .orderBy(asc(name), asc(version))
    .limit(limit)
}

export function definitionOf({ id, name, version, title, source, terms }: Row): Definition {
  return { id, name, version, reference: referenceOf(name, version), title, source, terms }
}

function referenceOf(name: string, version: number): string {
  return version === 1 ? name : `${name}@${version}`
}
