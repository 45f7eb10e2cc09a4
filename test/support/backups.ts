import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { v7 as uuid } from 'uuid'
import type { Service } from './service.ts'

const source = join(import.meta.dirname, '..', '..', 'src')
const days = { openedOn: '2026-01-01', valueDate: '2026-01-12' }

export type Ran = { code: number; out: string; err: string }

/** Runs one of our programs to its end. */
export async function run(program: string, env: Record<string, string>, ...args: string[]): Promise<Ran> {
  const child = spawn(process.execPath, [join(source, program), ...args], { env: { PATH: process.env.PATH, ...env } })
  const ran = { code: 0, out: '', err: '' }
  child.stdout.on('data', chunk => (ran.out += chunk))
  child.stderr.on('data', chunk => (ran.err += chunk))
  const [code] = await once(child, 'close')
  return { ...ran, code: code ?? 1 }
}

export type Posting = {
  answered: string[]
  address: string
  key: string
  until(count: number): Promise<void>
  stop(): Promise<void>
}

/** Posts transactions one after the other, four at a time, and keeps the ids of those that were answered. */
export async function startPosting({ base, out }: Service): Promise<Posting> {
  const url = await base
  const key = await shown(() => /\b(qk_\S+)/.exec(out())?.[1])
  const post = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const answer = await fetch(`${url}/v1/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    if (answer.status >= 300) throw new Error(`${path}: ${await answer.text()}`)
  }
  const [institutionId, bookId, one, other] = [uuid(), uuid(), uuid(), uuid()]
  await post('institutions', { id: institutionId, code: 'CAJA', name: 'Caja', kind: 'caja' })
  const book = { id: bookId, code: 'CAJA-PEN', name: 'Caja, soles', currency: 'PEN', institutionId }
  await post('books', { ...book, openedOn: days.openedOn })
  for (const [id, code] of [
    [one, '9001'],
    [other, '9002'],
  ]) {
    const account = { id, code, name: `Account ${code}`, type: 'asset', openedOn: days.openedOn }
    await post(`books/${bookId}/accounts`, account)
  }
  const answered: string[] = []
  let over = false
  const work = Array.from({ length: 4 }, async () => {
    while (!over) {
      const id = uuid()
      const entries = [
        { accountId: one, direction: 'debit', amount: '1.00' },
        { accountId: other, direction: 'credit', amount: '1.00' },
      ]
      await post(`books/${bookId}/transactions`, { id, kind: 'opening-balance', valueDate: days.valueDate, entries })
      answered.push(id)
    }
  })
  return {
    ...{ answered, key, address: `books/${bookId}/transactions` },
    async until(count) {
      await shown(() => answered.length >= count || undefined)
    },
    async stop() {
      over = true
      await Promise.all(work)
    },
  }
}

async function shown<T>(look: () => T | undefined): Promise<T> {
  for (let waited = 0; waited < 30_000; waited += 20) {
    const found = look()
    if (found !== undefined) return found
    await new Promise(settle => setTimeout(settle, 20))
  }
  throw new Error('it did not come')
}
