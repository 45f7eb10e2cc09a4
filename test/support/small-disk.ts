import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A disk of its own that can be filled: in memory, of so many megabytes. */
export type SmallDisk = {
  folder: string
  /** Writes until nothing more goes in. */
  fill(): Promise<void>
  /** Gives back what `fill` took. */
  makeRoom(): Promise<void>
  close(): void
}

/** Whether such disks can be had here: on Linux, as root, where mounting is allowed. */
export function hasSmallDisks(): boolean {
  try {
    openSmallDisk(1).close()
    return true
  } catch {
    return false
  }
}

/** @throws when it cannot be mounted */
export function openSmallDisk(megabytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), `qullqi-test-${process.pid}-`))
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0711`, 'qullqi', folder])
  if (status !== 0) {
    rmdirSync(folder)
    throw new Error(`no disk of its own: ${stderr}`)
  }
  const filler = join(folder, 'filler')
  return {
    folder,
    async fill() {
      const file = await open(filler, 'a')
      // Ever smaller pieces, so that not a page is left.
      for (let size = 1 << 20; size >= 4096; size >>= 1) {
        const piece = Buffer.alloc(size)
        try {
          while ((await file.write(piece)).bytesWritten === size);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
        }
      }
      await file.close()
    },
    makeRoom: () => rm(filler, { force: true }),
    close() {
      // Whatever still has a file open there keeps it no longer than it runs.
      spawnSync('umount', ['-l', folder])
      rmdirSync(folder)
    },
  }
}
