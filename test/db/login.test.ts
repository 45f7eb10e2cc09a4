import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, expect, inject, test } from 'vitest'
import { actingRole } from '../../src/db/client.ts'
import { startEmbedded } from '../../src/db/embedded.ts'
import { findLogin, makeLoginOf, openLogin, prepareDatabase } from '../../src/db/login.ts'
import { within } from '../../src/db/scope.ts'
import { testDatabase } from '../support/database.ts'

const { owner, ownerUrl, close } = await testDatabase()
const made: string[] = []
afterAll(async () => {
  for (const name of made) await owner.$client.query(`drop owned by ${name}`)
  for (const name of made) await owner.$client.query(`drop role ${name}`)
  await close()
})

/** The address of the same database for another user, with a password that an address has to escape. */
function urlFor(name: string, password = 'p@ss/wörd %'): string {
  const url = new URL(ownerUrl)
  url.username = name
  url.password = encodeURIComponent(password)
  return url.href
}

/** A user with these words after `create role`, the owner's doing. */
async function user(suffix: string, words: string): Promise<string> {
  const name = `${inject('prefix')}${suffix}`
  await owner.$client.query(`create role ${name} login password 'plain' ${words}`)
  made.push(name)
  return urlFor(name, 'plain')
}

test('on the embedded server no way out of the role leads to one that may change what was posted', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), `qullqi-test-${process.pid}-`))
  await chmod(dataDir, 0o711)
  const server = await startEmbedded({ dataDir, throwaway: true })
  try {
    const login = await prepareDatabase(server)
    expect(login).toMatchObject({ user: 'qullqi_login', role: undefined, power: undefined })
    const db = await openLogin(login, { max: 1 })
    const ask = (text: string) => within({ reach: 'unasked' }, () => db.$client.query(text))
    for (const way of ['reset role', 'set role none', 'reset session authorization']) {
      await expect(ask(`${way}; delete from entry`)).rejects.toThrow('permission denied for table entry')
      await expect(ask(`${way}; alter table entry disable trigger all`)).rejects.toThrow('must be owner')
    }
    await expect(ask('set role qullqi')).rejects.toThrow('permission denied to set role')
    await expect(ask('set session authorization qullqi')).rejects.toThrow('permission denied')
    await expect(ask(`alter role ${actingRole} superuser`)).rejects.toThrow('permission denied')
    // No session of the owner's is left for anybody to find.
    const { rows } = await ask(`select distinct usename from pg_stat_activity where backend_type = 'client backend'`)
    expect(rows).toEqual([{ usename: 'qullqi_login' }])
    await db.$client.end()
  } finally {
    await server.stop()
  }
})

test('a user who changed its own password gets ours again at the next start', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), `qullqi-test-${process.pid}-`))
  await chmod(dataDir, 0o711)
  const first = await startEmbedded({ dataDir, throwaway: true })
  const client = new pg.Client({ connectionString: first.url })
  await client.connect()
  await client.query(`alter role qullqi_login password 'taken'`)
  await client.end()
  const second = await startEmbedded({ dataDir, throwaway: true })
  const again = new pg.Client({ connectionString: second.url })
  await again.connect()
  await again.end()
  await second.stop()
  await first.stop()
})

test('the owner’s address makes the user that the service’s names, who then needs the owner no more', async () => {
  const name = `${inject('prefix')}login`
  made.push(name)
  const url = urlFor(name)
  const expected = { url, user: name, role: undefined, power: undefined }
  expect(await prepareDatabase({ url, ownerUrl })).toEqual(expected)
  expect(await prepareDatabase({ url, ownerUrl })).toEqual(expected)
  expect(await prepareDatabase({ url })).toEqual(expected)
  const db = await openLogin(await findLogin(url), { max: 1, prepares: false })
  const { rows } = await db.$client.query(
    `select current_user as "user", current_setting('timezone') as zone, current_setting('statement_timeout') as timeout`,
  )
  expect(rows).toEqual([{ user: name, zone: 'UTC', timeout: '1min' }])
  await expect(db.$client.query('delete from entry')).rejects.toThrow('permission denied for table entry')
  await db.$client.end()
})

test('an owner serves in the service’s role, and it is said what she is', async () => {
  const login = await prepareDatabase({ url: ownerUrl })
  expect(login).toMatchObject({ role: actingRole, power: 'is a superuser' })
  const db = await openLogin(login, { max: 1 })
  const { rows } = await db.$client.query('select current_user as "user"')
  expect(rows).toEqual([{ user: actingRole }])
  await db.$client.end()
})

test.each([
  ['roles', 'createrole', 'may make roles'],
  ['files', 'in role pg_write_server_files', "may write to the server's files"],
  ['writer', 'noinherit in role pg_write_all_data', 'may write to the ledger past its functions'],
])('a user who is more than the service is (%s: %s) is found out', async (suffix, words, power) => {
  const url = await user(suffix, words)
  await owner.$client.query(`grant ${actingRole} to ${new URL(url).username}`)
  expect(await findLogin(url)).toMatchObject({ role: actingRole, power })
})

test('a user who owns one table is found out', async () => {
  const url = await user('owning', `in role ${actingRole}`)
  await owner.$client.query('create table owned ()')
  await owner.$client.query(`alter table owned owner to ${new URL(url).username}`)
  expect(await findLogin(url)).toMatchObject({ power: 'owns the tables' })
})

test('a user who only may take the role takes it', async () => {
  expect(await findLogin(await user('taking', `noinherit in role ${actingRole}`))).toMatchObject({
    role: actingRole,
    power: undefined,
  })
})

test('a user who is no member of the role is told what the owner has to say', async () => {
  const url = await user('stranger', '')
  await expect(prepareDatabase({ url })).rejects.toThrow(`grant ${actingRole} to`)
})

test('a user who may not migrate is told who does', async () => {
  const other = await testDatabase()
  await other.owner.$client.query(
    'delete from drizzle.__drizzle_migrations where id = (select max(id) from drizzle.__drizzle_migrations)',
  )
  const { username, password } = new URL(await user('pending', `in role ${actingRole}`))
  const url = Object.assign(new URL(other.ownerUrl), { username, password }).href
  await expect(prepareDatabase({ url })).rejects.toThrow(/lacks 1 migrations, .* run `npm run migrate`/)
  await other.close()
})

test('who has not the right to make a user, or to migrate, is told so', async () => {
  const name = `${inject('prefix')}bare`
  await owner.$client.query(`create database ${name} template template0`)
  const poor = await user('poor', '')
  await expect(makeLoginOf(poor, urlFor(`${inject('prefix')}wanted`))).rejects.toThrow(
    /could not be made: permission denied to create role\. Have it made by: create role .* login password '…' in role/,
  )
  await expect(prepareDatabase({ url: Object.assign(new URL(poor), { pathname: `/${name}` }).href })).rejects.toThrow(
    'could not be migrated',
  )
  await owner.$client.query(`drop database ${name} with (force)`)
})

test('sessions that are not what was asked for are refused: another role, another zone', async () => {
  const url = await user('zoned', `in role ${actingRole}`)
  const login = await findLogin(url)
  await owner.$client.query(`alter role ${login.user} set timezone = 'America/Lima'`)
  await expect(openLogin(login, { prepares: false })).rejects.toThrow(/time zone America\/Lima, not UTC/)
  const said: string[] = []
  await owner.$client.query(`alter role ${login.user} set timezone = 'UTC'`)
  const db = await openLogin(login, { prepares: false, statementTimeout: 1234, say: line => said.push(line) })
  await db.$client.end()
  expect(said).toEqual(['statements may take 0 ms and not 1234, for a pooler does not pass that on'])
})
