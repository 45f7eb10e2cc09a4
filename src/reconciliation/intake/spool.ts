import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { close, open, read, write } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { Refusal } from '../../refusals.ts'

const [openFile, closeFile, readAt, writeAt] = [promisify(open), promisify(close), promisify(read), promisify(write)]

/** The largest file that is taken, in bytes. */
export const largestFile = 104_857_600

/**
 * A file that has come whole, on disk: it is read as often as need be, by any thread, and never held in memory. It has no name
 * there, so that nothing of it is left when it is closed, or the service ends however it may.
 */
export type Spooled = { fd: number; sha256: string; size: number }

const pieceSize = 65_536

/** Its bytes from the beginning, piece by piece; Node's streams would close it at their end, or at another's. */
export async function* readSpooled({ fd, size }: Spooled): AsyncGenerator<Buffer> {
  let at = 0
  while (at < size) {
    const { bytesRead, buffer } = await readAt(fd, Buffer.allocUnsafe(pieceSize), 0, pieceSize, at)
    assert(bytesRead > 0, 'a file that was laid down is as long as it was')
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

export async function closeSpooled({ fd }: Spooled): Promise<void> {
  await closeFile(fd)
}

/**
 * Lays a stream down as a file of this machine, with the hash of its bytes.
 * @throws Refusal `body-too-large`; `request-invalid` when there is nothing in it
 */
export async function spool(source: Readable): Promise<Spooled> {
  const fd = await openNameless()
  const sha256 = createHash('sha256')
  let size = 0
  try {
    await pipeline(source, async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        if (size + chunk.length > largestFile)
          throw new Refusal('body-too-large', `A file may have ${largestFile} bytes.`)
        sha256.update(chunk)
        for (let from = 0; from < chunk.length; )
          from += (await writeAt(fd, chunk, from, chunk.length - from, size + from)).bytesWritten
        size += chunk.length
      }
    })
    if (size === 0) throw new Refusal('request-invalid', 'There is nothing in the file.')
    return { fd, sha256: sha256.digest('hex'), size }
  } catch (error) {
    await closeFile(fd)
    throw error
  }
}

async function openNameless(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'qullqi-bank-file-'))
  try {
    return await openFile(join(folder, 'bytes'), 'w+', 0o600)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
