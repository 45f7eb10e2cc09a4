import { createReadStream, statSync } from 'node:fs'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { parseArgs } from 'node:util'

const usage = `usage: npm run bank-file -- --book CODE|ID [--profile CODE] [--bank-account ID] [--progress] FILE …
QULLQI_URL and QULLQI_KEY, a bank's or an administrator's, say whom to ask and as whom. --progress tells how far it is also where no
terminal is, a line each time.`

/** What the program was asked cannot be done; the message is for the person who asked. */
class Unable extends Error {}

type Problem = { code: string; detail: string; facts?: Record<string, unknown> }
type Page<Item> = { items: Item[]; next: string | null }
type Taken = { id: string; statements: number; lines: number; repeatedLines: number; replayed: boolean }
type Statement = {
  number: string | null
  reference: string | null
  toDay: string
  breaks: { reason: string; detail: string }[]
}
/** What the service tells, line by line, of a file that has come. */
type Told =
  | { stage: 'reading'; read: number; size: number }
  | { stage: 'keeping'; kept: number; lines: number }
  | { stage: 'taken'; file: Taken }
  | { stage: 'refused'; problem: Problem }
type Asked = { url: string; key: string; bookId: string; query: string; progress: Progress }

/** Shows how far a file is; without words, that it is over. */
type Progress = (words?: string) => void

try {
  process.exitCode = (await sendAll()) ? 0 : 1
} catch (error) {
  if (!(error instanceof Unable)) throw error
  console.error(`qullqi: ${error.message}`)
  process.exitCode = 2
}

/** Hands files in one after the other; false when one was refused. */
async function sendAll(): Promise<boolean> {
  const { book, profile, bankAccount, files, isToldAlways } = readArguments()
  const { QULLQI_URL: address, QULLQI_KEY: key } = process.env
  const url = (address || 'http://127.0.0.1:3000').replace(/\/+$/, '')
  if (!key) throw new Unable(`QULLQI_KEY is not set.\n${usage}`)
  const query = new URLSearchParams({
    ...(profile !== undefined && { profile }),
    ...(bankAccount !== undefined && { bankAccountId: bankAccount }),
  }).toString()
  const bookId = await bookCalled(url, key, book)
  const progress = isToldAlways ? inLines() : process.stderr.isTTY ? inPlace : () => {}
  let right = true
  for (const file of files) right = (await send({ url, key, bookId, query, progress }, file)) && right
  return right
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      options: {
        book: { type: 'string' },
        profile: { type: 'string' },
        'bank-account': { type: 'string' },
        progress: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    })
    if (values.book === undefined) throw new Error('say of which book with --book')
    if (positionals.length === 0) throw new Error('name a file')
    const { book, profile, 'bank-account': bankAccount, progress } = values
    return { book, profile, bankAccount, files: positionals, isToldAlways: progress }
  } catch (error) {
    throw new Unable(`${(error as Error).message}\n${usage}`)
  }
}

async function request(url: string, key: string, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, ...init.headers }
  return fetch(`${url}/v1/${path}`, { ...init, headers }).catch(cause => {
    throw new Unable(`${url} does not answer. Is the service running?`, { cause })
  })
}

async function ask<Answer>(url: string, key: string, path: string): Promise<Answer | Problem> {
  return answerOf(url, await request(url, key, path))
}

async function answerOf<Answer>(url: string, response: Response): Promise<Answer | Problem> {
  const answer = (await response.json().catch(() => null)) as Answer | Problem | null
  if (answer === null) throw new Unable(`${url} is not Qullqi: it answered ${response.status}.`)
  return answer
}

function isProblem(answer: object): answer is Problem {
  return 'code' in answer && 'detail' in answer
}

/** All items of a list. @throws Unable when it is refused */
async function* allOf<Item>(url: string, key: string, path: string): AsyncGenerator<Item> {
  let after = ''
  do {
    const page = await ask<Page<Item>>(url, key, `${path}?limit=200${after}`)
    if (isProblem(page)) throw new Unable(`${page.code}: ${page.detail}`)
    yield* page.items
    after = page.next === null ? '' : `&after=${encodeURIComponent(page.next)}`
  } while (after !== '')
}

async function bookCalled(url: string, key: string, called: string): Promise<string> {
  for await (const { id, code } of allOf<{ id: string; code: string }>(url, key, 'books'))
    if (id === called.toLowerCase() || code === called) return id
  throw new Unable(`there is no book ${called} for this key.`)
}

/** Sends one file as it is read, and says what came of it. */
async function send({ url, key, bookId, query, progress }: Asked, path: string): Promise<boolean> {
  const size = sizeOf(path)
  const body = Readable.toWeb(createReadStream(path).on('data', sent(path, size, progress)))
  const name = encodeURIComponent(basename(path).slice(0, 200))
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(size) }
  const response = await request(url, key, `books/${bookId}/bank-files?name=${name}&${query}`, {
    ...{ method: 'POST', headers: { ...headers, accept: 'application/x-ndjson, application/json;q=0.5' } },
    ...{ body: body as ReadableStream, duplex: 'half' },
  } as RequestInit)
  const isTold = response.headers.get('content-type')?.startsWith('application/x-ndjson') === true
  const answer = isTold ? await lastOf(response, path, progress) : await answerOf<Taken>(url, response)
  progress()
  if (isProblem(answer)) {
    const { numbers } = answer.facts ?? {}
    const more = Array.isArray(numbers) ? ` (${numbers.join(', ')})` : ''
    console.log(`${path}: refused, ${answer.code}: ${answer.detail}${more}`)
    return false
  }
  const { id, statements, lines, repeatedLines, replayed } = answer
  const had = repeatedLines === 0 ? '' : `, ${repeatedLines} of them had already`
  console.log(`${path}: ${replayed ? 'had already' : 'taken'}; ${statements} statements, ${lines} lines${had}`)
  for await (const statement of allOf<Statement>(url, key, `books/${bookId}/bank-files/${id}/statements`))
    for (const { reason, detail } of statement.breaks)
      console.log(
        `  ${statement.number ?? statement.reference ?? 'statement'} of ${statement.toDay}: ${reason}: ${detail}`,
      )
  return true
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch (error) {
    throw new Unable(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}.`)
  }
}

/** How much of the file is on its way. */
function sent(path: string, size: number, progress: Progress): (chunk: string | Buffer) => void {
  let bytes = 0
  return chunk => {
    bytes += chunk.length
    progress(`${path}: sent ${share(bytes, size)}`)
  }
}

/** What came of a file in the end; until then, how far it is. @throws Unable when that is never told */
async function lastOf(response: Response, path: string, progress: Progress): Promise<Taken | Problem> {
  const lines = createInterface({ input: Readable.fromWeb(response.body as never) })
  try {
    for await (const line of lines) {
      const told = JSON.parse(line) as Told
      if (told.stage === 'taken') return told.file
      if (told.stage === 'refused') return told.problem
      if (told.stage === 'reading') progress(`${path}: read ${share(told.read, told.size)}`)
      else progress(`${path}: kept ${told.kept} of ${told.lines} lines`)
    }
  } catch {
    // The connection broke: what was told until then is not the end.
  }
  throw new Unable(`the service went away amid ${path}. Send it again: what was taken is not taken twice.`)
}

function share(part: number, whole: number): string {
  return `${Math.floor((100 * part) / Math.max(whole, 1))} %`
}

/** On a terminal each word takes the place of the one before it. */
function inPlace(words = ''): void {
  process.stderr.write(`\r\u001b[K${words}`)
}

/** A line for whatever is new. */
function inLines(): Progress {
  let before = ''
  return (words = '') => {
    if (words !== before && words !== '') process.stderr.write(`${words}\n`)
    before = words
  }
}
