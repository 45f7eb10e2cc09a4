import type { CountCube } from './cube.ts'
import type { Earlier } from './earlier.ts'
import { type Exchange, exchanges, type Field } from './exchange.ts'
import { movesOf } from './moves.ts'

/** What it is worth, in losses of inner cells, that what is hidden stays on its side of k: whatever it takes … */
const worthKept = 1e9
/** … and that a small count may be anything from 1 to k - 1. */
const worthWide = 10

const attempts = [
  { kept: true, wide: true, penalty: 0 },
  { kept: true, wide: false, penalty: worthWide },
  { kept: false, wide: true, penalty: worthKept },
  { kept: false, wide: false, penalty: worthKept + worthWide },
].flatMap(({ kept, wide, penalty }) => (['up', 'down'] as const).map(goes => ({ goes, kept, wide, penalty })))

export function isSmall(count: number, k: number): boolean {
  return count > 0 && count < k
}

type Bounds = {
  earlier: readonly Earlier[]
  first: Uint8Array
  losses: Float64Array
  shared: Uint8Array | undefined
}

/**
 * Finds, for a cell, what has to be hidden for it to be safe in the present and wherever it was hidden before: the exchange
 * that moves all those releases alike or, failing that, one that moves the latest of them, if the others are safe without it.
 */
export function proofsOf(
  { layout, counts, hidden }: CountCube & Earlier,
  k: number,
  { earlier, first, losses, shared }: Bounds,
): (cell: number) => Exchange | undefined {
  const releases = [...earlier, { counts, hidden }]
  const spans = new Map<string, (cell: number) => Exchange | undefined>()

  function spanOf(from: number, to: number) {
    const name = `${from}-${to}`
    const known = spans.get(name)
    if (known) return known
    const moves = movesOf(releases, from, to, k, first)
    if (shared) for (let cell = 0; cell < moves.length; cell++) if (shared[cell]) moves[cell] = 0
    const last = to === releases.length
    const loss = last ? losses : new Float64Array(layout.size)
    const span = cheapestOf({ layout, counts: releases[to - 1]!.counts, moves, losses: loss }, k, earlier.length === 0)
    spans.set(name, span)
    return span
  }

  function prove(cell: number, to: number): Exchange | undefined {
    for (let from = first[cell]!; from < to; from++) {
      const exchange = spanOf(from, to)(cell)
      if (exchange && (from === first[cell] || prove(cell, from))) return exchange
    }
    return undefined
  }

  return cell => prove(cell, releases.length)
}

/** The cheapest exchange around a cell, with what it leaves to be desired reckoned in. */
function cheapestOf(field: Field, k: number, only: boolean): (cell: number) => Exchange | undefined {
  const cheapest = exchanges(field)
  const { counts } = field
  let smallest = k
  for (let cell = 0; cell < counts.length; cell++) {
    if (counts[cell]! > 0 && counts[cell]! < smallest) smallest = counts[cell]!
  }
  // Were all small counts k - 1, and all made k, there would be nothing that the rule hides.
  const allMayGoUp = !only || smallest < k - 1
  return cell => {
    const count = counts[cell]!
    let found: Exchange | undefined
    let cost = Infinity
    for (const { goes, kept, wide, penalty } of attempts) {
      if (penalty >= cost) break
      if (wide && !isSmall(count, k)) continue
      if (!kept && goes === 'up' && !allMayGoUp) continue
      const [same, other] = wide ? [count, k - count] : [0, 0]
      const exchange = cheapest(cell, { goes, kept, same, other }, cost - penalty)
      if (!exchange) continue
      found = exchange
      cost = exchange.cost + penalty
    }
    return found
  }
}
