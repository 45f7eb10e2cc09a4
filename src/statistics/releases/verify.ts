import { hash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { asc, eq, gt } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { Refusal } from '../../refusals.ts'
import { signingKey } from '../../signing/schema.ts'
import { jwkOf, verifiedText } from '../../signing/signing.ts'
import { definitionBy } from '../definitions/definitions.ts'
import type { Terms } from '../definitions/terms.ts'
import { isCanonical, readContent } from './content.ts'
import { manifestText, type ReleaseRow } from './manifest.ts'
import { release } from './schema.ts'

/** What is wrong with a release, as far as that is told by what it says of itself. */
export type ReleaseFault = { release: string; fault: string }

/** `keys` are the ids of those that releases are signed by; whoever reads them compares them with what was told elsewhere. */
export type ReleasesVerification = { releases: number; keys: string[]; faults: ReleaseFault[] }

/**
 * Recomputes each release's hashes, checks its signature and that its columns are what was signed, and that its definition
 * still has the terms that were published with it. A release that was taken away leaves a gap in the numbers, unless it was the last.
 */
export async function verifyReleases(db: Db): Promise<ReleasesVerification> {
  const keys = new Set<string>()
  const faults: ReleaseFault[] = []
  let releases = 0
  for (let number = 0; ; releases++) {
    // One at a time: each may be as large as a release may be.
    const [next] = await db
      .select({ row: release, publicKey: signingKey.publicKey })
      .from(release)
      .leftJoin(signingKey, eq(signingKey.id, release.signingKey))
      .where(gt(release.number, number))
      .orderBy(asc(release.number))
      .limit(1)
    if (next === undefined) return { releases, keys: [...keys], faults }
    const { row, publicKey } = next
    if (row.number !== number + 1)
      faults.push({ release: row.code, fault: `release ${number + 1} is missing before it` })
    const found = faultsOf(row, publicKey)
    if (found.length === 0) found.push(...termsFaults(row, await termsOf(db, row.definition)))
    faults.push(...found.map(fault => ({ release: row.code, fault })))
    keys.add(row.signingKey)
    number = row.number
  }
}

function faultsOf(row: ReleaseRow, publicKey: Buffer | null): string[] {
  const faults = contentFaults(row)
  if (
    !isSame(
      row.bookIds,
      row.cutOff.books.map(({ id }) => id),
    )
  )
    faults.push('it is of other books than its cut-off')
  if (publicKey === null || jwkOf(publicKey).kid !== row.signingKey)
    return [...faults, 'its key is not the one it names']
  const signed = verifiedText(row.signature, publicKey, 'qullqi-release')
  if (signed === null) faults.push('its signature is wrong')
  else if (signed !== manifestText({ ...row, bytes: row.content.length })) faults.push('it is not what was signed')
  return faults
}

function contentFaults({ content, sha256, counted, countedSha256, tables }: ReleaseRow): string[] {
  if (!hash('sha256', counted, 'buffer').equals(countedSha256)) return ['what it counted has another hash']
  if (!hash('sha256', content, 'buffer').equals(sha256)) return ['its content has another hash']
  if (!isCanonical(content)) return ['its content is not in canonical form']
  const published = readContent(content).tables.map(({ name }) => name)
  const asked = tables.map(({ name }) => name)
  return isSame(published, asked) ? [] : ['its content has other tables than were asked']
}

async function termsOf(db: Db, reference: string): Promise<Terms | null> {
  try {
    return (await definitionBy(db, reference)).terms
  } catch (error) {
    if (error instanceof Refusal && error.code === 'definition-not-found') return null
    throw error
  }
}

/** What was published tells by which terms it was counted, and is signed. */
function termsFaults({ content }: ReleaseRow, terms: Terms | null): string[] {
  if (terms === null) return ['its definition is missing']
  const isOfThese = readContent(content).tables.every(
    ({ table }) => canonicalize(table.notes.parameters) === canonicalize(terms),
  )
  return isOfThese ? [] : ['its definition has other terms now']
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, at) => text === other[at])
}
