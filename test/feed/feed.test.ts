import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBanking } from '../reconciliation/banking.ts'
import { openResolving, type Resolving, savers } from '../reconciliation/resolving.ts'
import type { Answer } from '../savings/asking.ts'
import { type TestApp, testApp } from '../support/app.ts'

let service: TestApp

beforeAll(async () => {
  service = await testApp()
})

afterAll(() => service.close())

const day = '2026-03-02'

async function events(book: Pick<Resolving, 'get'>, query = '', key?: string): Promise<Answer['body']> {
  const answer = await book.get(`/events?${query}`, key)
  expect([answer.status, answer.body.detail]).toEqual([200, undefined])
  return answer.body
}

const kindsOf = (items: Answer['body'][]) => items.map(({ kind }) => kind)

/** A deposit, a statement with that and one more, a matching, and a resolution for what was left. */
async function livedThrough(book: Resolving): Promise<{ breakId: string; resolutionId: string }> {
  await book.deposit({ amount: '10.00', day, reference: 'OP-1' })
  await book.statement({
    day: '260302',
    number: '1',
    opening: '0,00',
    closing: '22,50',
    lines: ['C10,00OP-1', 'C12,50OP-2'],
  })
  await book.match()
  const [breakId] = await book.like({ reason: 'missing-in-ledger' })
  const body = { bankAccountNumber: savers[0], amount: '12.50', valueDate: day, channel: 'branch', reference: 'OP-2' }
  const resolution = await book.resolve({ kind: 'post', breaks: [breakId], postings: [{ verb: 'deposit', body }] })
  return { breakId: breakId!, resolutionId: resolution.id }
}

test('what happened in a book is told in the order in which it became so, and leads to what it tells of', async () => {
  const book = await openResolving(service)
  const { breakId, resolutionId } = await livedThrough(book)
  const { items, more } = await events(book)
  expect(more).toBe(false)
  expect(kindsOf(items)).toEqual([
    ...['transaction-posted', 'transaction-posted', 'break-opened', 'proof-ready'],
    ...['transaction-posted', 'transaction-posted', 'break-resolved', 'break-closed', 'proof-ready'],
  ])
  const told = { bankAccountId: book.bankAccountId, breakId, firstBreakId: breakId, reason: 'missing-in-ledger', day }
  expect(items[2]).toMatchObject({ sequence: 2, facts: told })
  expect(items[3].facts).toMatchObject({ bankAccountId: book.bankAccountId, day })
  expect(items[6].facts).toMatchObject({ resolutionId, resolutionKind: 'post' })
  expect(items[7].facts).toEqual(told)
  expect(items.map(({ sequence }: { sequence: number }) => sequence)).toEqual([1, 2, 2, 2, 3, 4, 4, 4, 4])
  const headers = { authorization: `Bearer ${book.bankKey}` }
  for (const { address } of items)
    expect([address, (await service.app.inject({ url: address, headers })).statusCode]).toEqual([address, 200])
  expect(new Set(items.map(({ id }: { id: string }) => id)).size).toBe(items.length)
})

test('an event tells neither names nor amounts', async () => {
  const book = await openResolving(service)
  await livedThrough(book)
  expect(JSON.stringify(await events(book))).not.toMatch(/Juana|Condori|OP-\d|\d\.\d\d"/)
})

test('a reader of any pace is told the same, and asks again at the end with what it has', async () => {
  const book = await openResolving(service)
  await livedThrough(book)
  const whole = await events(book)
  const read: Answer['body'][] = []
  let next = ''
  for (let more = true; more; ) {
    const page = await events(book, `limit=2${next && `&after=${next}`}`)
    expect(await events(book, `limit=2${next && `&after=${next}`}`)).toEqual(page)
    read.push(...page.items)
    ;({ next, more } = page)
  }
  expect(read).toEqual(whole.items)
  expect(await events(book, `after=${next}`)).toEqual({ items: [], more: false, next })
  await book.deposit({ amount: '1.00', day, reference: 'OP-9' })
  const later = await events(book, `after=${next}`)
  expect(kindsOf(later.items)).toEqual(['transaction-posted'])
  expect(await events(book)).toMatchObject({ items: [...whole.items, ...later.items], next: later.next })
})

test('who reads one kind is led past the others', async () => {
  const book = await openResolving(service)
  const empty = await events(book, 'kind=proof-ready')
  await livedThrough(book)
  const proofs = await events(book, `kind=proof-ready&after=${empty.next}`)
  expect(kindsOf(proofs.items)).toEqual(['proof-ready', 'proof-ready'])
  const one = await events(book, 'kind=proof-ready&limit=1')
  expect(one).toMatchObject({ items: [proofs.items[0]], more: true })
  expect(await events(book, `kind=proof-ready&limit=1&after=${one.next}`)).toMatchObject({
    ...{ items: [proofs.items[1]], more: false, next: proofs.next },
  })
  // The place is one in the order of all, whatever kind is asked for behind it.
  expect(kindsOf((await events(book, `after=${one.next}`)).items)).toEqual([
    ...['transaction-posted', 'transaction-posted', 'break-resolved', 'break-closed', 'proof-ready'],
  ])
  expect((await events(book, `after=${proofs.next}`)).items).toEqual([])
})

test('what is only tried, refused or done again tells nothing', async () => {
  const book = await openResolving(service)
  await book.statement({ day: '260302', number: '1', opening: '0,00', closing: '5,00', lines: ['C5,00OP-1'] })
  const before = await events(book)
  await book.match({ dryRun: true })
  const refused = await book.post(`${book.of}/matchings`, { id: uuid(), rules: { tolerance: -1 } })
  expect(refused.status).toBe(400)
  expect(await events(book)).toEqual(before)
  const id = uuid()
  await book.match({ id })
  const after = await events(book)
  expect(kindsOf(after.items)).toEqual(['transaction-posted', 'break-opened', 'proof-ready'])
  await book.match({ id })
  expect(await events(book)).toEqual(after)
})

test('a statement that does not tie up tells its breaks, and what comes in the place of a break tells of which', async () => {
  const book = await openResolving(service)
  await book.statement({ day: '260302', number: '1', opening: '0,00', closing: '5,00', lines: ['C5,00OP-1'] })
  await book.statement({ day: '260304', number: '3', opening: '5,00', closing: '6,00', lines: ['C1,00OP-2'] })
  const [gap] = (await events(book)).items
  expect(gap).toMatchObject({ kind: 'break-opened', facts: { reason: 'statement-gap', day: '2026-03-04' } })
  await book.statement({ day: '260303', number: '2', opening: '5,00', closing: '5,00', lines: [] })
  const [, closed, ...rest] = (await events(book)).items
  expect([closed.kind, closed.facts, rest]).toEqual(['break-closed', gap.facts, []])
  await book.match()
  await book.deposit({ amount: '5.02', day, reference: 'OP-1' })
  await book.match()
  const opened = (await events(book, 'kind=break-opened')).items.filter(
    ({ facts }: Answer['body']) => facts.breakId !== facts.firstBreakId,
  )
  expect(opened.map(({ facts }: Answer['body']) => facts.reason)).toEqual(['residue'])
})

test('a bank sees the events of its own books, and who opens none of what they lead to sees none', async () => {
  const [book, other] = [await openResolving(service), await openBanking(service, 'PEN')]
  expect((await book.get('/events', other.bankKey)).body.code).toBe('book-not-found')
  expect((await book.get('/events', await service.key('analyst'))).body.code).toBe('access-denied')
  expect((await book.get('/events', await service.key('auditor'))).status).toBe(200)
})

test('a place that the book has not come to is refused, for it is of another database', async () => {
  const book = await openResolving(service)
  await livedThrough(book)
  const fresh = await openResolving(service)
  const { next } = await events(book)
  expect((await fresh.get(`/events?after=${next}`)).body).toMatchObject({
    ...{ code: 'request-invalid', fields: [{ path: 'after' }] },
  })
  expect((await fresh.get('/events?after=nonsense')).body.code).toBe('request-invalid')
})
