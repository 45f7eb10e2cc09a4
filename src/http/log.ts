import { AssertionError } from 'node:assert'
import { type DestinationStream, type LogFn, type Logger, pino } from 'pino'
import { sqlState } from '../db/errors.ts'

/**
 * The log: JSON, one line an event. Nothing of a request but its method, route template and ids is ever written, so no
 * name, document number or amount can be.
 */
export function openLog(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      // Whatever the framework logs by itself goes through these; its own ones would write addresses and headers.
      serializers: { err: describeFault, req: nothing, res: nothing },
      hooks: { logMethod: withoutMessageOfError },
    },
    // Lines are gathered for a moment: a write for each would cost as much as the request's own answer.
    destination ?? pino.destination({ fd: 2, sync: false, minLength: 4096, periodicFlush: 200 }),
  )
}

function nothing(): undefined {
  return undefined
}

/** Pino takes the message of an error that is logged without words of one's own, and with it what the message holds. */
function withoutMessageOfError(this: Logger, args: Parameters<LogFn>, write: LogFn): void {
  if (args.length === 1 && typeof args[0] !== 'string') write.call(this, args[0], 'fault')
  else write.apply(this, args)
}

type FaultDescription = {
  type: string
  code?: string
  message?: string
  constraint?: string
  query?: string
  frames?: string[]
  cause?: FaultDescription
}

/**
 * What may be said of an error. Messages of libraries, of PostgreSQL and of the engine repeat values that came in, so only
 * those are kept that hold none: of our own assertions, and the engine's of what is missing.
 */
export function describeFault(error: unknown, depth = 0): FaultDescription {
  if (!(error instanceof Error)) return { type: typeof error }
  const { code, constraint, query } = error as { code?: unknown; constraint?: unknown; query?: unknown }
  const state = sqlState({ code })
  return {
    type: error.constructor.name,
    ...(typeof code === 'string' && { code }),
    ...(saysNoValue(error) && { message: error.message }),
    ...(state && typeof constraint === 'string' && { constraint }),
    ...(typeof query === 'string' && { query }),
    frames: framesOf(error),
    ...(error.cause !== undefined && depth < 4 && { cause: describeFault(error.cause, depth + 1) }),
  }
}

const missing = /^Cannot (read|set) properties of (undefined|null) \(\w+ '\w{1,40}'\)$| is not a function$/

function saysNoValue(error: Error): boolean {
  if (error instanceof AssertionError) return !error.generatedMessage
  return error instanceof TypeError && missing.test(error.message)
}

/** The lines of a stack that say where; the message before them may run over lines and look like one. */
function framesOf(error: Error): string[] {
  const stack = error.stack ?? ''
  const messageAt = stack.indexOf(error.message)
  const lines = (messageAt < 0 ? '' : stack.slice(messageAt + error.message.length)).split('\n', 13)
  return lines.map(line => line.trim()).filter(line => line.startsWith('at '))
}
