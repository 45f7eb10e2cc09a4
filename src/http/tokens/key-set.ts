import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { Refusal } from '../../refusals.ts'
import { isAddress } from './settings.ts'

/** Milliseconds, each counted from the last reading. */
export type Pace = {
  /** From this age on keys are read anew, while those that are known still serve. */
  fresh: number
  /** Keys that could not be read anew for so long serve no more: the issuer may have withdrawn one. */
  useful: number
  /** Whoever names a key that is not known has them read anew, and not sooner than this after the last reading. */
  cooldown: number
  /** The same after a reading that failed. */
  retry: number
}

const pace: Pace = { fresh: 600_000, useful: 86_400_000, cooldown: 30_000, retry: 5_000 }

/**
 * An issuer's keys, read when first needed and then rarely, so that requests do not wait for the issuer, and go on while he
 * cannot be reached. It finds the key that a token's header names; keys or addresses within the header are not looked at.
 */
export function keySet(
  load: () => Promise<unknown>,
  onFailure: (error: unknown) => void,
  { fresh, useful, cooldown, retry }: Pace = pace,
): JWTVerifyGetKey {
  let known: { find: ReturnType<typeof createLocalJWKSet>; readAt: number } | undefined
  let last: { at: number; failure?: unknown } | undefined
  let reading: Promise<void> | undefined

  async function read(): Promise<void> {
    try {
      const found = createLocalJWKSet((await load()) as JSONWebKeySet)
      known = { find: found, readAt: performance.now() }
      last = { at: performance.now() }
    } catch (failure) {
      last = { at: performance.now(), failure }
      onFailure(failure)
    }
    reading = undefined
  }

  /** Joins a reading that is under way, or begins one if it is time. */
  function readAnew(): Promise<void> | undefined {
    const wait = last?.failure === undefined ? cooldown : retry
    if (last === undefined || performance.now() - last.at >= wait) reading ??= read()
    return reading
  }

  return async (header, token) => {
    const age = known === undefined ? Infinity : performance.now() - known.readAt
    if (age >= useful) {
      known = undefined
      await readAnew()
    } else if (age >= fresh) void readAnew()
    if (known === undefined) throw unavailable(last?.failure)
    try {
      return await known.find(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      await readAnew()
      // It may be a new key: while nobody can tell, the token is not refused for good.
      if (last?.failure !== undefined) throw unavailable(last.failure)
      return await known.find(header, token)
    }
  }
}

function unavailable(cause: unknown): Refusal {
  return new Refusal('token-keys-unavailable', 'The keys of the token’s issuer cannot be read now; send it again.', {
    cause,
  })
}

/** Reads a JWK set, from an address or a file. */
export function loadKeys(keys: string): () => Promise<unknown> {
  return isAddress(keys) ? () => fetchKeys(keys) : async () => JSON.parse(await readFile(keys, 'utf8'))
}

/** Milliseconds that the issuer gets to answer, and bytes that he may answer with. */
const patience = 5_000
const mostBytes = 1_000_000

/** The address is the only one that is asked: an answer that leads elsewhere is none. */
async function fetchKeys(address: string): Promise<unknown> {
  const headers = { accept: 'application/jwk-set+json, application/json' }
  const answer = await fetch(address, { headers, redirect: 'error', signal: AbortSignal.timeout(patience) })
  if (answer.status !== 200) {
    await answer.body?.cancel()
    throw new Error(`the issuer answered ${answer.status}`)
  }
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of answer.body ?? []) {
    bytes += piece.length
    if (bytes > mostBytes) throw new Error('the issuer answered with more than a set of keys')
    pieces.push(piece)
  }
  return JSON.parse(Buffer.concat(pieces).toString('utf8'))
}
