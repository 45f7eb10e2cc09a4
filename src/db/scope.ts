import { AsyncLocalStorage } from 'node:async_hooks'

/** Who asked for what is being done, and by which request: told to the database with it, for the audit log. */
export type Scope = { actor: string; requestId: string }

const scopes = new AsyncLocalStorage<Scope>()

/** Runs `work`, and what it waits for, as asked for by somebody. */
export function within<T>(scope: Scope, work: () => T): T {
  return scopes.run(scope, work)
}

/** As whom the present work is done; undefined of what the service does by itself. */
export function presentScope(): Scope | undefined {
  return scopes.getStore()
}
