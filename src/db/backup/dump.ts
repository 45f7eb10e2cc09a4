import { spawn } from 'node:child_process'
import pg from 'pg'
import { actingRole } from '../client.ts'
import { BackupError } from './manifest.ts'

/** The file that pg_dump writes in a backup. */
export const dumpFile = 'database.dump'

/** Dumps a database of the operator's in pg_dump's own format. @throws BackupError with what pg_dump says */
export async function dumpDatabase(url: string, file: string, path: string | undefined): Promise<void> {
  await runTool('pg_dump', ['--format=custom', `--file=${file}`], url, path)
}

/**
 * Fills an empty database of the operator's from a dump, whole or not at all. The role that the service acts as is made first, for
 * a dump holds no roles.
 * @throws BackupError when there is something in it already, or with what pg_restore says
 */
export async function restoreDatabase(url: string, file: string, path: string | undefined): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'qullqi restore' })
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query<{ tables: string; role: boolean }>(
      `select (select count(*) from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace) as tables,
         exists (select from pg_roles where rolname = $1) as role`,
      [actingRole],
    )
    const { tables, role } = rows[0]!
    if (tables !== '0') throw new BackupError(`The database has ${tables} tables already; restore into an empty one.`)
    if (!role) await client.query(`create role ${actingRole} nologin`)
    await client.query(`grant ${actingRole} to current_user`)
  } finally {
    await client.end().catch(() => {})
  }
  const into = `--dbname=${connectionOf(url).PGDATABASE}`
  const args = ['--no-owner', '--exit-on-error', '--single-transaction', into, file]
  await runTool('pg_restore', args, url, path)
}

/** Runs one of PostgreSQL's own programs. Where to and as whom it learns by its environment, for arguments are seen by all. */
async function runTool(
  program: 'pg_dump' | 'pg_restore',
  args: readonly string[],
  url: string,
  path: string | undefined,
): Promise<void> {
  const env: Record<string, string | undefined> = { PATH: path, LC_ALL: 'C', ...connectionOf(url) }
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', text => (said += text))
  const code = await new Promise<number | string>(settle => {
    child.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message))
    child.once('close', code => settle(code ?? 'a signal'))
  })
  if (code === 'ENOENT') {
    throw new BackupError(`${program} is not on this machine; it comes with the client programs of PostgreSQL.`)
  }
  if (code !== 0) throw new BackupError(`${program} failed: ${said.trim() || code}`)
}

/** The variables by which PostgreSQL's programs learn what the address of a database says. */
export function connectionOf(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  const said = {
    PGHOST: searchParams.get('host') ?? decodeURIComponent(hostname.replace(/^\[|\]$/g, '')),
    PGPORT: port,
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    PGSSLMODE: searchParams.get('sslmode') ?? '',
    PGSSLROOTCERT: searchParams.get('sslrootcert') ?? '',
  }
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== ''))
}
