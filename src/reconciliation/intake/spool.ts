import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Refusal } from '../../refusals.ts'

/** The largest file that is taken, in bytes. */
export const largestFile = 104_857_600

/** A file that has come whole, on disk: it is read as often as need be, and never held in memory. Plain, so that a thread can be told of it. */
export type Spooled = { path: string; sha256: string; size: number }

export function readSpooled({ path }: Spooled): Readable {
  return createReadStream(path)
}

export async function removeSpooled({ path }: Spooled): Promise<void> {
  await rm(dirname(path), { recursive: true, force: true })
}

/**
 * Lays a stream down as a file of this machine, with the hash of its bytes.
 * @throws Refusal `body-too-large`; `request-invalid` when there is nothing in it
 */
export async function spool(source: Readable): Promise<Spooled> {
  const folder = await mkdtemp(join(tmpdir(), 'qullqi-bank-file-'))
  const path = join(folder, 'bytes')
  const sha256 = createHash('sha256')
  let size = 0
  try {
    await pipeline(
      source,
      async function* counted(chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          size += chunk.length
          if (size > largestFile) throw new Refusal('body-too-large', `A file may have ${largestFile} bytes.`)
          sha256.update(chunk)
          yield chunk
        }
      },
      createWriteStream(path, { mode: 0o600 }),
    )
    if (size === 0) throw new Refusal('request-invalid', 'There is nothing in the file.')
    return { path, sha256: sha256.digest('hex'), size }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}
