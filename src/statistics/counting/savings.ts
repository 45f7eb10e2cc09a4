import { openFilter, openLocate, type Question, scopeOf } from './count.ts'
import { lastDayOf, monthOfDay } from './days.ts'
import { openDimension } from './dimensions.ts'
import { deposit, eachPlace, incentive, withdrawal } from './events.ts'
import type { Facts } from './facts.ts'
import { eachPerson, type Person, type Scope, type Span } from './persons.ts'
import { noRuns, valueAt } from './runs.ts'

/** What is counted of persons, and added up of their money in minor units, a column each by month. */
export const savingsFigures = [
  ...['registered', 'holders', 'empty', 'depositors', 'withdrawers', 'receivers'],
  ...['deposits', 'withdrawals', 'incentives', 'balance'],
] as const

export type SavingsFigure =
  | ('registered' | 'holders' | 'empty' | 'depositors' | 'withdrawers' | 'receivers')
  | ('deposits' | 'withdrawals' | 'incentives' | 'balance')

/** Of one cell. `balances`: of a month, what each holder had; null where that would be more than is passed on. */
export type CellSavings = {
  codes: string[]
  figures: Record<SavingsFigure, Float64Array>
  balances: Float64Array[] | null
}

/** As many balances as are passed on: persons by months. */
const mostBalances = 3_000_000

type Cell = CellSavings & { lists: number[][] | null }

/**
 * Adds up what savers put in and took out in each month, and had at its end. Whoever's first account was opened is registered;
 * she holds as long as one is open, and is empty when all of it together is nothing.
 */
export function addUpSavings(facts: Facts, question: Question, persons?: Span): CellSavings[] {
  const scope = scopeOf(facts, question, persons)
  const { length } = scope
  const dimensions = question.by.map(name => openDimension(name, scope))
  const places = dimensions.map(() => noRuns(length))
  const filters = question.only.map(only => openFilter(only, scope))
  const insides = filters.map(() => noRuns(length))
  const locate = openLocate(scope)
  const moneyOf = openMoney(scope)
  const withBalances = facts.persons.length * length <= mostBalances
  const cells = new Map<string, Cell>()

  function cellAt(month: number): Cell {
    const codes = places.map((runs, nth) => dimensions[nth]!.codes[valueAt(runs, month)]!)
    const key = JSON.stringify(codes)
    const known = cells.get(key)
    if (known !== undefined) return known
    const figures = Object.fromEntries(savingsFigures.map(name => [name, new Float64Array(length)]))
    const lists = withBalances ? Array.from({ length }, (): number[] => []) : null
    const cell: Cell = { codes, figures: figures as CellSavings['figures'], balances: null, lists }
    cells.set(key, cell)
    return cell
  }

  eachPerson(scope, person => {
    for (const [nth, filter] of filters.entries()) locate(insides[nth]!, filter, person)
    for (const [nth, dimension] of dimensions.entries()) locate(places[nth]!, dimension, person)
    const { months, first, isHolder } = moneyOf(person)
    const starts = new Set([first, ...places.flatMap(({ from, count }) => [...from.subarray(0, count)])])
    let cell: Cell | undefined
    for (let month = first; month < length; month++) {
      if (starts.has(month) || cell === undefined) cell = cellAt(month)
      if (insides.every(runs => valueAt(runs, month) === 1)) add(cell, months, month, isHolder(month))
    }
  })
  return [...cells.values()].map(({ lists, ...cell }) => ({
    ...cell,
    balances: lists?.map(list => Float64Array.from(list)) ?? null,
  }))
}

type Money = Record<'deposits' | 'withdrawals' | 'incentives' | 'balance', Float64Array>

function add({ figures, lists }: Cell, months: Money, month: number, isHolder: boolean): void {
  const [deposits, withdrawals] = [months.deposits[month]!, months.withdrawals[month]!]
  const [incentives, balance] = [months.incentives[month]!, months.balance[month]!]
  figures.registered[month]! += 1
  figures.depositors[month]! += deposits === 0 ? 0 : 1
  figures.withdrawers[month]! += withdrawals === 0 ? 0 : 1
  figures.receivers[month]! += incentives === 0 ? 0 : 1
  figures.deposits[month]! += deposits
  figures.withdrawals[month]! += withdrawals
  figures.incentives[month]! += incentives
  if (!isHolder) return
  figures.holders[month]! += 1
  figures.empty[month]! += balance === 0 ? 1 : 0
  figures.balance[month]! += balance
  lists?.[month]?.push(balance)
}

/** What a person moved in each month and had at its end, as far as it was known; filled anew for each. */
function openMoney(scope: Scope) {
  const { facts, months, length, through, knownAt } = scope
  const { events } = facts
  const { book, opened, closed, closedRecordedAt } = facts.accounts.columns
  const column = () => new Float64Array(length)
  const money: Money = { deposits: column(), withdrawals: column(), incentives: column(), balance: column() }

  function addEntries(account: number): void {
    const known = through[book[account]!]!
    eachPlace(events, account, place => {
      if (events.sequence[place]! > known) return
      const month = monthOfDay[events.day[place]!]! - months.first
      if (month >= length) return
      const amount = events.amount[place]!
      money.balance[Math.max(month, 0)]! += amount
      if (month < 0 || events.reversedBy[place]! <= known) return
      const kind = events.what[place]! & 15
      if (kind === deposit) money.deposits[month]! += amount
      else if (kind === withdrawal) money.withdrawals[month]! -= amount
      else if (kind === incentive) money.incentives[month]! += amount
    })
  }

  return function moneyOf({ accounts, count }: Person) {
    for (const column of Object.values(money)) column.fill(0)
    for (let nth = 0; nth < count; nth++) addEntries(accounts[nth]!)
    for (let month = 1; month < length; month++) money.balance[month]! += money.balance[month - 1]!
    function isHolder(month: number): boolean {
      const day = lastDayOf[months.first + month]!
      return accounts.subarray(0, count).some(account => {
        return opened[account]! <= day && (closed[account]! > day || closedRecordedAt[account]! > knownAt)
      })
    }
    return { months: money, first: Math.max(0, monthOfDay[opened[accounts[0]!]!]! - months.first), isHolder }
  }
}
