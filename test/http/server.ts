import { Writable } from 'node:stream'
import { Registry } from 'prom-client'
import type { Actor } from '../../src/http/actor.ts'
import { openLimits } from '../../src/http/limits.ts'
import { openLog } from '../../src/http/log.ts'
import type { App } from '../../src/http/openapi.ts'
import { openServer } from '../../src/http/server.ts'

export const someActor: Actor = {
  clientId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11',
  role: 'agent',
  books: 'all',
  agentId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e13',
  keyId: '0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e12',
  readOnly: false,
}

/** A server with routes of the test's own and everything it logs; any bearer token is `someActor`'s key. */
export async function serverWith(
  routes: (app: App) => void,
  { bodyLimit = 10_000, requestTimeout = 60_000 } = {},
): Promise<{ app: App; logged: () => string }> {
  const lines: string[] = []
  const sink = new Writable({
    write(chunk, _, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const config = { trustProxy: [], bodyLimit, requestTimeout, pressureDelay: 0, pressureQueue: 0 }
  const limits = openLimits({ clientLimit: 0, failureLimit: 0 })
  const log = openLog('trace', sink)
  const app = await openServer({
    config,
    log,
    metrics: new Registry(),
    credentials: { actorOf: () => someActor, knows: () => true },
    limits,
    waiting: () => 0,
    tags: [],
  })
  routes(app)
  await app.ready()
  return { app, logged: () => lines.join('') }
}

export const authorization = 'Bearer any'
