import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import pg from 'pg'
import { actingRole, type Db, openDatabase } from './client.ts'
import { databaseMessage, sqlState } from './errors.ts'
import { connectPatiently, migrateDatabase, pendingMigrations, type Waiting } from './migrate.ts'
import { UnfitError } from './unfit.ts'

/** As whom we enter a database. */
export type Login = {
  url: string
  user: string
  /** The role that each session takes when it connects; undefined when the user may do the service's work by itself. */
  role: string | undefined
  /** What the user could do beyond the service's work, for which it has to take the role; undefined when nothing. */
  power: string | undefined
}

/** Two that start at once make a user once. */
const makingLogin = 7_881_200_020

/**
 * Makes the database ready to be served from, and finds out as whom. With `ownerUrl`, the owner's connection migrates and
 * makes the user of `url` when there is none, and is closed. Without, the user of `url` migrates if it is the owner.
 * @throws UnfitError when it cannot be served from
 */
export async function prepareDatabase(
  urls: { url: string; ownerUrl?: string | undefined },
  waiting: Waiting = {},
): Promise<Login> {
  const { url, ownerUrl } = urls
  if (ownerUrl !== undefined) {
    await migrateDatabase(ownerUrl, waiting)
    await makeLoginOf(ownerUrl, url)
  }
  const client = await connectPatiently(url, 'qullqi start', waiting)
  return await within(client, async () => {
    const { mayMigrate } = await standingOf(client)
    if (ownerUrl === undefined && mayMigrate) await migrateDatabase(url)
    const login = await loginOf(client, url)
    const pending = (await pendingMigrations(client)).length
    if (pending === 0) return login
    throw new UnfitError(
      `The database lacks ${pending} migrations, and ${login.user} may not make them; ` +
        'run `npm run migrate` with the owner’s DATABASE_OWNER_URL.',
    )
  })
}

/** Finds out as whom we enter a database that is there already. */
export async function findLogin(url: string): Promise<Login> {
  const client = await connectPatiently(url, 'qullqi start', { patience: 0 })
  return await within(client, () => loginOf(client, url))
}

/** Runs `work` and closes the connection. */
async function within<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } finally {
    await client.end().catch(() => {})
  }
}

async function loginOf(client: pg.Client, url: string): Promise<Login> {
  const { user, isMember, acts, power } = await standingOf(client)
  if (isMember === null) throw new UnfitError('The database holds no ledger; start the service once.')
  if (!isMember) {
    throw new UnfitError(
      `The user ${user} of the database is no member of the role ${actingRole}; its owner says: ` +
        `grant ${actingRole} to ${pg.escapeIdentifier(user)}`,
    )
  }
  return { url, user, role: acts && power === null ? undefined : actingRole, power: power ?? undefined }
}

type Standing = {
  user: string
  /** Whether it owns the notes of migrations, or nobody has made them yet. */
  mayMigrate: boolean
  /** Whether it is a member of the acting role, and whether it has its rights without taking it; null without that role. */
  isMember: boolean | null
  acts: boolean | null
  power: string | null
}

/**
 * What the user may do, in any role that it could take: `set role` and `reset role` are open to whoever gets a statement of
 * his own into a connection, so the role that a session has taken says nothing here.
 */
async function standingOf(client: pg.Client): Promise<Standing> {
  const { rows } = await client.query<Standing>(
    `with mine as (
       select oid, rolname, rolsuper, rolcreaterole from pg_roles where pg_has_role(session_user, oid, 'member')
     ), tables as (
       select c.oid, c.relowner, n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('public', 'drizzle') and c.relkind = 'r'
     )
     select session_user as "user",
       coalesce((select pg_has_role(session_user, relowner, 'usage') from tables
                 where nspname = 'drizzle' and relname = '__drizzle_migrations'), true) as "mayMigrate",
       (select pg_has_role(session_user, oid, 'member') from pg_roles where rolname = $1) as "isMember",
       (select pg_has_role(session_user, oid, 'usage') from pg_roles where rolname = $1) as acts,
       case
         when exists (select from mine where rolsuper) then 'is a superuser'
         when exists (select from mine join tables on relowner = mine.oid) then 'owns the tables'
         when exists (select from mine join pg_database on datdba = mine.oid where datname = current_database())
           then 'owns the database'
         when exists (select from mine where rolcreaterole) then 'may make roles'
         when exists (select from mine where rolname in ('pg_execute_server_program', 'pg_write_server_files'))
           then 'may write to the server''s files'
         when exists (select from mine join tables on has_table_privilege(mine.oid, tables.oid, 'insert, update, delete, truncate, trigger')
                      where nspname = 'public' and relname in ('transaction', 'entry', 'event')) then 'may write to the ledger past its functions'
       end as power`,
    [actingRole],
  )
  return rows[0]!
}

/** Makes the user that `url` names, as the owner, when there is none. Whoever has none in the address is left to PostgreSQL. */
export async function makeLoginOf(ownerUrl: string, url: string): Promise<void> {
  const { username, password } = new URL(url)
  if (username === '' || username === new URL(ownerUrl).username) return
  const name = decodeURIComponent(username)
  const owner = await connectPatiently(ownerUrl, 'qullqi migrations', {})
  await within(owner, async () => {
    try {
      await makeLogin(owner, { name, password: decodeURIComponent(password) })
    } catch (error) {
      throw new UnfitError(
        `The user ${name} of DATABASE_URL is not there and could not be made: ${databaseMessage(error)}. Have it made by: ` +
          `create role ${pg.escapeIdentifier(name)} login password '…' in role ${actingRole}`,
        { cause: error },
      )
    }
  })
}

/**
 * Makes a user that can do the service's work and nothing else, unless there is one of that name; `renew` gives an existing
 * one this password again, for a user may change its own.
 */
export async function makeLogin(
  owner: pg.ClientBase,
  user: { name: string; password: string; renew?: boolean },
): Promise<void> {
  const name = pg.escapeIdentifier(user.name)
  await owner.query('begin')
  try {
    await owner.query('select pg_advisory_xact_lock($1)', [makingLogin])
    const { rows } = await owner.query<{ name: string }>(
      'select rolname as name from pg_roles where rolname = any($1)',
      [[user.name, actingRole]],
    )
    const there = new Set(rows.map(row => row.name))
    if (!there.has(actingRole)) await owner.query(`create role ${actingRole} nologin`)
    if (!there.has(user.name)) {
      await owner.query(`create role ${name} login`)
      await owner.query(`grant ${actingRole} to ${name}`)
      // For poolers, which do not pass on what a connection asks for when it begins.
      await owner.query(`alter role ${name} set timezone = 'UTC'`)
      await owner.query(`alter role ${name} set statement_timeout = '60s'`)
      await owner.query(`alter role ${name} set idle_in_transaction_session_timeout = '60s'`)
    }
    if (user.password !== '' && (user.renew || !there.has(user.name))) {
      await owner.query(`alter role ${name} password '${verifierOf(user.password)}'`)
    }
    await owner.query('commit')
  } catch (error) {
    await owner.query('rollback').catch(() => {})
    throw error
  }
}

/** What PostgreSQL would keep of the password (RFC 5803), so that the password itself comes in no statement, and so in no log. */
function verifierOf(password: string): string {
  const [salt, iterations] = [randomBytes(16), 4096]
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, 32, 'sha256')
  const keyed = (text: string) => createHmac('sha256', salted).update(text).digest()
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${keyed('Server Key').toString('base64')}`
}

/**
 * Opens the pool of a login, and makes sure that its sessions are what we asked for: a pooler may pass on no role, zone or
 * time limit. `say` is told of what is not as it should be but can be lived with.
 * @throws UnfitError when sessions would act as somebody else, tell times in another zone, or lose prepared statements
 */
export async function openLogin(
  login: Login,
  options: Omit<Parameters<typeof openDatabase>[0], 'url' | 'role'> & { say?: (line: string) => void },
): Promise<Db> {
  const { say = () => {}, ...more } = options
  const role = login.role === undefined ? {} : { role: login.role }
  const db = openDatabase({ ...more, url: login.url, ...role })
  try {
    await requireSession(db, login, options.statementTimeout, say)
    if (db.$prepares) await requireNames({ url: login.url, ...role })
    return db
  } catch (error) {
    await db.$client.end()
    throw error
  }
}

async function requireSession(db: Db, login: Login, timeout: number | undefined, say: (line: string) => void) {
  const { rows } = await db.$client
    .query<{ user: string; zone: string; timeout: number }>(
      `select current_user as "user", current_setting('timezone') as zone,
         (select setting::int from pg_settings where name = 'statement_timeout') as timeout`,
    )
    .catch(error => {
      const refused = sqlState(error) === '08P01' && databaseMessage(error).includes('options')
      const hint = refused ? '. Set DATABASE_PREPARE=no for a pooler, and give the service a user of its own.' : ''
      throw new UnfitError(`The database cannot be opened: ${databaseMessage(error)}${hint}`, { cause: error })
    })
  const session = rows[0]!
  if (login.role !== undefined && session.user !== login.role) {
    throw new UnfitError(
      `The sessions act as ${session.user} and not as ${login.role}: a pooler does not pass the role on. ` +
        'Give the service a user of its own in DATABASE_URL, and the owner’s as DATABASE_OWNER_URL.',
    )
  }
  if (session.zone !== 'UTC') {
    throw new UnfitError(
      `The sessions are in the time zone ${session.zone}, not UTC; the owner says: ` +
        `alter role ${pg.escapeIdentifier(login.user)} set timezone = 'UTC'`,
    )
  }
  if (timeout !== undefined && session.timeout !== timeout) {
    say(`statements may take ${session.timeout} ms and not ${timeout}, for a pooler does not pass that on`)
  }
}

/**
 * A pooler that lends connections by transaction loses the names of prepared statements: while another of ours holds the
 * connection that we were lent, we are lent one that does not know the name.
 */
async function requireNames(login: { url: string; role?: string }): Promise<void> {
  const db = openDatabase({ ...login, max: 2, applicationName: 'qullqi start' })
  try {
    const [ours, other] = [await db.$client.connect(), await db.$client.connect()]
    const named = { name: 'backend', text: 'select pg_backend_pid() as pid' }
    const ask = async () => (await ours.query<{ pid: number }>(named)).rows[0]!.pid
    try {
      // Behind a pooler it is not the process that answered when we connected.
      if ((await ask()) === (ours as unknown as { processID: number }).processID) return
      await other.query('begin')
      await other.query(named)
      await ask()
    } finally {
      for (const client of [ours, other]) client.release(true)
    }
  } catch (error) {
    if (!['26000', '42P05'].includes(sqlState(error) ?? '')) throw error
    throw new UnfitError('A pooler lends connections by transaction; set DATABASE_PREPARE=no.', { cause: error })
  } finally {
    await db.$client.end()
  }
}
