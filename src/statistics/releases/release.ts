import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { and, asc, eq, getTableColumns, gt, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Db } from '../../db/client.ts'
import type { Actor } from '../../http/actor.ts'
import { cursor, placeNumber } from '../../http/pages.ts'
import type { Connection } from '../../ledger/index.ts'
import { Refusal } from '../../refusals.ts'
import { register } from '../../savings/registering.ts'
import { keepKey } from '../../signing/keys.ts'
import type { Signer } from '../../signing/signing.ts'
import { definitionBy } from '../definitions/definitions.ts'
import { type Asking, amongWhom } from '../questions/asking.ts'
import { booksAsked, knowledgeOf } from '../questions/knowledge.ts'
import { byOf, invalid, monthsOf, onlyOf } from '../questions/question.ts'
import { saversPopulation } from '../questions/savers-table.ts'
import type { Notes, Table } from '../table.ts'
import type { CutOff, ReleaseBody } from './asked.ts'
import { readContent, writeContent } from './content.ts'
import { pack, unpack } from './counted.ts'
import { type Difference, differencesOf, type Side } from './differences.ts'
import { type Frozen, freezeTables, type Published, type ToFreeze } from './freeze.ts'
import { manifestText, type ReleaseRow } from './manifest.ts'
import { mostBytes, release } from './schema.ts'
import { isSameReach, isSameTable } from './sharing.ts'

/** What releases are made with beside what questions are answered with. */
export type Releasing = Asking & { signer: Signer; software: { version: string; commit: string | null } }

/** Another release was made in the meantime, against which this one is not protected yet. */
class Overtaken extends Error {}

const mostTries = 5

/**
 * Counts, protects, signs and keeps a release.
 * @throws Refusal `id-reused`, `code-taken`, `release-not-found` for what it revises, `release-discloses`, `release-too-large`,
 * `request-invalid`, `month-not-over`, `book-not-found`, `definition-not-found`, `instant-in-future`
 */
export async function makeRelease(
  releasing: Releasing,
  actor: Actor,
  { id, ...body }: ReleaseBody & { id: string },
): Promise<{ row: ReleaseRow; replayed: boolean }> {
  const { db, clock } = releasing
  for (let tries = 1; ; tries++) {
    const at = clock.now()
    try {
      const made = await register(db, release, {
        where: eq(release.id, id),
        content: body,
        ...{ at, actor: actor.clientId },
        decide: () => decideRelease(releasing, actor, { ...body, id }, at),
        taken: () => takenBy(db, body.code),
      })
      if (!reachesAll(actor, made.row)) throw releaseNotFound()
      return made
    } catch (error) {
      if (!(error instanceof Overtaken) || tries === mostTries) throw error
    }
  }
}

/** Either its code is another's, or its number, which only means that somebody was faster. */
async function takenBy(db: Db, code: string): Promise<Refusal> {
  await refuseTaken(db, code)
  throw new Overtaken('another release was made in the meantime')
}

async function refuseTaken(db: Db, code: string): Promise<void> {
  const [row] = await db.select({ id: release.id }).from(release).where(eq(release.code, code))
  if (row !== undefined) throw new Refusal('code-taken', `There is a release ${code} already.`)
}

async function decideRelease(releasing: Releasing, actor: Actor, body: ReleaseBody & { id: string }, at: Date) {
  const { db, clock, counter, signer, software } = releasing
  await refuseTaken(db, body.code)
  const revised = body.revises === undefined ? null : await releaseFor(db, actor, body.revises)
  const definition = await definitionBy(db, body.definition)
  const { currency, books } = await booksAsked(db, actor, body)
  // At the moment that the release is of, so that its cut-off is no later.
  const knowledge = await knowledgeOf({ db, clock }, books, body.knownAt ?? at.toISOString())
  const cutOff: CutOff = {
    knownAt: knowledge.at.toISOString(),
    everyBook: body.bookId === undefined && actor.books === 'all',
    books: books.map(({ id, code }) => ({ id, code, sequence: knowledge.sequences.get(id) ?? 0 })),
  }
  if (revised !== null) refuseUnlike(revised, currency, cutOff)
  const k = releasing.k[body.profile]
  const toFreeze = body.tables.map((table): ToFreeze => {
    const [by, only, months] = [byOf(table), onlyOf(table), monthsOf(table, clock.now())]
    const notes: Notes = {
      ...{ definition: definition.reference, parameters: definition.terms, currency, asOf: months.told },
      ...{ knownAt: cutOff.knownAt, population: saversPopulation.en + amongWhom(books, only) },
      suppression: { profile: body.profile, k },
    }
    return { name: table.name, asked: { terms: definition.terms, currency, books, months, by, only, knowledge }, notes }
  })
  const { last, published } = await publishedBefore(db, currency, cutOff)
  const frozen = await freezeTables({ counter, k, definition, published }, toFreeze)
  const is = { k, definition, books, knowledge, software: softwareOf(software.version, software.commit) }
  const differences = revised === null ? null : await allDifferences(releasing, revised, frozen, is)
  const content = writeContent({
    tables: frozen.map(({ table, counted }) => ({ name: counted.name, table })),
    differences,
  })
  if (content.length > mostBytes) {
    throw new Refusal(
      'release-too-large',
      `It would have ${content.length} bytes, more than ${mostBytes}; ask for fewer months, or make two releases.`,
      { facts: { bytes: content.length, most: mostBytes } },
    )
  }
  await keepKey(db, signer, at)
  const counted = pack(frozen.map(one => one.counted))
  const row = {
    ...{ id: body.id, number: last + 1, code: body.code, title: body.title, revises: revised?.id ?? null },
    ...{ currency, tables: body.tables, bookIds: books.map(({ id }) => id), cutOff },
    ...{ definition: definition.reference, profile: body.profile, k },
    ...{ codeVersion: software.version, codeCommit: software.commit },
    ...{ content, sha256: hash('sha256', content, 'buffer') },
    ...{ counted, countedSha256: hash('sha256', counted, 'buffer') },
  }
  const manifest = manifestText({ ...row, recordedAt: at, actor: actor.clientId, bytes: content.length })
  return { ...row, signature: signer.sign('qullqi-release', manifest), signingKey: signer.keyId }
}

/** @throws Refusal `request-invalid` when there is nothing to compare */
function refuseUnlike(revised: ReleaseRow, currency: string, cutOff: CutOff): void {
  if (revised.currency !== currency) throw invalid('revises', `is of ${revised.currency}, not ${currency}`)
  if (!isSameReach(revised.cutOff, cutOff)) throw invalid('revises', 'is of other books')
  if (cutOff.knownAt < revised.cutOff.knownAt)
    throw invalid('knownAt', 'lies before the cut-off of the release it revises')
}

/** Tables of all releases of the same books and currency, the oldest first, and the number of the last release of all. */
async function publishedBefore(
  db: Db,
  currency: string,
  cutOff: CutOff,
): Promise<{ last: number; published: Published[] }> {
  const [found] = await db.select({ last: sql<number>`coalesce(max(${release.number}), 0)::integer` }).from(release)
  assert(found)
  const rows = await db
    .select({ definition: release.definition, cutOff: release.cutOff, counted: release.counted })
    .from(release)
    .where(and(sql`${release.number} <= ${found.last}`, sql`${release.currency} = ${currency}`))
    .orderBy(asc(release.number))
  const published: Published[] = []
  for (const row of rows) {
    if (!isSameReach(row.cutOff, cutOff)) continue
    const definition = await definitionBy(db, row.definition)
    published.push(...unpack(row.counted).map(table => ({ ...table, definition })))
  }
  return { last: found.last, published }
}

function softwareOf(version: string, commit: string | null): string {
  return `${version} ${commit ?? ''}`
}

/** Table by table, where the other release has the same one. */
async function allDifferences(
  { db, counter }: Releasing,
  revised: ReleaseRow,
  frozen: readonly Frozen[],
  is: Omit<Side, 'counted'>,
): Promise<Difference[]> {
  const { books, knownAt } = revised.cutOff
  const then: Omit<Side, 'counted'> = {
    ...{ k: revised.k, definition: await definitionBy(db, revised.definition), books },
    software: softwareOf(revised.codeVersion, revised.codeCommit),
    knowledge: { at: new Date(knownAt), sequences: new Map(books.map(({ id, sequence }) => [id, sequence])) },
  }
  const differences: Difference[] = []
  for (const { counted } of frozen) {
    for (const was of unpack(revised.counted).filter(one => isSameTable(one, counted))) {
      const sides = [
        { ...then, counted: was },
        { ...is, counted },
      ] as const
      differences.push(...(await differencesOf(counter, revised.currency, ...sides)))
    }
  }
  return differences
}

function reachesAll({ books }: Actor, { bookIds }: Pick<ReleaseRow, 'bookIds'>): boolean {
  return books === 'all' || bookIds.every(id => books.includes(id))
}

function releaseNotFound(): Refusal {
  return new Refusal(
    'release-not-found',
    'There is no such release, or it is of books that are not among those of your key.',
  )
}

/**
 * A release, as far as the key reaches all its books.
 * @throws Refusal `release-not-found`, for one that it does not reach as well
 */
export async function releaseFor(connection: Connection, actor: Actor, id: string): Promise<ReleaseRow> {
  const [row] = await connection.select().from(release).where(eq(release.id, id))
  if (row === undefined || !reachesAll(actor, row)) throw releaseNotFound()
  return row
}

/** @throws Refusal `release-table-not-found` */
export function tableIn({ content }: Pick<ReleaseRow, 'content'>, name: string): Table {
  const found = readContent(content).tables.find(one => one.name === name)
  if (found === undefined) throw new Refusal('release-table-not-found', `The release has no table ${name}.`)
  return found.table
}

export const releasePlace = cursor(z.strictObject({ number: placeNumber }))

const { content, counted: _, ...columns } = getTableColumns(release)

/** What lists tell of a release, without what it publishes. */
export type ListedRelease = Omit<ReleaseRow, 'content' | 'counted'> & { bytes: number }

/** In the order in which they were made, those that the key reaches. */
export async function listReleases(
  db: Db,
  actor: Actor,
  after: string | undefined,
  limit: number,
): Promise<ListedRelease[]> {
  const place = releasePlace.read(after)
  const reached = actor.books === 'all' ? undefined : sql`${release.bookIds} <@ ${sql.param(actor.books)}::uuid[]`
  return db
    .select({ ...columns, bytes: sql<number>`octet_length(${content})` })
    .from(release)
    .where(and(place === null ? undefined : gt(release.number, place.number), reached))
    .orderBy(asc(release.number))
    .limit(limit)
}
