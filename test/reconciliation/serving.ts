import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { v7 as uuid } from 'uuid'
import type { Db } from '../../src/db/client.ts'
import { testDatabase } from '../support/database.ts'
import { openClient } from '../support/http-client.ts'
import { launchService, type Service } from '../support/service.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers are whatever the service says; the tests look at them.
type Told = any

/** Services as processes of their own on one database, asked by one administrator. */
export type Serving = {
  db: Db
  key: string
  start(): Promise<Served>
  stop(): Promise<void>
}

export type Served = {
  service: Service
  base: string
  /** What it answers; an answer that is no success is thrown. */
  ask(method: 'GET' | 'POST', address: string, body?: object): Promise<Told>
}

export async function openServing(): Promise<Serving> {
  const database = await testDatabase()
  const folder = await mkdtemp(join(tmpdir(), `qullqi-test-${process.pid}-`))
  const env = { DATABASE_URL: database.ownerUrl, DATA_DIR: folder, LOG_LEVEL: 'error' }
  const keys = { IDENTITY_KEY: '5a'.repeat(32), SIGNING_KEY: 'a5'.repeat(32) }
  const services: Service[] = []
  const serving: Serving = {
    db: database.db,
    key: '',
    async start() {
      const service = launchService({ ...env, ...keys })
      services.push(service)
      const base = await service.base
      serving.key ||= /^ {2}(qk_\w+)$/m.exec(service.out())![1]!
      const ask = async (method: 'GET' | 'POST', address: string, body?: object) => {
        const client = openClient({ base, key: serving.key, patience: 60_000 })
        const answer = await client.ask(method, `/v1${address}`, body).finally(() => client.close())
        if (answer.status >= 300) throw new Error(`${address}: ${JSON.stringify(answer.body)} ${service.err()}`)
        return answer.body
      }
      return { service, base, ask }
    },
    async stop() {
      await Promise.all(services.map(service => service.kill('SIGTERM')))
      await database.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return serving
}

/** A book in soles with a saver's account and accounts at the bank. */
export async function openBook({ ask }: Served, numbers: readonly string[]) {
  const [institutionId, bookId, saverId, accountId] = [uuid(), uuid(), uuid(), uuid()]
  const code = bookId.slice(-12)
  await ask('POST', '/institutions', { id: institutionId, code, name: 'Bank', kind: 'bank' })
  const opened = { openedOn: '2026-01-01' }
  await ask('POST', '/books', { id: bookId, code, name: 'Bank', currency: 'PEN', institutionId, ...opened })
  const book = `/books/${bookId}`
  const person = { givenNames: 'Juana', familyNames: 'Condori', sex: 'female', districtCode: '080101' }
  await ask('POST', `${book}/savers`, { id: saverId, ...person, registeredOn: '2026-01-05' })
  await ask('POST', `${book}/savings-accounts`, { id: accountId, saverId, openedOn: '2026-01-05' })
  const bankAccounts: string[] = []
  for (const [place, number] of numbers.entries()) {
    const [id, ledgerAccount] = [uuid(), place === 0 ? undefined : uuid()]
    const account = { id: ledgerAccount, code: `1011.${place}`, name: 'Bank', type: 'asset', ...opened }
    if (ledgerAccount !== undefined) await ask('POST', `${book}/accounts`, account)
    await ask('POST', `${book}/bank-accounts`, { id, number, accountId: ledgerAccount })
    bankAccounts.push(id)
  }
  return { bookId, book, savingsAccountId: accountId, bankAccounts }
}

/** Hands a file in, and tells each line of how far it is; whoever answers false goes away. */
export function sendTold(
  { base, key, bookId }: { base: string; key: string; bookId: string },
  bytes: string | Buffer,
  heard: (told: Told) => unknown = () => true,
): Promise<Told[]> {
  return new Promise((settle, fail) => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/octet-stream',
      accept: 'application/x-ndjson',
      'content-length': Buffer.byteLength(bytes),
    }
    const sent = request(`${base}/v1/books/${bookId}/bank-files`, { method: 'POST', headers }, async response => {
      const told: Told[] = []
      try {
        for await (const line of createInterface({ input: response })) {
          told.push(JSON.parse(line))
          if (heard(told.at(-1)) === false) sent.destroy()
        }
      } catch {
        // It broke off: what was told until then is all.
      }
      settle(told)
    })
    sent.on('error', fail)
    sent.end(bytes)
  })
}
