import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, chown, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import type { Owner } from '../place.ts'

/** What was asked of a backup cannot be done; the message is for the person at the terminal. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** Below the folder of the backup, and nowhere else, whoever wrote the manifest. */
const inside = z.string().refine(path => !path.startsWith('/') && !path.split('/').includes('..'))

const keptFile = z.strictObject({ path: inside, bytes: z.int().min(0), sha256 })

/** Where the chains of a book ended before the backup was begun: it has these and whatever came meanwhile. */
const bookEnd = z.strictObject({
  id: z.uuid(),
  code: z.string(),
  sequence: z.string(),
  hash: sha256,
  eventNumber: z.string(),
  eventHash: sha256,
})

const manifest = z.strictObject({
  format: z.literal('qullqi-backup-1'),
  kind: z.enum(['cluster', 'dump']).describe('The files of an embedded server, or what pg_dump wrote'),
  version: z.string().describe('Of the software'),
  postgres: z.string().describe('Version of the server'),
  begunAt: z.iso.datetime(),
  books: z.array(bookEnd),
  folders: z.array(inside).describe('Folders that have to be there, also where they are empty'),
  files: z.array(keptFile),
})

export type Manifest = z.output<typeof manifest>
export type KeptFile = z.output<typeof keptFile>
export type BookEnd = z.output<typeof bookEnd>

const manifestName = 'manifest.json'

export async function writeManifest(folder: string, written: Manifest): Promise<void> {
  await writeFile(join(folder, manifestName), `${JSON.stringify(written, null, 2)}\n`, { mode: 0o600, flush: true })
}

/** @throws BackupError when there is none, or it is none */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, manifestName)
  const text = await readFile(path, 'utf8').catch(() => {
    throw new BackupError(`${path} cannot be read: ${folder} is no backup, or one that was not finished.`)
  })
  try {
    return manifest.parse(JSON.parse(text))
  } catch (cause) {
    throw new BackupError(`${path} is not a manifest of a backup.`, { cause })
  }
}

/** Reads every file of a backup again. @throws BackupError naming the first that is not what was written */
export async function checkFiles(folder: string, { files }: Manifest): Promise<void> {
  for (const { path, bytes, sha256 } of files) {
    const found = await stat(join(folder, path)).catch(() => undefined)
    if (found === undefined) throw new BackupError(`${path} is missing in the backup.`)
    const isSame = found.size === bytes && (await digestOf(join(folder, path))).sha256 === sha256
    if (!isSame) {
      throw new BackupError(`${path} is not what was written into the backup.`)
    }
  }
}

export async function digestOf(path: string): Promise<Pick<KeptFile, 'bytes' | 'sha256'>> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return { bytes: (await stat(path)).size, sha256: hash.digest('hex') }
}

/** Copies a file, to the disk and not only to memory, and says what it was. A file that grows meanwhile is taken as long as it is read. */
export async function copyFile(from: string, to: string, owner?: Owner): Promise<Pick<KeptFile, 'bytes' | 'sha256'>> {
  const hash = createHash('sha256')
  let bytes = 0
  const counted = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  await pipeline(createReadStream(from), counted, createWriteStream(to, { mode: 0o600, flush: true, flags: 'wx' }))
  await chmod(to, 0o600)
  if (owner) await chown(to, owner.uid, owner.gid)
  return { bytes, sha256: hash.digest('hex') }
}
