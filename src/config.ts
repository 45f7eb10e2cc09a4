import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { z } from 'zod'

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** A whole number written with digits only: `parseInt` would take `3000abc`, and `Number` would take `0x10`. */
function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,10}$/, 'must be a whole number')
    .transform(Number)
    .refine(number => number >= least && number <= most, `must be from ${least} to ${most}`)
}

function isPostgresUrl(text: string): boolean {
  return URL.canParse(text) && ['postgres:', 'postgresql:'].includes(new URL(text).protocol)
}

/** Digits and dots, or colons, are meant as an address; a name has letters. */
function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^(?=.*[a-z])[0-9a-z]([0-9a-z.-]{0,251}[0-9a-z])?$/i.test(text)
}

const environment = z.object({
  /** Address to listen on. The default is reachable from this machine only. */
  HOST: z.string().refine(isHost, 'must be an IP address or the name of this machine').default('127.0.0.1'),
  /** Port to listen on; 0 takes a free one. */
  PORT: wholeNumber(0, 65_535).default(3000),
  /** Folder of the embedded PostgreSQL and of the keys made at the first start. */
  DATA_DIR: z.string().default('./data'),
  /** A PostgreSQL of yours (15 or newer). Without it the embedded one is used. */
  DATABASE_URL: z.string().refine(isPostgresUrl, 'must look like postgres://user:password@host:5432/name').optional(),
  /** The same database for its owner, who migrates it and makes the user of DATABASE_URL. Needed only where that is to be done. */
  DATABASE_OWNER_URL: z
    .string()
    .refine(isPostgresUrl, 'must look like postgres://owner:password@host:5432/name')
    .optional(),
  /** Connections the service keeps to PostgreSQL at most. */
  DATABASE_POOL_SIZE: wholeNumber(2, 500).default(10),
  /** Milliseconds after which PostgreSQL ends a statement of the service; 0 never does. */
  DATABASE_STATEMENT_TIMEOUT: wholeNumber(0, 3_600_000).default(60_000),
  /** The same for statements that read much: exports, verification, statistics. */
  DATABASE_LONG_TIMEOUT: wholeNumber(0, 86_400_000).default(1_800_000),
  /** `no` where a pooler lends connections by transaction: statements are then not prepared by name. */
  DATABASE_PREPARE: z.enum(['yes', 'no'], 'must be yes or no').default('yes'),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
  /** 32 bytes as 64 hexadecimal digits: with it identity numbers are looked up without being kept in clear. */
  IDENTITY_KEY: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be 64 hexadecimal digits (32 bytes)')
    .optional(),
  /** 32 bytes as 64 hexadecimal digits: the private key (Ed25519) by which releases are signed. */
  SIGNING_KEY: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'must be 64 hexadecimal digits (32 bytes)')
    .optional(),
  /** The commit that this code is of, as releases tell it beside the version. */
  CODE_COMMIT: z
    .string()
    .regex(/^[0-9a-f]{7,64}$/, 'must be 7 to 64 hexadecimal digits in lower case')
    .optional(),
  /** Folder of ISO 20022's schemas, `camt.053.001.08.xsd` and the like, by which statements are judged. They come with nobody. */
  SCHEMA_DIR: z.string().optional(),
  /** A file that says by which tokens (JWT) of which issuer somebody comes in beside keys, and as whom. */
  TOKENS_FILE: z.string().optional(),
  /** Bytes of a request body at most. */
  BODY_LIMIT: wholeNumber(1024, 268_435_456).default(8_388_608),
  /** Requests a minute that one client may make; 0 sets no limit. */
  CLIENT_LIMIT: wholeNumber(0, 100_000_000).default(60_000),
  /** Keys and tokens that nobody has, a minute from one address, after which what comes from there waits; 0 sets no limit. */
  FAILURE_LIMIT: wholeNumber(0, 100_000_000).default(60),
  /** Milliseconds by which the event loop may be late before reads are refused; three times that, and postings are. 0: never. */
  PRESSURE_DELAY: wholeNumber(0, 600_000).default(1_000),
  /** Requests that may wait for a connection to the database, likewise. */
  PRESSURE_QUEUE: wholeNumber(0, 1_000_000).default(500),
  /** Milliseconds in which a request has to arrive whole, its body included. */
  REQUEST_TIMEOUT: wholeNumber(100, 3_600_000).default(60_000),
  /** Milliseconds that requests under way get to finish when the service stops. */
  STOP_TIMEOUT: wholeNumber(100, 600_000).default(20_000),
  /** Statistics hide counts from 1 up to this, itself not, in answers to those who work with the programme. */
  SUPPRESSION_K: wholeNumber(3, 1000).default(5),
  /** The same in what is asked for the public. */
  SUPPRESSION_K_PUBLIC: wholeNumber(3, 1000).default(10),
  /** Addresses and ranges that webhooks may be posted to though they are private, separated by commas; there also in clear. */
  WEBHOOK_PRIVATE_ADDRESSES: z
    .string()
    .transform(text => text.split(',').map(part => part.trim()))
    .refine(parts => parts.every(isAddressOrRange), 'must be IP addresses or ranges separated by commas')
    .default([]),
  /** Addresses of proxies whose X-Forwarded-For is believed, separated by commas. A count or `true` could be spoofed. */
  TRUST_PROXY: z
    .string()
    .transform(text => text.split(',').map(part => part.trim()))
    .refine(parts => parts.every(isAddressOrRange), 'must be IP addresses or ranges separated by commas')
    .default([]),
})

function isAddressOrRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

export type Config = {
  host: string
  port: number
  dataDir: string
  databaseUrl: string | undefined
  databaseOwnerUrl: string | undefined
  databasePoolSize: number
  databaseStatementTimeout: number
  databaseLongTimeout: number
  databasePrepare: boolean
  logLevel: (typeof logLevels)[number]
  identityKey: Buffer
  signingKey: Buffer
  codeCommit: string | null
  schemaDir: string | null
  tokensFile: string | null
  bodyLimit: number
  clientLimit: number
  failureLimit: number
  pressureDelay: number
  pressureQueue: number
  requestTimeout: number
  stopTimeout: number
  suppressionK: { internal: number; public: number }
  webhookPrivateAddresses: string[]
  trustProxy: string[]
}

/** The environment holds a wrong variable; the message names each and never repeats a value, which may be a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** What the variables say; an empty one counts as absent. Nothing is made. */
export function readEnvironment(env: Record<string, string | undefined>): z.output<typeof environment> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = environment.safeParse(given)
  if (parsed.success) return parsed.data
  throw new ConfigError(parsed.error.issues.map(issue => `${issue.path.join('.')} ${issue.message}`).join('\n'))
}

/**
 * Reads the configuration out of environment variables.
 * Without IDENTITY_KEY a key is made once and kept in DATA_DIR/identity.key, readable by its owner only; likewise without
 * SIGNING_KEY, in DATA_DIR/signing.key.
 * @throws ConfigError naming every wrong variable.
 */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const values = readEnvironment(env)
  if (values.DATABASE_OWNER_URL !== undefined && values.DATABASE_URL === undefined) {
    throw new ConfigError('DATABASE_OWNER_URL must have DATABASE_URL beside it, for the user that the service is')
  }
  const dataDir = resolve(values.DATA_DIR)
  return {
    host: values.HOST,
    port: values.PORT,
    dataDir,
    databaseUrl: values.DATABASE_URL,
    databaseOwnerUrl: values.DATABASE_OWNER_URL,
    databasePoolSize: values.DATABASE_POOL_SIZE,
    databaseStatementTimeout: values.DATABASE_STATEMENT_TIMEOUT,
    databaseLongTimeout: values.DATABASE_LONG_TIMEOUT,
    databasePrepare: values.DATABASE_PREPARE === 'yes',
    logLevel: values.LOG_LEVEL,
    identityKey: values.IDENTITY_KEY ? Buffer.from(values.IDENTITY_KEY, 'hex') : keptKey(dataDir, 'identity.key'),
    signingKey: values.SIGNING_KEY ? Buffer.from(values.SIGNING_KEY, 'hex') : keptKey(dataDir, 'signing.key'),
    codeCommit: values.CODE_COMMIT ?? commitOfClone(),
    schemaDir: values.SCHEMA_DIR === undefined ? null : resolve(values.SCHEMA_DIR),
    tokensFile: values.TOKENS_FILE === undefined ? null : resolve(values.TOKENS_FILE),
    bodyLimit: values.BODY_LIMIT,
    clientLimit: values.CLIENT_LIMIT,
    failureLimit: values.FAILURE_LIMIT,
    pressureDelay: values.PRESSURE_DELAY,
    pressureQueue: values.PRESSURE_QUEUE,
    requestTimeout: values.REQUEST_TIMEOUT,
    stopTimeout: values.STOP_TIMEOUT,
    suppressionK: { internal: values.SUPPRESSION_K, public: values.SUPPRESSION_K_PUBLIC },
    webhookPrivateAddresses: values.WEBHOOK_PRIVATE_ADDRESSES,
    trustProxy: values.TRUST_PROXY,
  }
}

/** The commit of the clone that this code lies in, with a mark when something in it was changed; null where it is none. */
function commitOfClone(): string | null {
  const root = resolve(import.meta.dirname, '..')
  if (!existsSync(join(root, '.git'))) return null
  try {
    const asked = ['-C', root, 'describe', '--always', '--dirty', '--abbrev=40', '--exclude=*']
    return execFileSync('git', asked, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    // No git, or a clone of somebody else's.
    return null
  }
}

/**
 * The key kept in `dataDir`, made at the first call. It is linked into place whole, so that of two services starting
 * at once both use the key of the first.
 */
function keptKey(dataDir: string, name: 'identity.key' | 'signing.key'): Buffer {
  const path = join(dataDir, name)
  makeFolder(dataDir)
  const candidate = join(dataDir, `${name}.${process.pid}`)
  try {
    writeFileSync(candidate, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flush: true })
    linkSync(candidate, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(dataDir, error)
  } finally {
    rmSync(candidate, { force: true })
  }
  const text = readFileSync(path, 'utf8').trim()
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new ConfigError(`${path} must hold 64 hexadecimal digits; restore it from a backup`)
  return Buffer.from(text, 'hex')
}

/**
 * Makes the data folder. Others may pass through it but not list it, for the server may run as another user than we;
 * every secret in it is a file readable by its owner only.
 */
export function makeFolder(dataDir: string): void {
  try {
    if (mkdirSync(dataDir, { recursive: true })) chmodSync(dataDir, 0o711)
  } catch (error) {
    throw unwritable(dataDir, error)
  }
}

function unwritable(dataDir: string, cause: unknown): ConfigError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown fault'
  return new ConfigError(`DATA_DIR ${dataDir} cannot be written (${code})`, { cause })
}
