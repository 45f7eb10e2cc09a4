import fc from 'fast-check'
import { addUp, type CountCube, type Layout, layoutOf } from '../../../src/statistics/disclosure/cube.ts'
import { byPrefix, type Dimension, flat, grouped } from '../../../src/statistics/disclosure/dimension.ts'

/** Counts as they come in thin tables: many zeros, small ones, those about k, and some that are large. */
const count = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 2, arbitrary: fc.integer({ min: 5, max: 7 }) },
  { weight: 2, arbitrary: fc.integer({ min: 8, max: 40 }) },
)

const letters = ['a', 'b', 'c', 'd', 'e']
const statuses = ['PERMANENT_ACTIVE', 'ACTIVE', 'EMPTY', 'CLOSED']

function flatOf(most: number): fc.Arbitrary<Dimension> {
  return fc.integer({ min: 1, max: most }).map(size => flat(`letter-${size}`, letters.slice(0, size)))
}

const territory = fc
  .uniqueArray(fc.constantFrom('010101', '010102', '010103', '010201', '020101', '020102', '020201', 'none'), {
    minLength: 1,
    maxLength: 5,
  })
  .map(codes => byPrefix('territory', codes.toSorted(), [2, 4]))

const status = fc.constant(
  grouped('status', statuses, { DENOMINATOR: statuses.slice(0, 3), OTHERS: statuses.slice(1, 3) }),
)

/** Tables of one to four dimensions, small enough for every table that might be meant to be tried. */
export const smallLayouts: fc.Arbitrary<Layout> = fc
  .oneof(
    fc.tuple(flatOf(5)),
    fc.tuple(flatOf(5), flatOf(4)),
    fc.tuple(territory),
    fc.tuple(territory, flatOf(3)),
    fc.tuple(flatOf(3), status),
    fc.tuple(territory, status),
    fc.tuple(flatOf(3), flatOf(2), flatOf(2)),
    fc.tuple(flatOf(2), territory, flatOf(2)),
    fc.tuple(flatOf(2), flatOf(2), flatOf(2), flatOf(2)),
  )
  .map(dimensions => layoutOf(dimensions))

/** Tables as they are published, for the linear attack. */
export const largerLayouts: fc.Arbitrary<Layout> = fc
  .oneof(fc.tuple(territory, flatOf(5), status), fc.tuple(flatOf(5), flatOf(5), flatOf(3), flatOf(3)))
  .map(dimensions => layoutOf(dimensions))

export function innerCells(layout: Layout): number[] {
  const isInner = (cell: number) =>
    layout.dimensions.every(
      ({ children, codes }, at) => children[Math.floor(cell / layout.strides[at]!) % codes.length]!.length === 0,
    )
  return Array.from({ length: layout.size }, (_, cell) => cell).filter(isInner)
}

export function filled(layout: Layout, values: readonly number[]): CountCube {
  const counts = new Int32Array(layout.size)
  for (const [at, cell] of innerCells(layout).entries()) counts[cell] = values[at]!
  return addUp(layout, counts)
}

export function cubes(layouts: fc.Arbitrary<Layout>): fc.Arbitrary<CountCube> {
  return layouts.chain(layout => countsOf(layout).map(values => filled(layout, values)))
}

function countsOf(layout: Layout): fc.Arbitrary<number[]> {
  const size = innerCells(layout).length
  return fc.array(count, { minLength: size, maxLength: size })
}

/** The same table as it was first counted and as revised: some cells are others then. */
export function revisions(layouts: fc.Arbitrary<Layout>, times: number): fc.Arbitrary<CountCube[]> {
  return layouts.chain(layout => {
    // Seven of eight cells stay: a revision changes few.
    const same = { weight: 7, arbitrary: fc.constant(undefined) }
    const one = fc.oneof(same, { weight: 1, arbitrary: count })
    const size = innerCells(layout).length
    const change = fc.array(one, { minLength: size, maxLength: size })
    return fc
      .tuple(countsOf(layout), fc.array(change, { minLength: times, maxLength: times }))
      .map(([first, changes]) => {
        const versions = [first]
        for (const next of changes) versions.push(versions.at(-1)!.map((value, at) => next[at] ?? value))
        return versions.map(values => filled(layout, values))
      })
  })
}
