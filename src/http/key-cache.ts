import type { Clock } from '../dates.ts'
import type { Db } from '../db/client.ts'
import type { KeyActor } from './actor.ts'
import { type BooksOfAgent, inHerBooks } from './agent-books.ts'
import type { Credentials } from './credentials.ts'
import { actorOfKey, findKey, isUsable, type KeyRow, keyIdOf, keyName, opens, readKeyText } from './keys.ts'

/** Milliseconds for which a key read from the database is believed: a revocation holds everywhere within it. */
const lifetime = 1000

/** From this age on a key is read anew while the old reading still serves, so that a busy key never waits. */
const refreshAge = 500

/** Keys remembered at most; the oldest reading goes first. */
const capacity = 10_000

type Known = { row: KeyRow | undefined; actor: KeyActor | null; readAt: number }

export type KeyCache = Credentials<KeyActor> & {
  /** Who asks with the key of this id, whose secret was shown before; null when it is unknown, expired or revoked by now. */
  actorById(keyId: string): Promise<KeyActor | null>
  /** Forgets a key that this process changed, so that the change holds at once here. */
  forget(keyId: string): void
}

/** Keys read of late, so that a request costs one hash and no query. One instance an app. */
export function keyCache(db: Db, clock: Clock, booksOfAgent: BooksOfAgent): KeyCache {
  // Both by the name in the key's text, for decoding it would cost more than all the rest.
  const known = new Map<string, Known>()
  const reading = new Map<string, Promise<Known>>()

  /** Requests that miss the same key at once share one query. Age counts from before the query was sent. */
  function read(name: string): Promise<Known> {
    const underWay = reading.get(name)
    if (underWay) return underWay
    const readAt = performance.now()
    const fresh = rowOf(name).then(async row => {
      const found = { row, actor: row ? await inHerBooks(actorOfKey(row), booksOfAgent) : null, readAt }
      // A key that was forgotten meanwhile may have been read before it changed: serve this once, keep nothing.
      if (reading.get(name) === fresh) {
        known.delete(name)
        known.set(name, found)
        if (known.size > capacity) known.delete(known.keys().next().value!)
      }
      return found
    })
    reading.set(name, fresh)
    const done = () => {
      if (reading.get(name) === fresh) reading.delete(name)
    }
    fresh.then(done, done)
    return fresh
  }

  async function rowOf(name: string): Promise<KeyRow | undefined> {
    const keyId = keyIdOf(name)
    return keyId === null ? undefined : findKey(db, keyId)
  }

  function admit(found: Known, secret: string): KeyActor | null {
    const { row, actor } = found
    return row && isUsable(row, clock.now()) && opens(row, secret) ? actor : null
  }

  return {
    actorOf(text) {
      const parts = readKeyText(text)
      if (!parts) return null
      const found = known.get(parts.name)
      const age = found ? performance.now() - found.readAt : Infinity
      if (age >= lifetime) return read(parts.name).then(fresh => admit(fresh, parts.secret))
      // A failing refresh leaves the reading to its age; the next miss tells the caller.
      if (age >= refreshAge) read(parts.name).catch(() => {})
      return admit(found!, parts.secret)
    },
    knows(text) {
      const parts = readKeyText(text)
      const found = parts && known.get(parts.name)
      return found ? admit(found, parts.secret) !== null : false
    },
    async actorById(keyId) {
      const name = keyName(keyId)
      const kept = known.get(name)
      const { row, actor } = kept && performance.now() - kept.readAt < lifetime ? kept : await read(name)
      return row && isUsable(row, clock.now()) ? actor : null
    },
    forget(keyId) {
      const name = keyName(keyId)
      known.delete(name)
      reading.delete(name)
    },
  }
}
