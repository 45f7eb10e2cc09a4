import type pg from 'pg'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sessionOf } from '../../src/db/stream.ts'
import { verifyWithin } from '../../src/ledger/verify.ts'
import { verifyReconciliation } from '../../src/reconciliation/verify.ts'
import { type TestApp, testApp, testClock } from '../support/app.ts'
import { change, changes, columns, someRows, tampering } from '../support/tampering.ts'
import { type Listing, openListing } from './listing.ts'

const tables = [
  ...['balance_list', 'balance_list_piece', 'balance_comparison', 'balance_comparison_line'],
  ...['balance_proposal', 'balance_decision', 'balance_decided'],
]

let service: TestApp
let client: pg.PoolClient
let book: Listing

beforeAll(async () => {
  service = await testApp({ clock: testClock('2026-03-20T15:00:00Z') })
  client = await service.owner.$client.connect()
  book = await openListing(service)
  const numbers = ['110-01-1', '110-01-2', '110-01-3', '110-01-4', '110-01-5']
  const ids: string[] = []
  for (const number of numbers) ids.push(await book.saver(number, { cci: '01136600010003254221' }))
  for (const id of ids) await book.deposit(id, '100.00', '2026-02-02')
  await book.said(`/savings-accounts/${ids[3]}/status`, { id: uuid(), status: 'blocked', reason: 'stolen' })
  const rows = [
    'bankAccountNumber,cci,balance,interest,fees,status,currency',
    '110-01-1,01136600010003254221,101.35,1.35,0.00,activa,PEN',
    '110-01-2,,98.35,1.35,3.00,,',
    '110-01-3,,102.00,2.00,,,',
    '110-01-4,,100.00,,,abierta,',
    '999-9,,7.00,,,,',
    '777-7,,1.00,,,,USD',
    '888-8,,1.00,,,,',
    '888-8,,1.00,,,,',
  ]
  const { body: list } = await book.list('2026-03-20', rows, { query: '&name=saldos.csv' })
  await book.list('2026-03-19', rows)
  const some = { accounts: [ids[0], ids[1]], kind: 'interest' }
  expect((await book.decide(list.id, some)).status).toBe(201)
  const no = { outcome: 'rejected', accounts: [ids[1]], reason: 'the agreement has none' }
  expect((await book.decide(list.id, no)).status).toBe(201)
  service.clock.advance(60_000)
  const again = await book.post(`/balance-lists/${list.id}/comparisons`, { id: uuid() }, book.checkerKey)
  expect(again.status).toBe(201)
}, 60_000)

afterAll(async () => {
  client.release()
  await service.close()
})

async function faultsAfter(tamper: () => Promise<unknown>) {
  const { faults } = await tampering(client, tamper, () =>
    verifyWithin(sessionOf(client), book.bookId, { most: 20, further: [verifyReconciliation] }),
  )
  return faults.filter(({ rule }) => rule !== 'guard-missing')
}

const run = (text: string, ...values: unknown[]) => client.query(text, values)

describe('tampering with lists of balances', () => {
  test('finds nothing where nothing was tampered with, in a book that has some of each', async () => {
    expect(await faultsAfter(async () => {})).toEqual([])
    for (const table of tables) expect([table, (await run(`select from ${table}`)).rowCount]).not.toContain(0)
  })

  test('with any field of any row is found', async () => {
    const missed: string[] = []
    let tried = 0
    for (const one of await columns(client, tables)) {
      for (const { ctid } of await someRows(client, book.bookId, one)) {
        for (const [place, candidates] of changes(one).entries()) {
          const faults = await faultsAfter(async () => {
            for (const sql of candidates) {
              const text = `update "${one.table}" set "${one.column}" = ${sql} where ctid = $1`
              if ((await change(client, text, [ctid])) === 'done') return
            }
            throw new Error(`${one.table}.${one.column} could not be changed`)
          })
          tried += 1
          if (faults.length === 0) missed.push(`${one.table}.${one.column} ${place === 0 ? 'changed' : 'taken away'}`)
        }
      }
    }
    expect(missed).toEqual([])
    expect(tried).toBeGreaterThan(300)
  }, 300_000)

  test.each(tables)('by taking a row out of %s is found', async table => {
    const { rows } = await run(`select ctid::text from ${table}`)
    for (const { ctid } of rows) {
      const faults = await faultsAfter(() => run(`delete from ${table} where ctid = $1`, ctid))
      expect([table, ctid, faults]).not.toEqual([table, ctid, []])
    }
  })

  test('by posting what nobody approved, as a list’s, is found', async () => {
    const faults = await faultsAfter(() => run(`delete from balance_decided where kind = 'interest'`))
    expect(faults.map(({ table }) => table)).toContain('balance_proposal')
  })

  test('that what was posted is another amount than was proposed is found', async () => {
    const faults = await faultsAfter(() =>
      run(`update transaction set content_hash = sha256(content_hash) where evidence ? 'balanceListId'`),
    )
    expect(faults.map(({ table }) => table)).toContain('balance_proposal')
  })

  test.each([
    ...tables.map(table => `${table}_is_final on ${table}`),
    'balance_comparison_lines_add_up on balance_comparison_line',
  ])('the guard %s that is off is found', async guard => {
    const { faults } = await tampering(
      client,
      () => run(`drop trigger ${guard}`),
      () => verifyWithin(sessionOf(client), book.bookId, { most: 20, further: [verifyReconciliation] }),
    )
    expect(faults.map(({ rule, field }) => `${rule} ${field}`)).toContain(`guard-missing ${guard.split(' ')[0]}`)
  })
})

/** As the service itself would, had it no check of its own. */
const asService = (sql: string) => service.db.$client.query(sql)

test('the database itself refuses lines that do not add up, a second proposal, one’s own approval, and whatever is altered', async () => {
  const { rows } = await run(
    `select id, list_id, lines, ours, theirs, actor from balance_comparison order by recorded_at, id limit 1`,
  )
  const [{ list_id: listId, actor }] = rows
  const [id, bookId] = [uuid(), book.bookId]
  const comparison = (difference: string) =>
    asService(`insert into balance_comparison (book_id, id, list_id, sequence, event_number, lines, accounts, ours, theirs, difference, recorded_at, actor, content_hash, seal)
      values ('${bookId}', '${id}', '${listId}', 1, 1, 2, 1, 100, 150, ${difference}, now(), 'x', '\\x00', '\\x00')`)
  await expect(comparison('51')).rejects.toThrow(/difference_ties/)
  await comparison('50')
  const line = (number: number, [ours, theirs, difference]: string[], more = { lines: '2', all: '100, 150' }) =>
    `('${bookId}', '${id}', ${number}, ${more.lines}, ${more.all}, ${number}, '${number}', '1', 'PEN', 'twice', ${ours}, ${theirs}, ${difference}, '[]')`
  const insert = (...lines: string[]) =>
    asService(`insert into balance_comparison_line (book_id, comparison_id, number, all_lines, all_ours, all_theirs, file_row, bank_account_number, told, currency,
      outcome, ours, theirs, difference, explanations) values ${lines.join(', ')}`)
  const right = line(1, ['100', '100', '0'])
  await expect(insert(right, line(2, ['null', '49', '49']))).rejects.toThrow(/add up/)
  await expect(insert(right, line(2, ['1', '50', '49']))).rejects.toThrow(/add up/)
  await expect(insert(right)).rejects.toThrow(/add up/)
  await expect(insert(right, line(3, ['null', '50', '50']))).rejects.toThrow(/add up/)
  await expect(insert(right, line(2, ['null', '50', '49']))).rejects.toThrow(/difference_ties/)
  const other = { lines: '2', all: '100, 151' }
  await expect(insert(line(1, ['100', '100', '0'], other), line(2, ['null', '51', '51'], other))).rejects.toThrow(
    /comparison_fkey/,
  )
  await insert(right, line(2, ['null', '50', '50']))
  await expect(insert(line(3, ['null', '0', '0']))).rejects.toThrow(/add up/)

  const { rows: proposals } = await run(
    `select p.savings_account_id, p.kind, p.comparison_id, p.number from balance_proposal p where p.list_id = '${listId}' and not exists (
       select from balance_decided d where d.list_id = p.list_id and d.savings_account_id = p.savings_account_id and d.kind = p.kind)`,
  )
  const { savings_account_id: account, kind, comparison_id: found, number } = proposals[0]
  const propose = (by: string, of: string) =>
    asService(`insert into balance_proposal (book_id, list_id, savings_account_id, kind, comparison_id, number, amount, proposed_by)
      values ('${bookId}', '${listId}', '${account}', '${of}', '${found}', ${number}, 1, '${by}')`)
  await expect(propose(actor, kind)).rejects.toThrow(/balance_proposal_pkey/)
  await expect(propose('another', kind === 'fees' ? 'interest' : 'fees')).rejects.toThrow(/comparison_fkey/)
  const decision = uuid()
  await asService(`insert into balance_decision (book_id, id, list_id, outcome, chosen, proposals, recorded_at, actor, content_hash, seal)
    values ('${bookId}', '${decision}', '${listId}', 'approved', '{}', 1, now(), 'x', '\\x00', '\\x00')`)
  const decide = (outcome: string, proposedBy: string, decidedBy: string, transaction = 'null') =>
    asService(`insert into balance_decided (book_id, list_id, savings_account_id, kind, decision_id, outcome, proposed_by, decided_by, transaction_id)
      values ('${bookId}', '${listId}', '${account}', '${kind}', '${decision}', '${outcome}', '${proposedBy}', '${decidedBy}', ${transaction})`)
  const posted = `(select id from transaction where sequence = 1 and book_id = '${bookId}')`
  await expect(decide('approved', actor, actor, posted)).rejects.toThrow(/two_actors/)
  await expect(decide('approved', 'another', 'x', posted)).rejects.toThrow(/proposal_fkey/)
  await expect(decide('approved', actor, 'another', posted)).rejects.toThrow(/decision_fkey/)
  await expect(decide('rejected', actor, 'x')).rejects.toThrow(/decision_fkey/)
  await expect(decide('approved', actor, 'x')).rejects.toThrow(/approved_is_posted/)
  await expect(decide('approved', actor, 'x', `'${uuid()}'`)).rejects.toThrow(/transaction_fkey/)
  for (const table of tables) {
    await expect(asService(`delete from ${table}`)).rejects.toThrow(/permission denied/)
    await expect(asService(`update ${table} set book_id = book_id`)).rejects.toThrow(/permission denied/)
    await expect(run(`update ${table} set book_id = book_id`)).rejects.toThrow(/append-only|final|never/)
  }
})
