import { hash } from 'node:crypto'
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import type { Logger } from 'pino'
import type { Clock } from '../../dates.ts'
import type { Db } from '../../db/client.ts'
import { Refusal } from '../../refusals.ts'
import type { Actor, Role } from '../actor.ts'
import { type BooksOfAgent, inHerBooks } from '../agent-books.ts'
import type { Credentials } from '../credentials.ts'
import { describeFault } from '../log.ts'
import { actorOfClaims, subjectOf } from './claims.ts'
import { noteClients, type TokenSubject } from './client.ts'
import { keySet, loadKeys } from './key-set.ts'
import { readTokenSettings, type TokenSettings } from './settings.ts'

/** Milliseconds for which a token that was checked is believed, as keys are: what an agent is registered in may change. */
const lifetime = 1000

/** Tokens remembered at most; the oldest goes first. */
const capacity = 10_000

type Known = { actor: Actor; checkedAt: number; ends: number }

/**
 * Tokens as the file says by which TOKENS_FILE is named.
 * @throws ConfigError
 */
export function takeTokens(
  path: string,
  { db, clock, log, booksOfAgent }: { db: Db; clock: Clock; log: Logger; booksOfAgent: BooksOfAgent },
): Credentials {
  const settings = readTokenSettings(path)
  const unread = (error: unknown) => log.warn({ fault: describeFault(error) }, 'the keys of tokens could not be read')
  const keyOf = keySet(loadKeys(settings.keys), unread)
  return openTokens({ settings, keyOf, clock, booksOfAgent, note: noteClients(db, clock) })
}

/**
 * Tokens of one issuer (JWT), checked by his keys: signature, algorithm, type, issuer, audience, times. A busy one costs a hash
 * a request.
 */
export function openTokens(parts: {
  settings: TokenSettings
  keyOf: JWTVerifyGetKey
  clock: Clock
  booksOfAgent: BooksOfAgent
  /** Told of everybody before she is let in. */
  note: (subject: TokenSubject, role: Role) => Promise<void>
}): Credentials {
  const { settings, keyOf, clock, booksOfAgent, note } = parts
  const known = new Map<string, Known>()
  const checking = new Map<string, Promise<Actor>>()

  async function check(text: string, name: string): Promise<Actor> {
    const checkedAt = performance.now()
    const claims = await claimsOf(text, settings, keyOf, clock.now())
    const subject = subjectOf(claims)
    if (subject === null) throw invalid('says nobody whose it is')
    const actor = await inHerBooks(actorOfClaims(claims, subject, settings), booksOfAgent)
    await note(subject, actor.role)
    known.delete(name)
    known.set(name, { actor, checkedAt, ends: (claims.exp! + settings.clockTolerance) * 1000 })
    if (known.size > capacity) known.delete(known.keys().next().value!)
    return actor
  }

  function found(name: string): Known | undefined {
    const one = known.get(name)
    return one && clock.now().getTime() < one.ends ? one : undefined
  }

  return {
    actorOf(text) {
      const name = hash('sha256', text)
      const one = found(name)
      if (one && performance.now() - one.checkedAt < lifetime) return one.actor
      // Requests that come together share one check.
      const underWay = checking.get(name)
      if (underWay) return underWay
      const fresh = check(text, name).finally(() => checking.delete(name))
      checking.set(name, fresh)
      return fresh
    },
    knows: text => found(hash('sha256', text)) !== undefined,
  }
}

/** @throws Refusal `authentication-required`, `token-keys-unavailable` */
async function claimsOf(text: string, settings: TokenSettings, keyOf: JWTVerifyGetKey, now: Date): Promise<JWTPayload> {
  const { issuer, audience, algorithms, type, clockTolerance, longestLife } = settings
  try {
    const { payload } = await jwtVerify(text, keyOf, {
      ...{ issuer, audience, algorithms, typ: type, clockTolerance },
      ...{ currentDate: now, requiredClaims: ['exp'] },
    })
    if (payload.exp! * 1000 - now.getTime() > (longestLife + clockTolerance) * 1000) {
      throw invalid('is valid for longer than is taken here')
    }
    return payload
  } catch (error) {
    throw error instanceof Refusal ? error : invalid(flawOf(error))
  }
}

/** What is wrong with a claim or header, by its name. */
const flaws: Record<string, string> = {
  iss: 'is of another issuer',
  aud: 'is for another audience',
  typ: 'is of another type',
  nbf: 'is not valid yet',
  exp: 'has to say when it ends',
}

function flawOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'has expired'
  if (error instanceof errors.JWTClaimValidationFailed)
    return flaws[error.claim] ?? 'has a claim that is not as it has to be'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'is signed in a way that is not taken here'
  const isSigned = error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey
  if (isSigned) return 'is not signed by a key of its issuer'
  return 'is none that can be read here'
}

function invalid(flaw: string): Refusal {
  return new Refusal('authentication-required', `The token ${flaw}.`)
}
