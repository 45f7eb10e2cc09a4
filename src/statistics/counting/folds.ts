import { countSavers, type Question } from './count.ts'
import type { Facts } from './facts.ts'
import type { Span } from './persons.ts'
import { addUpSavings, savingsFigures } from './savings.ts'
import { countStays, followCohorts } from './stays.ts'

/** All that can be worked out of the facts, by its name: what the counter's thread is asked for. */
const folds = {
  savers: countSavers,
  savings: addUpSavings,
  stays: countStays,
  cohorts: followCohorts,
} as const satisfies Record<string, (facts: Facts, question: Question, persons?: Span) => unknown>

export type FoldName = keyof typeof folds
export type Folded<Name extends FoldName> = ReturnType<(typeof folds)[Name]>

/** What is to be worked out of some of the persons. */
export type Share = { facts: Facts; fold: FoldName; question: Question; persons: Span }

/** `counting`: what it took of a core, in milliseconds. */
export type Counted = { cells: Folded<FoldName>; counting: number }

export function counted({ facts, fold, question, persons }: Share): Counted {
  const began = process.threadCpuUsage()
  const cells = folds[fold](facts, question, persons)
  const { user, system } = process.threadCpuUsage(began)
  return { cells, counting: (user + system) / 1000 }
}

type Cell<Name extends FoldName> = Folded<Name>[number]

/** How what was worked out of some persons is added to the same of others: by which cells are the same, and what of them adds up. */
const sums: { [Name in FoldName]: { keyOf(cell: Cell<Name>): unknown; add(sum: Cell<Name>, more: Cell<Name>): void } } =
  {
    savers: {
      keyOf: ({ codes }) => codes,
      add: (sum, more) => addTo(sum.counts, more.counts),
    },
    savings: {
      keyOf: ({ codes }) => codes,
      add(sum, more) {
        for (const name of savingsFigures) addTo(sum.figures[name], more.figures[name])
        sum.balances = sum.balances?.map((balances, month) => joined(balances, more.balances![month]!)) ?? null
      },
    },
    stays: {
      keyOf: ({ codes, months, event }) => [codes, months, event],
      add(sum, more) {
        sum.persons += more.persons
      },
    },
    cohorts: {
      keyOf: ({ codes }) => codes,
      add(sum, more) {
        for (const name of ['enrolled', 'saved', 'permanentActive'] as const) addTo(sum[name], more[name])
      },
    },
  }

/** What was worked out of all of them, from what was worked out of some and of the others; uses up what it is given. */
export function together<Name extends FoldName>(name: Name, some: Folded<Name>, others: Folded<Name>): Folded<Name> {
  const { keyOf, add } = sums[name]
  const cells = new Map<string, Cell<Name>>()
  for (const cell of [...some, ...others] as Cell<Name>[]) {
    const key = JSON.stringify(keyOf(cell))
    const known = cells.get(key)
    if (known === undefined) cells.set(key, cell)
    else add(known, cell)
  }
  return [...cells.values()] as Folded<Name>
}

function addTo(sum: Int32Array | Float64Array, more: Int32Array | Float64Array): void {
  for (let place = 0; place < sum.length; place++) sum[place]! += more[place]!
}

function joined(some: Float64Array, others: Float64Array): Float64Array {
  const all = new Float64Array(some.length + others.length)
  all.set(some)
  all.set(others, some.length)
  return all
}
