import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Config, makeFolder } from './config.ts'
import { placeCluster } from './db/backup/cluster.ts'
import { dumpFile, restoreDatabase } from './db/backup/dump.ts'
import { type BookEnd, checkFiles, copyFile, type Manifest, readManifest } from './db/backup/manifest.ts'
import type { Db } from './db/client.ts'
import { startEmbedded } from './db/embedded.ts'
import { openLogin, prepareDatabase } from './db/login.ts'
import { findPlace } from './db/place.ts'
import { type Opened, runProgram, sayOnError, searchPath, settings, Unable } from './program.ts'

const usage = `usage: npm run restore -- FOLDER
Lays a backup into DATA_DIR, in which there must be no database yet, or into the empty database of DATABASE_URL, and verifies it.`

await runProgram(async opened => {
  const folder = readArguments()
  const manifest = await readManifest(folder)
  await checkFiles(folder, manifest)
  const config = settings()
  await (manifest.kind === 'cluster' ? restoreCluster(folder, manifest, config) : restoreDump(folder, manifest, config))
  const db = await open(opened, config)
  console.log(`${folder}, begun ${manifest.begunAt} by version ${manifest.version}, is restored.`)
  const lost = await booksThatDiffer(db, manifest.books)
  for (const { code, sequence } of lost)
    console.log(`${code}: WRONG, it does not hold what the backup told up to transaction ${sequence}`)
  await db.$client.end()
  delete opened.db
  const right = (await verify()) === 0
  return right && lost.length === 0 ? 0 : 1
})

function readArguments(): string {
  try {
    const { positionals } = parseArgs({ options: {}, allowPositionals: true })
    const [folder, ...more] = positionals
    if (folder === undefined || more.length > 0) throw new Error('say from which folder')
    return resolve(folder)
  } catch (error) {
    throw new Unable(`${(error as Error).message}\n${usage}`)
  }
}

async function restoreCluster(folder: string, manifest: Manifest, { dataDir, databaseUrl }: Config): Promise<void> {
  if (databaseUrl !== undefined) {
    throw new Unable('this backup is of an embedded PostgreSQL; take DATABASE_URL away to restore it into DATA_DIR.')
  }
  if (existsSync(join(dataDir, 'postgres'))) {
    throw new Unable(`there is a database in ${dataDir}; move that away, or name another DATA_DIR.`)
  }
  makeFolder(dataDir)
  await placeSecrets(folder, manifest, dataDir)
  await placeCluster(await findPlace(dataDir), folder, manifest)
}

async function restoreDump(folder: string, manifest: Manifest, config: Config): Promise<void> {
  const { dataDir, databaseUrl, databaseOwnerUrl = databaseUrl } = config
  if (databaseOwnerUrl === undefined) {
    throw new Unable('this backup is of a PostgreSQL of yours; DATABASE_URL says into which to restore it.')
  }
  makeFolder(dataDir)
  await placeSecrets(folder, manifest, dataDir)
  await restoreDatabase(databaseOwnerUrl, join(folder, dumpFile), searchPath)
}

/** Keys and the password, before what they open. One that is there already must be the same. */
async function placeSecrets(folder: string, { files }: Manifest, dataDir: string): Promise<void> {
  for (const { path } of files.filter(({ path }) => /^[a-z.]+\.(?:key|password)$/.test(path))) {
    const [from, to] = [join(folder, path), join(dataDir, path)]
    if (!existsSync(to)) await copyFile(from, to)
    else if (!(await readFile(from)).equals(await readFile(to))) {
      throw new Unable(`${to} is another one than the backup's; move it away, or name another DATA_DIR.`)
    }
  }
}

/** Opens what was restored, and brings it to the shape of this version. */
async function open(opened: Opened, config: Config): Promise<Db> {
  const { dataDir, databaseUrl, databaseOwnerUrl } = config
  if (databaseUrl === undefined) opened.embedded = await startEmbedded({ dataDir, say: sayOnError })
  const urls = opened.embedded ?? { url: databaseUrl!, ownerUrl: databaseOwnerUrl }
  const login = await prepareDatabase(urls, { say: sayOnError })
  opened.db = await openLogin(login, { max: 2, prepares: config.databasePrepare, applicationName: 'qullqi restore' })
  return opened.db
}

/** Books in which a chain is not, up to where it ended before the backup, what it was then. */
async function booksThatDiffer(db: Db, books: readonly BookEnd[]): Promise<BookEnd[]> {
  const { rows } = await db.$client.query<{ id: string }>(
    `select b.id::text as id from jsonb_to_recordset($1::jsonb)
       as b(id uuid, sequence bigint, hash text, "eventNumber" bigint, "eventHash" text)
     where (b.sequence = 0 or exists (select from transaction t where t.book_id = b.id and t.sequence = b.sequence and t.hash = decode(b.hash, 'hex')))
       and (b."eventNumber" = 0 or exists (select from event e where e.book_id = b.id and e.number = b."eventNumber" and e.hash = decode(b."eventHash", 'hex')))`,
    [JSON.stringify(books)],
  )
  const same = new Set(rows.map(({ id }) => id))
  return books.filter(({ id }) => !same.has(id))
}

/** The whole verification, by the program that does nothing else. */
function verify(): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'verify.ts')], { stdio: 'inherit' })
  return new Promise(settle => {
    child.once('error', () => settle(1))
    child.once('close', code => settle(code ?? 1))
  })
}
