import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CellCounts } from '../../src/statistics/counting/count.ts'
import type { DimensionName } from '../../src/statistics/counting/dimensions.ts'
import type { CellSavings } from '../../src/statistics/counting/savings.ts'
import { statuses } from '../../src/statistics/definitions/terms.ts'
import { layoutOf, nodeOf } from '../../src/statistics/disclosure/cube.ts'
import { grouped } from '../../src/statistics/disclosure/dimension.ts'
import { treesOf } from '../../src/statistics/questions/breakdown.ts'
import { saversTable } from '../../src/statistics/questions/savers-table.ts'
import { savingsTable } from '../../src/statistics/questions/savings-table.ts'
import { hidden, type Table, total } from '../../src/statistics/table.ts'
import { knowledgeOf, solvedFor } from './disclosure/attack.ts'

const months = { first: '2010-12', last: '2010-12', length: 1, told: '2010-12-31' }
const k = 5
const notes = {
  definition: null,
  parameters: null,
  currency: 'PEN',
  asOf: '',
  knownAt: '',
  population: '',
  suppression: null,
}
const bys: DimensionName[][] = [['district'], ['sex'], ['district', 'sex']]

const district = fc.constantFrom('080101', '080102', '080201', '210101', '210201', 'none')
const sex = fc.constantFrom('female', 'male')
const count = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 7 }), fc.integer({ min: 5, max: 60 }))

/** Cells of a breakdown, each once, with what `of` tells of each. */
function cellsOf<Of>(
  of: fc.Arbitrary<Of>,
): fc.Arbitrary<{ by: DimensionName[]; cells: { codes: string[]; of: Of }[] }> {
  return fc.constantFrom(...bys).chain(by => {
    const codes = fc.tuple(...by.map(name => (name === 'sex' ? sex : district)))
    const cells = fc.uniqueArray(fc.record({ codes: codes.map(one => [...one]), of }), {
      ...{ minLength: 1, maxLength: 9, selector: ({ codes }) => codes.join() },
    })
    return fc.record({ by: fc.constant(by), cells })
  })
}

/** What a table shows of a measure, by its codes. */
function shown(table: Table, by: readonly DimensionName[], measure: string) {
  const place = (name: string) => table.columns.findIndex(column => column.name === name)
  return new Map(table.rows.map(row => [by.map(name => row[place(name)]).join(), row[place(measure)]!]))
}

const columns: Record<string, string> = {
  ...{ [total]: 'registered', CLOSED: 'closed', TOO_NEW: 'tooNew', DENOMINATOR: 'denominator' },
  ...{ PERMANENT_ACTIVE: 'permanentActive', ACTIVE: 'active', DORMANT: 'dormant', EMPTY: 'empty' },
}

test('nothing hidden of the savers is solved for, by sums of places, of statuses, or by the rates', async () => {
  const others = ['ACTIVE', 'DORMANT', 'EMPTY']
  const byStatus = grouped('status', statuses, { DENOMINATOR: ['PERMANENT_ACTIVE', ...others], COMPLEMENT: others })
  const counts = fc.array(count, { minLength: 6, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(cellsOf(counts), async ({ by, cells }) => {
      const counted: CellCounts[] = cells.map(({ codes, of }) => ({ codes, counts: Int32Array.from(of) }))
      const table = await saversTable(counted, { by, months, k, notes })
      const trees = treesOf(by, counted)
      const layout = layoutOf([...trees, byStatus])
      const told = new Map(Object.values(columns).map(name => [name, shown(table, by, name)]))
      const rates = shown(table, by, 'rate')
      const [truth, isHidden] = [new Int32Array(layout.size), new Uint8Array(layout.size)]
      for (let cell = 0; cell < layout.size; cell++) {
        const codes = trees.map((tree, at) => tree.codes[nodeOf(layout, cell, at)]!)
        const column = columns[byStatus.codes[nodeOf(layout, cell, trees.length)]!]
        const value = column === undefined ? hidden : told.get(column)!.get(codes.join())!
        if (value === hidden) isHidden[cell] = 1
        else truth[cell] = Number(value)
        if (column !== 'permanentActive' || rates.get(codes.join()) === hidden) continue
        expect(value).not.toBe(hidden)
        const denominator = Number(told.get('denominator')!.get(codes.join()))
        const left = denominator - Number(value)
        expect(left === 0 || left >= k, 'a rate tells its complement').toBe(true)
      }
      const solved = solvedFor(knowledgeOf({ layout, counts: truth, hidden: isHidden }, k))
      const secrets = solved.filter(cell => columns[byStatus.codes[nodeOf(layout, cell, trees.length)]!] !== undefined)
      expect(secrets).toEqual([])
      for (const [name, values] of told) {
        for (const value of values.values()) {
          if (typeof value === 'number') expect([name, value > 0 && value < k]).toEqual([name, false])
        }
      }
    }),
    { numRuns: 150 },
  )
})

const persons = fc.record({
  has: count,
  empty: count,
  closed: count,
  did: fc.array(fc.nat(), { minLength: 3, maxLength: 3 }),
})

test('nothing hidden of savings is solved for, neither persons nor money', async () => {
  await fc.assert(
    fc.asyncProperty(cellsOf(persons), async ({ by, cells }) => {
      const column = (value: number) => Float64Array.of(value)
      const saved: CellSavings[] = cells.map(({ codes, of: { has, empty, closed, did } }) => {
        const registered = has + empty + closed
        const [depositors, withdrawers, receivers] = did.map(one => one % (registered + 1)) as [number, number, number]
        const counts = { registered, holders: has + empty, empty, depositors, withdrawers, receivers }
        const money = {
          deposits: depositors * 21,
          withdrawals: withdrawers * 13,
          incentives: receivers * 7,
          balance: has * 37,
        }
        const figures = Object.fromEntries(
          Object.entries({ ...counts, ...money }).map(([name, one]) => [name, column(one)]),
        )
        const balances = [Float64Array.from([...Array(has).fill(37), ...Array(empty).fill(0)])]
        return { codes, figures: figures as CellSavings['figures'], balances }
      })
      const table = await savingsTable(saved, { by, months, k, notes })
      const trees = treesOf(by, saved)
      const layout = layoutOf(trees)
      const names = ['registered', 'holders', 'empty', 'depositors', 'withdrawers', 'receivers']
      for (const name of [...names, 'deposits', 'withdrawals', 'incentives', 'balance']) {
        const told = shown(table, by, name)
        const [truth, isHidden] = [new Int32Array(layout.size), new Uint8Array(layout.size)]
        for (let cell = 0; cell < layout.size; cell++) {
          const codes = trees.map((tree, at) => tree.codes[nodeOf(layout, cell, at)]!)
          const value = told.get(codes.join())!
          if (value === hidden) isHidden[cell] = 1
          else truth[cell] = typeof value === 'number' ? value : Math.round(Number(value) * 100)
          if (names.includes(name) && value !== hidden) expect(truth[cell]! > 0 && truth[cell]! < k).toBe(false)
        }
        expect([name, solvedFor(knowledgeOf({ layout, counts: truth, hidden: isHidden }, k))]).toEqual([name, []])
      }
    }),
    { numRuns: 120 },
  )
})
