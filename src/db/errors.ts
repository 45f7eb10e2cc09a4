import { Refusal } from '../refusals.ts'

type Fault = { code?: unknown; message?: unknown; constraint?: unknown; cause?: unknown; errors?: unknown }

/** The error and what caused it, outermost first: Drizzle wraps what PostgreSQL said in an error of its own. */
function* layers(error: unknown): Generator<Fault> {
  let layer = error
  for (let depth = 0; depth < 5 && layer !== null && typeof layer === 'object'; depth++) {
    yield layer as Fault
    layer = (layer as Fault).cause
  }
}

/** The SQLSTATE that PostgreSQL gave, wherever the error was wrapped; undefined when it did not come from there. */
export function sqlState(error: unknown): string | undefined {
  for (const { code } of layers(error)) {
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code)) return code
  }
  return undefined
}

/** What PostgreSQL itself said, without the statement and parameters that wrappers add. */
export function databaseMessage(error: unknown): string {
  let message = ''
  for (const layer of layers(error)) if (typeof layer.message === 'string') message = layer.message
  return message
}

const lostStates = /^(08...|57P0[1-5]|53300|25P03)$/

const lostCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
])

/** What node-postgres says, without a code, when a connection is gone or cannot be had. */
const lostWords = [
  'Connection terminated',
  'Client has encountered a connection error',
  'Client was closed and is not queryable',
  'timeout exceeded when trying to connect',
  'Cannot use a pool after calling end',
]

/** Whether the database went away, was never reached, or is starting or stopping: asking again may succeed. */
export function isConnectionLoss(error: unknown): boolean {
  for (const layer of layers(error)) {
    const { code, message } = layer
    if (typeof code === 'string' && (lostStates.test(code) || lostCodes.has(code))) return true
    if (typeof message === 'string' && lostWords.some(words => message.startsWith(words))) return true
    if (Array.isArray(layer.errors) && layer.errors.some(isConnectionLoss)) return true
  }
  return false
}

/** Whether PostgreSQL gave up this transaction in favour of another, so that running it again is right. */
export function isSerializationLoss(error: unknown): boolean {
  const state = sqlState(error)
  return state === '40001' || state === '40P01'
}

/** Whether PostgreSQL had no room for it, on its disk, in memory or by a limit of its own: somebody has to make some. */
function lacksRoom(error: unknown): boolean {
  return /^53[0124]00$/.test(sqlState(error) ?? '')
}

/**
 * Turns the loss of the database, or of its room, into the refusal `database-unavailable`; any other error is returned as it came.
 * The outcome of a commit under way is then unknown: the client asks again with the same id and learns it.
 */
export function translateDatabaseError(error: unknown): unknown {
  if (error instanceof Refusal) return error
  if (isConnectionLoss(error)) {
    return new Refusal('database-unavailable', 'The database did not answer; send the same request again.', {
      cause: error,
    })
  }
  if (sqlState(error) === '57014') {
    return new Refusal('database-unavailable', 'The database took too long; send the same request again.', {
      cause: error,
    })
  }
  if (lacksRoom(error)) {
    return new Refusal('database-unavailable', 'The database has no room left; send the same request again later.', {
      cause: error,
    })
  }
  return error
}
