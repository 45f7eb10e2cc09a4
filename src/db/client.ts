import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { isSerializationLoss, translateDatabaseError } from './errors.ts'
import { presentAsker, presentTelling } from './scope.ts'
import { ToldPool } from './told-pool.ts'

export type Db = NodePgDatabase & { $client: pg.Pool; $prepares: boolean; $opening: Opening }

/** What a database is opened by; plain values, so that another thread can open it too. */
export type Opening = {
  url: string
  max?: number
  applicationName?: string
  role?: string
  statementTimeout?: number
  /** Milliseconds for each statement of a snapshot, which may take its time; 0, as without, never ends one. */
  longTimeout?: number
  prepares?: boolean
  /** Of the owner, who is held to no book, and need not be told of any. */
  isOwner?: boolean
}

/** What `db.transaction` hands to its callback. */
export type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]

/** The role that requests run as: it owns nothing, and the migrations grant it what it may do. */
export const actingRole = 'qullqi_service'

const dateType: number = pg.types.builtins.DATE

/** As node-postgres reads values (int8 and numeric as text, timestamptz as Date), except that a date stays a text. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((type: number, format?: 'text' | 'binary') =>
    type === dateType && format !== 'binary'
      ? (text: string) => text
      : pg.types.getTypeParser(type, format)) as typeof pg.types.getTypeParser,
}

/**
 * Opens a pool of connections; none is made before the first query, and lost ones are replaced.
 * `role` makes every session act as that role from its first statement. `statementTimeout` is in milliseconds. Both are
 * asked for when a connection begins, with the time zone; where `prepares` is off because of a pooler, only a role is.
 * With `db.execute(sql…)` Drizzle leaves timestamptz as text too; `db.$client.query` gives a Date.
 */
export function openDatabase(options: Opening & { onLost?: (error: Error) => void }): Db {
  const { onLost, ...opening } = options
  const limits = [
    ...(options.statementTimeout === undefined ? [] : [`-c statement_timeout=${options.statementTimeout}`]),
    '-c idle_in_transaction_session_timeout=60000',
    '-c timezone=UTC',
  ]
  const settings = [
    // Options in the URL would replace ours, and with them the role.
    ...(new URL(options.url).searchParams.get('options')?.split(/ (?=-)/) ?? []),
    ...(options.role === undefined ? [] : [`-c role=${options.role}`]),
    ...(options.prepares === false ? [] : limits),
  ]
  const poolConfig: pg.PoolConfig = {
    connectionString: withoutOptions(options.url),
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'qullqi',
    ...(settings.length === 0 ? {} : { options: settings.join(' ') }),
    types,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
  }
  const pool = options.isOwner
    ? new pg.Pool(poolConfig)
    : new ToldPool(poolConfig, { prepares: options.prepares ?? true })
  // A connection may end while idle in the pool or while lent out between two queries. Each emits an error that would
  // end the process if nobody listened; the query that needed the connection fails by itself.
  const lost = (error: Error) => onLost?.(error)
  pool.on('error', lost)
  pool.on('connect', client => {
    client.on('error', lost)
    giveUpWhenSilent(client)
    allowSilence(client, options.statementTimeout)
  })
  return Object.assign(drizzle(pool), { $prepares: options.prepares ?? true, $opening: opening }) as Db
}

/** Milliseconds that an answer may take beyond the limit of its statement: PostgreSQL would have ended it by then, and said so. */
const grace = 5_000

/** What node-postgres has within, and tells in no other way. */
type Wired = { connection: { stream: Socket }; readyForQuery: boolean }

/**
 * PostgreSQL ends a statement that takes too long. When nothing at all is heard, for something between us swallows it, the connection is
 * given up, and what waits on it is refused as `database-unavailable`. An idle one is nobody's concern.
 */
function giveUpWhenSilent(client: pg.ClientBase): void {
  const wired = client as unknown as Wired
  const { stream } = wired.connection
  stream.on('timeout', () => {
    if (wired.readyForQuery) return
    stream.destroy(Object.assign(new Error('the database said nothing for too long'), { code: 'ETIMEDOUT' }))
  })
}

/** Lets a connection be silent for as long as a statement on it may take, in milliseconds; 0 or none is for ever. */
export function allowSilence(client: pg.ClientBase, limit = 0): void {
  const { stream } = (client as unknown as Wired).connection
  stream.setTimeout(limit === 0 ? 0 : limit + grace)
}

function withoutOptions(url: string): string {
  const plain = new URL(url)
  plain.searchParams.delete('options')
  return plain.href
}

/**
 * Runs a statement that is asked often: parsed and planned once a connection under its name, unless the database is
 * opened not to prepare (a pooler that lends connections by transaction would lose the names).
 */
export async function ask<Row extends pg.QueryResultRow>(
  db: Db,
  statement: { name: string; text: string },
  values: unknown[],
): Promise<Row[]> {
  const { name, text } = statement
  const { rows } = await db.$client.query<Row>(db.$prepares ? { name, text, values } : { text, values })
  return rows
}

const attempts = 6

/**
 * Runs `work` in one database transaction, and again, up to six times, when PostgreSQL gave it up in favour of another
 * (40001, 40P01). So `work` must do nothing outside the transaction that may not happen twice.
 * @throws Refusal `database-unavailable` when the database went away; whether it had committed is then unknown.
 */
export async function transact<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(db, work)
    } catch (error) {
      if (!isSerializationLoss(error) || attempt === attempts) throw translateDatabaseError(error)
      await pause(Math.random() * 2 ** attempt)
    }
  }
}

/** What is told as it is, within a statement: nothing else fits it. */
const plainId = /^[0-9A-Za-z-]{1,64}$/

/**
 * The statement that begins a database transaction: it also tells the book that it is about, and who asks to the triggers of the audit
 * log, so that this costs no way to the database of its own. What writes without a database transaction is told of by its row.
 */
export function beginning(characteristics: string): string {
  const { actor, requestId } = presentAsker() ?? {}
  const told = { ...presentTelling(), ...(actor && { 'app.actor': actor, 'app.request_id': requestId! }) }
  const settings = Object.entries(told).filter(([, value]) => value !== '')
  for (const [, value] of settings) assert(plainId.test(value), 'what is told has plain values')
  return [`begin ${characteristics}`, ...settings.map(([name, value]) => `set local ${name} = '${value}'`)].join('; ')
}

/** Drizzle has no other place for what a transaction is to begin with; the driver's level is what follows `begin`. */
function begun(characteristics: string): { isolationLevel: 'read committed' } {
  const level = beginning(characteristics).replace(/^begin isolation level /, '')
  return { isolationLevel: level as 'read committed' }
}

/** Runs `work` in a read-only database transaction, all of whose statements see the database as it was at its first. */
export function readTogether<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction(work, begun('isolation level repeatable read, read only'))
}

/** When the connection is lost, Drizzle's rollback fails too and would hide why; the first error is the one to tell. */
async function runOnce<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  let failure: { error: unknown } | undefined
  try {
    return await db.transaction(async tx => {
      try {
        return await work(tx)
      } catch (error) {
        failure = { error }
        throw error
      }
    }, begun('isolation level read committed'))
  } catch (error) {
    throw failure === undefined ? error : failure.error
  }
}
