import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, ConfigError, loadConfig } from './config.ts'
import { BackupError } from './db/backup/manifest.ts'
import type { Db } from './db/client.ts'
import { type Embedded, startEmbedded } from './db/embedded.ts'
import { databaseMessage, sqlState } from './db/errors.ts'
import { findLogin, openLogin } from './db/login.ts'
import { EmbeddedError } from './db/place.ts'
import { UnfitError } from './db/unfit.ts'

/** What a program was asked cannot be done; the message is for the person who asked. */
export class Unable extends Error {}

/** Where other programs are found. */
export const searchPath: string | undefined = process.env.PATH

/** What a program has opened, and so what it has to close. */
export type Opened = { embedded?: Embedded; db?: Db }

export const sayOnError = (line: string): void => console.error(`qullqi: ${line}`)

/** The settings that the service has here. No key is needed, and none is made where there was none. */
export function settings(): Config {
  const { IDENTITY_KEY: identity, SIGNING_KEY: signing } = process.env
  const keys = { IDENTITY_KEY: identity || '0'.repeat(64), SIGNING_KEY: signing || '0'.repeat(64) }
  return loadConfig({ ...process.env, ...keys })
}

/** Opens the database that the service uses, whether it runs or not. Nothing is made, migrated or changed. */
export async function openExisting(opened: Opened, config: Config, applicationName: string): Promise<Db> {
  if (config.databaseUrl === undefined) {
    if (!existsSync(join(config.dataDir, 'postgres'))) throw new Unable(`there is no database in ${config.dataDir}.`)
    opened.embedded = await startEmbedded({ dataDir: config.dataDir, say: sayOnError })
  }
  const login = await findLogin(config.databaseUrl ?? opened.embedded!.url)
  opened.db = await openLogin(login, { max: 2, prepares: config.databasePrepare, applicationName })
  return opened.db
}

/**
 * Runs a program to its end, and leaves nothing running that was not running before, also when it is interrupted. `work` answers the
 * code to end with; what it cannot do ends with 2 and a line that says why.
 */
export async function runProgram(work: (opened: Opened) => Promise<number>): Promise<never> {
  const opened: Opened = {}
  const leave = async (code: number): Promise<never> => {
    await opened.db?.$client.end().catch(() => {})
    await opened.embedded?.stop().catch(() => {})
    process.exit(code)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void leave(130))
  try {
    return await leave(await work(opened))
  } catch (error) {
    sayOnError(reasonOf(error))
    return leave(2)
  }
}

function isExpected(error: unknown): error is Error {
  return [Unable, BackupError, ConfigError, EmbeddedError, UnfitError].some(known => error instanceof known)
}

function reasonOf(error: unknown): string {
  if (isExpected(error)) return error.message
  const state = sqlState(error)
  if (state === '42P01') return 'the database holds no ledger; start the service once.'
  return state === undefined && error instanceof Error ? (error.stack ?? error.message) : databaseMessage(error)
}
