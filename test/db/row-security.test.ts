import pg from 'pg'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { actingRole, type Db, openDatabase, transact } from '../../src/db/client.ts'
import { type Reach, within } from '../../src/db/scope.ts'
import { readSnapshot } from '../../src/db/stream.ts'
import { openAccounts, openBook, openLedger } from '../../src/ledger/index.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'

const clock = { now: () => new Date('2026-11-24T15:00:00Z') }
const tables = ['account', 'book_head', 'entry', 'event', 'transaction', 'agent']
let database: TestDatabase
const [ours, theirs] = [uuid(), uuid()]

beforeAll(async () => {
  database = await testDatabase()
  const { db } = database
  const ledger = openLedger({ db, clock })
  for (const book of [ours, theirs]) {
    const [bank, fund] = [uuid(), uuid()]
    await openBook(db, { id: book, code: book, name: 'Book', currency: 'PEN' }, clock.now(), 'tester')
    const opening = { name: 'Account', floor: null, openedOn: '2026-01-01' }
    const accounts = [
      { ...opening, id: bank, code: '1010', type: 'asset' as const },
      { ...opening, id: fund, code: '5010', type: 'equity' as const },
    ]
    await openAccounts(db, book, accounts, clock.now(), 'tester')
    const entries = [
      { accountId: bank, direction: 'debit' as const, amount: 1n },
      { accountId: fund, direction: 'credit' as const, amount: 1n },
    ]
    await ledger.post(book, { id: uuid(), kind: 'move', valueDate: '2026-11-01', entries }, 'tester')
    await database.owner.$client.query(
      `begin; set local session_replication_role = replica;
       insert into agent (book_id, id, code, name, starts_on, recorded_at, actor, content_hash)
       values ('${book}', '${uuid()}', 'A-1', 'Agent', '2026-01-01', now(), 'tester', ''); commit`,
    )
  }
})
afterAll(() => database.close())

/** The books whose rows a statement that forgets its filter sees, by table. */
async function seen(db: Db, reach?: Reach): Promise<string[]> {
  const all = async () => {
    const books = new Set<string>()
    for (const table of tables) {
      const { rows } = await db.$client.query<{ book_id: string }>(`select distinct book_id from ${table}`)
      for (const { book_id } of rows) books.add(book_id)
    }
    return [...books].sort()
  }
  return await (reach === undefined ? all() : within({ reach }, all))
}

describe.each([true, false])('a pool of one connection, where statements are prepared: %s', prepares => {
  let db: Db
  beforeAll(() => {
    db = openDatabase({ url: database.ownerUrl, role: actingRole, max: 1, prepares })
  })
  afterAll(() => db.$client.end())

  test('a statement that forgets its filter sees the book of whoever asks, whoever asked before', async () => {
    expect(await seen(db, ours)).toEqual([ours])
    expect(await seen(db, theirs)).toEqual([theirs])
    expect(await seen(db, 'none')).toEqual([])
    expect(await seen(db, 'all')).toEqual([ours, theirs].sort())
    expect(await seen(db, ours)).toEqual([ours])
    // What the service does by itself is about all of them.
    expect(await seen(db)).toEqual([ours, theirs].sort())
    expect(await seen(db, uuid())).toEqual([])
  })

  test('many who ask at once see each their own', async () => {
    const asked = Array.from({ length: 200 }, (_, index) => (index % 3 === 0 ? ours : theirs))
    const answers = await Promise.all(
      asked.map(book =>
        within({ reach: book }, async () => {
          const { rows } = await db.$client.query('select distinct book_id from entry')
          return rows.map(row => row.book_id)
        }),
      ),
    )
    expect(answers).toEqual(asked.map(book => [book]))
  })

  test('after an error amid a transaction the next one who asks sees her own, and so in transactions', async () => {
    const inside = () =>
      transact(db, async tx => (await tx.execute('select distinct book_id from entry')).rows.map(row => row.book_id))
    const failing = within({ reach: ours }, () =>
      transact(db, async tx => {
        await tx.execute('select 1 from entry')
        await tx.execute('select 1 / 0')
      }),
    )
    await expect(failing).rejects.toThrow()
    expect(await within({ reach: theirs }, inside)).toEqual([theirs])
    await expect(within({ reach: theirs }, () => db.$client.query('select 1 / 0'))).rejects.toThrow('division by zero')
    expect(await within({ reach: ours }, inside)).toEqual([ours])
    expect(await seen(db, theirs)).toEqual([theirs])
  })

  test('a snapshot sees its own', async () => {
    const read = (reach: Reach) =>
      within({ reach }, () =>
        readSnapshot(db, async session => (await session.query('select distinct book_id from entry')).rows),
      )
    expect(await read(ours)).toEqual([{ book_id: ours }])
    expect(await read(theirs)).toEqual([{ book_id: theirs }])
  })

  test('nothing is written into another book', async () => {
    const write = (reach: Reach, book: string) =>
      within({ reach }, () =>
        db.$client.query(
          `insert into agent (book_id, id, code, name, starts_on, recorded_at, actor, content_hash)
           values ($1, $2, 'A-2', 'Agent', '2026-01-01', now(), 'tester', '')`,
          [book, uuid()],
        ),
      )
    await expect(write(ours, theirs)).rejects.toThrow('violates row-level security policy')
    await expect(write('none', ours)).rejects.toThrow('violates row-level security policy')
    // Into hers it would be, if the book had been opened for savings.
    await expect(write(ours, ours)).rejects.toThrow('violates foreign key')
  })
})

test('a session that was told nothing, or nonsense, sees and writes nothing', async () => {
  const client = new pg.Client(database.url)
  await client.connect()
  try {
    expect((await client.query('select from entry')).rowCount).toBe(0)
    await client.query(`set app.book_id = ''; set app.every_book = ''`)
    expect((await client.query('select from entry')).rowCount).toBe(0)
    await client.query(`set app.book_id = '*'; set app.every_book = ''`)
    await expect(client.query('select from entry')).rejects.toThrow('invalid input syntax for type uuid')
    await client.query('reset app.book_id')
    expect((await client.query('select from account')).rowCount).toBe(0)
  } finally {
    await client.end()
  }
})
