import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerOf, type Client, type Options, openClient, Refused, Strange } from '../../client/src/index.ts'
import { day, type Money, openMoney } from '../savings/money.ts'
import { type TestApp, testApp } from '../support/app.ts'

let service: TestApp
let money: Money
let url: string
let key: string
beforeAll(async () => {
  service = await testApp()
  money = await openMoney(service)
  url = await service.app.listen({ host: '127.0.0.1', port: 0 })
  key = await service.key('administrator')
})
afterAll(() => service.close())

const open = (more: Partial<Options> = {}): Client => openClient({ url, key, ...more })

/** What the world does to requests, one after the other; then nothing more. */
function through(...fates: ('lost' | 'answer lost' | 429 | 503)[]): {
  sent: Request[]
  fetch(r: Request): Promise<Response>
} {
  const sent: Request[] = []
  return {
    sent,
    async fetch(request) {
      sent.push(request)
      const fate = fates.shift()
      if (fate === 'lost') throw new TypeError('fetch failed')
      if (typeof fate === 'number') {
        return Response.json({ code: 'overloaded' }, { status: fate, headers: { 'retry-after': '0' } })
      }
      const answer = await fetch(request)
      if (fate === 'answer lost') throw new TypeError('fetch failed')
      return answer
    },
  }
}

const deposit = (id: string, amount = '5.00') => ({
  params: { path: { bookId: money.bookId } },
  body: {
    ...{ id, savingsAccountId: money.ana.accountId, amount, valueDate: day },
    ...{ channel: 'agent-cash' as const, agentId: money.agentId },
  },
})

describe('a client', () => {
  it('knows every address, what it takes and what it answers', async () => {
    const client = open()
    const made = await answerOf(client.POST('/v1/books/{bookId}/deposits', deposit(uuid(), '12.50')))
    expect([made.kind, made.replayed]).toEqual(['deposit', false])
    const path = { bookId: money.bookId, savingsAccountId: money.ana.accountId }
    const address = '/v1/books/{bookId}/savings-accounts/{savingsAccountId}/balance'
    const { total } = await answerOf(client.GET(address, { params: { path, query: { asOf: day } } }))
    expect(total.posted).toBe('12.50')
    // @ts-expect-error the document has no such address
    await client.GET('/v1/books/{bookId}/nothing', { params: { path } })
    // @ts-expect-error an amount is a text
    await client.POST('/v1/books/{bookId}/deposits', { ...deposit(uuid()), body: { amount: 5 } })
  })

  it('throws what was refused with its problem, and what does not come from the service', async () => {
    const path = { bookId: uuid() }
    const asked = answerOf(open().GET('/v1/books/{bookId}/trial-balance', { params: { path } }))
    await expect(asked).rejects.toSatisfy(
      error => error instanceof Refused && error.status === 404 && error.problem.code === 'book-not-found',
    )
    const page = async () => new Response('<h1>Bad gateway</h1>', { status: 502 })
    const elsewhere = answerOf(open({ fetch: page }).GET('/v1/books'))
    await expect(elsewhere).rejects.toSatisfy(error => error instanceof Strange && error.status === 502)
  })
})

describe('what is lost on the way', () => {
  it.each(['lost', 'answer lost', 503] as const)('(%s) is sent again and done once', async fate => {
    const world = through(fate)
    const id = uuid()
    const posted = await answerOf(open(world).POST('/v1/books/{bookId}/deposits', deposit(id)))
    expect([posted.id, posted.replayed, world.sent.length]).toEqual([id, fate === 'answer lost', 2])
    const { rows } = await service.owner.$client.query('select from transaction where id = $1', [id])
    expect(rows).toHaveLength(1)
  })

  it('is not sent again when the service could not know it: who asks has to look', async () => {
    const world = through('answer lost')
    const { body, params } = deposit(uuid())
    const { id: _, ...nameless } = body
    const asked = open(world).POST('/v1/books/{bookId}/deposits', { params, body: nameless })
    await expect(asked).rejects.toThrow('fetch failed')
    expect(world.sent).toHaveLength(1)
  })

  it('is sent again under an Idempotency-Key', async () => {
    const world = through('answer lost')
    const { body, params } = deposit(uuid())
    const { id, ...nameless } = body
    const header = { 'idempotency-key': id }
    const asked = open(world).POST('/v1/books/{bookId}/deposits', { params: { ...params, header }, body: nameless })
    expect(await answerOf(asked)).toMatchObject({ id, replayed: true })
  })

  it('is not what was refused for asking too much, which is sent again whatever it is', async () => {
    const put = through(429)
    const { body, params } = deposit(uuid())
    const { id: _, ...nameless } = body
    const { error } = await open(put).POST('/v1/books/{bookId}/deposits', { params, body: nameless })
    expect([error?.code, put.sent.length]).toEqual(['request-invalid', 2])
  })

  it('is given up after as many times as told', async () => {
    const world = through('lost', 'lost', 'lost')
    await expect(open({ ...world, retries: 1 }).GET('/v1/books')).rejects.toThrow('fetch failed')
    expect(world.sent).toHaveLength(2)
    const busy = through(503, 503, 503)
    const { response } = await open({ ...busy, retries: 1 }).GET('/v1/books')
    expect([response.status, busy.sent.length]).toEqual([503, 2])
  })

  it('is what is not answered in time', async () => {
    const silent = async (request: Request) =>
      new Promise<Response>((_, fail) => request.signal.addEventListener('abort', () => fail(request.signal.reason)))
    const asked = open({ fetch: silent, retries: 0, timeout: 20 }).GET('/v1/books')
    await expect(asked).rejects.toThrow(/timeout/)
  })
})

describe('the package', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'qullqi-client-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('works in a plain program elsewhere', async () => {
    const root = join(import.meta.dirname, '../..')
    const run = promisify(execFile)
    const npm = { cwd: join(root, 'client'), env: { ...process.env, npm_config_update_notifier: 'false' } }
    await run('npm', ['pack', '--pack-destination', folder], npm)
    await rm(join(root, 'client/dist'), { recursive: true })
    const [tarball] = await readdir(folder)
    const installed = join(folder, 'node_modules/@qullqi/client')
    await mkdir(installed, { recursive: true })
    await run('tar', ['-xzf', join(folder, tarball!), '-C', installed, '--strip-components=1'])
    for (const name of ['openapi-fetch', 'openapi-typescript-helpers'])
      await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name))
    const program = `
      import { answerOf, openClient } from '@qullqi/client'
      const client = openClient({ url: process.env.QULLQI_URL, key: process.env.QULLQI_KEY })
      const { items } = await answerOf(client.GET('/v1/books'))
      console.log(items.map(({ name }) => name).join())`
    await writeFile(join(folder, 'program.mjs'), program)
    const env = { ...process.env, QULLQI_URL: url, QULLQI_KEY: key }
    const { stdout } = await run(process.execPath, ['program.mjs'], { cwd: folder, env })
    expect(stdout).toContain('Caja Cusco, soles')
    expect((await readdir(join(installed, 'dist'))).sort()).toContain('api.d.ts')
  })
})
