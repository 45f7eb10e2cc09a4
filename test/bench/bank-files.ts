import { execFile } from 'node:child_process'
import { openAsBlob } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { v7 as uuid } from 'uuid'
import { csvProfile, type Written, type WrittenFormat, writeFormat } from '../reconciliation/large-file.ts'
import { beside, type Cost, costRow, heads } from './beside.ts'
import { openBystanding } from './bystanding.ts'
import { judgeCosts } from './reconciling.ts'
import type { Stage } from './stage.ts'

const formats: readonly WrittenFormat[] = ['camt', 'csv']

/** Files as large as are taken, by the command line and by a form, while others are served. */
export async function bankFiles(stage: Stage, institutionId: string, megabytes: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'qullqi-bench-files-'))
  const costs: Cost<unknown>[] = []
  try {
    for (const format of formats) {
      for (const way of [byCommandLine, byForm]) {
        const book = await openBook(stage, institutionId)
        stage.books = [await openBystanding(stage, book.id)]
        const path = join(folder, `${way.name}.${format}`)
        const lines = await writeUpTo(path, format, megabytes * 1_000_000)
        const one = await beside(stage, () => way(stage, book, path))
        if (costs.length === 0)
          console.log(
            `\nLarge files, beside a service of ${one.idle.toFixed(0)} MiB that others ask meanwhile\n${heads}`,
          )
        costs.push(one)
        const { size } = await stat(path)
        console.log(costRow(`${format}, ${(size / 1e6).toFixed(0)} MB, ${lines} lines, ${way.told}`, one))
        await rm(path)
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  judgeCosts(`files of ${megabytes} MB`, costs)
}

type Book = { id: string; code: string }

async function openBook({ call }: Stage, institutionId: string): Promise<Book> {
  const id = uuid()
  const code = `FILE-${id.slice(-6)}`
  await call('POST', '/v1/books', { id, code, name: 'Files', currency: 'PEN', institutionId, openedOn: '2024-01-01' })
  await call('POST', `/v1/books/${id}/statement-profiles`, { id: uuid(), code: 'WEB', profile: csvProfile }).catch(
    () => {},
  )
  await call('POST', `/v1/books/${id}/bank-accounts`, { id: uuid(), number: '191-1' })
  return { id, code }
}

/** Lines enough for a file of about so many bytes, none of them the same as another. */
async function writeUpTo(path: string, format: WrittenFormat, bytes: number): Promise<number> {
  const written = (count: number): Written => ({
    ...{ account: '191-1', number: '1', from: '2024-03-01', to: '2024-03-01' },
    lines: Array.from({ length: count }, (_, place) => ({
      cents: 100 + ((place * 7) % 90_000),
      day: '2024-03-01',
      reference: `OP-${10_000_000 + place}`,
      text: 'DEPOSITO EN EFECTIVO AGENCIA CUSCO',
    })),
  })
  const sample = 20_000
  await writeFormat(format, written(sample), path)
  const lines = Math.floor((bytes / (await stat(path)).size) * sample)
  await writeFormat(format, written(lines), path)
  return lines
}

async function byCommandLine({ port, key }: Stage, { code }: Book, path: string): Promise<void> {
  const profile = path.endsWith('.csv') ? ['--profile', 'WEB'] : []
  const args = ['src/bank-file.ts', '--book', code, ...profile, path]
  const env = { ...process.env, QULLQI_URL: `http://127.0.0.1:${port}`, QULLQI_KEY: key }
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  if (!stdout.includes(': taken;')) throw new Error(stdout)
}
byCommandLine.told = 'bank-file'

async function byForm({ port, key }: Stage, { id }: Book, path: string): Promise<void> {
  const form = new FormData()
  form.append('file', await openAsBlob(path), 'statement')
  const query = path.endsWith('.csv') ? '?profile=WEB' : ''
  const headers = { authorization: `Bearer ${key}` }
  const address = `http://127.0.0.1:${port}/v1/books/${id}/bank-files${query}`
  const response = await fetch(address, { method: 'POST', headers, body: form })
  if (response.status !== 201) throw new Error(`the file was not taken: ${response.status} ${await response.text()}`)
}
byForm.told = 'form'
