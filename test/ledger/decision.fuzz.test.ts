import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { limaDate } from '../../src/dates.ts'
import { type AccountOpening, type Ledger, openAccounts, openBook, openLedger } from '../../src/ledger/index.ts'
import { testDatabase } from '../support/database.ts'
import { type OracleBook, openOracle } from '../support/oracle.ts'
import { oracleOpen } from '../support/oracle-register.ts'
import { momentOf, type Question, questionOf } from '../support/questions.ts'
import { type Asked, idOf, type Turn, turns } from '../support/steps.ts'
import { assertSound, digestOf, readBook, type StoredBook } from '../support/stored-book.ts'
import { expectedState, stateOf } from '../support/stored-state.ts'

/** FUZZ_SECONDS=600 goes on for ten minutes. FUZZ_SEED with FUZZ_PATH, as a failure prints them, repeat that one case. */
const seconds = Number(process.env.FUZZ_SECONDS ?? 20)
const firstSeed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
const path = process.env.FUZZ_PATH
/** A counterexample is made smaller for so long, and then told as it is. */
const shrinkingSeconds = 40

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

describe('the decision', () => {
  let test: Awaited<ReturnType<typeof testDatabase>>
  let now = 0
  let batches: number[] = []
  const ledgers: Ledger[] = []
  beforeAll(async () => {
    test = await testDatabase()
    // Three services, of which one's clock is slow and one's is fast.
    for (const ahead of [0, -700, 300]) {
      const clock = { now: () => new Date(now + ahead) }
      ledgers.push(openLedger({ db: test.db, clock, onBatch: drafts => batches.push(drafts) }))
    }
  })
  afterAll(async () => {
    for (const ledger of ledgers) await ledger.drain()
    await test.close()
  })

  it(
    'is the oracle’s, whatever is asked, in whatever order, and leaves the book as the oracle has it',
    async () => {
      const others = new Map<string, string>()
      let steps = 0
      let failedAt: number | undefined
      const property = fc.asyncProperty(turns, async turns => {
        if (failedAt !== undefined && performance.now() - failedAt > shrinkingSeconds * 1000) return
        try {
          const bookId = await newBook()
          const oracle = openOracle(bookId, now, 'tester')
          oracleOpen(oracle, openings, momentOf(ledgers[0]!), 'tester')
          const asked: Asked = { drafts: [], openings: [...openings], placings: [], now, today: '' }
          await take(funding, bookId, oracle, asked)
          for (const turn of turns) {
            steps += 1
            await take(turn, bookId, oracle, asked)
          }
          others.set(bookId, digestOf(await readBook(test.db, bookId)))
        } catch (error) {
          failedAt ??= performance.now()
          throw error
        }
      })
      const begun = performance.now()
      let seed = firstSeed
      do {
        await fc.assert(property, { seed, ...(path === undefined ? { numRuns: 10 } : { path, endOnFailure: true }) })
        seed += 1
      } while (path === undefined && performance.now() - begun < seconds * 1000)
      console.log(
        `seeds ${firstSeed} to ${seed - 1}: ${others.size} books, ${steps} turns`,
        Object.fromEntries([...told].sort()),
      )
      for (const [bookId, digest] of others) expect(digestOf(await readBook(test.db, bookId))).toBe(digest)
    },
    (seconds + shrinkingSeconds + 60) * 1000,
  )

  async function newBook(): Promise<string> {
    now = Date.parse('2026-11-24T15:00:00.000Z')
    const bookId = uuid()
    const at = new Date(now)
    await openBook(test.db, { id: bookId, code: bookId, name: 'Book', currency: 'PEN' }, at, 'tester')
    await openAccounts(test.db, bookId, openings, at, 'tester')
    return bookId
  }

  async function take(turn: Turn, bookId: string, oracle: OracleBook, asked: Asked): Promise<void> {
    if (turn.step === 'pass') {
      now += turn.milliseconds
      return
    }
    Object.assign(asked, { now, today: limaDate(new Date(now)) })
    // Posting does this every few hundred transactions; here it comes now and then, so that both kinds of days are seen.
    if (asked.drafts.length % 3 === 0) await test.owner.$client.query('select ledger_add_days($1)', [bookId])
    const before = await readBook(test.db, bookId)
    const steps = turn.step === 'race' ? turn.steps : [turn]
    const questions = steps.map(step => questionOf(step, bookId, oracle, asked))
    batches = []
    const answers = await Promise.all(questions.map((question, n) => question.ask(ledgers[n]!)))
    for (const answer of answers.flat(2)) note(answer)
    const after = await readBook(test.db, bookId)

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
})

const told = new Map<string, number>()

function note(answer: unknown): void {
  const { outcome, refusal } = Object(answer) as { outcome?: string; refusal?: string }
  const code = outcome ?? refusal ?? 'done'
  told.set(code, (told.get(code) ?? 0) + 1)
}

function isRefused(answer: unknown): boolean {
  if (Array.isArray(answer)) return answer.flat().every(({ outcome }) => outcome !== 'posted')
  return typeof answer === 'object' && answer !== null && 'refusal' in answer
}

function permutations(items: number[]): number[][] {
  if (items.length < 2) return [items]
  return items.flatMap(first => permutations(items.filter(item => item !== first)).map(rest => [first, ...rest]))
}
