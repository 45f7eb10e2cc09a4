import pg from 'pg'
import { afterAll, expect, inject, test } from 'vitest'
import { actingRole, openDatabase } from '../../src/db/client.ts'
import { migrateDatabase } from '../../src/db/migrate.ts'
import { testDatabase } from '../support/database.ts'
import { dumpSchema } from '../support/schema-dump.ts'
import { databaseUrl } from '../support/server.ts'

const { owner, ownerUrl, close } = await testDatabase()
afterAll(close)

async function administer(statement: string): Promise<void> {
  const admin = new pg.Client({ connectionString: inject('serverUrl') })
  await admin.connect()
  await admin.query(statement)
  await admin.end()
}

test('migrating again changes nothing', async () => {
  const before = await dumpSchema(owner.$client)
  await migrateDatabase(ownerUrl)
  expect(await dumpSchema(owner.$client)).toBe(before)
})

test('two services that start at once on an empty database migrate it once', async () => {
  const name = `${inject('prefix')}empty`
  await administer(`create database ${name} template template0`)
  const url = databaseUrl(inject('serverUrl'), name)
  await Promise.all([migrateDatabase(url), migrateDatabase(url), migrateDatabase(url)])
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  expect(await dumpSchema(client)).toBe(await dumpSchema(owner.$client))
  await client.end()
})

test('what the service role may do is granted, and it may log in by itself nowhere', async () => {
  const dump = await dumpSchema(owner.$client)
  expect(dump).toContain('create role qullqi_service nologin;')
  expect(dump).not.toMatch(/grant .*(delete|truncate|trigger|references).* to (qullqi_service|public);/)
})

test('a migration that was changed after it was applied stops the start', async () => {
  const { url, undo } = await planted(
    'set hash = md5(hash) where id = (select min(id) from drizzle.__drizzle_migrations)',
  )
  await expect(migrateDatabase(url)).rejects.toThrow('Migration 0 is not the one that this database had')
  await undo()
})

test('a database that a newer version migrated stops the start', async () => {
  const { url, undo } = await planted(
    'set created_at = created_at + 1 where id = (select max(id) from drizzle.__drizzle_migrations)',
  )
  await expect(migrateDatabase(url)).rejects.toThrow('newer than this one')
  await undo()
})

test('an owner who is no superuser is told which right she lacks, and with it the service runs', async () => {
  const name = `${inject('prefix')}plain`
  await administer(`create role ${name} login password 'plain'`)
  await administer(`create database ${name} owner ${name} template template0`)
  const url = new URL(databaseUrl(inject('serverUrl'), name))
  Object.assign(url, { username: name, password: 'plain' })
  await expect(migrateDatabase(url.href)).rejects.toThrow('be made a member of the role qullqi_service')

  await administer(`grant qullqi_service to ${name}`)
  await migrateDatabase(url.href)
  const db = openDatabase({ url: url.href, role: actingRole })
  const { rows } = await db.$client.query('select current_user as acting')
  expect(rows).toEqual([{ acting: 'qullqi_service' }])
  await db.$client.end()
  await administer(`drop database ${name} with (force)`)
  await administer(`drop role ${name}`)
})

test('a database that does not answer is waited for, and then named', async () => {
  const begun = performance.now()
  const said: string[] = []
  const waiting = { patience: 600, say: (line: string) => said.push(line) }
  await expect(migrateDatabase('postgres://qullqi@127.0.0.1:1/qullqi', waiting)).rejects.toThrow('cannot be opened')
  expect(said).toEqual([expect.stringMatching(/^waiting up to 1 s for the database: .*ECONNREFUSED/)])
  expect(performance.now() - begun).toBeGreaterThan(600)
})

test.runIf(!process.env.TEST_DATABASE_URL)('an address without its password is told so in plain words', async () => {
  const url = Object.assign(new URL(ownerUrl), { password: '' }).href
  await expect(migrateDatabase(url)).rejects.toThrow('it wants a password, and the address has none')
})

/** A database whose noted history differs from ours. */
async function planted(change: string): Promise<{ url: string; undo(): Promise<void> }> {
  const other = await testDatabase()
  await other.owner.$client.query(`update drizzle.__drizzle_migrations ${change}`)
  return { url: other.ownerUrl, undo: other.close }
}
