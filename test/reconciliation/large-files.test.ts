import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Written, type WrittenFormat, writeFormat } from './large-file.ts'
import { openBook, openServing, type Served, type Serving, sendTold } from './serving.ts'

let serving: Serving
let served: Served
let book: Awaited<ReturnType<typeof openBook>>
let folder: string
const numbers = ['191-1', '191-2', '191-3', '191-4']

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qullqi-files-'))
  serving = await openServing()
  served = await serving.start()
  book = await openBook(served, numbers)
})

afterAll(async () => {
  await serving.stop()
  await rm(folder, { recursive: true, force: true })
})

async function written(format: WrittenFormat, account: string, count: number): Promise<string> {
  const path = join(folder, `${account}.${format}`)
  const lines = Array.from({ length: count }, (_, place): Written['lines'][number] => ({
    cents: 100 + (place % 700),
    day: '2026-03-02',
    reference: `OP-${place}`,
    text: 'DEPOSITO EN EFECTIVO',
  }))
  await writeFormat(format, { account, number: '1', from: '2026-03-02', to: '2026-03-02', lines }, path)
  return path
}

const where = () => ({ base: served.base, key: serving.key, bookId: book.bookId })
const files = async () => (await served.ask('GET', `${book.book}/bank-files`)).items

test('of a large file a client hears how far it is, while others are answered, and what came of it', async () => {
  const bytes = await readFile(await written('camt', numbers[0]!, 12_000))
  let isOver = false
  const telling = sendTold(where(), bytes).finally(() => {
    isOver = true
  })
  const waits: number[] = []
  while (!isOver) {
    const began = performance.now()
    await served.ask('GET', `${book.book}/savings-accounts/${book.savingsAccountId}/balance`)
    waits.push(performance.now() - began)
    await pause(20)
  }
  const told = await telling
  const stages = told.map(({ stage }) => stage)
  expect(new Set(stages)).toEqual(new Set(['reading', 'keeping', 'taken']))
  expect(stages).toEqual([...stages].sort((one, other) => order.indexOf(one) - order.indexOf(other)))
  expect(told[0]).toMatchObject({ stage: 'reading', size: bytes.length })
  expect(told.at(-1).file).toMatchObject({ lines: 12_000, statements: 1, replayed: false })
  // The machine may be busy; a thread that read the file itself would keep whoever asks for seconds.
  expect(waits.sort((one, other) => one - other).at(Math.floor(waits.length * 0.9))).toBeLessThan(1_000)

  const [again] = (await sendTold(where(), bytes)).slice(-1)
  expect(again).toMatchObject({ stage: 'taken', file: { replayed: true } })
  const [refused] = (await sendTold(where(), ':20:X\n:25:191-9\n:61:?\n')).slice(-1)
  expect(refused).toMatchObject({ stage: 'refused', problem: { status: 422, code: 'file-refused' } })
})

const order = ['reading', 'keeping', 'taken']

test('the command line tells what is sent, read and kept, and the end of it', async () => {
  const path = await written('mt940', numbers[1]!, 12_000)
  const run = promisify(execFile)
  const program = join(import.meta.dirname, '..', '..', 'src', 'bank-file.ts')
  const args = [program, '--book', book.bookId, '--progress', path]
  const env = { ...process.env, QULLQI_URL: served.base, QULLQI_KEY: serving.key }
  const { stdout, stderr } = await run(process.execPath, args, { env })
  expect(stdout).toBe(`${path}: taken; 1 statements, 12000 lines\n`)
  expect(stderr).toContain(`${path}: sent 100 %\n`)
  expect(stderr).toMatch(/: kept \d+ of 12000 lines\n/)
})

test('a file whose sender goes away is taken all the same', async () => {
  const bytes = await readFile(await written('mt940', numbers[2]!, 5_000))
  const before = (await files()).length
  await sendTold(where(), bytes, () => false).catch(() => {})
  for (let waited = 0; (await files()).length === before && waited < 15_000; waited += 50) await pause(50)
  expect((await files()).length).toBe(before + 1)
  expect((await sendTold(where(), bytes)).at(-1)).toMatchObject({ file: { replayed: true, lines: 5_000 } })
})

test('a service that is killed amid a file leaves nothing of it, and the file is taken when it is sent again', async () => {
  const bytes = await readFile(await written('mt940', numbers[3]!, 20_000))
  const before = await kept()
  let isKilled = false
  const told = await sendTold(where(), bytes, ({ stage }) => {
    if (stage !== 'keeping' || isKilled) return
    isKilled = true
    served.service.child.kill('SIGKILL')
  }).catch(() => [])
  expect([isKilled, told.some(({ stage }) => stage === 'taken')]).toEqual([true, false])
  await served.service.ended
  expect(await kept()).toEqual(before)
  served = await serving.start()
  expect((await sendTold(where(), bytes)).at(-1)).toMatchObject({ file: { replayed: false, lines: 20_000 } })
})

/** What there is of files. Of a service that was killed PostgreSQL may take a moment to know. */
async function kept(): Promise<object> {
  const { rows } = await serving.db.$client.query<object>(
    `select (select count(*) from bank_file) as files, (select count(*) from bank_file_piece) as pieces,
       (select count(*) from bank_statement) as statements, (select count(*) from bank_line) as lines`,
  )
  return rows[0]!
}
