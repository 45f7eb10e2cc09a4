import { type Layout, nodeOf } from './cube.ts'
import { down, downKept, up, upKept } from './moves.ts'

/**
 * What is asked of an exchange around a cell: which way the cell goes, whether everything stays on its side of k, and
 * what has to be there at least in the cells that go the same way and in those that go the other.
 */
export type Demand = { goes: 'up' | 'down'; kept: boolean; same: number; other: number }

/** Cells that change by one together with none of the other figures changing. */
export type Exchange = { cells: Int32Array; cost: number }

/** What an exchange is looked for in: counts, how each cell may move, and what it costs to hide it (0 if it is hidden). */
export type Field = { layout: Layout; counts: Int32Array; moves: Uint8Array; losses: Float64Array }

/**
 * Finds the exchange around a cell that costs least, below a limit. An exchange is a route in each dimension: the
 * cells in which routes cross change by one, with the product of the routes' signs, so every sum holds. (With flat
 * dimensions that is the hypercube of Repsilber's method; with a hierarchy, the hypercube and the sums over its
 * corners.) The routes of the widest dimension, too many to list, are searched as a tree; the search leaves nothing out.
 */
export function exchanges(field: Field) {
  const { layout, counts, moves, losses } = field
  const wide = layout.widest
  const { parents, children } = layout.dimensions[wide]!
  const stride = layout.strides[wide]!
  const narrow = layout.dimensions.map((_, at) => at).filter(at => at !== wide)

  /** The cells in which the narrower routes cross, at the root of the widest dimension, and whether they go the cell's way. */
  const longest = narrow.map(at => Math.max(...layout.routes[at]!.flat().map(route => route.nodes.length + 1)))
  const offsets = new Int32Array(longest.reduce((product, length) => product * length, 1))
  const signs = new Int8Array(offsets.length)
  let crossing = 0
  /** The cells of the best exchange so far. */
  const cells = new Int32Array(offsets.length * 2 * parents.length)
  /** By node of the widest dimension, the child through which it is cheapest to go down to a leaf. */
  const through = new Int32Array(parents.length)

  let sameMove = 0
  let otherMove = 0
  let sameLeast = 0
  let otherLeast = 0
  let best = 0
  let taken = 0
  let target = 0
  let node = 0

  /**
   * What it costs to have the crossing at a node of the widest dimension; infinite where it cannot be, and where that is
   * not below the limit.
   */
  function faceAt(place: number, sign: number, from: number, limit: number): number {
    let cost = 0
    const shift = place * stride
    const end = crossing
    for (let at = from; at < end; at++) {
      const cell = offsets[at]! + shift
      if (signs[at] === sign) {
        if ((moves[cell]! & sameMove) === 0 || counts[cell]! < sameLeast) return Infinity
      } else if ((moves[cell]! & otherMove) === 0 || counts[cell]! < otherLeast) return Infinity
      cost += losses[cell]!
      if (cost >= limit) return Infinity
    }
    return cost
  }

  /** What it costs to go from a node down to a leaf, that node included. */
  function lineDown(place: number, sign: number, limit: number): number {
    const face = faceAt(place, sign, 0, limit)
    return face < limit ? face + below(place, sign, limit - face) : Infinity
  }

  function below(place: number, sign: number, limit: number): number {
    const next = children[place]!
    if (next.length === 0) return 0
    let least = Infinity
    for (let nth = 0; nth < next.length; nth++) {
      const child = next[nth]!
      const cost = lineDown(child, sign, Math.min(limit, least))
      if (cost >= least) continue
      least = cost
      through[place] = child
      // Nothing is cheaper than what is hidden anyhow.
      if (cost === 0) break
    }
    return least
  }

  function crossWidest(face: number): void {
    let cost = face + below(node, 1, best - face)
    for (let place = node; cost < best; place = parents[place]!) {
      const parent = parents[place]!
      if (parent === -1) {
        take(cost, place, -1)
        return
      }
      const besides = children[parent]!
      for (let nth = 0; nth < besides.length; nth++) {
        const beside = besides[nth]!
        if (beside === place) continue
        const turned = cost + lineDown(beside, -1, best - cost)
        if (turned >= best) continue
        take(turned, place, beside)
        if (turned === 0) return
      }
      cost += faceAt(parent, 1, 0, Infinity)
    }
  }

  function take(cost: number, top: number, beside: number): void {
    best = cost
    taken = 0
    takeLine(node)
    for (let place = node; place !== top; ) {
      place = parents[place]!
      takeFace(place)
    }
    if (beside !== -1) takeLine(beside)
  }

  function takeLine(place: number): void {
    takeFace(place)
    if (children[place]!.length > 0) takeLine(through[place]!)
  }

  function takeFace(place: number): void {
    const shift = place * stride
    for (let at = 0; at < crossing; at++) cells[taken++] = offsets[at]! + shift
  }

  function crossNarrow(turn: number, face: number): void {
    if (turn === narrow.length) {
      crossWidest(face)
      return
    }
    const dimension = narrow[turn]!
    const here = nodeOf(layout, target, dimension)
    const length = crossing
    for (const route of layout.routes[dimension]![here]!) {
      for (let step = 0; step < route.nodes.length; step++) {
        const shift = (route.nodes[step]! - here) * layout.strides[dimension]!
        for (let at = 0; at < length; at++, crossing++) {
          offsets[crossing] = offsets[at]! + shift
          signs[crossing] = signs[at]! * route.same[step]!
        }
      }
      const cost = face + faceAt(node, 1, length, Infinity)
      if (cost < best) crossNarrow(turn + 1, cost)
      crossing = length
      if (best === 0) return
    }
  }

  return function cheapest(cell: number, demand: Demand, limit: number): Exchange | undefined {
    target = cell
    node = nodeOf(layout, cell, wide)
    const [rising, falling] = demand.kept ? [upKept, downKept] : [up, down]
    ;[sameMove, otherMove] = demand.goes === 'up' ? [rising, falling] : [falling, rising]
    sameLeast = demand.same
    otherLeast = demand.other
    offsets[0] = cell - node * stride
    signs[0] = 1
    crossing = 1
    best = limit
    taken = 0
    const face = faceAt(node, 1, 0, Infinity)
    if (face < best) crossNarrow(0, face)
    return taken === 0 ? undefined : { cells: cells.slice(0, taken), cost: best }
  }
}
