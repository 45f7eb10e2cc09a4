import { type CountCube, type Layout, nodeOf } from '../../../src/statistics/disclosure/cube.ts'

/** What somebody knows who has read everything: sums of unknown whole numbers, and between what each lies. */
export type Knowledge = { truth: number[]; least: number[]; most: number[]; equations: Equation[]; below: Below[] }
/** One of these is less than k, or none of them would be hidden. */
export type Below = { unknowns: number[]; k: number }
export type Equation = { terms: [unknown: number, times: number][]; value: number }
export type Published = CountCube & { hidden: Uint8Array }

/**
 * What a reader knows of a table: each sum is that of its parts, what is shown, and that what is hidden is at least 1,
 * for zeros are shown. One who is `told` knows besides which cells are hidden for being small.
 */
export function knowledgeOf({ layout, counts, hidden }: Published, k: number, told = false): Knowledge {
  const small = (cell: number) => told && counts[cell]! > 0 && counts[cell]! < k
  const cells = [...counts.keys()]
  return {
    truth: [...counts],
    least: cells.map(cell => (hidden[cell] ? (told && !small(cell) ? Math.min(k, counts[cell]!) : 1) : counts[cell]!)),
    most: cells.map(cell => (hidden[cell] ? (small(cell) ? k - 1 : ceiling(counts, k)) : counts[cell]!)),
    equations: sumsOf(layout).map(terms => ({ terms, value: 0 })),
    below: connected(
      cells.filter(cell => hidden[cell]),
      sumsOf(layout),
    ).map(unknowns => ({ unknowns, k })),
  }
}

/** Parts of the hidden cells that no sum ties to each other. */
function connected(hidden: number[], sums: Equation['terms'][]): number[][] {
  const group = new Map(hidden.map(cell => [cell, [cell]]))
  for (const terms of sums) {
    const groups = new Set(terms.flatMap(([cell]) => (group.has(cell) ? [group.get(cell)!] : [])))
    const joint = [...groups].flat()
    for (const cell of joint) group.set(cell, joint)
  }
  return [...new Set(group.values())]
}

/** High enough for a second table to be found, and finite. */
function ceiling(counts: Int32Array, k: number): number {
  return Math.max(...counts) + 2 * k
}

function sumsOf(layout: Layout): Equation['terms'][] {
  return layout.dimensions.flatMap((dimension, at) =>
    Array.from({ length: layout.size }, (_, cell) => cell).flatMap(cell => {
      const node = nodeOf(layout, cell, at)
      const parts = dimension.children[node]!.map((part): [number, number] => [
        cell + (part - node) * layout.strides[at]!,
        -1,
      ])
      return parts.length > 0 ? [[[cell, 1] as [number, number], ...parts]] : []
    }),
  )
}

/**
 * What a reader knows of all releases of a table, the last being the present: of each by itself and, since revisions
 * are told, which counts are the same as in the one before. What is known to be small in one tells nothing of the others.
 */
export function knowledgeOfAll(releases: readonly Published[], k: number): Knowledge {
  const { size } = releases[0]!.layout
  const each = releases.map((release, at) => {
    const wasHidden = (cell: number) => releases.slice(0, at).some(({ hidden }) => hidden[cell])
    const one = knowledgeOf(release, k)
    const least = one.least.map((least, cell) => (release.hidden[cell] && wasHidden(cell) ? 0 : least))
    return { ...one, least, below: [] }
  })
  const same: [number, number][] = []
  for (const [at, { counts }] of releases.entries())
    for (let before = 0; before < at; before++)
      for (let cell = 0; cell < size; cell++)
        if (releases[before]!.counts[cell] === counts[cell]) same.push([before * size + cell, at * size + cell])
  return together(each, same)
}

/** Several tables' knowledge in one, with which of their unknowns, counted through, are the same. */
export function together(parts: readonly Knowledge[], same: readonly [number, number][]): Knowledge {
  const all: Knowledge = { truth: [], least: [], most: [], equations: [], below: [] }
  for (const part of parts) {
    const shift = all.truth.length
    all.truth.push(...part.truth)
    all.least.push(...part.least)
    all.most.push(...part.most)
    for (const { terms, value } of part.equations)
      all.equations.push({ terms: terms.map(([unknown, times]) => [unknown + shift, times]), value })
    for (const { unknowns, k } of part.below) all.below.push({ unknowns: unknowns.map(unknown => unknown + shift), k })
  }
  for (const [one, other] of same)
    all.equations.push({
      terms: [
        [one, 1],
        [other, -1],
      ],
      value: 0,
    })
  return all
}

/** The unknowns that the equations alone determine, by exact elimination in whole numbers. */
export function solvedFor(knowledge: Knowledge): number[] {
  const { least, most, truth } = knowledge
  const open = truth.map((_, unknown) => unknown).filter(unknown => least[unknown]! < most[unknown]!)
  const column = new Map(open.map((unknown, at) => [unknown, at]))
  const pivots = new Map<number, bigint[]>()
  for (const { terms } of knowledge.equations) {
    const row = open.map(() => 0n)
    for (const [unknown, times] of terms) {
      const at = column.get(unknown)
      if (at !== undefined) row[at]! += BigInt(times)
    }
    eliminate(row, pivots)
  }
  const alone = [...pivots].filter(([, row]) => row.filter(times => times !== 0n).length === 1)
  return alone.map(([at]) => open[at]!).toSorted((a, b) => a - b)
}

/** Reduces a row by those kept so far and them by it, so that each has its pivot to itself. */
function eliminate(row: bigint[], pivots: Map<number, bigint[]>): void {
  for (const [at, by] of pivots) if (row[at] !== 0n) subtract(row, by, at)
  const pivot = row.findIndex(times => times !== 0n)
  if (pivot === -1) return
  for (const other of pivots.values()) if (other[pivot] !== 0n) subtract(other, row, pivot)
  pivots.set(pivot, row)
}

function subtract(row: bigint[], by: bigint[], at: number): void {
  const [times, factor] = [by[at]!, row[at]!]
  let divisor = 0n
  for (let column = 0; column < row.length; column++) {
    if (row[column] === 0n && by[column] === 0n) continue
    row[column] = row[column]! * times - by[column]! * factor
    divisor = greatestDivisor(divisor, row[column]!)
  }
  if (divisor > 1n) for (let column = 0; column < row.length; column++) row[column]! /= divisor
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  let [left, right] = [a < 0n ? -a : a, b < 0n ? -b : b]
  while (right !== 0n) [left, right] = [right, left % right]
  return left
}

/**
 * The unknowns that can be only one thing, by trying every table of whole numbers that agrees with all that is known:
 * bounds are drawn in as far as they go, then a value is supposed. Finding one other table for an unknown ends it.
 */
export function pinned(knowledge: Knowledge): number[] {
  const { least, most, truth } = knowledge
  const free = new Set<number>()
  const search = searchIn(knowledge)
  const near = truth.map((value, unknown) => [
    Math.max(least[unknown]!, value - 2),
    Math.min(most[unknown]!, value + 2),
  ])
  const lower = near.map(([low]) => low!)
  const upper = near.map(([, high]) => high!)
  for (const [unknown, value] of truth.entries()) {
    if (least[unknown] === most[unknown] || free.has(unknown)) continue
    // Where there is another table there mostly is one close by, and it is found at once.
    const other =
      search(lower, upper.with(unknown, value - 1)) ??
      search(lower.with(unknown, value + 1), upper) ??
      search(least, most.with(unknown, value - 1)) ??
      search(least.with(unknown, value + 1), most)
    for (const [at, found] of (other ?? []).entries()) if (found !== truth[at]) free.add(at)
  }
  return [...truth.keys()].filter(unknown => least[unknown]! < most[unknown]! && !free.has(unknown))
}

/** Whether there is a table, among those that agree with all that is known, in which an unknown has this value. */
export function couldBe(knowledge: Knowledge, unknown: number, value: number): boolean {
  const { least, most } = knowledge
  return searchIn(knowledge)(least.with(unknown, value), most.with(unknown, value)) !== undefined
}

/** That a search went on for too long to tell: neither found nor shown not to be there. */
export class GaveUp extends Error {}

const patience = 50_000

function searchIn({ equations, truth, least: floor, most: roof, below }: Knowledge) {
  const ofUnknown = truth.map(() => [] as Equation[])
  for (const equation of equations) for (const [unknown] of equation.terms) ofUnknown[unknown]!.push(equation)
  const hidden = [...truth.keys()].filter(unknown => floor[unknown]! < roof[unknown]!)
  let tries = 0

  /** Draws bounds in by every sum until nothing changes; false if nothing is left. */
  function draw(least: number[], most: number[], from: readonly Equation[]): boolean {
    const waiting = new Set(from)
    for (const equation of waiting) {
      waiting.delete(equation)
      let low = -equation.value
      let high = -equation.value
      for (const [unknown, times] of equation.terms) {
        low += times > 0 ? times * least[unknown]! : times * most[unknown]!
        high += times > 0 ? times * most[unknown]! : times * least[unknown]!
      }
      if (low > 0 || high < 0) return false
      for (const [unknown, times] of equation.terms) {
        const [a, b] = [least[unknown]!, most[unknown]!]
        const reach = times > 0 ? [a + -low / times, b - high / times] : [b + -low / times, a - high / times]
        const upper = Math.floor(times > 0 ? reach[0]! : reach[1]!)
        const lower = Math.ceil(times > 0 ? reach[1]! : reach[0]!)
        if (lower <= a && upper >= b) continue
        least[unknown] = Math.max(a, lower)
        most[unknown] = Math.min(b, upper)
        if (least[unknown]! > most[unknown]!) return false
        for (const touched of ofUnknown[unknown]!) waiting.add(touched)
      }
    }
    return true
  }

  function descend(least: number[], most: number[], from: readonly Equation[]): number[] | undefined {
    if (++tries > patience) throw new GaveUp('The attack gave up; make the table smaller')
    if (!draw(least, most, from)) return undefined
    if (below.some(({ unknowns, k }) => unknowns.every(unknown => least[unknown]! >= k))) return undefined
    const open = hidden.filter(unknown => least[unknown]! < most[unknown]!)
    if (open.length === 0) return least
    const next = open.reduce((a, b) => (most[a]! - least[a]! <= most[b]! - least[b]! ? a : b))
    const values = Array.from({ length: most[next]! - least[next]! + 1 }, (_, step) => least[next]! + step)
    values.sort((a, b) => Math.abs(a - truth[next]!) - Math.abs(b - truth[next]!))
    for (const value of values) {
      const found = descend(least.with(next, value), most.with(next, value), ofUnknown[next]!)
      if (found) return found
    }
    return undefined
  }

  return (least: number[], most: number[]) => {
    tries = 0
    return least.every((low, at) => low <= most[at]!) ? descend([...least], [...most], equations) : undefined
  }
}
