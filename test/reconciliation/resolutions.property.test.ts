import fc from 'fast-check'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'
import { openResolving, type Resolving, savers } from './resolving.ts'
import type { WrittenDay } from './written.ts'

let service: TestApp

beforeAll(async () => {
  service = await testApp()
})

afterAll(() => service.close())

const days = ['2026-03-02', '2026-03-03', '2026-03-20'] as const

const money = fc.record({
  /** Few amounts and references, so that many are doubled, ambiguous or a centavo apart. */
  cents: fc.constantFrom(500, 501, 1000, 1000),
  reference: fc.constantFrom(undefined, 'OP-1001', 'OP-1002', 'OP-1003'),
  place: fc.nat(1),
  saver: fc.constantFrom(...savers),
})

const act = fc.record({
  kind: fc.constantFrom('match', 'post', 'reverse', 'adjust', 'accept', 'run', 'deposit', 'run'),
  /** Which of the open breaks, in turn. */
  picks: fc.array(fc.nat(50), { minLength: 1, maxLength: 2 }),
  whole: fc.boolean(),
  yes: fc.constantFrom('approved', 'approved', 'approved', 'rejected', 'nothing'),
  money,
})

type Act = typeof act extends fc.Arbitrary<infer T> ? T : never

const text = (cents: number) => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`

/** A statement a day whose balances hang together. */
function told(
  lines: readonly { cents: number; reference?: string | undefined; place: number; out: boolean }[],
): WrittenDay[] {
  let balance = 0
  const written = (cents: number) => `${cents < 0 ? '-' : ''}${text(Math.abs(cents)).replace('.', ',')}`
  return days.map((day, place) => {
    const opening = written(balance)
    const its = lines.filter(line => line.place === place)
    for (const { cents, out } of its) balance += out ? -cents : cents
    return {
      ...{ day: day.slice(2).replaceAll('-', ''), number: String(place + 1), opening, closing: written(balance) },
      lines: its.map(({ cents, reference = 'NONREF', out }) => `${out ? 'D' : 'C'}${written(cents)}${reference}`),
    }
  })
}

// biome-ignore lint/suspicious/noExplicitAny: answers are whatever the service says.
type Break = any

function proposalOf({ kind, picks, whole, money }: Act, open: Break[], book: Resolving): object {
  const chosen = picks.map(pick => open[pick % open.length])
  const question = chosen.find(one => one.question !== null)?.question
  if (kind === 'match' || kind === 'adjust')
    chosen.splice(1, 1, ...partnerOf(chosen[0], open, kind === 'match' ? 0 : 5))
  const about = whole && question ? { question } : { breaks: [...new Set(chosen.map(one => one.id))] }
  const valueDate = days[2]
  if (kind === 'post') {
    const [first] = chosen
    const amount = String(first.amount ?? '1.00').replace('-', '')
    const isFee = String(first.amount).startsWith('-')
    const deposit = { bankAccountNumber: money.saver, amount, valueDate: first.day, channel: 'branch' }
    const fee = { accountId: book.fees, amount, valueDate: first.day }
    const posting = isFee ? { verb: 'bank-fee', body: fee } : { verb: 'deposit', body: deposit }
    return { kind, breaks: [first.id], postings: [posting] }
  }
  if (kind === 'adjust') return { kind, ...about, valueDate, accountId: book.income }
  return kind === 'reverse' ? { kind, ...about, valueDate } : { kind, ...about }
}

/** A break of the other side that is as much, or nearly. */
function partnerOf(first: Break, open: Break[], within: number): Break[] {
  const cents = (one: Break) => Math.round(Number(one.amount) * 100)
  const isOther = (one: Break) => one.of !== first.of && Math.abs(cents(one) + cents(first)) <= within
  return open.filter(isOther).slice(0, 1)
}

test('whatever people decide, nothing is claimed twice, debits are credits, suspense is what is open, and each day is proved', {
  timeout: 180_000,
}, async () => {
  const line = fc.record({ ...{ out: fc.boolean() }, ...{ money } }).map(({ out, money }) => ({ ...money, out }))
  const done = { approved: 0, kinds: new Set<string>() }
  await fc.assert(
    fc.asyncProperty(
      fc.array(money, { minLength: 2, maxLength: 8 }),
      fc.array(line, { minLength: 2, maxLength: 8 }),
      fc.array(act, { minLength: 10, maxLength: 20 }),
      async (deposits, lines, acts) => {
        const book = await openResolving(service)
        const deposit = ({ cents, reference, place, saver }: (typeof deposits)[number]) =>
          book.deposit({ amount: text(cents), day: days[place]!, account: saver, ...(reference && { reference }) })
        for (const one of deposits) await deposit(one)
        await book.statement(...told(lines))
        await book.match()
        for (const one of acts) await play(book, one, () => deposit(one.money), done)
        await book.match()
        await check(book)
      },
    ),
    { numRuns: 12 },
  )
  // Not all of it was refused.
  expect(done.approved).toBeGreaterThan(5)
  expect(done.kinds.size).toBeGreaterThanOrEqual(2)
})

async function play(
  book: Resolving,
  one: Act,
  deposit: () => Promise<unknown>,
  done: { approved: number; kinds: Set<string> },
): Promise<void> {
  if (one.kind === 'run') return void (await book.match())
  if (one.kind === 'deposit') return void (await deposit())
  const open = [...(await book.breaks()), ...(await book.breaks('&status=accepted'))]
  if (open.length === 0) return
  const proposed = await book.propose(proposalOf(one, open, book))
  expect([proposed.status, proposed.body]).toEqual([expect.toBeOneOf([201, 409, 422]), proposed.body])
  if (proposed.status !== 201 || one.yes === 'nothing') return
  const decided = await book.decide(proposed.body.id, {
    ...{ id: uuid(), outcome: one.yes },
    ...(one.yes === 'rejected' && { reason: 'no' }),
  })
  expect([decided.status, decided.body]).toEqual([expect.toBeOneOf([201, 409, 422]), decided.body])
  if (decided.status !== 201 || one.yes !== 'approved') return
  done.approved += 1
  done.kinds.add(one.kind)
}

/** What holds of every book, whatever was done in it: verification recounts claims, suspense, resolutions and the ledger. */
async function check(book: Resolving): Promise<void> {
  const { body: verified } = await book.get('/verification', await service.key('auditor'))
  expect([verified.ok, verified.faults]).toEqual([true, verified.faults])
  const { body: balance } = await book.get('/trial-balance', book.administratorKey)
  expect(balance.debits).toBe(balance.credits)
  for (const day of days) expect(await book.proof(day)).toMatchObject({ day, status: 'proved', residue: '0.00' })
  const matches = (await book.get(`${book.of}/matches?limit=200`)).body.items
  const claims = matches.flatMap((one: Break) => [
    ...one.lines.map((line: Break) => `${line.statementId}:${line.line}`),
    ...one.entries.map((entry: Break) => `${entry.sequence}:${entry.position}`),
  ])
  expect(new Set(claims).size).toBe(claims.length)
}
