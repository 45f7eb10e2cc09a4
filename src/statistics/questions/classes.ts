import assert from 'node:assert/strict'
import { rateOf } from '../../money.ts'
import { addUp, type CountCube, cellOf, type Layout, layoutOf } from '../disclosure/cube.ts'
import { type Dimension, flat } from '../disclosure/dimension.ts'
import { ratioAt } from '../disclosure/figures.ts'
import { type Pattern, suppress } from '../disclosure/suppress.ts'
import { hidden, total, type Value } from '../table.ts'

/** Those who did something and those who did not. */
export const byDoing = flat('doing', ['DID', 'DID_NOT'])

/** A breakdown and the classes that those in each place of it divide into: a table whose sums are protected together. */
export type Classed = { classes: Dimension; layout: Layout }

export function classed(trees: readonly Dimension[], classes: Dimension): Classed {
  return { classes, layout: layoutOf([...trees, classes]) }
}

/** The number of a place of the breakdown. */
export function nodeOfCodes({ classes, layout }: Classed, codes: readonly string[]): number {
  return cellOf(layout, [...codes, total]) / classes.codes.length
}

/** Such a table with what was hidden of it, asked by the place and the class; `_T` is all classes. */
export type Protected = {
  isHidden(node: number, code: string): boolean
  count(node: number, code: string): number | typeof hidden
  rate(node: number, numerator: string, denominator: string): Value
}

/** `cells`: by place, so many of each class, in the order of the classes that are no sums. */
export function protect(
  { classes, layout }: Classed,
  cells: Iterable<readonly [node: number, counts: readonly number[]]>,
  k: number,
): Protected {
  const width = classes.codes.length
  const counts = new Int32Array(layout.size)
  const leaves = classes.codes.flatMap((_, code) => (classes.children[code]!.length === 0 ? [code] : []))
  for (const [node, ofClasses] of cells) {
    for (const [leaf, count] of ofClasses.entries()) counts[node * width + leaves[leaf]!] = count
  }
  const cube = addUp(layout, counts)
  const pattern = suppress(cube, { k })
  assert(pattern.exposed.length === 0, 'nothing is told that could be solved for')
  return asked({ classes, layout }, cube, pattern, k)
}

function asked({ classes, layout }: Classed, cube: CountCube, pattern: Pattern, k: number): Protected {
  const at = (node: number, code: string) => node * classes.codes.length + classes.codes.indexOf(code)
  const isHidden = (node: number, code: string) => pattern.hidden[at(node, code)] === 1
  return {
    isHidden,
    count: (node, code) => (isHidden(node, code) ? hidden : cube.counts[at(node, code)]!),
    rate(node, numerator, denominator) {
      const of = { dimension: layout.dimensions.length - 1, numerator: [numerator], denominator: [denominator] }
      const ratio = ratioAt(cube, pattern, k, at(node, total), of)
      return ratio === hidden || ratio === null ? ratio : rateOf(ratio.numerator, ratio.denominator)
    },
  }
}
