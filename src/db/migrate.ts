import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'
import { databaseMessage, isConnectionLoss, sqlState } from './errors.ts'

export const migrationsFolder = join(import.meta.dirname, '..', '..', 'migrations')

/** Two services that start at once migrate one after the other. */
const migrating = 7_881_200_019

const rightsNeeded =
  'The user of DATABASE_URL must own the database, and have CREATEROLE or be made a member of the role qullqi_service.'

/** The database cannot be migrated; the message is for the person who starts the service. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

/**
 * Brings the database at `url` to the newest shape, as the role that owns everything. Waits up to `patience` milliseconds for
 * the database to accept connections. Every pending migration is applied, or none.
 * @throws MigrationError when the database does not answer, is too old, has another history, or refuses a migration.
 */
export async function migrateDatabase(url: string, patience = 30_000): Promise<void> {
  const client = await connectPatiently(url, patience)
  try {
    await requireVersion(client)
    await client.query('select pg_advisory_lock($1)', [migrating])
    await requireSameHistory(client)
    await migrate(drizzle(client), { migrationsFolder })
  } catch (error) {
    if (error instanceof MigrationError) throw error
    const right = sqlState(error) === '42501' ? ` ${rightsNeeded}` : ''
    throw new MigrationError(`The database could not be migrated: ${databaseMessage(error)}.${right}`, { cause: error })
  } finally {
    await client.end().catch(() => {})
  }
}

async function connectPatiently(url: string, patience: number): Promise<pg.Client> {
  for (const begun = performance.now(); ; await pause(250)) {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'qullqi migrations',
      connectionTimeoutMillis: 5_000,
    })
    client.on('error', () => {})
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.end().catch(() => {})
      if (isConnectionLoss(error) && performance.now() - begun < patience) continue
      throw new MigrationError(`The database cannot be opened: ${databaseMessage(error) || codeOf(error)}`, {
        cause: error,
      })
    }
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'no reason was given'
}

async function requireVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ server_version_num: string; server_version: string }>(
    `select current_setting('server_version_num') as server_version_num, current_setting('server_version') as server_version`,
  )
  if (Number(rows[0]?.server_version_num) < 150_000) {
    throw new MigrationError(`The database is PostgreSQL ${rows[0]?.server_version}; 15 or newer is needed.`)
  }
}

/** Drizzle looks at dates only: without this, a migration edited later, or made by a newer version, would pass unnoticed. */
async function requireSameHistory(client: pg.Client): Promise<void> {
  const { rows: found } = await client.query<{ noted: boolean }>(
    `select to_regclass('drizzle.__drizzle_migrations') is not null as noted`,
  )
  if (!found[0]?.noted) return
  const { rows: applied } = await client.query<{ hash: string; created_at: string }>(
    'select hash, created_at from drizzle.__drizzle_migrations order by created_at',
  )
  const known = readMigrationFiles({ migrationsFolder })
  for (const [index, { hash, created_at }] of applied.entries()) {
    const migration = known[index]
    if (!migration || Number(created_at) !== migration.folderMillis) {
      throw new MigrationError('The database was migrated by another version of Qullqi, newer than this one; run that.')
    }
    if (hash !== migration.hash) {
      throw new MigrationError(
        `Migration ${index} is not the one that this database had: a migration is never changed once it was applied.`,
      )
    }
  }
}
