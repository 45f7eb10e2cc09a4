import { createReadStream, statSync } from 'node:fs'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { parseArgs } from 'node:util'

const usage = `usage: npm run bank-file -- --book CODE|ID [--profile CODE] [--bank-account ID] FILE …
QULLQI_URL and QULLQI_KEY, a bank's or an administrator's, say whom to ask and as whom.`

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
type Asked = { url: string; key: string; bookId: string; query: string }

try {
  process.exitCode = (await sendAll()) ? 0 : 1
} catch (error) {
  if (!(error instanceof Unable)) throw error
  console.error(`qullqi: ${error.message}`)
  process.exitCode = 2
}

/** Hands files in one after the other; false when one was refused. */
async function sendAll(): Promise<boolean> {
  const { book, profile, bankAccount, files } = readArguments()
  const { QULLQI_URL: address, QULLQI_KEY: key } = process.env
  const url = (address || 'http://127.0.0.1:3000').replace(/\/+$/, '')
  if (!key) throw new Unable(`QULLQI_KEY is not set.\n${usage}`)
  const query = new URLSearchParams({
    ...(profile !== undefined && { profile }),
    ...(bankAccount !== undefined && { bankAccountId: bankAccount }),
  }).toString()
  const bookId = await bookCalled(url, key, book)
  let right = true
  for (const file of files) right = (await send({ url, key, bookId, query }, file)) && right
  return right
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      options: { book: { type: 'string' }, profile: { type: 'string' }, 'bank-account': { type: 'string' } },
      allowPositionals: true,
    })
    if (values.book === undefined) throw new Error('say of which book with --book')
    if (positionals.length === 0) throw new Error('name a file')
    return { book: values.book, profile: values.profile, bankAccount: values['bank-account'], files: positionals }
  } catch (error) {
    throw new Unable(`${(error as Error).message}\n${usage}`)
  }
}

async function ask<Answer>(url: string, key: string, path: string, init: RequestInit = {}): Promise<Answer | Problem> {
  const headers = { authorization: `Bearer ${key}`, ...init.headers }
  const response = await fetch(`${url}/v1/${path}`, { ...init, headers }).catch(cause => {
    throw new Unable(`${url} does not answer. Is the service running?`, { cause })
  })
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
async function send({ url, key, bookId, query }: Asked, path: string): Promise<boolean> {
  const size = sizeOf(path)
  const body = Readable.toWeb(createReadStream(path).on('data', sent(path, size)))
  const name = encodeURIComponent(basename(path).slice(0, 200))
  const answer = await ask<Taken>(url, key, `books/${bookId}/bank-files?name=${name}&${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(size) },
    body: body as ReadableStream,
    duplex: 'half',
  } as RequestInit)
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
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

/** On a terminal, how much of the file is on its way. */
function sent(path: string, size: number): (chunk: string | Buffer) => void {
  let bytes = 0
  return chunk => {
    bytes += chunk.length
    if (process.stderr.isTTY)
      process.stderr.write(`\r\u001b[K${path}: ${Math.floor((100 * bytes) / Math.max(size, 1))} %`)
  }
}
