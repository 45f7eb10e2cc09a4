import { ConfigError, readEnvironment } from './config.ts'
import { makeLoginOf } from './db/login.ts'
import { migrateDatabase } from './db/migrate.ts'
import { UnfitError } from './db/unfit.ts'

/**
 * `npm run migrate`: brings a PostgreSQL of the operator's to the newest shape as its owner, and makes the user of DATABASE_URL
 * when there is none, so that the service itself needs no address of the owner. The embedded one is migrated by each start.
 */
try {
  const { DATABASE_URL: url, DATABASE_OWNER_URL: ownerUrl = url } = readEnvironment(process.env)
  if (ownerUrl === undefined) throw new ConfigError('DATABASE_OWNER_URL or DATABASE_URL says which database to migrate')
  const made = await migrateDatabase(ownerUrl, { say: line => console.error(`qullqi: ${line}`) })
  if (url !== undefined) await makeLoginOf(ownerUrl, url)
  console.log(
    made === 0 ? 'The database is up to date.' : `The database is up to date; ${made} migrations were applied.`,
  )
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof UnfitError)) throw error
  for (const line of error.message.split('\n')) console.error(`qullqi: ${line}`)
  process.exitCode = error instanceof ConfigError ? 2 : 1
}
