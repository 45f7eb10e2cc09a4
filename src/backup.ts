import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import about from '../package.json' with { type: 'json' }
import type { Config } from './config.ts'
import { systemClock } from './dates.ts'
import { copyCluster } from './db/backup/cluster.ts'
import { dumpDatabase, dumpFile } from './db/backup/dump.ts'
import { type BookEnd, copyFile, digestOf, type KeptFile, type Manifest, writeManifest } from './db/backup/manifest.ts'
import type { Db } from './db/client.ts'
import { type Opened, openExisting, runProgram, searchPath, settings, Unable } from './program.ts'

const usage = `usage: npm run backup -- FOLDER [--without-keys]
FOLDER is made, and must not be there yet. It holds what opens the database: keep it as you keep the keys.`

await runProgram(async opened => {
  const { folder, withKeys } = readArguments()
  if (existsSync(folder)) throw new Unable(`${folder} is there already; name a folder that is not.`)
  const begunAt = systemClock.now()
  const config = settings()
  const db = await openExisting(opened, config, 'qullqi backup')
  const books = await bookEnds(db)
  // Aside, and renamed when it is whole: a folder of that name is a backup.
  const aside = join(dirname(folder), `${basename(folder)}.new-${process.pid}`)
  await mkdir(aside, { recursive: true, mode: 0o700 })
  try {
    const taken = await take(opened, config, aside, withKeys)
    const { rows } = await db.$client.query<{ version: string }>(`select current_setting('server_version') as version`)
    const told = { version: about.version, postgres: rows[0]!.version, begunAt: begunAt.toISOString(), books }
    await writeManifest(aside, { format: 'qullqi-backup-1', ...told, ...taken })
    await rename(aside, folder)
    say(folder, taken, books, withKeys)
    return 0
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
})

function readArguments(): { folder: string; withKeys: boolean } {
  try {
    const options = { 'without-keys': { type: 'boolean', default: false } } as const
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    const [folder, ...more] = positionals
    if (folder === undefined || more.length > 0) throw new Error('say into which folder')
    return { folder: resolve(folder), withKeys: !values['without-keys'] }
  } catch (error) {
    throw new Unable(`${(error as Error).message}\n${usage}`)
  }
}

/** Where the chains of all books end now. */
async function bookEnds(db: Db): Promise<BookEnd[]> {
  const { rows } = await db.$client.query<BookEnd>(
    `select b.id, b.code, h.sequence::text, encode(h.hash, 'hex') as hash, h.event_number::text as "eventNumber",
       encode(h.event_hash, 'hex') as "eventHash"
     from book b join book_head h on h.book_id = b.id order by b.code`,
  )
  return rows
}

type Taken = Pick<Manifest, 'kind' | 'folders' | 'files'>

async function take({ embedded }: Opened, config: Config, to: string, withKeys: boolean): Promise<Taken> {
  const { dataDir, databaseUrl, databaseOwnerUrl } = config
  const keys = withKeys ? await secretFiles(dataDir, to, ['identity.key', 'signing.key']) : []
  if (embedded === undefined) {
    const file = join(to, dumpFile)
    await dumpDatabase(databaseOwnerUrl ?? databaseUrl!, file, searchPath)
    return { kind: 'dump', folders: [], files: [{ path: dumpFile, ...(await digestOf(file)) }, ...keys] }
  }
  const password = await secretFiles(dataDir, to, ['postgres.password'])
  const onBytes = progressOf()
  const { folders, files } = await copyCluster(embedded, to, onBytes)
  onBytes.clear()
  return { kind: 'cluster', folders, files: [...files, ...password, ...keys] }
}

/** Those of the secrets in the data folder that are there; a key that is set by the environment is not, and is kept by whoever set it. */
async function secretFiles(dataDir: string, to: string, names: readonly string[]): Promise<KeptFile[]> {
  const kept: KeptFile[] = []
  for (const name of names.filter(name => existsSync(join(dataDir, name)))) {
    kept.push({ path: name, ...(await copyFile(join(dataDir, name), join(to, name))) })
  }
  return kept
}

function progressOf() {
  const { isTTY } = process.stderr
  let [bytes, shown] = [0, 0]
  const show = (more: number): void => {
    bytes += more
    if (!isTTY || bytes - shown < 8_388_608) return
    shown = bytes
    process.stderr.write(`\r\u001b[K${Math.round(bytes / 1_048_576)} MiB`)
  }
  return Object.assign(show, { clear: () => isTTY && process.stderr.write('\r\u001b[K') })
}

function say(folder: string, { kind, files }: Taken, books: readonly BookEnd[], withKeys: boolean): void {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const what = kind === 'cluster' ? 'the files of the embedded PostgreSQL' : 'a dump of the database'
  console.log(`${folder}: ${what}, ${files.length} files, ${Math.ceil(bytes / 1_048_576)} MiB`)
  for (const { code, sequence, hash } of books)
    console.log(`  ${code}, at the least to transaction ${sequence} ${hash}`)
  const keys = files.filter(({ path }) => path.endsWith('.key')).map(({ path }) => path)
  const held = keys.length === 0 ? 'no keys; keep them elsewhere' : keys.join(' and ')
  console.log(`  with ${withKeys ? held : 'no keys, as asked; keep them elsewhere'}`)
}
