import type pg from 'pg'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sqlState } from '../../src/db/errors.ts'
import { openAccounts, openBook, openLedger, placeHold, reverse } from '../../src/ledger/index.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { assertSound, digestOf, readBook } from '../support/stored-book.ts'

const now = new Date('2026-11-24T15:00:00.000Z')
const actor = 'tester'

const broken = { check: '23514', unique: '23505', foreign: '23503', denied: '42501' }

/** What PostgreSQL refuses by itself, whoever asks and whatever our code would have let through. */
describe('PostgreSQL itself', () => {
  let test: TestDatabase
  let owner: pg.PoolClient
  let service: pg.PoolClient
  let before: string
  const [book, other, bank, ana, hold, elsewhere] = Array.from({ length: 6 }, () => uuid())
  const names: Record<string, string> = {}

  beforeAll(async () => {
    test = await testDatabase()
    const ledger = openLedger({ db: test.db, clock: { now: () => now } })
    for (const id of [book!, other!]) {
      await openBook(test.db, { id, code: id, name: 'Book', currency: 'PEN', openedOn: '2026-01-01' }, now, actor)
    }
    const account = { name: 'Account', openedOn: '2026-01-01' }
    const own = [
      { ...account, id: bank!, code: '1010', type: 'asset' as const, floor: null },
      { ...account, id: ana!, code: '2010.ana', type: 'liability' as const, floor: 0n },
    ]
    await openAccounts(test.db, book!, own, now, actor)
    await openAccounts(test.db, other!, [{ ...own[0]!, id: elsewhere! }], now, actor)
    const give = (amount: bigint) => ({
      ...{ id: uuid(), kind: 'move', valueDate: '2026-11-01' },
      entries: [
        { accountId: bank!, direction: 'debit' as const, amount },
        { accountId: ana!, direction: 'credit' as const, amount },
      ],
    })
    const first = give(1000n)
    await ledger.post(book!, first, actor)
    const second = give(500n)
    await ledger.post(book!, second, actor)
    await reverse(ledger, book!, { id: uuid(), reverses: second.id, valueDate: '2026-11-02', reason: 'twice' }, actor)
    await placeHold(test.db, book!, { id: hold!, accountId: ana!, amount: 300n }, now, actor)
    await test.owner.$client.query('select ledger_add_days($1)', [book])
    Object.assign(names, { book, other, bank, ana, hold, elsewhere, posted: first.id })
    before = await digest()
    owner = await test.owner.$client.connect()
    service = await test.db.$client.connect()
    await service.query(`set app.every_book = 'yes'`)
  })
  afterAll(async () => {
    owner.release()
    service.release()
    await test.close()
  })

  async function digest(): Promise<string> {
    return [digestOf(await readBook(test.db, book!)), digestOf(await readBook(test.db, other!))].join()
  }

  /** The SQLSTATE with which a statement is refused; undefined when it is not. `:name` stands for an id. */
  async function attempt(client: pg.PoolClient, text: string): Promise<string | undefined> {
    const statement = text.replaceAll(/(?<!:):(\w+)/g, (_, name: string) => `'${names[name] ?? `no ${name}`}'`)
    try {
      await client.query(`begin; ${statement}`)
      await client.query('commit')
      return undefined
    } catch (error) {
      return sqlState(error)
    } finally {
      await client.query('rollback')
    }
  }

  const insert = (sequence: number, id: string, entries: string, more = "null, null, 'move', null") => `
    with t as (
      insert into transaction (book_id, sequence, id, value_date, recorded_at, actor, evidence, content_hash, hash, reverses, hold_id, kind, reason)
      values (:book, ${sequence}, ${id}, '2026-11-01', now(), 'x', '{}', sha256(''), sha256(''), ${more})
    )
    insert into entry (book_id, sequence, position, account_id, direction, amount, value_date, debits_after, credits_after)
    values ${entries}`
  const leg = (sequence: number, position: number, account: string, direction: string, amount: number, of = ':book') =>
    `(${of}, ${sequence}, ${position}, ${account}, '${direction}', ${amount}, '2026-11-01', 1, 1)`
  const add = (...legs: string[]) => `
    insert into entry (book_id, sequence, position, account_id, direction, amount, value_date, debits_after, credits_after)
    values ${legs.join(', ')}`
  const pair = (sequence: number, first = 1, amount = 5) =>
    [leg(sequence, first, ':bank', 'debit', amount), leg(sequence, first + 1, ':ana', 'credit', amount)].join(', ')
  const fresh = "'0198c5f2-6f1e-7a53-9d0c-3f6d4b7a2e11'"

  it('takes what is right, so that what follows is refused for what is wrong with it', async () => {
    await owner.query('begin')
    await owner.query(insert(4, fresh, pair(4)).replaceAll(/:(\w+)/g, (_, name: string) => `'${names[name]}'`))
    await owner.query('rollback')
  })

  it.each<[rule: string, statement: string, state: string]>([
    [
      'debits that differ from credits',
      insert(4, fresh, [leg(4, 1, ':bank', 'debit', 5), leg(4, 2, ':ana', 'credit', 6)].join()),
      'QL900',
    ],
    ['a single entry', insert(4, fresh, leg(4, 1, ':bank', 'debit', 5)), 'QL900'],
    [
      'a transaction without entries',
      insert(4, fresh, '').replace(/\)\s*insert into entry[\s\S]*$/, ') select'),
      broken.foreign,
    ],
    ['entries without a transaction', add(pair(9)), broken.foreign],
    [
      'two transactions balanced only together',
      `${insert(4, fresh, [leg(4, 1, ':bank', 'debit', 5), leg(4, 2, ':ana', 'credit', 4), leg(3, 3, ':ana', 'credit', 1)].join())}`,
      'QL900',
    ],
    [
      'entries numbered with a gap',
      insert(4, fresh, [leg(4, 1, ':bank', 'debit', 5), leg(4, 3, ':ana', 'credit', 5)].join()),
      'QL900',
    ],
    ['an entry added later', add(leg(1, 3, ':bank', 'debit', 5)), 'QL900'],
    ['a balanced pair added later', add(pair(1, 3)), 'QL900'],
    ['a balanced pair in the place of others', add(pair(1, 1)), broken.unique],
    ['a balanced pair before the first', add(pair(1, -1)), 'QL900'],
    ['an amount of zero', insert(4, fresh, pair(4, 1, 0)), broken.check],
    ['a negative amount', insert(4, fresh, pair(4, 1, -5)), broken.check],
    [
      'an account of another book',
      insert(4, fresh, [leg(4, 1, ':elsewhere', 'debit', 5), leg(4, 2, ':ana', 'credit', 5)].join()),
      broken.foreign,
    ],
    [
      'an entry in another book than its transaction',
      insert(4, fresh, [leg(4, 1, ':bank', 'debit', 5), leg(4, 2, ':elsewhere', 'credit', 5, ':other')].join()),
      broken.foreign,
    ],
    ['an id a second time', insert(4, ':posted', pair(4)), broken.unique],
    ['a sequence a second time', insert(3, fresh, pair(3)), broken.unique],
    ['a second reversal', insert(4, fresh, pair(4), "2, null, 'reversal', null"), broken.unique],
    ['a reversal of nothing', insert(4, fresh, pair(4), "9, null, 'reversal', null"), broken.foreign],
    ['the capture of no hold', insert(4, fresh, pair(4), `null, ${fresh}, 'move', null`), broken.foreign],
    ['an adjustment without a reason', insert(4, fresh, pair(4), "null, null, 'adjustment', null"), broken.check],
    ['a balance below its floor', 'update account set debits = credits + 1 where id = :ana', broken.check],
    ['a hold on what is not there', 'update account set held = 1001 where id = :ana', broken.check],
    ['totals below zero', 'update account set debits = -1 where id = :bank', broken.check],
    ['closing an account that is not empty', "update account set status = 'closed' where id = :bank", broken.check],
    [
      'capturing more than is held',
      "update hold set status = 'captured', captured = 301 where id = :hold",
      broken.check,
    ],
    ['capturing nothing', "update hold set status = 'captured' where id = :hold", broken.check],
    [
      'a hold of nothing',
      "insert into hold (book_id, id, account_id, amount, status, placed_event) values (:book, :bank, :ana, 0, 'placed', 1)",
      broken.check,
    ],
    [
      'a hold in another book than its account',
      "insert into hold (book_id, id, account_id, amount, status, placed_event) values (:other, :bank, :ana, 1, 'placed', 1)",
      broken.foreign,
    ],
    [
      'an account of no book',
      "insert into account (book_id, id, code, name, type, normal, status, opened_on, opened_event) values (:ana, :hold, 'x', 'x', 'asset', 'debit', 'open', '2026-01-01', 1)",
      broken.foreign,
    ],
    [
      'a code a second time',
      "insert into account (book_id, id, code, name, type, normal, status, opened_on, opened_event) values (:book, :hold, '1010', 'x', 'asset', 'debit', 'open', '2026-01-01', 1)",
      broken.unique,
    ],
  ])('refuses the owner %s', async (_, statement, state) => {
    expect(await attempt(owner, statement)).toBe(state)
  })

  const final = ['transaction', 'entry', 'event', 'book']
  const kept = [...final, 'account', 'account_day', 'hold', 'book_head']

  it.each(kept)('refuses the owner to delete or truncate %s', async table => {
    expect(await attempt(owner, `delete from ${table}`)).toBe('QL901')
    expect(await attempt(owner, `delete from only ${table} where false`)).toBe('QL901')
    expect(await attempt(owner, `truncate ${table} cascade`)).toBe('QL901')
  })

  it.each(final)('refuses the owner to update %s', async table => {
    const column = table === 'book' ? 'name = name' : 'book_id = book_id'
    expect(await attempt(owner, `update ${table} set ${column}`)).toBe('QL901')
    expect(
      await attempt(owner, `merge into ${table} t using (values (1)) v on true when matched then update set ${column}`),
    ).toBe('QL901')
  })

  it.each(kept.filter(table => table !== 'book'))(
    'refuses the owner to move rows of %s to another book',
    async table => {
      expect(await attempt(owner, `update ${table} set book_id = :other`)).toBe('QL901')
    },
  )

  it.each([
    "account set code = 'x'",
    "account set type = 'equity'",
    "account set normal = 'credit'",
    "account set opened_on = '2025-01-01'",
    'account set id = :hold',
    'account set opened_event = 2',
    'hold set amount = 1',
    'hold set account_id = :bank',
    'hold set expires_at = now()',
    "account_day set value_date = '2026-01-01'",
  ])('refuses the owner to change what an account, hold or day is: %s', async change => {
    expect(await attempt(owner, `update ${change}`)).toBe('QL901')
  })

  it('refuses the owner a way round by insert … on conflict update', async () => {
    const again = `insert into event select * from event on conflict (book_id, number) do update set content = ''`
    expect(await attempt(owner, again)).toBe('QL901')
  })

  it.each(kept)('lets the service do nothing to %s but read it', async table => {
    const { rows } = await service.query(`select * from ${table} limit 1`)
    expect(rows).toHaveLength(1)
    const [column] = Object.keys(rows[0])
    for (const statement of [
      `insert into ${table} select * from ${table}`,
      `update ${table} set ${column} = ${column}`,
      `delete from ${table}`,
      `truncate ${table}`,
      `select * from ${table} for update`,
      `lock table ${table} in exclusive mode`,
      `alter table ${table} disable trigger all`,
      `drop table ${table} cascade`,
      `create trigger mine before insert on ${table} for each row execute function refuse_change()`,
    ]) {
      expect([statement, await attempt(service, statement)]).toEqual([statement, broken.denied])
    }
  })

  it.each([
    'select ledger_add_days(:book)',
    "select ledger_append_event(:book, 'month-closed', :book, now(), 'x', '{}')",
    'select ledger_expire_holds(:book, now())',
    'select ledger_begin(:book, now())',
    'create table mine (id int)',
    'create function mine() returns int language sql as $$ select 1 $$',
    'set session_replication_role = replica',
    'create or replace function public.ledger_refuse(p_code text, p_facts json default null) returns void language sql as $$ select $$',
    "select pg_read_file('/etc/passwd')",
    "copy book to program 'true'",
  ])('refuses the service %s', async statement => {
    expect(await attempt(service, statement)).toBe(broken.denied)
  })

  it('is not misled by tables of the same names that the service makes for itself', async () => {
    const clone = ['book_head', 'account', 'event', 'hold', 'transaction', 'entry']
    await service.query('begin')
    for (const table of clone)
      await service.query(`create temp table ${table} as select * from public.${table} where false`)
    const { rows } = await service.query(
      `select ledger_close_month($1, $2, '2026-11-24', 'x', '2026-01-31', '{"month":"2026-01"}') as closed`,
      [other, now],
    )
    expect(rows).toEqual([{ closed: true }])
    const { rows: after } = await service.query('select closed_through from public.book_head where book_id = $1', [
      other,
    ])
    expect(after).toEqual([{ closed_through: '2026-01-31' }])
    await service.query('rollback')
  })

  it('has lost nothing and gained nothing by all that', async () => {
    expect(await digest()).toBe(before)
    assertSound(await readBook(test.db, book!))
  })
})
