import { nameId } from '../../ids.ts'
import type { FoundBreak } from '../breaks/keep.ts'
import type { Decision, Entry, Line, Outcome, Question } from './items.ts'

type Left = Exclude<Outcome, { standing: 'matched' }>

/** What is left of a decision as breaks, one of each line and of each entry: what is asked together bears one question. */
export function breaksOf({ lines, entries }: Question, decision: Decision, bankAccountId: string): FoundBreak[] {
  const questionOf = questions(bankAccountId)
  return [
    ...lines.flatMap(line => lineBreak(line, decision.lines.get(line.id)!, questionOf)),
    ...entries.flatMap(entry => entryBreak(entry, decision.entries.get(entry.id)!, questionOf)),
  ]
}

type QuestionOf = (outcome: Left) => string | null

/** The id of what is asked together, made of its members, so that it is the same at the next run. */
function questions(bankAccountId: string): QuestionOf {
  const known = new Map<object, string>()
  return outcome => {
    const group =
      outcome.standing === 'suggested'
        ? outcome.suggestion
        : outcome.standing === 'ambiguous'
          ? outcome.ambiguity
          : null
    if (group === null) return null
    const id = known.get(group) ?? nameId(`question:${group.lines.join(' ')}|${group.entries.join(' ')}`, bankAccountId)
    known.set(group, id)
    return id
  }
}

function lineBreak(line: Line, outcome: Outcome, questionOf: QuestionOf): FoundBreak[] {
  if (outcome.standing === 'matched') return []
  const [statementId = '', number] = line.id.split(':')
  return [
    {
      ...{ subject: `line:${line.id}`, reason: outcome.reason, statementId, line: Number(number) },
      ...{ sequence: null, position: null, day: line.day, question: questionOf(outcome), score: scoreOf(outcome) },
      amount: line.flow === 'in' ? line.amount : -line.amount,
      detail: detailOf(outcome),
    },
  ]
}

function entryBreak(entry: Entry, outcome: Outcome, questionOf: QuestionOf): FoundBreak[] {
  if (outcome.standing === 'matched') return []
  const [sequence = '', position] = entry.id.split(':')
  return [
    {
      ...{ subject: `entry:${entry.id}`, reason: outcome.reason, statementId: null, line: null },
      ...{ sequence: BigInt(sequence), position: Number(position), day: entry.valueDate },
      ...{ question: questionOf(outcome), score: scoreOf(outcome) },
      // What the ledger has and the bank has not.
      amount: entry.flow === 'in' ? -entry.amount : entry.amount,
      detail: detailOf(outcome),
    },
  ]
}

function scoreOf(outcome: Left): number | null {
  return outcome.standing === 'suggested' ? outcome.suggestion.score : null
}

function detailOf(outcome: Left): string {
  if (outcome.standing === 'suggested') return outcome.suggestion.reasons.join('; ')
  if (outcome.standing === 'unmatched') return outcome.beside === null ? '' : `beside ${outcome.beside}`
  const { lines, entries } = outcome.ambiguity
  return `${lines.length} lines may be any of ${entries.length} entries`
}
