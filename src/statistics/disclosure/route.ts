import type { Dimension } from './dimension.ts'

/**
 * A way for one person through a tree of sums: out of a leaf up to some sum and down to another leaf, or up past the
 * total. Whatever lies on it changes by one: the way up by the same as the node it is asked for, the way down (`same`
 * is -1) by the opposite; and each sum on it keeps adding up. The node it is asked for is left out.
 */
export type Route = { nodes: readonly number[]; same: readonly (1 | -1)[] }

/** By node, every route through it. */
export function routesOf(dimension: Dimension): Route[][] {
  return dimension.codes.map((_, node) => {
    const ends = downFrom(dimension, node)
    const turns = waysOnFrom(dimension, node)
    return ends.flatMap(down => turns.map(on => join(down, on)))
  })
}

/** From below a node, itself left out: one line to each leaf under it. */
function downFrom(dimension: Dimension, node: number): number[][] {
  const children = dimension.children[node]!
  if (children.length === 0) return [[]]
  return children.flatMap(child => downFrom(dimension, child).map(line => [child, ...line]))
}

/** From above a node: down again beside it, or one up and on from there, or out past the total. */
function waysOnFrom(dimension: Dimension, node: number): Route[] {
  const parent = dimension.parents[node]!
  if (parent === -1) return [{ nodes: [], same: [] }]
  const beside = dimension.children[parent]!.filter(child => child !== node)
  const turned = beside.flatMap(child => downFrom(dimension, child).map(line => [child, ...line]))
  const further = waysOnFrom(dimension, parent)
  return [
    ...turned.map((nodes): Route => ({ nodes, same: nodes.map(() => -1 as const) })),
    ...further.map((on): Route => ({ nodes: [parent, ...on.nodes], same: [1, ...on.same] })),
  ]
}

function join(down: readonly number[], on: Route): Route {
  return { nodes: [...down, ...on.nodes], same: [...down.map(() => 1 as const), ...on.same] }
}
