import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator'
import pg from 'pg'
import { databaseMessage, isConnectionLoss, sqlState } from './errors.ts'
import { UnfitError } from './unfit.ts'

export const migrationsFolder = join(import.meta.dirname, '..', '..', 'migrations')

/** Two services that start at once migrate one after the other. */
const migrating = 7_881_200_019

const rightsNeeded =
  'Who migrates must own the database, and have CREATEROLE or be made a member of the role qullqi_service.'

/**
 * Brings the database at `url` to the newest shape, as the role that owns everything, once it accepts connections. Every
 * pending migration is applied, or none. Gives how many were.
 * @throws UnfitError when the database does not answer, is too old, has another history, or refuses a migration.
 */
export async function migrateDatabase(url: string, waiting: Waiting = {}): Promise<number> {
  const client = await connectPatiently(url, 'qullqi migrations', waiting)
  try {
    await requireVersion(client)
    return await applyPending(client)
  } catch (error) {
    if (error instanceof UnfitError) throw error
    const right = sqlState(error) === '42501' ? ` ${rightsNeeded}` : ''
    throw new UnfitError(`The database could not be migrated: ${databaseMessage(error)}.${right}`, { cause: error })
  } finally {
    await client.end().catch(() => {})
  }
}

/** For how many milliseconds a database that does not answer is asked again, and whom to tell that it is. */
export type Waiting = { patience?: number; say?: ((line: string) => void) | undefined }

/** Connects to the database at `url`, and asks again while it does not answer. */
export async function connectPatiently(url: string, applicationName: string, waiting: Waiting): Promise<pg.Client> {
  const { patience = 30_000, say = () => {} } = waiting
  let told = false
  for (const begun = performance.now(); ; await pause(250)) {
    const client = new pg.Client({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: 5_000,
    })
    client.on('error', () => {})
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.end().catch(() => {})
      const reason = reasonOf(error)
      if (!isConnectionLoss(error) || performance.now() - begun >= patience) {
        throw new UnfitError(`The database cannot be opened: ${reason}`, { cause: error })
      }
      if (!told) say(`waiting up to ${Math.round(patience / 1000)} s for the database: ${reason}`)
      told = true
    }
  }
}

function reasonOf(error: unknown): string {
  const message = databaseMessage(error) || ((error as NodeJS.ErrnoException).code ?? 'no reason was given')
  return message.endsWith('client password must be a string')
    ? 'it wants a password, and the address has none'
    : message
}

async function requireVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ server_version_num: string; server_version: string }>(
    `select current_setting('server_version_num') as server_version_num, current_setting('server_version') as server_version`,
  )
  if (Number(rows[0]?.server_version_num) < 150_000) {
    throw new UnfitError(`The database is PostgreSQL ${rows[0]?.server_version}; 15 or newer is needed.`)
  }
}

/**
 * Applies what is pending in one database transaction, the notes of it and the lock included, so that nothing stays behind
 * on a connection that a pooler lends on. Drizzle's own migrator takes no lock, and asks for rights when nothing is pending.
 */
async function applyPending(client: pg.Client): Promise<number> {
  await client.query('begin')
  try {
    await client.query('select pg_advisory_xact_lock($1)', [migrating])
    const pending = await pendingMigrations(client)
    if (pending.length > 0) await makeNotes(client)
    for (const { sql, hash, folderMillis } of pending) {
      for (const statement of sql) await client.query(statement)
      await client.query('insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)', [
        hash,
        folderMillis,
      ])
    }
    await client.query('commit')
    return pending.length
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  }
}

/** As drizzle-kit would make them. */
async function makeNotes(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query(`select from pg_namespace where nspname = 'drizzle'`)
  if (!rowCount) await client.query('create schema drizzle')
  await client.query(
    'create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)',
  )
}

/**
 * Our migrations that the database does not note yet.
 * @throws UnfitError when it notes others than ours: dates alone would let one pass that was edited later.
 */
export async function pendingMigrations(client: pg.Client): Promise<MigrationMeta[]> {
  const known = readMigrationFiles({ migrationsFolder })
  const { rows: found } = await client.query<{ noted: boolean }>(
    `select to_regclass('drizzle.__drizzle_migrations') is not null as noted`,
  )
  if (!found[0]?.noted) return known
  const { rows: applied } = await client.query<{ hash: string; created_at: string }>(
    'select hash, created_at from drizzle.__drizzle_migrations order by created_at',
  )
  for (const [index, { hash, created_at }] of applied.entries()) {
    const migration = known[index]
    if (!migration || Number(created_at) !== migration.folderMillis) {
      throw new UnfitError('The database was migrated by another version of Qullqi, newer than this one; run that.')
    }
    if (hash !== migration.hash) {
      throw new UnfitError(
        `Migration ${index} is not the one that this database had: a migration is never changed once it was applied.`,
      )
    }
  }
  return known.slice(applied.length)
}
