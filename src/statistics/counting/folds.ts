import { countSavers, type Question } from './count.ts'
import type { Facts } from './facts.ts'
import { addUpSavings } from './savings.ts'
import { countStays, followCohorts } from './stays.ts'

/** All that can be worked out of the facts, by its name: what the counter's thread is asked for. */
export const folds = {
  savers: countSavers,
  savings: addUpSavings,
  stays: countStays,
  cohorts: followCohorts,
} as const satisfies Record<string, (facts: Facts, question: Question) => unknown>

export type FoldName = keyof typeof folds
export type Folded<Name extends FoldName> = ReturnType<(typeof folds)[Name]>
