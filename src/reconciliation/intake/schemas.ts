import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Gives the schema of a message by its name, such as `camt.053.001.08`; null where there is none. */
export type SchemaOf = (name: string) => Promise<Uint8Array | null>

/** ISO 20022's schemas by name, as whoever runs the service laid them down; each is read when it is first asked for. */
export function schemasIn(folder: string | null): SchemaOf {
  const read = new Map<string, Promise<Uint8Array | null>>()
  return name => {
    if (folder === null) return Promise.resolve(null)
    const known = read.get(name) ?? readFile(join(folder, `${name}.xsd`)).catch(() => null)
    read.set(name, known)
    return known
  }
}
