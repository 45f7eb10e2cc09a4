import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chartOfAccounts, openAccounts, openBook, trialBalance } from '../../src/ledger/index.ts'
import { journalAccount, journalOf } from '../../src/ledger/journal.ts'
import { type Currency, formatAmount } from '../../src/money.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { type EventfulBook, eventfulBook } from './eventful-book.ts'

const version = spawnSync('hledger', ['--version'], { encoding: 'utf8' })
const missing = version.status !== 0
if (missing)
  console.warn('SKIPPED: hledger is not installed (apt-get install hledger), so nobody else reads our journal.')

let test: TestDatabase
let folder: string

beforeAll(async () => {
  test = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'qullqi-journal-'))
})
afterAll(async () => {
  await test.close()
  await rm(folder, { recursive: true, force: true })
})

async function journal(bookId: string): Promise<string> {
  let text = ''
  for await (const piece of journalOf(test.db, bookId)) text += piece
  return text
}

/** What an account comes to by its entries, debits positive, in the words of the journal. */
async function balances(bookId: string, currency: Currency): Promise<Record<string, string>> {
  const { rows } = await test.db.$client.query(
    `select a.type, a.code, coalesce(sum(case e.direction when 'debit' then e.amount else -e.amount end), 0) as balance
     from account a left join entry e on e.book_id = $1 and e.account_id = a.id where a.book_id = $1 group by a.type, a.code`,
    [bookId],
  )
  return Object.fromEntries(
    rows.map(({ type, code, balance }) => [journalAccount(type, code), written(BigInt(balance), currency)]),
  )
}

/** As hledger writes an amount. */
function written(balance: bigint, currency: Currency): string {
  return balance === 0n ? '0' : `${formatAmount(balance, currency)} ${currency}`
}

describe('the journal', () => {
  it('has every transaction in the order of recording, its entries, and an assertion of every balance', async () => {
    const book = await eventfulBook(test.db, { seed: 51, steps: 30 })
    const text = await journal(book.id)
    const [first = '', , , commodity] = text.split('\n')
    const { rows } = await test.db.$client.query(
      `select h.sequence, encode(h.hash, 'hex') as hash, (select count(*)::int from entry where book_id = $1) as entries
       from book_head h where book_id = $1`,
      [book.id],
    )
    const [{ sequence, hash, entries }] = rows
    expect(first).toContain(`transactions 1 to ${sequence}; the last one's hash is ${hash}`)
    expect(commodity).toBe('commodity 1000.00 PEN')
    const codes = [...text.matchAll(/^\d{4}-\d\d-\d\d \((\d+)\) /gm)].map(match => Number(match[1]))
    expect(codes).toEqual(Array.from({ length: Number(sequence) }, (_, place) => place + 1))
    expect([...text.matchAll(/^ {4}\S+ {2}\S+ PEN$/gm)]).toHaveLength(entries)
    expect([...text.matchAll(/^ {4}\S+ {2}0\.00 PEN = \S+ PEN$/gm)]).toHaveLength(10)
    expect(text.trimEnd().split('\n').at(-1)).toMatch(/^; End of the journal of B51-PEN: /)
  })

  it('names nobody: no names, reasons or evidence, however they are written', async () => {
    const book = await eventfulBook(test.db, { seed: 52, steps: 30 })
    const text = await journal(book.id)
    const { rows } = await test.db.$client.query<{ word: string }>(
      `select name as word from account where book_id = $1 union select reason from transaction where book_id = $1 and reason is not null
       union select e.value from transaction t, jsonb_each_text(t.evidence) e where t.book_id = $1 and length(e.value) > 4`,
      [book.id],
    )
    expect(rows.length).toBeGreaterThan(10)
    for (const { word } of rows) expect(text).not.toContain(word)
  })

  it('gives every account a name of its own, whatever its code', () => {
    const codes = ['1010', '1010.x', '1010.x.y', '1010:x', '1010.x:y', 'a', 'a.', 'a..', 'a:', 'a-b']
    const names = codes.map(code => journalAccount('asset', code))
    expect(new Set(names).size).toBe(codes.length)
    expect(names.slice(0, 4)).toEqual(['assets:1010', 'assets:1010:1010.x', 'assets:1010:1010.x.y', 'assets:1010/x'])
  })

  it('of a book without transactions is its chart', async () => {
    const book = { id: uuid(), code: 'EMPTY', name: 'Empty', currency: 'CLP' as const }
    await openBook(test.db, book, new Date('2026-01-01T12:00:00Z'), 'tester')
    expect(await journal(book.id)).toContain('commodity 1000. CLP')
    expect(await journal(book.id)).toContain('transactions 1 to 0')
  })

  it('is refused of a book that is not there', async () => {
    await expect(journal(uuid())).rejects.toMatchObject({ code: 'book-not-found' })
  })

  it('gives its connection back when nobody reads it to the end', async () => {
    const { id } = await eventfulBook(test.db, { seed: 53, steps: 10 })
    for (let time = 0; time < 30; time++) {
      for await (const piece of journalOf(test.db, id)) {
        expect(piece).toContain('commodity')
        break
      }
    }
    expect(test.db.$client.totalCount - test.db.$client.idleCount).toBe(0)
  })
})

describe.skipIf(missing)('hledger', () => {
  async function hledger(text: string, ...args: string[]) {
    const file = join(folder, `${uuid()}.journal`)
    await writeFile(file, text)
    return spawnSync('hledger', ['-f', file, ...args], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } })
  }

  async function hledgerBalances(text: string, ...more: string[]): Promise<Record<string, string>> {
    const { stdout, stderr } = await hledger(text, 'balance', '--flat', '--empty', '--no-total', '-O', 'csv', ...more)
    expect(stderr).toBe('')
    const [, ...lines] = parse(stdout) as string[][]
    return Object.fromEntries(lines) as Record<string, string>
  }

  it.each([
    ['PEN', 61],
    ['USD', 62],
    ['CLP', 63],
  ] as const)('accepts a book in %s and comes to the same balances', async (currency, seed) => {
    const book: EventfulBook = await eventfulBook(test.db, { seed, steps: 150, currency })
    const text = await journal(book.id)
    expect(text).toMatch(/reversal .*reverses:\d+/)
    expect(text).toMatch(/hold:[0-9a-f-]{36}/)
    expect(text).toMatch(/\) adjustment /)
    expect(await hledger(text, 'check', '--strict')).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expect(await hledgerBalances(text)).toEqual(await balances(book.id, currency))
    const { lines } = await trialBalance(test.db, book.id, { asOf: null, known: null })
    const controls = await hledgerBalances(text, '--depth', '2')
    expect(new Map(Object.entries(controls).map(([account, balance]) => [account.split(':').at(-1), balance]))).toEqual(
      new Map(lines.map(({ control, debits, credits }) => [control, written(debits - credits, currency)])),
    )
    const { stdout } = await hledger(text, 'accounts', '--declared', '--types')
    const declared = stdout.trimEnd().split('\n')
    expect(declared).toHaveLength(10)
    expect(declared.find(line => line.startsWith('income:4010'))).toMatch(/type: R/)
  })

  it('finds an amount or a balance that is not ours', async () => {
    const book = await eventfulBook(test.db, { seed: 64, steps: 0 })
    const text = await journal(book.id)
    const wrongs = [
      text.replace(/ {2}500000\.00| {2}5000\.00/, '  5000.01'),
      text.replace(/= (-?\d+)\.(\d\d) PEN/, '= $1.99 PEN'),
      text.replace(/^account assets:1010 .*\n/m, ''),
    ]
    for (const wrong of wrongs) {
      expect(wrong).not.toBe(text)
      expect((await hledger(wrong, 'check', '--strict')).status).toBe(1)
    }
  })

  it('takes many accounts', async () => {
    const { id, accounts } = await eventfulBook(test.db, { seed: 65, steps: 0 })
    expect(accounts.bank).toBeDefined()
    const openings = Array.from({ length: 3000 }, (_, place) => ({
      id: uuid(),
      code: `2010.${place}`,
      name: 'Own money',
      type: 'liability' as const,
      floor: 0n,
      openedOn: '2026-01-01',
    }))
    await openAccounts(test.db, id, openings, new Date('2026-11-24T15:00:00Z'), 'tester')
    expect(await chartOfAccounts(test.db, id, { afterCode: null, limit: 1 })).toHaveLength(1)
    const { status, stderr } = await hledger(await journal(id), 'check', '--strict')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  })
})
