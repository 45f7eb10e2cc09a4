import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { furtherChecks } from '../../src/audit/checks.ts'
import { linesIn, readBook } from '../../src/book-file/reading.ts'
import { takeBook } from '../../src/book-file/taking.ts'
import { writeBook } from '../../src/book-file/writing.ts'
import { within } from '../../src/db/scope.ts'
import { readSnapshot, sessionOf } from '../../src/db/stream.ts'
import { verifyWithin } from '../../src/ledger/index.ts'
import { linkAll } from '../../src/trail/linking.ts'
import { openResolving, type Resolving } from '../reconciliation/resolving.ts'
import { type TestApp, testApp } from '../support/app.ts'

/** One installation, from which books go, and another of the same key, into which they come. */
let [from, to]: TestApp[] = []
let book: Resolving
let file: string

beforeAll(async () => {
  from = await testApp()
  to = await testApp()
  // Persons are hashed by one key in both; each left its own value to check by, as it would at the start.
  const value = Buffer.alloc(32, 7)
  for (const { owner } of [from, to])
    await owner.$client.query('insert into identity_check (id, value) values (1, $1) on conflict do nothing', [value])
  book = await filled(from)
  await filled(from)
  file = await exported(from, book.bookId)
}, 120_000)

afterAll(() => Promise.all([from!.close(), to!.close()]))

const day = '2026-03-02'

/** A book with savers, accounts, deposits, a statement of its bank, what was matched and what was not. */
async function filled(service: TestApp): Promise<Resolving> {
  const made = await openResolving(service)
  await made.deposit({ amount: '10.00', day, reference: 'OP-1' })
  await made.deposit({ amount: '7.50', day })
  await made.statement({
    day: '260302',
    number: '1',
    opening: '0,00',
    closing: '13,00',
    lines: ['C10,00OP-1', 'C3,00OP-9'],
  })
  await made.match()
  await linkAll(service.db)
  return made
}

async function exported(service: TestApp, bookId: string): Promise<string> {
  let text = ''
  const write = async (more: string) => {
    text += more
  }
  const { code } = (await service.owner.$client.query('select code from book where id = $1', [bookId])).rows[0]
  await within({ reach: bookId }, () =>
    readSnapshot(service.db, session => writeBook(session, { id: bookId, code }, service.clock.now(), write)),
  )
  return text
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000)
}

/** Takes a file in, as the program does; what fails leaves nothing. Answers why, or null. */
async function taken(service: TestApp, text: string, before = ''): Promise<string | null> {
  const client = await service.owner.$client.connect()
  const session = sessionOf(client)
  try {
    await session.query('begin')
    if (before !== '') await session.query(before)
    const reading = await readBook(linesIn(pieces(text)))
    await takeBook(session, reading)
    const { id } = reading.head.book
    const { faults } = await verifyWithin(session, id, { now: service.clock.now(), most: 5, further: furtherChecks })
    if (faults.length > 0) return `faults: ${faults.map(({ rule }) => `"rule" ${rule}`).join()}`
    await session.query('commit')
    return null
  } catch (error) {
    return (error as Error).message
  } finally {
    await session.query('rollback')
    client.release()
  }
}

/** A file as somebody would write it who knows how: with its hashes made anew. */
function sealed(lines: readonly string[]): string {
  const [all, contents] = [createHash('sha256'), createHash('sha256')]
  lines.forEach((line, at) => {
    all.update(`${line}\n`)
    if (at > 0) contents.update(`${line}\n`)
  })
  const tail = { lines: lines.length - 1, sha256: all.digest('hex'), contents: contents.digest('hex') }
  return [...lines, JSON.stringify(tail), ''].join('\n')
}

const linesOf = (text: string) => text.split('\n').slice(0, -2)

test('what is cut, altered, doubled or goes on is refused, and nothing of it is there', async () => {
  const lines = linesOf(file)
  const amount = lines.findIndex(line => line.startsWith('{"table":"entry"'))
  const changed = lines.with(amount, lines[amount]!.replace('"amount":1000', '"amount":1001'))
  expect(changed).not.toEqual(lines)
  const wrong: [text: string, why: RegExp][] = [
    ['', /nothing in it/],
    ['hello\n', /line 1: it is not a line/],
    [file.slice(0, -2_000), /line \d+: it is not a line|it ends before its end/],
    [file.split('\n').toSpliced(20, 1).join('\n'), /is not what was written/],
    [file.replace('"amount":1000', '"amount":1001'), /is not what was written/],
    [`${file}{}\n`, /goes on behind its end/],
    [sealed(changed), /faults: .*"rule"/],
    [
      sealed(lines.with(0, lines[0]!.replace(/"shape":"[0-9a-f]{4}/, '"shape":"0000'))),
      /another shape of the database/,
    ],
    [
      sealed(lines.with(amount, lines[amount]!.replace(book.bookId, crypto.randomUUID()))),
      /rows of entry are of another book/,
    ],
    [sealed([...lines, '{"table":"api_key","row":{"id":1}}']), /there is no table api_key of a book/],
    [sealed([...lines, '{"table":"pg_class","row":{"id":1}}']), /there is no table pg_class of a book/],
    [sealed(lines.filter(line => !line.startsWith('{"table":"account"'))), /names one of account that is not there/],
    [
      sealed(lines.with(amount, lines[amount]!.replace('"position":', '"more":1,"position":'))),
      /is not what the file has/,
    ],
    [
      sealed(lines.with(amount, lines[amount]!.replace('"amount":1000', '"amount":0'))),
      /cannot be taken: .*entry_amount_positive/,
    ],
  ]
  for (const [text, why] of wrong) expect({ why: await taken(to!, text) }).toEqual({ why: expect.stringMatching(why) })
  const other = `update identity_check set value = sha256('another')`
  expect(await taken(to!, file, other)).toMatch(/another IDENTITY_KEY/)
  const { rows } = await to!.owner.$client.query(
    'select (select count(*) from book) + (select count(*) from entry) as count',
  )
  expect(rows).toEqual([{ count: '0' }])
})

test('a book comes into another installation as it was, verifies there, and is used on', async () => {
  expect(await taken(to!, file)).toBeNull()
  const again = await exported(to!, book.bookId)
  // The tail also covers the head, which tells when it was made.
  expect(linesOf(again).slice(1)).toEqual(linesOf(file).slice(1))
  expect(await taken(to!, file)).toMatch(/there is a book .* here already/)
  const key = await to!.key('administrator')
  const ask = async (path: string) =>
    (
      await to!.app.inject({ url: `/v1/books/${book.bookId}${path}`, headers: { authorization: `Bearer ${key}` } })
    ).json()
  expect(await ask('/trial-balance')).toEqual(
    await book.get('/trial-balance', book.administratorKey).then(({ body }) => body),
  )
  expect(await ask('/verification')).toMatchObject({ ok: true, faults: [] })
  const deposit = {
    ...{ id: crypto.randomUUID(), savingsAccountId: [...book.accounts.values()][0], amount: '1.00' },
    ...{ valueDate: day, channel: 'branch' },
  }
  const { statusCode } = await to!.app.inject({
    ...{ method: 'POST', url: `/v1/books/${book.bookId}/deposits`, payload: deposit },
    headers: { authorization: `Bearer ${key}` },
  })
  expect(statusCode).toBe(201)
})

test('nothing of another book is in it, and every table of a book that has rows is', async () => {
  const tables = new Set(linesOf(file).map(line => /^\{"table":"(\w+)"/.exec(line)?.[1]))
  const { rows } = await from!.owner.$client.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'book_id'
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'`,
  )
  for (const { name } of rows) {
    const { rowCount } = await from!.owner.$client.query(`select from "${name}" where book_id = $1 limit 1`, [
      book.bookId,
    ])
    expect([name, tables.has(name)]).toEqual([name, rowCount! > 0 && name !== 'book_seal'])
  }
  for (const id of file.match(/"book_id":"[^"]*"/g)!) expect(id).toContain(book.bookId)
})

test('a line ends where it was ended, whatever else looks like an end', async () => {
  const found: string[] = []
  for await (const line of linesIn(pieces(`${'ñ'.repeat(999)}\u2028two\r\nthree\n\nfour`))) found.push(line)
  expect(found).toEqual([`${'ñ'.repeat(999)}\u2028two\r`, 'three', '', 'four'])
  await expect(linesIn(Readable.from([Buffer.from([0xff, 0x0a])])).next()).rejects.toThrow('bytes that are no text')
})
