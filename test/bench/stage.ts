import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { chmod, mkdtemp } from 'node:fs/promises'
import { availableParallelism, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { v7 as uuid } from 'uuid'
import { startEmbedded } from '../../src/db/embedded.ts'
import { removeAbandoned, removeServers } from '../support/server.ts'
import type { HttpLoad, LoadResult } from './http-load.ts'

/** A book of the bench with its savers' accounts. */
export type BenchBook = { id: string; accounts: string[]; agentId: string }

export type Stage = {
  url: string
  port: number
  key: string
  service: ChildProcess
  books: BenchBook[]
  database: pg.Client
  call<Answer>(method: string, path: string, body?: unknown): Promise<Answer>
  load(load: Omit<HttpLoad, 'port' | 'key'>): Promise<LoadResult>
  stop(): Promise<void>
}

/** Makes the service end with the bench, however that ends. */
const endsWithUs = join(import.meta.dirname, 'end-with-parent.ts')

const savers = 10_000
const bookCount = 20

/**
 * Starts a PostgreSQL of its own with default durability, and the service as a process of its own on it, and fills it: if not
 * told otherwise it registers, over the API, 20 books and 10,000 savers of the first, 500 of each other.
 */
export async function startBench(fill: (stage: Stage) => Promise<BenchBook[]> = register): Promise<Stage> {
  await removeAbandoned()
  const folder = await mkdtemp(join(tmpdir(), `qullqi-bench-${process.pid}-`))
  // As root, the server runs as another user, who has to pass through here; its cluster would lie elsewhere otherwise.
  await chmod(folder, 0o711)
  const undo = openUndo()
  await undo.add(() => removeServers(folder))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Under npm a Ctrl-C arrives twice.
    process.on(signal, () => void undo.all().finally(() => process.exit(1)))
  }
  try {
    return await setUp(folder, undo, fill)
  } catch (error) {
    await undo.all()
    throw error
  }
}

type Undo = { add(step: () => unknown): Promise<void>; all(): Promise<void> }

/** What has to be undone, the last first. What is added when that began is undone at once. */
function openUndo(): Undo {
  const steps: (() => unknown)[] = []
  let undone: Promise<void> | undefined
  async function unwind(): Promise<void> {
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) await step()
  }
  return {
    async add(step) {
      if (undone === undefined) return void steps.push(step)
      await step()
      throw new Error('the bench was stopped')
    },
    all: () => (undone ??= unwind()),
  }
}

async function setUp(folder: string, undo: Undo, fill: typeof register): Promise<Stage> {
  const server = await startEmbedded({ dataDir: folder })
  await undo.add(server.stop)
  const database = new pg.Client(server.ownerUrl)
  database.on('error', () => {})
  await database.connect()
  await undo.add(() => database.end())
  const about = await database.query('show server_version')
  const durable = await database.query(
    `select string_agg(name || ' = ' || setting, ', ') as settings from pg_settings where name in ('fsync', 'synchronous_commit')`,
  )
  console.log(
    `PostgreSQL ${about.rows[0].server_version}, Node ${process.version}, ${availableParallelism()} cores, ` +
      `${Math.round(totalmem() / 2 ** 30)} GiB; ${durable.rows[0].settings}`,
  )

  const port = 20_000 + Math.floor(Math.random() * 20_000)
  const log = createWriteStream(join(folder, 'service.log'))
  const service = spawn(process.execPath, ['--import', endsWithUs, 'src/main.ts'], {
    env: {
      ...process.env,
      // Counted as ever, but one client is all of them here.
      CLIENT_LIMIT: '100000000',
      DATABASE_URL: server.url,
      DATABASE_OWNER_URL: server.ownerUrl,
      DATA_DIR: join(folder, 'service'),
      PORT: String(port),
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  await undo.add(async () => {
    service.kill('SIGTERM')
    if (service.exitCode === null && service.signalCode === null) await once(service, 'exit')
  })
  service.stderr!.pipe(log)
  const key = await new Promise<string>((found, fail) => {
    let said = ''
    service.stdout!.on('data', chunk => {
      said += chunk
      const [text] = /qk_\w+/.exec(said) ?? []
      if (text !== undefined) found(text)
    })
    service.once('exit', () => fail(new Error(`the service did not start; its log is in ${folder}`)))
  })

  async function call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 500)}`)
    return JSON.parse(text) as Answer
  }

  async function load(given: Omit<HttpLoad, 'port' | 'key'>): Promise<LoadResult> {
    const result = await inProcess<LoadResult>('http-load.ts', { port, key, ...given })
    if (result.failures > 0) throw new Error(`${result.failures} requests failed: ${result.firstFailure}`)
    return result
  }

  const stage: Stage = { url: server.ownerUrl, port, key, service, books: [], database, call, load, stop: undo.all }
  stage.books = await fill(stage)
  await database.query('analyze')
  return stage
}

/** Runs a module of this folder as a process of its own, with a message in and a message out. */
export function inProcess<Answer>(module: string, message: object): Promise<Answer> {
  return new Promise((answered, fail) => {
    const child = fork(join(import.meta.dirname, module))
    child.once('message', answer => answered(answer as Answer))
    child.once('error', fail)
    child.once('exit', code => code !== 0 && fail(new Error(`${module} ended with ${code}`)))
    child.send(message)
  })
}

async function register({ call }: Stage): Promise<BenchBook[]> {
  const institutionId = uuid()
  await call('POST', '/v1/institutions', { id: institutionId, code: 'CAJA', name: 'Caja', kind: 'caja' })
  const books: BenchBook[] = []
  const started = performance.now()
  for (let number = 0; number < bookCount; number++) {
    const id = uuid()
    const agentId = uuid()
    const opening = {
      id,
      code: `BENCH-${number}`,
      name: 'Bench',
      currency: 'PEN',
      institutionId,
      openedOn: '2026-01-01',
    }
    await call('POST', '/v1/books', opening)
    const agent = { id: agentId, code: 'A-1', name: 'Agente', startsOn: '2026-01-01' }
    await call('POST', `/v1/books/${id}/agents`, agent)
    const accounts: string[] = []
    const many = number === 0 ? savers : savers / bookCount
    while (accounts.length < many) {
      const operations: unknown[] = []
      for (let place = 0; place < 250 && accounts.length < many; place++) {
        const saverId = uuid()
        const accountId = uuid()
        accounts.push(accountId)
        operations.push(
          {
            bookId: id,
            type: 'register-saver',
            body: {
              id: saverId,
              givenNames: 'Ana',
              familyNames: 'Quispe',
              sex: 'female',
              birthDate: '1984-06-24',
              districtCode: '080101',
              registeredOn: '2026-01-02',
            },
          },
          { bookId: id, type: 'open-savings-account', body: { id: accountId, saverId, openedOn: '2026-01-02' } },
        )
      }
      const answer = await call<{ results: { status: string }[] }>('POST', '/v1/sync', { operations })
      const bad = answer.results.find(operation => operation.status !== 'applied')
      if (bad !== undefined) throw new Error(`an operation was not applied: ${JSON.stringify(bad)}`)
    }
    books.push({ id, accounts, agentId })
    if (process.stdout.isTTY) process.stdout.write(`\rregistering: book ${number + 1} of ${bookCount}   `)
  }
  console.log(
    `\rregistered ${bookCount} books in ${((performance.now() - started) / 1000).toFixed(0)} s                `,
  )
  return books
}
