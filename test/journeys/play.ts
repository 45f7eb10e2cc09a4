import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { v7 as uuid } from 'uuid'
import { expect } from 'vitest'
import { answerOf, type Client, openClient } from '../../client/src/index.ts'
import { limaDate } from '../../src/dates.ts'
import type { Db } from '../../src/db/client.ts'
import { type AccountOpening, openAccounts, openBook, verifyBook } from '../../src/ledger/index.ts'
import type { TestClock } from '../support/app.ts'
import { type Asked, idOf } from '../support/drafts.ts'
import {
  begin,
  isPosted,
  type Moment,
  type OracleBook,
  openOracle,
  postedBalance,
  type Verdict,
} from '../support/oracle.ts'
import { oracleOpen } from '../support/oracle-register.ts'
import { type Asking, questionOf } from '../support/questions.ts'
import { posts, type Step, steps } from '../support/steps.ts'
import { assertSound, readBook } from '../support/stored-book.ts'
import { expectedState, stateOf } from '../support/stored-state.ts'
import { amountOf, amountText, askable, askByHttp, inWords, learn } from './over-http.ts'
import { statesOf } from './timeline.ts'

export type Command = Step | { step: 'pass'; milliseconds: number } | { step: 'read'; pick: number }

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: posts },
  { weight: 6, arbitrary: steps },
  {
    weight: 2,
    arbitrary: fc.record({ step: fc.constant('read' as const), pick: fc.nat(1000) }, { noNullPrototype: true }),
  },
  {
    weight: 1,
    arbitrary: fc.record(
      { step: fc.constant('pass' as const), milliseconds: fc.constantFrom(400, 1500) },
      { noNullPrototype: true },
    ),
  },
)
/** What each of some clients asks, one thing after the other, all at the same time. */
export const scriptsOf = (clients: number): fc.Arbitrary<Command[][]> =>
  fc.array(fc.array(command, { minLength: 3, maxLength: 12 }), { minLength: clients, maxLength: clients })

type Judge = (book: OracleBook, moment: Moment) => unknown

/** What one client asked, what it was told, and between which moments of the book and of the clock it was decided. */
export type Exchange = {
  asking: Asking | 'read'
  judge: Judge
  answer: unknown
  from: number
  to: number
  clock: number[]
}

const openings: AccountOpening[] = (
  [
    ['7010', 'asset', null],
    ['5010', 'equity', null],
    ['7020.ana', 'liability', 0n],
    ['7020.rosa', 'liability', 0n],
    ['7030', 'asset', 0n],
  ] as const
).map(([code, type, floor], n) => ({
  ...{ id: idOf('account', n), code, name: 'Account', type, floor, openedOn: '2026-01-01' },
}))

/** Who plays: the clients' services, and the database behind them. */
export type Stage = { db: Db; key: string; bases: string[]; clock: TestClock | null }

/**
 * Lets clients follow their scripts at once, on a new book, and then checks everything: the book is sound, the oracle
 * accepts its history and comes to the same end, every answer was right at some moment between asking and being told,
 * and whatever was acknowledged is answered again as at first.
 */
export async function playBook(stage: Stage, scripts: Command[][]): Promise<Exchange[]> {
  const { db, key, bases, clock } = stage
  const now = () => clock?.now() ?? new Date()
  const bookId = uuid()
  await openBook(db, { id: bookId, code: bookId, name: 'Book', currency: 'PEN' }, now(), 'tester')
  await openAccounts(db, bookId, openings, now(), 'tester')
  // What the clients know, to pick from: it lags behind, and is not the oracle.
  const known = openOracle(bookId, now().getTime(), limaDate(now()), 'tester')
  oracleOpen(known, openings, { now: now().getTime(), today: limaDate(now()) }, 'tester')
  const asked: Asked = {
    drafts: [],
    openings: [...openings],
    placings: [],
    now: now().getTime(),
    today: limaDate(now()),
  }
  const times = [now().getTime()]
  const open = scripts.map((_, n) => openClient({ url: bases[n % bases.length]!, key, retries: 0 }))
  await fund(open[0]!, { db, bookId, known, asked, clock, times })
  const exchanges = (
    await Promise.all(scripts.map((script, n) => follow(script, open[n]!, { db, bookId, known, asked, clock, times })))
  ).flat()
  const stored = await readBook(db, bookId)
  assertSound(stored)
  const states = statesOf(stored)
  expect(expectedState(states.at(-1)!)).toEqual(stateOf(stored))
  for (const exchange of exchanges) explain(exchange, states)
  await repeat(db, open, bookId, exchanges)
  expect(await verifyBook(db, bookId)).toMatchObject({ ok: true })
  return exchanges
}

type Place = {
  db: Db
  bookId: string
  known: OracleBook
  asked: Asked
  clock: TestClock | null
  /** All that the clock has shown. */
  times: number[]
}

async function follow(script: Command[], client: Client, place: Place): Promise<Exchange[]> {
  const exchanges: Exchange[] = []
  for (const command of script) {
    if (command.step === 'pass') pass(command.milliseconds, place)
    else exchanges.push(await exchange(command, client, place))
  }
  return exchanges
}

function pass(milliseconds: number, { clock, times }: Place): void {
  if (clock === null) return
  clock.advance(milliseconds)
  times.push(clock.now().getTime())
}

async function exchange(command: Exclude<Command, { step: 'pass' }>, client: Client, place: Place): Promise<Exchange> {
  const { bookId, known, asked, clock } = place
  const now = clock?.now() ?? new Date()
  Object.assign(asked, { now: now.getTime(), today: limaDate(now) })
  if (command.step === 'read') {
    const accountId = [...known.accounts.keys()][command.pick % known.accounts.size]!
    return await timed(
      place,
      'read',
      (book, { now }) => balanceIn(book, accountId, now),
      async () => {
        const params = { path: { bookId, accountId } }
        const body = await answerOf(client.GET('/v1/books/{bookId}/accounts/{accountId}/balance', { params }))
        const amounts = [body.debits, body.credits, body.posted, body.held].map(amountOf)
        return { sequence: body.sequence, amounts }
      },
    )
  }
  const step = askable(command)
  // Without a clock of ours nothing may depend on it.
  if (step.step === 'place' && clock === null) step.expiry = null
  const { asking, judge } = questionOf(step, bookId, known, asked)
  const judged: Judge = (book, moment) => inWords(asking, judge(book, moment))
  return await timed(place, asking, judged, async () => {
    const answer = await askByHttp(client, bookId, asking)
    learn(known, asking, answer)
    return answer
  })
}

async function timed(
  { db, bookId, clock, times }: Place,
  asking: Exchange['asking'],
  judge: Judge,
  ask: () => Promise<unknown>,
): Promise<Exchange> {
  const before = times.length - 1
  const from = await moments(db, bookId)
  const answer = await ask()
  const to = await moments(db, bookId)
  return { asking, judge, answer, from, to, clock: clock === null ? [] : times.slice(before) }
}

/** How many transactions and events the book has: its moments are counted by them. */
async function moments(db: Db, bookId: string): Promise<number> {
  const { rows } = await db.$client.query<{ count: string }>(
    'select sequence + event_number as count from book_head where book_id = $1',
    [bookId],
  )
  return Number(rows[0]!.count)
}

/** An answer has to be what the oracle says at some moment between asking and being told. */
function explain({ asking, judge, answer, from, to, clock }: Exchange, states: OracleBook[]): void {
  const recorded = [answer].flat(3).flatMap(one => (Object(one).recordedAt as number | undefined) ?? [])
  // Asked what was known at an instant, the service had at least got there.
  const reached = asking !== 'read' && asking.verb === 'know' ? [asking.instant.getTime()] : []
  const judged: unknown[] = []
  for (let moment = from; moment <= to; moment++) {
    for (const now of new Set([
      ...clock,
      ...recorded,
      ...reached,
      ...(clock.length === 0 ? [states[moment]!.recordedAt] : []),
    ])) {
      const verdict = judge(structuredClone(states[moment]!), { now, today: limaDate(new Date(now)) })
      if (isDeepStrictEqual(verdict, answer)) return
      judged.push(verdict)
    }
  }
  expect(
    judged,
    `no moment from ${from} to ${to} explains the answer to ${JSON.stringify(asking, bigints)}`,
  ).toContainEqual(answer)
}

function balanceIn(book: OracleBook, accountId: string, now: number): unknown {
  begin(book, now)
  const account = book.accounts.get(accountId)!
  const amounts = [account.debits, account.credits, postedBalance(account), account.held]
  return { sequence: book.journal.length, amounts }
}

/**
 * Whatever was acknowledged is there once, is answered again as at first by any of the services, and nothing changes; and
 * what was known at an instant is still what was known then.
 */
async function repeat(db: Db, open: Client[], bookId: string, exchanges: Exchange[]): Promise<void> {
  const before = await readBook(db, bookId)
  const acknowledged = exchanges.flatMap(({ asking, answer }): [Asking, Verdict][] => {
    if (asking === 'read') return []
    if (asking.verb === 'reverse') return [[asking, (answer as Verdict[][])[0]![0]!]]
    if (asking.verb !== 'post') return []
    const { drafts, actor } = asking.jobs[0]!
    const verdicts = (answer as Verdict[][])[0]!
    return drafts.map((draft, n) => [
      { verb: 'post', jobs: [{ mode: 'single', actor, drafts: [draft] }] },
      verdicts[n]!,
    ])
  })
  for (const [n, [asking, verdict]] of acknowledged.entries()) {
    if (!isPosted(verdict)) continue
    const again = await askByHttp(open[n % open.length]!, bookId, asking)
    expect(again).toEqual([[{ ...verdict, outcome: 'replayed' }]])
  }
  for (const { asking, answer } of exchanges) {
    if (asking === 'read' || asking.verb !== 'know' || !Object.hasOwn(answer as object, 'value')) continue
    expect(await askByHttp(open[0]!, bookId, asking)).toEqual(answer)
  }
  const { transactions, entries } = await readBook(db, bookId)
  expect({ transactions, entries }).toEqual({ transactions: before.transactions, entries: before.entries })
}

/** Something to take from: 10.00 on each account that may not fall below zero. */
async function fund(client: Client, { bookId, known }: Place): Promise<void> {
  const [bank, equity, ana, rosa, cash] = [...known.accounts.keys()]
  for (const [debit, credit] of [
    [bank, ana],
    [bank, rosa],
    [cash, equity],
  ]) {
    const amount = amountText(1000n)
    const entries = [
      { accountId: debit!, direction: 'debit' as const, amount },
      { accountId: credit!, direction: 'credit' as const, amount },
    ]
    const body = { id: uuid(), kind: 'funding', valueDate: '2026-01-02', entries }
    const { response } = await client.POST('/v1/books/{bookId}/transactions', { params: { path: { bookId } }, body })
    expect(response.status).toBe(201)
  }
}

function bigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}` : value
}
