import { randomUUID } from 'node:crypto'
import { buildApp } from '../../src/app.ts'
import type { Clock } from '../../src/dates.ts'
import type { Role } from '../../src/http/actor.ts'
import { makeKey } from '../../src/http/keys.ts'
import type { App } from '../../src/http/openapi.ts'
import { testConfig } from './config.ts'
import { type TestDatabase, testDatabase } from './database.ts'

/** A clock that stands still until it is set. */
export type TestClock = Clock & { set(instant: string): void; advance(milliseconds: number): void }

export function testClock(instant = '2026-03-31T15:00:00Z'): TestClock {
  let now = new Date(instant)
  return {
    now: () => new Date(now),
    set: instant => {
      now = new Date(instant)
    },
    advance: milliseconds => {
      now = new Date(now.getTime() + milliseconds)
    },
  }
}

export type TestApp = TestDatabase & {
  app: App
  clock: TestClock
  /** The text of a new key; without `books` it reaches all of them. An agent's is nobody's unless one is named. */
  key(role: Role, more?: { books?: readonly string[]; agentId?: string; readOnly?: boolean }): Promise<string>
}

/** The whole service on a database of its own, not listening: `app.inject` asks it. Close it in `afterAll`. */
export async function testApp(options: { env?: Record<string, string>; clock?: TestClock } = {}): Promise<TestApp> {
  const database = await testDatabase()
  const clock = options.clock ?? testClock()
  const app = await buildApp({ db: database.db, config: testConfig(options.env), clock })
  async function key(role: Role, more: { books?: readonly string[]; agentId?: string; readOnly?: boolean } = {}) {
    const id = randomUUID()
    const { text } = await makeKey(database.db, clock, {
      id,
      clientId: id,
      name: `test ${role}`,
      role,
      books: more.books ?? 'all',
      agentId: more.agentId ?? (role === 'agent' ? randomUUID() : null),
      readOnly: more.readOnly ?? false,
      expiresAt: null,
    })
    return text!
  }
  async function close(): Promise<void> {
    await app.close()
    await database.close()
    if (app.undeclaredRefusals.size > 0) {
      throw new Error(`refused without declaring it with problems(): ${[...app.undeclaredRefusals].join('; ')}`)
    }
  }
  return { ...database, app, clock, key, close }
}
