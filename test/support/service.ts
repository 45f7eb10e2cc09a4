import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

/** The service as its users start it, a process of its own; only that it refuses nobody because the machine is busy with other tests. */
export type Service = {
  child: ChildProcess
  /** Where it listens; resolves when it does. */
  base: Promise<string>
  out(): string
  err(): string
  /** Resolves when the process has ended. */
  ended: Promise<unknown>
  kill(signal: NodeJS.Signals): Promise<void>
}

export function launchService(env: Record<string, string>): Service {
  const child = spawn(process.execPath, [main], { env: { PORT: '0', LOG_LEVEL: 'warn', PRESSURE_DELAY: '0', ...env } })
  const said = { out: '', err: '' }
  child.stdout.on('data', chunk => {
    said.out += chunk
  })
  child.stderr.on('data', chunk => {
    said.err += chunk
  })
  const ended = once(child, 'exit')
  const base = baseOf(child, said)
  // Whoever needs it awaits it; a service that is killed before it listens is no fault by itself.
  base.catch(() => {})
  return {
    child,
    base,
    out: () => said.out,
    err: () => said.err,
    ended,
    async kill(signal) {
      child.kill(signal)
      await ended
    },
  }
}

async function baseOf(child: ChildProcess, said: { out: string; err: string }): Promise<string> {
  for (let waited = 0; waited < 60_000; waited += 20) {
    const health = /Health +(\S+)\/health/.exec(said.out)
    if (health) return health[1]!
    if (child.exitCode !== null || child.signalCode !== null) break
    await pause(20)
  }
  throw new Error(`the service did not start: ${said.out}${said.err}`)
}
