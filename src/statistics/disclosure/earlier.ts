import assert from 'node:assert'
import { type Layout, nodeOf } from './cube.ts'

/** What was published of a table, laid out as the table is now. */
export type Earlier = { counts: Int32Array; hidden: Uint8Array }

/** The release in which each cell was first hidden; the present, which is their number, if in none. */
export function firstHidden(size: number, earlier: readonly Earlier[]): Uint8Array {
  const first = new Uint8Array(size).fill(earlier.length)
  for (let at = earlier.length - 1; at >= 0; at--)
    for (let cell = 0; cell < size; cell++) if (earlier[at]!.hidden[cell]) first[cell] = at
  return first
}

/** A release as it would lie in a layout with more codes, which it had nobody in. */
export function laidOut({ counts, hidden }: Earlier, then: Layout, now: Layout): Earlier {
  assert(then.dimensions.length === now.dimensions.length, 'Releases of a table have the same dimensions')
  const nodes = then.dimensions.map(({ name, codes, parents }, at) => {
    const present = now.dimensions[at]!
    const moved = codes.map(code => present.codes.indexOf(code))
    const kept = moved.every((node, old) => node >= 0 && present.parents[node] === (moved[parents[old]!] ?? -1))
    assert(name === present.name && kept, `${name} has lost a code or put it elsewhere`)
    return moved
  })
  const release = { counts: new Int32Array(now.size), hidden: new Uint8Array(now.size) }
  for (let cell = 0; cell < then.size; cell++) {
    const to = nodes.reduce((sum, moved, at) => sum + moved[nodeOf(then, cell, at)]! * now.strides[at]!, 0)
    release.counts[to] = counts[cell]!
    release.hidden[to] = hidden[cell]!
  }
  return release
}
