import { isDeepStrictEqual } from 'node:util'
import { v7 as uuid } from 'uuid'
import { expect } from 'vitest'
import { limaDate } from '../../src/dates.ts'
import { type AccountOpening, openAccounts, openBook, openLedger } from '../../src/ledger/index.ts'
import type { TestDatabase } from './database.ts'
import { type Asked, idOf } from './drafts.ts'
import { type OracleBook, openOracle } from './oracle.ts'
import { oracleOpen } from './oracle-register.ts'
import { momentOf, type Question, questionOf } from './questions.ts'
import type { Turn } from './steps.ts'
import { assertSound, digestOf, readBook, type StoredBook } from './stored-book.ts'
import { expectedState, stateOf } from './stored-state.ts'
import { expectViews } from './views.ts'

const openings: AccountOpening[] = (
  [
    ['1010', 'asset', null],
    ['5010', 'equity', null],
    ['2010.ana', 'liability', 0n],
    ['2010.rosa', 'liability', 0n],
    ['1020', 'asset', 0n],
    ['2020', 'liability', -500n],
  ] as const
).map(([code, type, floor], n) => ({
  ...{ id: idOf('account', n), code, name: 'Account', type, floor },
  openedOn: n === 5 ? '2026-11-10' : '2026-01-01',
}))

/** In another month than most of the money, so that the first month closed may be either’s. */
const bookOpenedOn = '2026-10-25'

/** Something to take from: 1.00 to 10.00 on each account that may not fall below zero. */
const funding: Turn = {
  step: 'post',
  jobs: [2, 3, 4].map(n => ({
    mode: 'single',
    actor: 'tester',
    drafts: [
      {
        ...{ source: 'fresh', pick: 0, day: -10, kind: 'deposit', reason: undefined, evidence: undefined, flaw: 0 },
        legs: [{ from: n === 4 ? n : 0, to: n === 4 ? 1 : n, amount: BigInt(10 ** n) / 10n, split: false }],
      },
    ],
  })),
}

/** The ledger and the oracle, side by side. */
export type Comparison = {
  /** Takes the turns on a new book, and compares everything after each. */
  play(turns: readonly Turn[]): Promise<void>
  /** That no book changed after its turns were taken. */
  expectOthersKept(): Promise<void>
  /** How many books and turns there were, and how often each answer was given. */
  tally(): { books: number; turns: number; told: Record<string, number> }
  drain(): Promise<void>
}

/** Three services on one database, of which one's clock is slow and one's is fast. */
export function compareOn({ db, owner }: TestDatabase): Comparison {
  let now = 0
  let batches: number[] = []
  const ledgers = [0, -700, 300].map(ahead => {
    const clock = { now: () => new Date(now + ahead) }
    return openLedger({ db, clock, onBatch: drafts => batches.push(drafts) })
  })
  const others = new Map<string, string>()
  const told = new Map<string, number>()
  let turnsTaken = 0

  async function play(turns: readonly Turn[]): Promise<void> {
    const bookId = await newBook()
    const oracle = openOracle(bookId, now, bookOpenedOn, 'tester')
    oracleOpen(oracle, openings, momentOf(ledgers[0]!), 'tester')
    const asked: Asked = { drafts: [], openings: [...openings], placings: [], now, today: '' }
    for (const turn of [funding, ...turns]) {
      turnsTaken += 1
      await take(turn, bookId, oracle, asked)
    }
    await expectViews(db, bookId, oracle, ledgers[0]!.clock)
    others.set(bookId, digestOf(await readBook(db, bookId)))
  }

  async function newBook(): Promise<string> {
    now = Date.parse('2026-11-24T15:00:00.000Z')
    const bookId = uuid()
    const at = new Date(now)
    await openBook(
      db,
      { id: bookId, code: bookId, name: 'Book', currency: 'PEN', openedOn: bookOpenedOn },
      at,
      'tester',
    )
    await openAccounts(db, bookId, openings, at, 'tester')
    return bookId
  }

  async function take(turn: Turn, bookId: string, oracle: OracleBook, asked: Asked): Promise<void> {
    if (turn.step === 'pass') {
      now += turn.milliseconds
      return
    }
    Object.assign(asked, { now, today: limaDate(new Date(now)) })
    // Posting does this every few hundred transactions; here it comes now and then, so that both kinds of days are seen.
    if (asked.drafts.length % 3 === 0) await owner.$client.query('select ledger_add_days($1)', [bookId])
    const before = await readBook(db, bookId)
    const steps = turn.step === 'race' ? turn.steps : [turn]
    const questions = steps.map(step => questionOf(step, bookId, oracle, asked))
    batches = []
    const answers = await Promise.all(questions.map((question, n) => question.ask(ledgers[n]!)))
    for (const answer of answers.flat(2)) note(answer)
    const after = await readBook(db, bookId)

    if (turn.step === 'race') adoptAnOrder(oracle, questions, answers, after)
    else expect(answers).toEqual([questions[0]!.judge(oracle, momentOf(ledgers[0]!))])
    if (turn.step === 'post') expectOneBatch(turn.jobs.length)

    assertSound(after)
    expect(stateOf(after)).toEqual(expectedState(oracle))
    if (answers.every(isRefused) && before.events.length === after.events.length) {
      expect(digestOf(after)).toBe(digestOf(before))
    }
  }

  function expectOneBatch(jobs: number): void {
    expect(batches.length, `${jobs} jobs of one moment are one batch`).toBeLessThanOrEqual(1)
  }

  /** What was asked at once was decided one after the other, in an order we are not told: one of them has to fit. */
  function adoptAnOrder(oracle: OracleBook, questions: Question[], answers: unknown[], after: StoredBook): void {
    const mismatches: (() => void)[] = []
    for (const order of permutations(questions.map((_, n) => n))) {
      const candidate = structuredClone(oracle)
      const judged: unknown[] = []
      for (const n of order) judged[n] = questions[n]!.judge(candidate, momentOf(ledgers[n]!))
      if (!isDeepStrictEqual(answers, judged)) {
        mismatches.push(() => expect(answers, `decided in the order ${order}`).toEqual(judged))
      } else if (!isDeepStrictEqual(stateOf(after), expectedState(candidate))) {
        // The nearest miss is the one to tell.
        mismatches.unshift(() =>
          expect(stateOf(after), `decided in the order ${order}`).toEqual(expectedState(candidate)),
        )
      } else {
        Object.assign(oracle, candidate)
        return
      }
    }
    for (const tell of mismatches) tell()
  }

  function note(answer: unknown): void {
    const { outcome, refusal } = Object(answer) as { outcome?: string; refusal?: string }
    const code = outcome ?? refusal ?? 'done'
    told.set(code, (told.get(code) ?? 0) + 1)
  }

  return {
    play,
    async expectOthersKept() {
      for (const [bookId, digest] of others) expect(digestOf(await readBook(db, bookId))).toBe(digest)
    },
    tally: () => ({ books: others.size, turns: turnsTaken, told: Object.fromEntries([...told].sort()) }),
    async drain() {
      for (const ledger of ledgers) await ledger.drain()
    },
  }
}

function isRefused(answer: unknown): boolean {
  if (Array.isArray(answer)) return answer.flat().every(({ outcome }) => outcome !== 'posted')
  return typeof answer === 'object' && answer !== null && 'refusal' in answer
}

function permutations(items: number[]): number[][] {
  if (items.length < 2) return [items]
  return items.flatMap(first => permutations(items.filter(item => item !== first)).map(rest => [first, ...rest]))
}
