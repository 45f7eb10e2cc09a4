import { databaseMessage, sqlState, translateDatabaseError } from '../db/errors.ts'
import { Refusal, type RefusalCode, refusals } from '../refusals.ts'

/** The SQLSTATE with which the ledger's functions raise a refusal. */
const refusalState = 'QL001'

/**
 * Runs a call of a ledger function and turns what it raised into the refusal it means.
 * @throws Refusal with the code the function named, or `database-unavailable`
 */
export async function asking<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw sqlState(error) === refusalState ? refusalRaised(error) : translateDatabaseError(error)
  }
}

function refusalRaised(error: unknown): Refusal {
  const code = databaseMessage(error) as RefusalCode
  return new Refusal(code, `${refusals[code].title}.`, { facts: JSON.parse(detailOf(error) ?? '{}'), cause: error })
}

function detailOf(error: unknown): string | undefined {
  for (
    let layer = error as { detail?: string; cause?: unknown } | undefined;
    layer;
    layer = layer.cause as typeof layer
  ) {
    if (typeof layer.detail === 'string') return layer.detail
  }
  return undefined
}
