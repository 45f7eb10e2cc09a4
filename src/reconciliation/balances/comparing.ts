import type { Amount } from '../../money.ts'
import { type Compared, compare } from './compare.ts'
import { explain } from './explain.ts'
import type { ToldLine } from './list-csv.ts'
import { movesAt } from './moves.ts'
import { type Cause, type Proposable, proposable } from './outcomes.ts'
import { type Ask, positionsAt, type Viewed } from './positions.ts'

/** A line of a comparison; its number is its place from 1. */
export type Line = Compared & { explanations: Cause[][] }

/** What a comparison comes to, in all. */
export type Comparison = { lines: Line[]; accounts: number; ours: Amount; theirs: Amount }

/**
 * Compares a list with our balances as they were known then. Whoever asks again with the same is told the same, however much was recorded
 * since.
 */
export async function comparisonAt(ask: Ask, viewed: Viewed, told: readonly ToldLine[]): Promise<Comparison> {
  const compared = compare(told, await positionsAt(ask, viewed))
  const differing = compared.flatMap(line => (line.outcome === 'differs' ? line.savingsAccountId! : []))
  const moves = differing.length === 0 ? new Map() : await movesAt(ask, viewed, differing)
  const lines = compared.map(line => {
    if (line.outcome !== 'differs') return { ...line, explanations: [] }
    return { ...line, explanations: explain(line.difference, { ...line, moves: moves.get(line.savingsAccountId!) }) }
  })
  let [accounts, ours, theirs] = [0, 0n, 0n]
  for (const line of lines) {
    if (line.ours !== null) accounts += 1
    ours += line.ours ?? 0n
    theirs += line.theirs ?? 0n
  }
  return { lines, accounts, ours, theirs }
}

/** Which of the two would have to be posted: those without which nothing makes up the difference. */
export function proposedOf(explanations: readonly Cause[][]): Proposable[] {
  if (explanations.length === 0) return []
  return proposable.filter(kind => explanations.every(set => set.includes(kind)))
}
