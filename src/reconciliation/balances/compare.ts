import type { AccountStatus } from '../../ledger/index.ts'
import type { Amount } from '../../money.ts'
import { numberKey } from '../intake/numbers.ts'
import type { ToldLine } from './list-csv.ts'
import type { Outcome, Stranger } from './outcomes.ts'
import type { Position } from './positions.ts'

/** One line of the bank's beside ours, or an account of ours that it does not list. */
export type Compared = Omit<ToldLine, 'row' | 'told' | 'currency' | 'status'> & {
  row: number | null
  told: string | null
  currency: string | null
  theirStatus: AccountStatus | null
  outcome: Outcome
  stranger: Stranger | null
  savingsAccountId: string | null
  ours: Amount | null
  ourStatus: AccountStatus | null
  difference: Amount
}

/**
 * Compares a bank's list with our accounts, line by line, and adds those that it lacks. Ours is counted once for each account, on the
 * first of its lines, so that the differences come to the difference of the totals. Pure.
 */
export function compare(lines: readonly ToldLine[], positions: readonly Position[]): Compared[] {
  const found = finder(positions)
  const named = lines.map(line => ({ line, of: found(line) }))
  const times = new Map<string, number>()
  for (const { line, of } of named)
    if (line.theirs !== null) times.set(nameOf(line, of), (times.get(nameOf(line, of)) ?? 0) + 1)
  const counted = new Set<string>()
  const compared = new Array<Compared>(lines.length)
  // What is of another currency comes last: ours is counted there only where nothing else is of the account.
  for (const isOfBook of [true, false])
    named.forEach(({ line, of }, place) => {
      if ((line.theirs !== null) !== isOfBook) return
      const position = typeof of === 'string' || counted.has(of.id) ? null : of
      if (position !== null) counted.add(position.id)
      compared[place] = comparedLine(line, of, position, isOfBook && times.get(nameOf(line, of))! > 1)
    })
  const missing = positions.filter(({ id, isThere }) => isThere && !counted.has(id)).map(onlyOurs)
  return [...compared, ...missing]
}

function comparedLine(line: ToldLine, of: Position | Stranger, position: Position | null, isTwice: boolean): Compared {
  const { status, ...told } = line
  const account = typeof of === 'string' ? null : of
  const ours = position?.balance ?? null
  const outcome = outcomeOf(line, account, isTwice)
  return {
    ...told,
    ...{ theirStatus: status, outcome, stranger: outcome === 'only-theirs' ? (of as Stranger) : null },
    ...{ savingsAccountId: account?.id ?? null, ours, ourStatus: account?.status ?? null },
    difference: (line.theirs ?? 0n) - (ours ?? 0n),
  }
}

function outcomeOf({ theirs, status }: ToldLine, account: Position | null, isTwice: boolean): Outcome {
  if (theirs === null) return 'currency'
  if (isTwice) return 'twice'
  if (account === null) return 'only-theirs'
  if (theirs !== account.balance) return 'differs'
  return status === null || status === account.status ? 'equal' : 'status-differs'
}

function onlyOurs({ id, balance, status }: Position): Compared {
  return {
    ...{ row: null, bankAccountNumber: null, cci: null, told: null, currency: null, theirs: null, theirStatus: null },
    ...{ interest: null, fees: null, outcome: 'only-ours', stranger: null },
    ...{ savingsAccountId: id, ours: balance, ourStatus: status, difference: -balance },
  }
}

/** By what lines are the same account's: ours, or else the number or CCI alone. */
function nameOf({ bankAccountNumber, cci }: ToldLine, of: Position | Stranger): string {
  return typeof of === 'string' ? `no. ${numberKey(bankAccountNumber ?? cci!)}` : of.id
}

/**
 * Finds the account of ours that a line is of: by its number as it is written, else by its letters and digits, else as a CCI. Where
 * that is several accounts of ours, it is none.
 */
function finder(positions: readonly Position[]): (line: ToldLine) => Position | Stranger {
  const exact = new Map<string, Position>()
  const byKey = new Map<string, Position | 'several'>()
  const byCci = new Map<string, Position | 'several'>()
  for (const position of positions) {
    const { bankAccountNumber: number, cci } = position
    if (number !== null) {
      exact.set(number, position)
      byKey.set(numberKey(number), byKey.has(numberKey(number)) ? 'several' : position)
    }
    if (cci !== null) byCci.set(cci, byCci.has(cci) ? 'several' : position)
  }
  function numbered(number: string): Position | 'several' | 'unknown' {
    const key = numberKey(number)
    return exact.get(number) ?? byKey.get(key) ?? byCci.get(key) ?? 'unknown'
  }
  return ({ bankAccountNumber, cci }) => {
    const one = bankAccountNumber === null ? 'unknown' : numbered(bankAccountNumber)
    const other = cci === null ? 'unknown' : (byCci.get(cci) ?? 'unknown')
    if (one === 'unknown') return other
    if (other === 'unknown' || one === other) return one
    // A CCI that several accounts have says no more than that it may be this one.
    return other === 'several' ? one : one === 'several' ? other : 'number-and-cci-differ'
  }
}
