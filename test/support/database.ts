import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { actingRole, type Db, openDatabase } from '../../src/db/client.ts'
import { databaseUrl } from './server.ts'

export type TestDatabase = {
  /** As the service opens it: every session acts as the service's role. */
  url: string
  /** As the role that migrated it and owns everything. */
  ownerUrl: string
  /** A pool of the service's role: it may do what the service may. */
  db: Db
  /** A pool of the owner, to plant faults that the service could not. */
  owner: Db
  close(): Promise<void>
}

/** A migrated, empty database of one's own, cloned from the run's template. Close it in `afterAll`. */
export async function testDatabase(options: { max?: number } = {}): Promise<TestDatabase> {
  const server = inject('serverUrl')
  const name = `${inject('prefix')}${randomBytes(6).toString('hex')}`
  await administer(server, `create database ${name} template ${inject('template')}`)
  const ownerUrl = databaseUrl(server, name)
  const url = new URL(ownerUrl)
  url.searchParams.set('options', `-c role=${actingRole}`)
  const db = openDatabase({ url: ownerUrl, role: actingRole, max: options.max ?? 10, applicationName: 'test' })
  const owner = openDatabase({ url: ownerUrl, max: 4, applicationName: 'test owner', isOwner: true })
  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    await Promise.all([db.$client.end(), owner.$client.end()])
    await administer(server, `drop database if exists ${name} with (force)`)
  }
  return { url: url.href, ownerUrl, db, owner, close: () => (closing ??= close()) }
}

async function administer(serverUrl: string, statement: string): Promise<void> {
  const admin = new pg.Client({ connectionString: serverUrl })
  await admin.connect()
  try {
    await admin.query(statement)
  } finally {
    await admin.end()
  }
}
