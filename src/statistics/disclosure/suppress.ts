import assert from 'node:assert'
import type { CountCube } from './cube.ts'
import { type Earlier, firstHidden } from './earlier.ts'
import { isSmall, proofsOf } from './proof.ts'

export type Rule = {
  /** Counts of 1 to k - 1 are hidden. */
  k: number
  /** Whatever was published before of this table, for the same month and by the same definition, the oldest first. */
  earlier?: readonly Earlier[]
  /**
   * Cells (1) that another table shows or relies on, sums that it has in common with this one: whatever is hidden here
   * is then safe without them, so that the tables tell no more together than each does alone.
   */
  shared?: Uint8Array
}

/**
 * Which cells are hidden (1). It is not told why: a cell that is known to be a small one is known better.
 * `exposed` are those that no proof was found for, in view of what earlier releases or other tables show; without these
 * there are none. A table with such cells must not be published: what was published of it before stays, which tells
 * nothing more.
 */
export type Pattern = { hidden: Uint8Array; exposed: readonly number[] }

/**
 * Hides small counts, and others with them, so that none can be solved for: not by the sums, nor because there are no
 * negative or broken persons, nor by knowing this rule. Each hidden cell is in an exchange all of whose cells are
 * hidden: a person more here, one fewer there, every shown figure as it is. So there is a second table with which all
 * that is shown agrees, and the cell is another there. This proves each cell by itself, and hiding more never undoes it.
 * That second table hides the same cells for being small wherever there is one that does; and where it costs
 * little more, a small count may be anything from 1 to k - 1.
 *
 * What was hidden in an earlier release stays hidden, if need be as a zero; the exchange then moves both releases.
 *
 * Nothing is promised against somebody who knows some of the persons, or who runs this program on every table that there
 * might be; nor about tables with sums in common that were suppressed without telling which. There is no rule
 * against one person's making most of a sum of money.
 */
export function suppress(cube: CountCube, { k, earlier = [], shared }: Rule): Pattern {
  assert(Number.isInteger(k) && k >= 3, 'With k below 3, a small count could be one number only')
  const { size } = cube.layout
  assert(
    earlier.every(({ counts, hidden }) => counts.length === size && hidden.length === size),
    'Releases of a table are laid out alike',
  )
  const first = firstHidden(size, earlier)
  const hidden = new Uint8Array(size)
  for (let cell = 0; cell < size; cell++) {
    if (first[cell]! < earlier.length || isSmall(cube.counts[cell]!, k)) hidden[cell] = 1
  }
  if (!hidden.includes(1)) return { hidden, exposed: [] }
  const losses = lossesOf(cube, hidden)
  const proofFor = proofsOf({ ...cube, hidden }, k, { earlier, first, losses, shared })
  const exposed: number[] = []
  // The largest sums first: they need an exchange that goes down through their parts, which have then less to ask for.
  for (const cell of cube.layout.order.filter(cell => hidden[cell])) {
    const exchange = proofFor(cell)
    if (!exchange) exposed.push(cell)
    for (const corner of exchange?.cells ?? []) {
      hidden[corner] = 1
      losses[corner] = 0
    }
  }
  // To hide whatever is above a cell is an exchange, so for a table by itself there always is one.
  assert(exposed.length === 0 || earlier.length > 0 || shared)
  return { hidden, exposed }
}

/** Nothing for what is hidden anyhow; a cell of many persons is dearer than one of few. */
function lossesOf({ layout, counts }: CountCube, hidden: Uint8Array): Float64Array {
  const losses = new Float64Array(layout.size)
  for (let cell = 0; cell < layout.size; cell++) {
    if (!hidden[cell]) losses[cell] = layout.weights[cell]! * (1 + Math.log2(1 + counts[cell]!))
  }
  return losses
}
