import { difference, isZero, openSum, signed, sumOf } from './decimals.ts'
import type { Balance, Lines, Side, Statement, StatementLine } from './statement.ts'

export type Sums = {
  currency: string | null
  /** The balance it begins and ends with, credit above zero; of a page, its interim ones. */
  opening: string | null
  closing: string | null
  credits: string
  debits: string
  /** How many lines are booked in the statement's currency; only those count. */
  booked: number
  /** Lines that are booked in another currency, by number: they count nowhere, and are a break. */
  inOtherCurrencies: readonly number[]
  /** Closing less opening and lines: zero when it balances, null when it lacks a balance. */
  residue: string | null
  isBalanced: boolean | null
}

/** What a statement adds up to, to the last decimal that it gives. Whether that may be is for the gate to say. */
export function sumsOf(statement: Statement): Sums {
  const sums = openSums(statement)
  for (const line of statement.lines) sums.add(line)
  return sums.end()
}

/** The sums of a statement whose lines are told one by one, for whoever goes through them for something else as well. */
export function openSums(statement: Omit<Statement, 'lines'>): { add(line: StatementLine): void; end(): Sums } {
  const start = balanceOf(statement, ['opening', 'interim-opening'])
  const end = balanceOf(statement, ['closing', 'interim-closing'])
  const currency = start?.money.currency ?? end?.money.currency ?? statement.currency
  const sums = { credit: openSum(), debit: openSum() }
  const inOtherCurrencies: number[] = []
  let booked = 0
  return {
    add({ status, money, number }) {
      if (status !== 'booked') return
      if (currency !== null && money.currency !== currency) return void inOtherCurrencies.push(number)
      booked += 1
      sums[money.side].add(money.amount)
    },
    end() {
      const [credits, debits] = [sums.credit.text(), sums.debit.text()]
      const opening = start === undefined ? null : signed(start.money)
      const closing = end === undefined ? null : signed(end.money)
      const isComparable = opening !== null && closing !== null && start!.money.currency === end!.money.currency
      const residue = isComparable ? difference(closing, sumOf([opening, credits, `-${debits}`])) : null
      const isBalanced = residue === null ? null : isZero(residue)
      return { currency, opening, closing, credits, debits, booked, inOtherCurrencies, residue, isBalanced }
    },
  }
}

/** The first balance of the first of these kinds that there is. */
function balanceOf(statement: Pick<Statement, 'balances'>, kinds: readonly Balance['kind'][]): Balance | undefined {
  return kinds.map(kind => statement.balances.find(balance => balance.kind === kind)).find(Boolean)
}

export type Total = { count: number; sum: string }

/** How many lines there are, and what they come to, by side; of all, or of the booked ones. */
export function totalsOf(lines: Lines, isCounted: (line: StatementLine) => boolean = () => true): Record<Side, Total> {
  const [sums, counts] = [
    { credit: openSum(), debit: openSum() },
    { credit: 0, debit: 0 },
  ]
  for (const line of lines) {
    if (!isCounted(line)) continue
    sums[line.money.side].add(line.money.amount)
    counts[line.money.side] += 1
  }
  return {
    credit: { count: counts.credit, sum: sums.credit.text() },
    debit: { count: counts.debit, sum: sums.debit.text() },
  }
}
