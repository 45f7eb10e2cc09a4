import assert from 'node:assert'
import { hidden } from '../table.ts'
import { type CountCube, nodeOf } from './cube.ts'
import { isSmall } from './proof.ts'
import type { Pattern } from './suppress.ts'

/** Codes of one dimension that are added up: the statuses of a denominator. */
export type Combination = { dimension: number; codes: readonly string[] }

/**
 * A cell's count over several codes of a dimension, in place of the one it has. It is shown where each of its parts is,
 * and so tells nothing that could not be added up. To show it elsewhere it has to be a sum of the dimension itself.
 */
export function sumAt(cube: CountCube, pattern: Pattern, cell: number, combination: Combination) {
  const { layout, counts } = cube
  const { dimension, codes } = combination
  const here = nodeOf(layout, cell, dimension)
  let sum = 0
  for (const code of codes) {
    const node = layout.dimensions[dimension]!.codes.indexOf(code)
    assert(node >= 0, `${code} is no code of ${layout.dimensions[dimension]!.name}`)
    const part = cell + (node - here) * layout.strides[dimension]!
    if (pattern.hidden[part]) return hidden
    sum += counts[part]!
  }
  return sum
}

/** What a rate is made of; null where it is of nobody. A few in it, or a few not in it, hide it as they would a count. */
export function ratioAt(
  cube: CountCube,
  pattern: Pattern,
  k: number,
  cell: number,
  of: { dimension: number; numerator: readonly string[]; denominator: readonly string[] },
): { numerator: number; denominator: number } | null | typeof hidden {
  const { dimension } = of
  const numerator = sumAt(cube, pattern, cell, { dimension, codes: of.numerator })
  const denominator = sumAt(cube, pattern, cell, { dimension, codes: of.denominator })
  if (numerator === hidden || denominator === hidden) return hidden
  if (isSmall(numerator, k) || isSmall(denominator, k) || isSmall(denominator - numerator, k)) return hidden
  return denominator === 0 ? null : { numerator, denominator }
}

/**
 * Where sums of money are hidden, with their means, medians and deciles: where the count of persons is, and where that
 * of those persons whose money it is would be (who deposited, of all there are). Sums of money add up like counts, so
 * the second needs a pattern of its own; every cell keeps the exchange that proves it.
 */
export function hiddenAmounts(persons: Pattern, holders: Pattern): Uint8Array {
  return persons.hidden.map((is, cell) => is | holders.hidden[cell]!)
}
