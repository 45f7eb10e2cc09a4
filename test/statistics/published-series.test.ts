import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addMonths } from '../../src/dates.ts'
import type { DimensionName } from '../../src/statistics/counting/dimensions.ts'
import type { CellSavings, SavingsFigure } from '../../src/statistics/counting/savings.ts'
import { layoutOf, nodeOf } from '../../src/statistics/disclosure/cube.ts'
import { flat } from '../../src/statistics/disclosure/dimension.ts'
import { treesOf } from '../../src/statistics/questions/breakdown.ts'
import { savingsTable } from '../../src/statistics/questions/savings-table.ts'
import { hidden, type Table, type Value } from '../../src/statistics/table.ts'
import { knowledgeOf, solvedFor, together } from './disclosure/attack.ts'

const k = 5
const notes = {
  ...{ definition: null, parameters: null, currency: 'PEN', asOf: '', knownAt: '', population: '', suppression: null },
}
const codesOf = {
  district: ['080101', '080102', '080201', '210101', 'none'],
  sex: ['female', 'male'],
} as const
type By = keyof typeof codesOf
const bys: By[][] = [[], ['district'], ['sex'], ['district', 'sex']]

/** What women of a place do in a month; what they have at its end, if anybody has anything, is `money`. */
const some = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 4, arbitrary: fc.integer({ min: 5, max: 40 }) },
)
const had = fc.oneof(
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 4 }) },
  { weight: 3, arbitrary: fc.integer({ min: 5, max: 40 }) },
)
const monthOfPlace = fc.record({ has: had, empty: some, closed: some, deposit: some, withdraw: some, receive: some })
type MonthOfPlace = typeof monthOfPlace extends fc.Arbitrary<infer Of> ? Of : never

const series = fc
  .record({ by: fc.constantFrom(...bys), length: fc.integer({ min: 2, max: 4 }) })
  .chain(({ by, length }) => {
    const codes = fc.tuple(...by.map(name => fc.constantFrom<string>(...codesOf[name]))).map(one => [...one])
    const place = fc.record({ codes, of: fc.array(monthOfPlace, { minLength: length, maxLength: length }) })
    const places = fc.uniqueArray(place, { minLength: 1, maxLength: 7, selector: ({ codes }) => codes.join() })
    return fc.record({ by: fc.constant(by as DimensionName[]), length: fc.constant(length), places })
  })

/** The women's months as a book has them: a balance is the one before and what moved since. */
function lived({ codes, of }: { codes: string[]; of: readonly MonthOfPlace[] }): CellSavings {
  const names = ['registered', 'holders', 'empty', 'depositors', 'withdrawers', 'receivers', 'deposits', 'withdrawals']
  const figures = Object.fromEntries(
    [...names, 'incentives', 'balance'].map(name => [name, new Float64Array(of.length)]),
  ) as Record<SavingsFigure, Float64Array>
  for (const [nth, { has, empty, closed, deposit, withdraw, receive }] of of.entries()) {
    const before = figures.balance[nth - 1] ?? 0
    const balance = has * 37 * (1 + (nth % 2))
    const registered = Math.max(has + empty + closed, before > 0 ? 1 : 0)
    const least = (count: number, amount: number) => (amount === 0 ? 0 : Math.max(1, Math.min(count, registered)))
    const receivers = Math.min(receive, registered)
    let withdrawals = Math.min(withdraw, registered) * 13
    let deposits = balance - before - receivers * 7 + withdrawals
    if (deposits < 0) [deposits, withdrawals] = [0, withdrawals - deposits]
    const did = { depositors: least(deposit, deposits), withdrawers: least(withdraw, withdrawals), receivers }
    const money = { deposits, withdrawals, incentives: receivers * 7, balance }
    const all = { registered, holders: has + empty, empty, ...did, ...money }
    for (const [name, value] of Object.entries(all)) figures[name as SavingsFigure][nth] = value
  }
  const balances = of.map(({ has, empty }) => Float64Array.from([...Array(has).fill(37), ...Array(empty).fill(0)]))
  return { codes, figures, balances }
}

const flows = { deposits: 'depositors', withdrawals: 'withdrawers', incentives: 'receivers' } as const
const measures = [...Object.keys(flows), 'balance'] as const

/** Sums of money of 1 to k - 1 women that the whole answer tells, by the sums of places and from month to month. */
function foundIn(table: Table, { by, length, cells }: { by: DimensionName[]; length: number; cells: CellSavings[] }) {
  const trees = treesOf(by, cells)
  // A table of no dimension is one place.
  const layout = layoutOf(trees.length > 0 ? trees : [flat('all', [])])
  const { size } = layout
  const place = (name: string) => table.columns.findIndex(column => column.name === name)
  const rowAt = (month: number, node: number) => table.rows[month * size + node]!
  for (let node = 0; node < size && by.length > 0; node++) {
    const codes = trees.map((tree, at) => tree.codes[nodeOf(layout, node, at)]!)
    expect(rowAt(0, node).slice(1, 1 + by.length)).toEqual(codes)
  }
  const told = (month: number, node: number, name: string): Value => rowAt(month, node)[place(name)]!
  /** Nobody did or has anything: it is nothing, shown or not. */
  function isKnown(month: number, node: number, name: string): boolean {
    if (told(month, node, name) !== hidden) return true
    if (name in flows) return told(month, node, flows[name as keyof typeof flows]) === 0
    const [holders, empty] = [told(month, node, 'holders'), told(month, node, 'empty')]
    // The mean tells the sum.
    return (holders !== hidden && holders === empty) || told(month, node, 'balanceMean') !== hidden
  }
  const parts = Array.from({ length }, (_, month) =>
    measures.map(name => {
      const isHidden = Uint8Array.from({ length: size }, (_, node) => Number(!isKnown(month, node, name)))
      return { ...knowledgeOf({ layout, counts: new Int32Array(size).fill(10), hidden: isHidden }, k), below: [] }
    }),
  ).flat()
  const knowledge = together(parts, [])
  const unknown = (month: number, node: number, name: string) => (month * 4 + measures.indexOf(name)) * size + node
  for (let month = 1; month < length; month++) {
    for (let node = 0; node < size; node++) {
      const moved = [
        ['deposits', -1],
        ['withdrawals', 1],
        ['incentives', -1],
        ['balance', 1],
      ] as const
      const terms = moved.map(([name, times]): [number, number] => [unknown(month, node, name), times])
      knowledge.equations.push({ terms: [...terms, [unknown(month - 1, node, 'balance'), -1]], value: 0 })
    }
  }
  const under = (node: number) =>
    cells.filter(({ codes }) =>
      trees.every((tree, at) => {
        let one = tree.codes.indexOf(codes[at]!)
        while (one !== -1 && one !== nodeOf(layout, node, at)) one = tree.parents[one]!
        return one !== -1
      }),
    )
  return solvedFor(knowledge).flatMap(found => {
    const [month, name, node] = [Math.floor(found / size / 4), measures[Math.floor(found / size) % 4]!, found % size]
    const persons = under(node).reduce((sum, { figures: of }) => {
      const own = name in flows ? of[flows[name as keyof typeof flows]][month]! : of.holders[month]! - of.empty[month]!
      return sum + own
    }, 0)
    return persons > 0 && persons < k ? [`${name} of ${persons} in month ${month} at ${node}`] : []
  })
}

async function answer(by: DimensionName[], length: number, cells: CellSavings[]) {
  const [first, last] = ['2010-01', addMonths('2010-01', length - 1)]
  return savingsTable(cells, { by, months: { first, last, length, told: `${first}/${last}` }, k, notes })
}

test('no sum of money of a few is solved for, by sums of places and by balances from month to month', async () => {
  await fc.assert(
    fc.asyncProperty(series, async ({ by, length, places }) => {
      const cells = places.map(lived)
      expect(foundIn(await answer(by, length, cells), { by, length, cells })).toEqual([])
    }),
    { numRuns: 300 },
  )
})

/** A place in which so many women, month after month, have and move money. */
const placeOf = (code: string, ...of: [has: number, deposit: number][]) =>
  lived({
    codes: [code],
    of: of.map(([has, deposit]) => ({ has, empty: 0, closed: 20, deposit, withdraw: 20, receive: 0 })),
  })

function toldOf(table: Table, code: string, name: string) {
  const place = table.columns.findIndex(column => column.name === name)
  return table.rows.filter(row => row[1] === code).map(row => row[place])
}

test('balances are told of the months since a sum was hidden, and all of them where none is', async () => {
  const cells = [
    placeOf('female', [20, 9], [20, 3], [20, 9], [20, 9]),
    placeOf('male', [30, 9], [30, 9], [30, 9], [30, 9]),
    placeOf('none', [30, 9], [30, 9], [30, 9], [30, 9]),
  ]
  const table = await answer(['sex'], 4, cells)
  const deposits = toldOf(table, 'female', 'deposits').map(value => value === hidden)
  expect(deposits).toEqual([false, true, false, false])
  for (const name of ['balance', 'balanceMean', 'balanceMedian']) {
    const isHidden = (code: string) => toldOf(table, code, name).map(value => value === hidden)
    expect(isHidden('female')).toEqual([true, false, false, false])
    expect(isHidden('_T')).toEqual([false, false, false, false])
  }
})

test('a place that had nothing tells no balance after one hidden sum, but after two hidden ones', async () => {
  const alone = (...of: [number, number][]) => answer([], of.length, [{ ...placeOf('', ...of), codes: [] }])
  const shown = (table: Table) => {
    const place = table.columns.findIndex(({ name }) => name === 'balance')
    return table.rows.map(row => row[place] !== hidden)
  }
  const [nobody, all, few] = [
    [0, 0],
    [20, 9],
    [20, 3],
  ] as [[number, number], [number, number], [number, number]]
  expect(shown(await alone(nobody, all, all, few, all))).toEqual([true, false, false, false, false])
  expect(shown(await alone(nobody, few, all, few, all))).toEqual([true, false, false, true, true])
})
