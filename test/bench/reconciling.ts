import { openAsBlob } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 as uuid } from 'uuid'
import { judge as judged, makeWorld, mostClaims } from '../reconciliation/synthetic-bank.ts'
import { plainKinds } from '../reconciliation/synthetic-ledger.ts'
import { decisionOf, openYear, writeYear } from './bank-year.ts'
import { beside, type Cost, costRow, heads } from './beside.ts'
import { openBystanding } from './bystanding.ts'
import { judge } from './figures.ts'
import type { Stage } from './stage.ts'

/** From the upload of a year's file to the last break, over HTTP, while others are served. */
export async function reconciling(stage: Stage, institutionId: string, lines: number, seed: number): Promise<void> {
  const savers = Math.ceil(lines / 8)
  const world = makeWorld({ seed, lines, days: 365, savers, faultShare: 0.01, kinds: plainKinds })
  const { question } = world
  const year = await openYear(stage, question, institutionId)
  stage.books = [await openBystanding(stage, year.bookId)]
  await stage.database.query('analyze')
  const folder = await mkdtemp(join(tmpdir(), 'qullqi-bench-file-'))
  const costs: Cost<unknown>[] = []
  async function cost<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const one = await beside(stage, work)
    if (costs.length === 0)
      console.log(`\nOver HTTP, beside a service of ${one.idle.toFixed(0)} MiB that others ask meanwhile\n${heads}`)
    costs.push(one)
    console.log(costRow(name, one))
    return one.result
  }
  try {
    const path = join(folder, 'year.xml')
    await writeYear(question, path)
    const file = await openAsBlob(path)
    const book = `/v1/books/${year.bookId}`
    const account = `${book}/bank-accounts/${year.bankAccountId}`
    await cost(`${question.lines.length} lines, ${(file.size / 1e6).toFixed(0)} MB of camt.053`, () =>
      upload(stage, book, file),
    )
    await cost(`matched with ${question.entries.length} entries`, () =>
      stage.call('POST', `${account}/matchings`, { id: uuid() }),
    )
    await cost('all breaks read, 200 a page', () => allOf(stage, `${account}/breaks`))
    await cost('the proof of the last 31 days', () =>
      stage.call('GET', `${account}/proofs?from=2024-12-01&to=2024-12-31`),
    )
    await cost('matched again, with nothing new', () => stage.call('POST', `${account}/matchings`, { id: uuid() }))
    await cost('the book verified', () => verified(stage, book))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const decision = await decisionOf(stage, year, question)
  const { wrong, untold, matchedLines, trueLines } = judged(world, decision)
  for (const text of [...wrong.slice(0, 5), ...untold.slice(0, 10)]) console.log(`  ${text}`)
  const share = (100 * matchedLines) / trueLines
  const seconds = costs.slice(0, 3).reduce((sum, one) => sum + one.seconds, 0)
  const most = (60 * Math.max(lines, 10_000)) / 100_000
  judge(`over HTTP from upload to the last break: ${seconds.toFixed(1)} s (less than ${most})`, seconds < most)
  judge(`over HTTP ${share.toFixed(2)} % of true lines matched (at least 98)`, share >= 98)
  judge(
    `over HTTP ${wrong.length} wrong matches (none), none claimed twice`,
    wrong.length === 0 && mostClaims(decision) <= 1,
  )
  judge(
    `over HTTP ${untold.length} of ${world.faults.length} faults told as something else (none)`,
    untold.length === 0,
  )
  judgeCosts('reconciling', costs)
}

/** Nobody else waits, and memory is bounded. */
export function judgeCosts(name: string, costs: readonly Cost<unknown>[]): void {
  const p99 = Math.max(...costs.map(({ waited }) => waited.p99))
  judge(`${name}: 99 of 100 others answered within ${p99.toFixed(0)} ms (200)`, p99 <= 200)
  const failures = costs.reduce((sum, { waited }) => sum + waited.failures, 0)
  judge(`${name}: ${failures} of others' requests failed (none)`, failures === 0)
  const above = Math.max(...costs.map(one => one.above))
  judge(`${name}: ${above.toFixed(0)} MiB above idle (at most 400)`, above <= 400)
}

async function upload({ port, key }: Stage, book: string, file: Blob): Promise<unknown> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/xml' }
  const response = await fetch(`http://127.0.0.1:${port}${book}/bank-files`, { method: 'POST', headers, body: file })
  if (response.status !== 201) throw new Error(`the file was not taken: ${response.status} ${await response.text()}`)
  return response.json()
}

async function allOf({ call }: Stage, address: string): Promise<number> {
  let [count, after] = [0, '']
  do {
    const page = await call<{ items: unknown[]; next: string | null }>('GET', `${address}?limit=200${after}`)
    count += page.items.length
    after = page.next === null ? '' : `&after=${encodeURIComponent(page.next)}`
  } while (after !== '')
  return count
}

async function verified({ call }: Stage, book: string): Promise<void> {
  const { faults } = await call<{ faults: { table?: string; rule: string }[] }>('GET', `${book}/verification`)
  // Entries were posted past the verbs, which verification of savings tells; nothing else may be wrong.
  const others = faults.filter(({ table }) => table?.startsWith('bank') || table?.startsWith('reconciliation'))
  if (others.length > 0) throw new Error(`verification finds ${JSON.stringify(others)}`)
}
