import { type Tx, transact } from '../../db/client.ts'
import { tellEvents } from '../../feed/tell.ts'
import { type Book, bookOf } from '../../ledger/index.ts'
import { formatAmount } from '../../money.ts'
import { Refusal } from '../../refusals.ts'
import { inBook } from '../../savings/listing.ts'
import type { Parts } from '../../savings/parts.ts'
import { register } from '../../savings/registering.ts'
import { type BreakChanges, syncBreaks, tellingsOf, timeInTurn } from '../breaks/keep.ts'
import { type BankAccountRow, bankAccountById } from '../intake/bank-accounts.ts'
import { waitForTurns } from '../intake/take.ts'
import { suspend } from '../suspense/suspend.ts'
import { breaksOf } from './breaks-of.ts'
import { claimMatches } from './claims.ts'
import { decide } from './decide.ts'
import type { Decision, Entry, Line, Question } from './items.ts'
import { openItems } from './open-items.ts'
import { defaultRules, type MatchingRules } from './rules.ts'
import { matchingRun } from './schema.ts'
import type { Told } from './told.ts'

export type RunRow = typeof matchingRun.$inferSelect

/** A matching that is asked for: plain, so that a thread can be told of it. `actor` is the client that asks. */
export type Asked = {
  bookId: string
  bankAccountId: string
  actor: string
  at: Date
  id: string
  rules?: MatchingRules | undefined
  dryRun: boolean
}
export type Run = Pick<RunRow, 'through' | 'told' | 'recordedAt'> & { replayed: boolean }

/** Ends a database transaction of which nothing is to stay. */
class OnlyTried extends Error {
  readonly run: Pick<RunRow, 'through' | 'told'>

  constructor(run: Pick<RunRow, 'through' | 'told'>) {
    super('it was only tried')
    this.run = run
  }
}

/**
 * Matches what is open of an account, and brings its breaks in line with what is left; or only tries it. One at a time for an
 * account. Done again with nothing new, it changes nothing.
 * @throws Refusal `bank-account-not-found`, `bank-statement-missing`, `id-reused`, `account-blocked`, `account-closed`
 */
export async function matchAccount(
  parts: Pick<Parts, 'db' | 'clock' | 'ledger'>,
  { bookId, bankAccountId, actor, at: askedAt, id, rules = defaultRules, dryRun }: Asked,
): Promise<Run> {
  const book = await bookOf(parts.db, bookId)
  const account = await bankAccountById(parts, bookId, bankAccountId)
  try {
    const { row, replayed } = await transact(parts.db, async tx => {
      await waitForTurns(tx, bookId, [bankAccountId])
      const at = await timeInTurn(tx, bookId, [bankAccountId], askedAt)
      let decided: { question: Question; decision: Decision; breaks: BreakChanges } | null = null
      const registered = await register(tx, matchingRun, {
        where: inBook(matchingRun, bookId, id),
        content: { bankAccountId, rules },
        at,
        actor,
        decide: async () => {
          decided = await decideOpen(tx, book, account, rules, at)
          const { question, decision, breaks } = decided
          const told = toldOf(book, question, decision, breaks)
          if (dryRun) throw new OnlyTried({ through: question.through, told })
          return {
            bookId,
            id,
            bankAccountId,
            through: question.through,
            rules,
            tolerance: BigInt(rules.tolerance),
            told,
          }
        },
      })
      if (!registered.replayed) {
        const { question, decision, breaks } = decided!
        const moves = new Map([...question.lines, ...question.entries].map(item => [item.id, movedBy(item)]))
        await claimMatches(tx, { bookId, bankAccountId, runId: id, resolutionId: null }, decision.matches, moves)
        await suspend(tx, parts, book, account, { id, actor })
        const facts = { bankAccountId, matchingId: id, day: question.through }
        await tellEvents(tx, bookId, at, [...tellingsOf(breaks), { kind: 'proof-ready', subject: id, facts }])
      }
      return registered
    })
    const { through, told, recordedAt } = row
    return { through, told, recordedAt, replayed }
  } catch (error) {
    if (!(error instanceof OnlyTried)) throw error
    return { ...error.run, recordedAt: askedAt, replayed: false }
  }
}

async function decideOpen(tx: Tx, { currency }: Book, account: BankAccountRow, rules: MatchingRules, at: Date) {
  const question = await openItems(tx, account, currency)
  if (question === null) throw new Refusal('bank-statement-missing', 'No statement of the account was taken yet.')
  const decision = decide(question, rules)
  const found = breaksOf(question, decision, account.id)
  const of = { bookId: account.bookId, bankAccountId: account.id, beginnings: ['line:', 'entry:'] }
  return { question, decision, breaks: await syncBreaks(tx, of, found, at) }
}

function toldOf(
  { currency }: Book,
  { lines, entries }: Question,
  { matches, lines: ofLine, entries: ofEntry }: Decision,
  { opened, ended }: BreakChanges,
): Told {
  const sum = <Item>(items: readonly Item[], of: (item: Item) => number) =>
    items.reduce((all, item) => all + of(item), 0)
  const byRule = [...Map.groupBy(matches, ({ rule }) => rule)].map(([rule, of]) => ({
    rule,
    matches: of.length,
    lines: sum(of, match => match.lines.length),
    entries: sum(of, match => match.entries.length),
  }))
  const left = [
    ...lines.map(item => ({ outcome: ofLine.get(item.id)!, isLine: true, amount: movedBy(item) })),
    ...entries.map(item => ({ outcome: ofEntry.get(item.id)!, isLine: false, amount: -movedBy(item) })),
  ].flatMap(({ outcome, ...item }) => (outcome.standing === 'matched' ? [] : [{ ...item, reason: outcome.reason }]))
  const byReason = [...Map.groupBy(left, ({ reason }) => reason)].map(([reason, of]) => ({
    reason,
    lines: of.filter(({ isLine }) => isLine).length,
    entries: of.filter(({ isLine }) => !isLine).length,
    amount: formatAmount(
      of.reduce((all, { amount }) => all + amount, 0n),
      currency,
    ),
  }))
  return {
    ...{ lines: lines.length, entries: entries.length, matches: matches.length },
    ...{ matchedLines: sum(byRule, ({ lines }) => lines), matchedEntries: sum(byRule, ({ entries }) => entries) },
    byRule: byRule.sort((one, other) => (one.rule < other.rule ? -1 : 1)),
    byReason: byReason.sort((one, other) => (one.reason < other.reason ? -1 : 1)),
    ...{ breaksOpened: opened.length, breaksEnded: ended.length },
  }
}

/** By how much it moves the account, what comes in above zero. */
export function movedBy({ flow, amount }: Line | Entry): bigint {
  return flow === 'in' ? amount : -amount
}
