import { asc } from 'drizzle-orm'
import type { Db } from '../../db/client.ts'
import { fingerprint } from '../../savings/registering.ts'
import { definitionOf } from './definitions.ts'
import { presets } from './presets.ts'
import { definition } from './schema.ts'

/** What is wrong with a definition. */
export type DefinitionFault = { definition: string; fault: string }

/**
 * Recomputes the fingerprint of each definition, and holds those that ship against what ships. No book and no chain knows of
 * definitions: one that somebody registered, changed together with its fingerprint, is found by releases that were counted by it.
 */
export async function verifyDefinitions(db: Db): Promise<DefinitionFault[]> {
  const rows = await db.select().from(definition).orderBy(asc(definition.name), asc(definition.version))
  const faults = rows.flatMap((row): DefinitionFault[] => {
    const { name, version, title, source, terms, contentHash, follows } = row
    const { reference } = definitionOf(row)
    const isRegistered = fingerprint({ name, version, title, source, terms }).equals(contentHash)
    const isFirst = version === 1 && follows === null
    const isNext = follows === version - 1 && rows.some(other => other.name === name && other.version === follows)
    const found = [
      ...(isRegistered ? [] : ['it is not what was registered']),
      ...(isFirst || isNext ? [] : ['the version before it is missing']),
    ]
    return found.map(fault => ({ definition: reference, fault }))
  })
  for (const { name, ...shipped } of presets) {
    const row = rows.find(one => one.name === name && one.version === 1)
    if (row === undefined) faults.push({ definition: name, fault: 'it ships, and is missing' })
    else if (!fingerprint({ name, version: 1, ...shipped }).equals(row.contentHash))
      faults.push({ definition: name, fault: 'it is not the one that ships' })
  }
  return faults
}
