import assert from 'node:assert'
import type { Dimension } from './dimension.ts'
import { type Route, routesOf } from './route.ts'

/** How the cells of a table lie in one array: every figure that is published, inner cells and sums alike. */
export type Layout = {
  dimensions: readonly Dimension[]
  strides: readonly number[]
  size: number
  /** What hiding a cell costs its readers, as a multiple of an inner cell: a sum is asked for more often. */
  weights: Float64Array
  /** All cells, the dearest first. */
  order: Uint32Array
  /** The dimension with the most codes. */
  widest: number
  /** Of the other dimensions, by node: the routes through it. */
  routes: readonly (readonly (readonly Route[])[])[]
}

/** A table of counts of persons with all its sums. */
export type CountCube = { layout: Layout; counts: Int32Array }

/** Laid out once, used for every month of a series. */
export function layoutOf(dimensions: readonly Dimension[]): Layout {
  assert(dimensions.length >= 1 && dimensions.length <= 4, 'A table has one to four dimensions')
  const sizes = dimensions.map(dimension => dimension.codes.length)
  const strides = sizes.map((_, at) => sizes.slice(at + 1).reduce((product, size) => product * size, 1))
  const size = strides[0]! * sizes[0]!
  const widest = sizes.indexOf(Math.max(...sizes))
  const routes = dimensions.map((dimension, at) => (at === widest ? [] : routesOf(dimension)))
  const weights = weightsOf(dimensions)
  const order = Uint32Array.from(weights.keys()).sort((a, b) => weights[b]! - weights[a]! || a - b)
  return { dimensions, strides, size, weights, order, widest, routes }
}

/** Three times as dear with each step up from the leaves. */
function weightsOf(dimensions: readonly Dimension[]): Float64Array {
  let weights = Float64Array.of(1)
  for (const { codes, parents } of dimensions) {
    const heights = new Float64Array(codes.length).fill(1)
    for (let node = codes.length - 1; node > 0; node--) {
      const parent = parents[node]!
      heights[parent] = Math.max(heights[parent]!, 3 * heights[node]!)
    }
    const outer = weights
    const width = codes.length
    weights = Float64Array.from({ length: outer.length * width }, (_, index) => {
      return outer[Math.floor(index / width)]! * heights[index % width]!
    })
  }
  return weights
}

/** The number of a cell, named by its codes in the order of the dimensions; `_T` names a total. */
export function cellOf(layout: Layout, codes: readonly string[]): number {
  return layout.dimensions.reduce((cell, dimension, at) => {
    const node = dimension.codes.indexOf(codes[at]!)
    assert(node >= 0, `${codes[at]} is no code of ${dimension.name}`)
    return cell + node * layout.strides[at]!
  }, 0)
}

/** The node of a dimension that a cell is in. */
export function nodeOf(layout: Layout, cell: number, dimension: number): number {
  return Math.floor(cell / layout.strides[dimension]!) % layout.dimensions[dimension]!.codes.length
}

/** Adds up an array that has only its inner cells filled in, where it is. */
export function addUp(layout: Layout, counts: Int32Array): CountCube {
  assert(counts.length === layout.size)
  for (const [at, { parents, codes }] of layout.dimensions.entries()) {
    const stride = layout.strides[at]!
    const block = stride * codes.length
    for (let start = 0; start < layout.size; start += block)
      for (let node = codes.length - 1; node > 0; node--) {
        const from = start + node * stride
        const to = start + parents[node]! * stride
        for (let step = 0; step < stride; step++) counts[to + step]! += counts[from + step]!
      }
  }
  return { layout, counts }
}

/** A table of its inner cells, each with its codes; what is not named is zero. */
export function cubeOf(layout: Layout, cells: Iterable<readonly [codes: readonly string[], count: number]>): CountCube {
  const counts = new Int32Array(layout.size)
  for (const [codes, count] of cells) counts[cellOf(layout, codes)] = count
  return addUp(layout, counts)
}
