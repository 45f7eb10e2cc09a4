import type pg from 'pg'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sessionOf } from '../../src/db/stream.ts'
import { verifyWithin } from '../../src/ledger/verify.ts'
import { verifyReconciliation } from '../../src/reconciliation/verify.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { tampering } from '../support/tampering.ts'
import { openResolving, type Resolving, savers } from './resolving.ts'

let service: TestApp
let client: pg.PoolClient
let book: Resolving
/** Resolutions by their kind; and one that waits, and one that was rejected. */
let kept: Record<'match' | 'post' | 'reverse' | 'adjust' | 'accept' | 'waiting' | 'rejected', string>

const day = '2026-03-02'

beforeAll(async () => {
  service = await testApp()
  client = await service.owner.$client.connect()
  book = await openResolving(service)
  await book.deposit({ amount: '100.00', day, reference: 'OP-1' })
  await book.deposit({ amount: '33.00', day, reference: 'OP-9' })
  await book.deposit({ amount: '7.00', day: '2026-02-10', reference: 'OP-5' })
  const lines = ['C100,03OP-1', 'C33,00OP-8', 'C12,00OP-2', 'C4,00OP-3', 'C2,00OP-4']
  await book.statement({ day: '260302', number: '1', opening: '0,00', closing: '151,03', lines })
  await book.match()
  const [waits, open, posts] = await book.like({ amount: '2.00' }, { amount: '4.00' }, { amount: '12.00' })
  const [entry, residue, other] = await book.like({ amount: '-7.00' }, { amount: '100.03' }, { amount: '33.00' })
  const questionOf = async (id: string) => (await book.get(`${book.of}/breaks/${id}`)).body.question
  const care = { id: uuid(), text: 'It is looked for.' }
  await book.post(`${book.of}/breaks/${entry}/comments`, care)
  await book.post(`${book.of}/breaks/${entry}/owner`, { id: uuid() })
  const deposit = { bankAccountNumber: savers[0], amount: '12.00', valueDate: day, channel: 'branch' }
  const adjust = { kind: 'adjust', question: await questionOf(residue!), valueDate: day, accountId: book.income }
  const { body: rejected } = await book.propose({ kind: 'accept', breaks: [open] })
  await book.decide(rejected.id, { outcome: 'rejected', reason: 'not so' })
  kept = {
    rejected: rejected.id,
    match: (await book.resolve({ kind: 'match', question: await questionOf(other!) })).id,
    post: (await book.resolve({ kind: 'post', breaks: [posts], postings: [{ verb: 'deposit', body: deposit }] })).id,
    reverse: (await book.resolve({ kind: 'reverse', breaks: [entry], valueDate: '2026-02-11' })).id,
    adjust: (await book.resolve(adjust)).id,
    accept: (await book.resolve({ kind: 'accept', breaks: [open] })).id,
    waiting: (await book.propose({ kind: 'accept', breaks: [waits] })).body.id,
  }
}, 60_000)

afterAll(async () => {
  client.release()
  await service.close()
})

const faultsAfter = (sql: string | null) =>
  tampering(
    client,
    async () => {
      if (sql !== null) for (const statement of sql.split(';')) await client.query(statement)
    },
    async () =>
      (await verifyWithin(sessionOf(client), book.bookId, { most: 20, further: [verifyReconciliation] })).faults,
  )

test('what people decided is right', async () => {
  expect(await faultsAfter(null)).toEqual([])
})

type Kept = typeof kept
const set = (what: string, of: keyof Kept) => (ids: Kept) =>
  `update break_resolution set ${what} where id = '${ids[of]}'`
const content = (path: string, value: string) => `content = jsonb_set(content, '{${path}}', '${value}')`

test.each<[string, (ids: Kept) => string, string]>([
  ['a reason', set(`reason = 'another'`, 'accept'), 'break_resolution'],
  ['an amount to be posted', set(content('postings,0,body,amount', '"13.00"'), 'post'), 'break_resolution'],
  ['who proposed', set(`actor = '${uuid()}'`, 'post'), 'break_resolution'],
  ['a line that was meant', set(content('lines', '[]'), 'match'), 'resolution_break'],
  ['the transaction to be reversed', set(content('transactions', '[]'), 'reverse'), 'break_resolution'],
  ['a difference', set('difference = 4', 'adjust'), 'break_resolution'],
  ['the day of an adjustment', set(content('valueDate', '"2026-03-03"'), 'adjust'), 'break_resolution'],
  [
    'who approved',
    ({ post }) => `update resolution_decision set actor = '${uuid()}' where resolution_id = '${post}'`,
    'break_resolution',
  ],
  [
    'why it was rejected',
    ({ rejected }) => `update resolution_decision set reason = 'so' where resolution_id = '${rejected}'`,
    'resolution_decision',
  ],
  [
    'a no that was a yes',
    ({ rejected }) =>
      `update resolution_decision set outcome = 'approved', approved = resolution_id where resolution_id = '${rejected}'`,
    'resolution_decision',
  ],
  [
    'a decision that is gone',
    ({ adjust }) => `delete from resolution_decision where resolution_id = '${adjust}'`,
    'break_resolution',
  ],
  [
    'breaks that are gone',
    ({ match }) => `delete from resolution_break where resolution_id = '${match}'`,
    'resolution_break',
  ],
  ['what was accepted', () => 'delete from accepted_break', 'accepted_break'],
  [
    'a match that is gone',
    ({ match }) =>
      `delete from bank_claim where match_id in (select id from bank_match where resolution_id = '${match}'); delete from bank_match where resolution_id = '${match}'`,
    'bank_match',
  ],
  [
    'a match that was approved by nobody',
    ({ waiting, match }) => `update bank_match set resolution_id = '${waiting}' where resolution_id = '${match}'`,
    'bank_match',
  ],
  ['a comment', () => `update break_comment set text = 'other'`, 'break_comment'],
  ['an owner', () => 'update break_owner set owner = null', 'break_owner'],
  [
    'of what a break is',
    () =>
      `update reconciliation_break b set origin = (select o.id from reconciliation_break o where o.subject <> b.subject limit 1) where ended_at is null`,
    'reconciliation_break',
  ],
])('%s that somebody changed is found', async (_, tamper, table) => {
  const faults = await faultsAfter(tamper(kept))
  expect(faults.map(fault => fault.table)).toContain(table)
})

test.each(['resolution_decision_is_final', 'break_resolution_is_final', 'accepted_break_is_final'])(
  'the guard %s that is off is found',
  async guard => {
    const faults = await faultsAfter(`drop trigger ${guard} on ${guard.replace('_is_final', '')}`)
    expect(faults.map(({ rule, field }) => `${rule} ${field}`)).toContain(`guard-missing ${guard}`)
  },
)

/** As the service itself would, had it no check of its own. */
const asService = (sql: string) => service.db.$client.query(sql)

test('the database itself refuses a second proposal, one’s own approval, too large an adjustment, and whatever is altered', async () => {
  const at = `now(), 'maker', '\\x00'`
  const [id, decision] = [uuid(), uuid()]
  const proposal = (more = `'accept', 'r', '{}', null, null, null`) =>
    asService(`insert into break_resolution (book_id, id, bank_account_id, kind, reason, content, difference, tolerance, run_id, recorded_at, actor, content_hash)
      values ('${book.bookId}', '${id}', '${book.bankAccountId}', ${more}, ${at})`)
  const { rows } = await asService(
    `select id, tolerance from matching_run where book_id = '${book.bookId}' order by recorded_at, id`,
  )
  const run = rows[0]!
  await expect(proposal(`'adjust', 'r', '{}', 6, 5, '${run.id}'`)).rejects.toThrow(/adjusts_within_tolerance/)
  await expect(proposal(`'adjust', 'r', '{}', 6, 600, '${run.id}'`)).rejects.toThrow(/break_resolution_run_fkey/)
  await expect(proposal(`'adjust', 'r', '{}', 0, 5, '${run.id}'`)).rejects.toThrow(/adjusts_within_tolerance/)
  await expect(proposal(`'match', 'r', '{}', 3, 5, '${run.id}'`)).rejects.toThrow(/adjusts_within_tolerance/)
  await expect(asService(`update matching_run set tolerance = 600 where id = '${run.id}'`)).rejects.toThrow(
    /permission denied/,
  )
  await proposal()
  const about = (turn: number, previous: string, follows: string) => {
    const origin = `(select origin from resolution_break where resolution_id = '${kept.waiting}')`
    return asService(`insert into resolution_break (book_id, resolution_id, origin, break_id, turn, previous_turn, follows)
      values ('${book.bookId}', '${id}', ${origin}, ${origin}, ${turn}, ${previous}, ${follows})`)
  }
  await expect(about(1, 'null', 'null')).rejects.toThrow(/resolution_break_turn_unique/)
  await expect(about(2, 'null', 'null')).rejects.toThrow(/follows_the_one_before/)
  await expect(about(2, '1', `'${kept.waiting}'`)).rejects.toThrow(/follows_decided_fkey/)
  await expect(about(2, '1', `'${kept.rejected}'`)).rejects.toThrow(/previous_fkey/)
  await expect(about(3, '2', `'${kept.rejected}'`)).rejects.toThrow(/previous_fkey/)
  const decide = (outcome: string, actor: string, by = 'maker', approved = 'null') =>
    asService(`insert into resolution_decision (book_id, resolution_id, id, bank_account_id, outcome, proposed_by, approved, reason, recorded_at, actor, content_hash)
      values ('${book.bookId}', '${id}', '${decision}', '${book.bankAccountId}', '${outcome}', '${by}', ${approved}, 'r', now(), '${actor}', '\\x00')`)
  await expect(decide('approved', 'maker', 'maker', `'${id}'`)).rejects.toThrow(/two_actors/)
  await expect(decide('approved', 'maker', 'other', `'${id}'`)).rejects.toThrow(/resolution_decision_resolution_fkey/)
  await expect(decide('withdrawn', 'other')).rejects.toThrow(/two_actors/)
  await expect(decide('approved', 'other')).rejects.toThrow(/approved_is_it/)
  await expect(decide('rejected', 'other', 'maker', `'${id}'`)).rejects.toThrow(/approved_is_it/)
  const accept = (resolution: string, kind = 'accept') =>
    asService(`insert into accepted_break (book_id, break_id, resolution_id, bank_account_id, kind)
      select book_id, break_id, '${resolution}', '${book.bankAccountId}', '${kind}' from resolution_break where resolution_id = '${kept.waiting}'`)
  await expect(accept(id)).rejects.toThrow(/accepted_break_approved_fkey/)
  await expect(accept(kept.rejected)).rejects.toThrow(/accepted_break_approved_fkey/)
  await expect(accept(kept.match)).rejects.toThrow(/accepted_break_kind_fkey/)
  await expect(accept(kept.match, 'match')).rejects.toThrow(/accepted_break_is_accepted/)
  const match = `insert into bank_match (book_id, id, bank_account_id, resolution_id, number, rule, reasons)
    values ('${book.bookId}', '${uuid()}', '${book.bankAccountId}', '${id}', 1, 'by-hand', '[]')`
  await expect(asService(match)).rejects.toThrow(/bank_match_resolution_fkey/)
  await decide('rejected', 'other')
  await expect(decide('withdrawn', 'maker')).rejects.toThrow(/resolution_decision_(pkey|id_unique)/)
  for (const table of [
    'break_resolution',
    'resolution_break',
    'resolution_decision',
    'accepted_break',
    'break_comment',
    'break_owner',
  ]) {
    await expect(asService(`delete from ${table}`)).rejects.toThrow(/permission denied/)
    await expect(asService(`update ${table} set book_id = book_id`)).rejects.toThrow(/permission denied/)
    await expect(service.owner.$client.query(`update ${table} set book_id = book_id`)).rejects.toThrow(
      /append-only|final|never/,
    )
  }
})
