import assert from 'node:assert/strict'
import { type Board, openBoard } from './board.ts'
import { matchByAmount } from './by-amount.ts'
import { suggestByLikeness, suggestByReference } from './by-likeness.ts'
import { matchByParts } from './by-parts.ts'
import { matchByReference } from './by-reference.ts'
import { matchCancelled, matchTakenBack } from './by-reversal.ts'
import type { Decision, Outcome, Question } from './items.ts'
import { leaveRest, leaveUndecided } from './leftover.ts'
import { defaultRules, type MatchingRules, type Rule } from './rules.ts'

/**
 * Decides which lines of a bank account's statements are which entries of ours: each of them is matched, suggested, ambiguous
 * or unmatched, with its reason, once. Asks nobody anything, and answers the same in whatever order lines and entries come.
 */
export function decide(question: Question, rules: MatchingRules = defaultRules): Decision {
  const board = openBoard(question, rules)
  for (const rule of rules.rules) apply(board, rule)
  suggestByReference(board)
  for (const rule of rules.rules) if (rule.by === 'amount') leaveUndecided(board, rule)
  suggestByLikeness(board)
  leaveRest(board)
  return {
    matches: board.matches,
    suggestions: board.suggestions,
    ambiguities: board.ambiguities,
    lines: outcomesOf(board.lines),
    entries: outcomesOf(board.entries),
  }
}

function apply(board: Board, rule: Rule): void {
  if (rule.by === 'parts') matchByParts(board, rule)
  else if (rule.by === 'reference') matchByReference(board, rule)
  else if (rule.by === 'reversal') matchTakenBack(board, rule)
  else if (rule.by === 'cancelled') matchCancelled(board, rule)
  else matchByAmount(board, rule)
}

function outcomesOf(items: readonly { id: string; outcome: Outcome | null }[]): Map<string, Outcome> {
  return new Map(
    items.map(({ id, outcome }) => {
      assert(outcome !== null, 'each is told of')
      return [id, outcome]
    }),
  )
}
