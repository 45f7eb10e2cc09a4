import { is } from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import type pg from 'pg'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sessionOf } from '../../src/db/stream.ts'
import { openLedger } from '../../src/ledger/index.ts'
import * as schema from '../../src/ledger/schema.ts'
import { strayRows, type Verification, verifyBook, verifyWithin } from '../../src/ledger/verify.ts'
import { tableNames } from '../../src/ledger/verify-guards.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { change, changes, columns, someRows, tampering } from '../support/tampering.ts'
import { type EventfulBook, eventfulBook } from './eventful-book.ts'

let test: TestDatabase
let client: pg.PoolClient
let book: EventfulBook
let other: EventfulBook

beforeAll(async () => {
  test = await testDatabase()
  client = await test.owner.$client.connect()
  book = await eventfulBook(test.db, { seed: 7, steps: 120 })
  other = await eventfulBook(test.db, { seed: 8, steps: 10 })
})
afterAll(async () => {
  client.release()
  await test.close()
})

const asKept = (bookId = book.id) => verifyBook(test.db, bookId)

function afterwards(tamper: () => Promise<unknown>, bookId = book.id): Promise<Verification> {
  return tampering(client, tamper, () => verifyWithin(sessionOf(client), bookId, { most: 20 }))
}

async function rowsOf<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
  return (await client.query<Row>(text, values)).rows
}

describe('tampering', () => {
  it('is looked for in every table that the ledger has', () => {
    const declared = Object.values(schema).filter(one => is(one, PgTable)) as PgTable[]
    expect(tableNames.toSorted()).toEqual(declared.map(table => getTableConfig(table).name).toSorted())
  })

  it('has a book to work on in which every table has rows', async () => {
    const { ok, counts } = await afterwards(async () => {})
    expect(ok).toBe(true)
    const { records, ...ofLedger } = counts
    expect(records).toBe(0)
    for (const count of Object.values(ofLedger)) expect(count).toBeGreaterThan(0)
  })

  it('with any field of any row is found, and the transaction is named', async () => {
    const missed: string[] = []
    let tried = 0
    for (const one of await columns(client, tableNames)) {
      for (const { ctid, sequence } of await someRows(client, book.id, one)) {
        for (const candidates of changes(one)) {
          const found = await afterwards(async () => {
            for (const sql of candidates) {
              const text = `update "${one.table}" set ${one.column} = ${sql} where ctid = $1`
              if ((await change(client, text, [ctid])) === 'done') return
            }
            throw new Error(`${one.table}.${one.column} could not be changed`)
          }, book.id).catch(error => {
            // Of a book whose own id was changed nothing is left under the old one but what belongs to it.
            if (error.code === 'book-not-found') return undefined
            throw error
          })
          tried += 1
          const faults = found?.faults.filter(({ rule }) => rule !== 'guard-missing') ?? []
          const named = sequence === null || faults[0]?.sequence === BigInt(sequence)
          if (found !== undefined && (faults.length === 0 || !named)) {
            missed.push(`${one.table}.${one.column} of ${sequence ?? ctid}: ${faults[0]?.rule} ${faults[0]?.sequence}`)
          }
        }
      }
    }
    expect(missed).toEqual([])
    expect(tried).toBeGreaterThan(400)
  }, 120_000)

  const run = (text: string, ...values: unknown[]) => client.query(text, [book.id, ...values])

  async function first(tamper: () => Promise<unknown>, bookId = book.id) {
    const { ok, faults } = await afterwards(tamper, bookId)
    expect(ok).toBe(false)
    return faults[0]!
  }

  const entryColumns = 'sequence, position, account_id, direction, amount, value_date, debits_after, credits_after'

  it('by taking out a transaction, with its entries or without, names the one that is gone', async () => {
    const alone = await first(() => run('delete from transaction where book_id = $1 and sequence = 17'))
    expect(alone).toMatchObject({ rule: 'sequence-gap', sequence: 17n })
    const whole = await first(async () => {
      await run('delete from transaction where book_id = $1 and sequence = 17')
      await run('delete from entry where book_id = $1 and sequence = 17')
    })
    expect(whole).toMatchObject({ rule: 'sequence-gap', sequence: 17n })
    const head = await asKept()
    const last = await first(async () => {
      await run('delete from transaction where book_id = $1 and sequence = $2', head.sequence.toString())
      await run('delete from entry where book_id = $1 and sequence = $2', head.sequence.toString())
    })
    expect(last).toMatchObject({ rule: 'sequence-gap', sequence: head.sequence })
    const all = await first(async () => {
      for (const table of ['transaction', 'entry', 'account_day']) await run(`delete from ${table} where book_id = $1`)
    })
    expect(all).toMatchObject({ rule: 'sequence-gap', sequence: 1n })
  })

  it('by taking out one entry, or all of a transaction, names the transaction', async () => {
    const one = await first(() => run('delete from entry where book_id = $1 and sequence = 12 and position = 2'))
    expect(one).toMatchObject({ rule: 'entries-too-few', sequence: 12n })
    const all = await first(() => run('delete from entry where book_id = $1 and sequence = 12'))
    expect(all).toMatchObject({ rule: 'entries-too-few', sequence: 12n })
  })

  it.each([
    ['account', 'account-missing', `code = '2010.ana'`],
    ['account_day', 'day-totals', 'ctid = (select min(ctid) from account_day where book_id = $1)'],
    ['hold', 'hold-missing', 'ctid = (select min(ctid) from hold where book_id = $1)'],
    ['event', 'event-gap', 'number = 20'],
    ['event', 'event-gap', 'number = (select max(number) from event where book_id = $1)'],
    ['book_head', 'head-missing', 'true'],
  ])('by taking a row out of %s is found: %s', async (table, rule, where) => {
    expect(await first(() => run(`delete from ${table} where book_id = $1 and ${where}`))).toMatchObject({ rule })
  })

  it('by putting in a transaction, or an entry to one that stands, names it', async () => {
    const { sequence } = await asKept()
    const next = sequence + 1n
    const copied = await first(async () => {
      await client.query('create temporary table copied on commit drop as select * from transaction where false')
      await run('insert into copied select * from transaction where book_id = $1 and sequence = 5')
      await client.query('update copied set sequence = $1, id = $2', [next.toString(), uuid()])
      await client.query('insert into transaction select * from copied')
      await run(
        `insert into entry (book_id, ${entryColumns}) select book_id, ${entryColumns.replace('sequence', '$2::bigint')}
         from entry where book_id = $1 and sequence = 5`,
        next.toString(),
      )
    })
    expect(copied).toMatchObject({ rule: 'content-hash', sequence: next })
    const grown = await first(() =>
      run(
        `insert into entry (book_id, ${entryColumns}) select book_id, ${entryColumns.replace('position', 'position + 2')}
         from entry where book_id = $1 and sequence = 5`,
      ),
    )
    expect(grown).toMatchObject({ rule: 'content-hash', sequence: 5n })
    const orphan = await first(() =>
      run(
        `insert into entry (book_id, ${entryColumns}) select book_id, ${entryColumns.replace('sequence', '$2::bigint')}
         from entry where book_id = $1 and sequence = 5`,
        next.toString(),
      ),
    )
    expect(orphan).toMatchObject({ rule: 'entry-without-transaction', sequence: next })
  })

  it('by putting in an account, a day, a hold or an event is found', async () => {
    const account = () =>
      run(
        `insert into account (book_id, id, code, name, type, normal, status, opened_on, opened_event)
         select book_id, $2, '9999', name, type, normal, status, opened_on, opened_event from account where book_id = $1 limit 1`,
        uuid(),
      )
    expect(await first(account)).toMatchObject({ rule: 'account-unregistered' })
    const day = (accountId: string) => run(`insert into account_day values ($1, $2, '2026-12-24', 1, 1)`, accountId)
    expect(await first(() => day(book.accounts.ana!))).toMatchObject({ rule: 'day-totals', field: '2026-12-24' })
    expect(await first(() => day(uuid()))).toMatchObject({ rule: 'day-totals' })
    const hold = () =>
      run(
        `insert into hold (book_id, id, account_id, amount, status, placed_event)
         select book_id, $2, account_id, amount, 'placed', placed_event from hold where book_id = $1 limit 1`,
        uuid(),
      )
    expect(await first(hold)).toMatchObject({ rule: 'hold-unregistered' })
    const event = () =>
      run(
        `insert into event select book_id, number + 1, 'hold-expired', $2, after_sequence, recorded_at, actor, content, hash
         from event where book_id = $1 order by number desc limit 1`,
        uuid(),
      )
    expect((await first(event)).event).toBe((await asKept()).eventNumber + 1n)
  })

  it('by letting two transactions change places names the earlier', async () => {
    const swap = async (table: string) => {
      await run(`update ${table} set sequence = -9 where book_id = $1 and sequence = 9`)
      await run(`update ${table} set sequence = 9 where book_id = $1 and sequence = 14`)
      await run(`update ${table} set sequence = 14 where book_id = $1 and sequence = -9`)
    }
    expect(await first(() => swap('transaction'))).toMatchObject({ sequence: 9n })
    expect(await first(() => swap('entry'))).toMatchObject({ sequence: 9n })
    const both = async () => {
      await swap('transaction')
      await swap('entry')
    }
    expect(await first(both)).toMatchObject({ rule: 'link-hash', sequence: 9n })
  })

  it('by moving rows to another book is found in both', async () => {
    const end = (await asKept(other.id)).sequence + 1n
    const move = async () => {
      for (const table of ['transaction', 'entry']) {
        const text = `update ${table} set book_id = $2, sequence = $3 where book_id = $1 and sequence = 30`
        await run(text, other.id, end.toString())
      }
    }
    expect(await first(move)).toMatchObject({ rule: 'sequence-gap', sequence: 30n })
    expect(await first(move, other.id)).toMatchObject({ rule: 'content-hash', sequence: end })
    for (const table of ['account', 'hold', 'account_day']) {
      const text = `update ${table} set book_id = $2 where ctid = (select max(ctid) from ${table} where book_id = $1)`
      const moved = () =>
        client
          .query(`alter table account drop constraint if exists account_code_unique cascade`)
          .then(() => run(text, other.id))
      const rules = async (bookId: string) =>
        (await afterwards(moved, bookId)).faults.filter(({ rule }) => rule !== 'guard-missing').length
      expect([table, (await rules(book.id)) > 0, (await rules(other.id)) > 0]).toEqual([table, true, true])
    }
  })

  it('with evidence in ways that JavaScript does not see is found', async () => {
    const { rows } = await client.query(
      `select sequence from transaction where book_id = $1 and evidence @> '{"rate": 0.15}' limit 1`,
      [book.id],
    )
    const { sequence } = rows[0]
    const set = (evidence: string) => () =>
      run(`update transaction set evidence = $2::jsonb where book_id = $1 and sequence = $3`, evidence, sequence)
    const [given] = await rowsOf<{ evidence: string }>(
      'select evidence::text from transaction where book_id = $1 and sequence = $2',
      [book.id, sequence],
    )
    for (const rate of ['0.150', '0.15000000000000000001', '15e-2000']) {
      const evidence = given!.evidence.replace('0.15', rate)
      expect(await first(set(evidence))).toMatchObject({ rule: 'evidence-form', sequence: BigInt(sequence) })
    }
    expect(await first(set('null'))).toMatchObject({ sequence: BigInt(sequence) })
    const empty = () =>
      run(`update transaction set evidence = 'null' where book_id = $1 and evidence = '{}' and sequence = 1`)
    expect((await first(empty)).sequence).toBe(1n)
  })

  it('in several places names the first transaction, whatever else is wrong', async () => {
    const { faults, faultCount } = await afterwards(async () => {
      await run(`update account set debits = debits + 1 where book_id = $1 and code = '1010'`)
      await run(`update transaction set kind = 'other' where book_id = $1 and sequence = 21`)
      await run(
        `update entry set credits_after = credits_after + 1 where book_id = $1 and sequence = 11 and position = 2`,
      )
      await run(`update event set actor = 'me' where book_id = $1 and number = 3`)
    })
    expect(faults.map(({ rule, sequence, event }) => [rule, sequence ?? event])).toEqual([
      ['entry-totals', 11n],
      ['content-hash', 21n],
      ['event-link', 3n],
      ['account-totals', undefined],
    ])
    expect(faultCount).toBe(4)
  })

  it('with a whole book leaves rows that belong to none, which are told', async () => {
    const gone = () => client.query('delete from book where id = $1', [book.id])
    const strays = await tampering(client, gone, () => strayRows(sessionOf(client)))
    expect(strays.map(({ table }) => table).toSorted()).toEqual(tableNames.filter(name => name !== 'book').toSorted())
    expect(new Set(strays.map(({ bookId }) => bookId))).toEqual(new Set([book.id]))
    expect(
      await tampering(
        client,
        async () => {},
        () => strayRows(sessionOf(client)),
      ),
    ).toEqual([])
  })

  it('with what guards the tables is found', async () => {
    for (const [text, field] of [
      ['alter table entry disable trigger entry_is_final', 'entry_is_final'],
      ['drop trigger transaction_is_final on transaction', 'transaction_is_final'],
      ['alter table transaction drop constraint transaction_id_unique cascade', 'transaction_id_unique'],
      ['alter table entry drop constraint entry_amount_positive', 'entry_amount_positive'],
      ['alter table entry disable trigger all', 'entry_transaction_fkey'],
    ] as const) {
      const { faults } = await afterwards(() => client.query(text))
      expect(faults).toContainEqual(expect.objectContaining({ rule: 'guard-missing', field }))
    }
  })

  it('by rolling a book back whole, head included, is beyond any chain: only a hash kept elsewhere tells', async () => {
    const ledger = openLedger({ db: test.db, clock: { now: () => new Date('2026-12-01T15:00:00Z') } })
    const { bank, costs } = other.accounts
    const entries = [
      { accountId: costs!, direction: 'debit' as const, amount: 100n },
      { accountId: bank!, direction: 'credit' as const, amount: 100n },
    ]
    const fee = () => ledger.post(other.id, { id: uuid(), kind: 'fee', valueDate: '2026-12-01', entries }, 'tester')
    await fee()
    const before = await asKept(other.id)
    const { hash } = await fee()
    const kept = await asKept(other.id)
    expect(kept).toMatchObject({ ok: true, sequence: before.sequence + 1n, hash })

    const last = kept.sequence.toString()
    const rolledBack = await afterwards(async () => {
      for (const table of ['transaction', 'entry']) {
        await client.query(`delete from ${table} where book_id = $1 and sequence = $2`, [other.id, last])
      }
      await client.query('update account set debits = debits - 100 where book_id = $1 and id = $2', [other.id, costs])
      await client.query('update account set credits = credits - 100 where book_id = $1 and id = $2', [other.id, bank])
      const head = [other.id, before.sequence.toString(), Buffer.from(before.hash, 'hex')]
      await client.query('update book_head set sequence = $2, hash = $3 where book_id = $1', head)
    }, other.id)
    expect(rolledBack).toEqual(before)
    expect(rolledBack).toMatchObject({ ok: true })
    expect(rolledBack.hash).not.toBe(kept.hash)
  })
})
