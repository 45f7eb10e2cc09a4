import { hash } from 'node:crypto'
import { chown, mkdir, readdir, realpath, writeFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import pg from 'pg'
import type { Embedded } from '../embedded.ts'
import { fillCluster, type Owner, type Place } from '../place.ts'
import { copyFile, type Manifest } from './manifest.ts'

/** Where the cluster lies in a backup. */
export const clusterFolder = 'postgres'

/** What a server writes anew when it starts, or is of the server that runs: the folders are kept, their content is not. */
const emptied = new Set([
  'log',
  'pg_dynshmem',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
  'pg_wal',
])

const leftOut =
  /^(?:postmaster\.(?:pid|opts)|current_logfiles|backup_label|tablespace_map|pg_internal\.init.*|pgsql_tmp.*)$/

/** The file that tells where recovery has got to; taken last. */
const control = join('global', 'pg_control')

type Copied = Pick<Manifest, 'folders' | 'files'>

/**
 * Copies the files of a running server so that they are one moment of it: what changes while they are read is in the log that
 * is copied after them, as "Making a Base Backup Using the Low Level API" in PostgreSQL's manual has it. A slot of this session
 * keeps the server from throwing that log away. Postings go on meanwhile.
 */
export async function copyCluster(
  { ownerUrl, folder: running }: Embedded,
  to: string,
  onBytes: (bytes: number) => void,
): Promise<Copied> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'qullqi backup', keepAlive: true })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query(`select pg_create_physical_replication_slot($1, true, true)`, [`qullqi_backup_${process.pid}`])
    await client.query(`select pg_backup_start('qullqi', fast => true)`)
    const home = join(to, clusterFolder)
    const copied: Copied = { folders: [], files: [] }
    const keep = async (name: string) => {
      const file = await copyFile(join(running, name), join(home, name)).catch(unlessGone)
      if (file === undefined) return
      copied.files.push({ path: pathOf(name), ...file })
      onBytes(file.bytes)
    }
    for await (const { name, isFolder } of entriesOf(running)) {
      if (isFolder) {
        await mkdir(join(home, name), { recursive: true, mode: 0o700 })
        copied.folders.push(pathOf(name))
      } else if (name !== control) await keep(name)
    }
    await keep(control)
    const { label, first, last } = await stopBackup(client)
    for (const segment of await readdir(join(running, 'pg_wal'))) {
      const isNeeded =
        segment.endsWith('.history') || (/^[0-9A-F]{24}$/.test(segment) && segment >= first && segment <= last)
      if (isNeeded) await keep(join('pg_wal', segment))
    }
    await writeFile(join(home, 'backup_label'), label, { mode: 0o600, flush: true, flag: 'wx' })
    const written = { bytes: Buffer.byteLength(label), sha256: hash('sha256', label) }
    copied.files.push({ path: pathOf('backup_label'), ...written })
    return copied
  } finally {
    await client.end().catch(() => {})
  }
}

/** Ends the backup in the server; answers its label, and which segments of the log belong to it. */
async function stopBackup(client: pg.Client): Promise<{ label: string; first: string; last: string }> {
  const { rows } = await client.query<{ label: string; last: string }>(
    `select labelfile as label, pg_walfile_name(lsn) as last from pg_backup_stop(wait_for_archive => false)`,
  )
  const { label, last } = rows[0]!
  const first = /^START WAL LOCATION: .*\(file ([0-9A-F]{24})\)/.exec(label)![1]!
  return { label, first, last }
}

/** Folders before what is in them; of folders that a server fills anew only themselves and the folders in them. */
async function* entriesOf(root: string, below = ''): AsyncGenerator<{ name: string; isFolder: boolean }> {
  yield { name: below, isFolder: true }
  const isEmptied = emptied.has(below.split(sep)[0]!)
  const entries = await readdir(join(root, below), { withFileTypes: true })
  for (const entry of entries) {
    const name = join(below, entry.name)
    if (entry.isDirectory()) {
      if (entry.name.startsWith('pgsql_tmp') || below === 'pg_replslot') continue
      yield* entriesOf(root, name)
    } else if (entry.isFile() && !isEmptied && !leftOut.test(entry.name)) yield { name, isFolder: false }
  }
}

function pathOf(name: string): string {
  return [clusterFolder, ...name.split(sep).filter(part => part !== '')].join('/')
}

/** A table that was dropped, or a file that was cut, while the folder was read: the log knows. */
function unlessGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** Lays the files of a backup where the server of `place` has its own, whole or not at all. */
export async function placeCluster(place: Place, folder: string, { folders, files }: Manifest): Promise<void> {
  const from = await realpath(folder)
  await fillCluster(place, async home => {
    const inHome = (path: string) => join(home, relative(clusterFolder, path))
    for (const path of folders.filter(path => path !== clusterFolder)) await makeFolder(inHome(path), place.owner)
    for (const { path } of files) {
      if (path.startsWith(`${clusterFolder}/`)) await copyFile(join(from, path), inHome(path), place.owner)
    }
  })
}

async function makeFolder(path: string, owner: Owner): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  if (owner) await chown(path, owner.uid, owner.gid)
}
