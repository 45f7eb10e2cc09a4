import { difference, isZero, signed, sumOf } from './decimals.ts'
import type { Balance, Statement, StatementLine } from './statement.ts'

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
  const start = balanceOf(statement, ['opening', 'interim-opening'])
  const end = balanceOf(statement, ['closing', 'interim-closing'])
  const currency = start?.money.currency ?? end?.money.currency ?? statement.currency
  const booked = statement.lines.filter(line => line.status === 'booked')
  const isCounted = (line: StatementLine) => currency === null || line.money.currency === currency
  const counted = booked.filter(isCounted)
  const credits = sumOf(amountsOf(counted, 'credit'))
  const debits = sumOf(amountsOf(counted, 'debit'))
  const opening = start === undefined ? null : signed(start.money)
  const closing = end === undefined ? null : signed(end.money)
  const isComparable = opening !== null && closing !== null && start!.money.currency === end!.money.currency
  const residue = isComparable ? difference(closing, sumOf([opening, credits, `-${debits}`])) : null
  return {
    currency,
    opening,
    closing,
    credits,
    debits,
    booked: counted.length,
    inOtherCurrencies: booked.filter(line => !isCounted(line)).map(line => line.number),
    residue,
    isBalanced: residue === null ? null : isZero(residue),
  }
}

/** The first balance of the first of these kinds that there is. */
function balanceOf(statement: Statement, kinds: readonly Balance['kind'][]): Balance | undefined {
  return kinds.map(kind => statement.balances.find(balance => balance.kind === kind)).find(Boolean)
}

function amountsOf(lines: readonly StatementLine[], side: StatementLine['money']['side']): string[] {
  return lines.filter(line => line.money.side === side).map(line => line.money.amount)
}
