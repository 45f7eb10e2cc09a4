import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { type Currency, decileOf, formatAmount, meanOf } from '../../money.ts'
import type { DimensionName } from '../counting/dimensions.ts'
import type { CellSavings, SavingsFigure } from '../counting/savings.ts'
import { nodeOf } from '../disclosure/cube.ts'
import { type Dimension, grouped } from '../disclosure/dimension.ts'
import { hiddenOverMonths } from '../disclosure/over-months.ts'
import { type Column, hidden, type Notes, type Table, total, type Value } from '../table.ts'
import { dimensionColumns, eachMonth, monthColumn, refuseTooLarge, treesOf } from './breakdown.ts'
import { byDoing, classed, nodeOfCodes, type Protected, protect } from './classes.ts'
import type { MonthSpan } from './question.ts'

/** What is told of every table of savings. */
export const savingsPopulation =
  'Persons whose first account in the currency was opened on or before the end of the month, each counted once, at the place where she was then. ' +
  'Holders have an account open; empty ones have nothing in all of theirs; balances are of holders, with incentives and interest. ' +
  'Deposits, withdrawals and incentives are of the month by value date, without what was reversed; incentives less what was taken back'

const titled = (name: string, kind: Column['kind'], es: string, en: string): Column => ({
  name,
  kind,
  title: { es, en },
})

const otherDeciles = [1, 2, 3, 4, 6, 7, 8, 9]

const columns: Column[] = [
  titled('registered', 'count', 'Registradas', 'Registered'),
  titled('holders', 'count', 'Con cuenta abierta', 'Holders of an open account'),
  titled('empty', 'count', 'Con cuenta vacía', 'Holders without money'),
  titled('emptyShare', 'rate', 'Proporción con cuenta vacía', 'Share of holders without money'),
  titled('depositors', 'count', 'Depositaron en el mes', 'Deposited in the month'),
  titled('deposits', 'amount', 'Depósitos del mes', 'Deposits of the month'),
  titled('withdrawers', 'count', 'Retiraron en el mes', 'Withdrew in the month'),
  titled('withdrawals', 'amount', 'Retiros del mes', 'Withdrawals of the month'),
  titled('receivers', 'count', 'Con incentivo en el mes', 'Incentives in the month: of so many'),
  titled('incentives', 'amount', 'Incentivos del mes', 'Incentives of the month'),
  titled('balance', 'amount', 'Saldo al fin de mes', 'Balance at the end of the month'),
  titled('balanceMean', 'amount', 'Saldo medio', 'Mean balance'),
  titled('balanceMedian', 'amount', 'Saldo mediano', 'Median balance'),
  ...otherDeciles.map(nth =>
    titled(`balanceDecile${nth}`, 'amount', `Decil ${nth} del saldo`, `Decile ${nth} of balances`),
  ),
]

/** By classes that the registered divide into: each makes a table whose sums are protected. */
const byHolding = grouped('holding', ['CLOSED', 'EMPTY', 'MONEY'], { HOLDERS: ['EMPTY', 'MONEY'] })

type CountsOf = (of: (name: SavingsFigure) => number) => number[]

const divided: { classes: Dimension; countsOf: CountsOf }[] = [
  { classes: byHolding, countsOf: of => [of('registered') - of('holders'), of('empty'), of('holders') - of('empty')] },
  ...(['depositors', 'withdrawers', 'receivers'] as const).map(name => ({
    classes: byDoing,
    countsOf: (of => [of(name), of('registered') - of(name)]) satisfies CountsOf as CountsOf,
  })),
]

/**
 * Savings by month. Counts of persons are protected, each table of those who did something and those who did not by itself;
 * the registered are shown where all of these show them. An amount is hidden where the number of those whose it is would be.
 * Balances are hidden besides where they would tell, with what moved in other months, a sum that is hidden.
 * A median is of twice k persons at least and deciles of ten times k, so that k lie on either side of each.
 * @throws Refusal `request-invalid` for too large a table
 */
export async function savingsTable(
  cells: readonly CellSavings[],
  { by, months, k, notes }: { by: readonly DimensionName[]; months: MonthSpan; k: number; notes: Notes },
): Promise<Table> {
  const trees = treesOf(by, cells)
  refuseTooLarge(trees, months)
  const tables = divided.map(one => ({ ...one, classed: classed(trees, one.classes) }))
  const { classed: first } = tables[0]!
  const width = first.classes.codes.length
  const nodes = first.layout.size / width
  const nodeOfCell = cells.map(({ codes }) => nodeOfCodes(first, codes))
  const underNode: CellSavings[][] = Array.from({ length: nodes }, () => [])
  for (const [at, cell] of cells.entries()) {
    for (const sum of sumsWith(trees, nodeOfCell[at]!)) underNode[sum]!.push(cell)
  }
  const protectedBy: Protected[][] = []
  for (let nth = 0; nth < months.length; nth++) {
    const all = tables.map(({ classed, countsOf }) => {
      const counts = cells.map(({ figures }, at) => [nodeOfCell[at]!, countsOf(name => figures[name][nth]!)] as const)
      return protect(classed, counts, k)
    })
    protectedBy.push(all)
    await setImmediate()
  }
  const besides = hiddenOverMonths({
    ...{ nodes, length: months.length, sumsWith: node => sumsWith(trees, node) },
    isFlowHidden: (node, nth) => protectedBy[nth]!.slice(1).some(doing => doing.isHidden(node, 'DID')),
    isBalanceHidden: (node, nth) => protectedBy[nth]![0]!.isHidden(node, 'MONEY'),
    isZero: (node, nth) => protectedBy[nth]![0]!.count(node, 'MONEY') === 0,
    isLeaf: node => trees.every((tree, at) => tree.children[nodeOf(first.layout, node * width, at)]!.length === 0),
  })
  const rows: Value[][] = []
  for (const [nth, month] of eachMonth(months).entries()) {
    const all = protectedBy[nth]!
    for (let node = 0; node < nodes; node++) {
      const codes = trees.map(({ codes }, tree) => codes[nodeOf(first.layout, node * width, tree)]!)
      const under = underNode[node] ?? []
      const isMoneyHidden = {
        flows: besides.flows[node] === 1,
        balance: besides.balances[node * months.length + nth] === 1,
      }
      const told = toldOf(notes.currency as Currency, { under, nth, node, k, all, isMoneyHidden })
      rows.push([month, ...codes, ...told])
    }
    await setImmediate()
  }
  const named = { name: 'savings', title: { es: 'Ahorro', en: 'Savings' } }
  return { ...named, columns: [monthColumn, ...dimensionColumns(by), ...columns], rows, notes }
}

/** A place of the breakdown and all sums that it is in. */
function sumsWith(trees: readonly Dimension[], node: number): number[] {
  let [sums, rest] = [[0], node]
  const sizes = trees.map(({ codes }) => codes.length)
  for (const [at, { parents }] of trees.entries()) {
    const stride = sizes.slice(at + 1).reduce((product, size) => product * size, 1)
    const line: number[] = []
    for (let one = Math.floor(rest / stride); one !== -1; one = parents[one]!) line.push(one)
    sums = sums.flatMap(sum => line.map(one => sum + one * stride))
    rest %= stride
  }
  return sums
}

type Asked = {
  under: readonly CellSavings[]
  nth: number
  node: number
  k: number
  all: readonly Protected[]
  /** For the sake of other months. Where nobody has or did anything it is known, and shown. */
  isMoneyHidden: { flows: boolean; balance: boolean }
}

/** The figures of one place and month, in the order of the columns. */
function toldOf(currency: Currency, { under, nth, node, k, all, isMoneyHidden }: Asked): Value[] {
  const [held, ...doings] = all
  assert(held)
  const text = (minor: number) => formatAmount(BigInt(minor), currency)
  const sum = (name: SavingsFigure) => under.reduce((sum, { figures }) => sum + figures[name][nth]!, 0)
  const isRegisteredHidden = all.some(one => one.isHidden(node, total))
  const done = (['deposits', 'withdrawals', 'incentives'] as const).flatMap((name, doing): Value[] => {
    const persons = doings[doing]!.count(node, 'DID')
    const isHidden = isRegisteredHidden || persons === hidden || (isMoneyHidden.flows && persons > 0)
    return [persons, isHidden ? hidden : text(sum(name))]
  })
  const holders = held.count(node, 'HOLDERS')
  const having = held.count(node, 'MONEY')
  const isBalanceHidden = holders === hidden || having === hidden || (isMoneyHidden.balance && having > 0)
  const registered: Value = isRegisteredHidden ? hidden : held.count(node, total)
  const mean = (persons: number) =>
    persons === 0 ? null : formatAmount(meanOf(BigInt(sum('balance')), persons), currency)
  const balances: Value[] = isBalanceHidden ? [hidden, hidden] : [text(sum('balance')), mean(holders)]
  const deciles = decilesOf(under, nth, isBalanceHidden ? hidden : holders, k)
  const shown = deciles.map((minor): Value => (typeof minor === 'bigint' ? formatAmount(minor, currency) : minor))
  return [
    registered,
    holders,
    held.count(node, 'EMPTY'),
    held.rate(node, 'EMPTY', 'HOLDERS'),
    ...done,
    ...balances,
    ...shown,
  ]
}

/** The median, and the other deciles; null where nobody holds, and where the figures of so many were not passed on. */
function decilesOf(
  under: readonly CellSavings[],
  nth: number,
  holders: number | typeof hidden,
  k: number,
): (bigint | null | typeof hidden)[] {
  const asked = [5, ...otherDeciles]
  if (holders === hidden) return asked.map(() => hidden)
  if (holders === 0 || under.some(({ balances }) => balances === null)) return asked.map(() => null)
  if (holders < 2 * k) return asked.map(() => hidden)
  const sorted = joined(under.map(({ balances }) => balances![nth]!)).sort()
  return asked.map((tenths): bigint | typeof hidden =>
    holders < (tenths === 5 ? 2 : 10) * k ? hidden : decileOf(sorted, tenths),
  )
}

function joined(lists: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(lists.reduce((length, list) => length + list.length, 0))
  let at = 0
  for (const list of lists) {
    all.set(list, at)
    at += list.length
  }
  return all
}
