import type { StatementReason } from '../breaks/reasons.ts'
import { difference, isZero } from '../statements/decimals.ts'
import type { Place } from './numbers.ts'

/** What the gate looks at of a statement that is taken: amounts as the file gives them, credit above zero. */
export type Gated = Place & {
  toDay: string
  opening: string | null
  closing: string | null
  residue: string | null
  credits: string
  debits: string
  /** Lines that are booked and cannot be counted in the currency of the book. */
  uncounted: number
  /** Lines that say what was had on a day that it shares, and may be the same payments or not: balances do not tell. */
  unsure: number
}

export type GateBreak = { reason: StatementReason; amount: string | null; detail: string }

/**
 * What is wrong with a statement, by itself and beside the one before it. `shared` is what those of its lines come to that
 * earlier statements had as well: an export that overlaps with them begins so much before their end.
 */
export function gateBreaks(statement: Gated, before: Gated | null, shared: string): GateBreak[] {
  const found: GateBreak[] = []
  const { residue, uncounted, unsure, opening } = statement
  if (residue !== null && !isZero(residue))
    found.push({
      reason: 'statement-unbalanced',
      amount: residue,
      detail: `its closing balance is ${residue} more than its opening balance and its lines`,
    })
  if (uncounted > 0)
    found.push({
      reason: 'currency',
      amount: null,
      detail: `${uncounted} of its booked lines are of another currency, or finer than the book’s`,
    })
  if (unsure > 0)
    found.push({
      reason: 'statement-overlap-unclear',
      amount: null,
      detail: `${unsure} of its lines say what an earlier statement has on a day that both cover, and come to nothing together: they may be the same payments or others`,
    })
  if (before === null) return found
  if (isGap(statement, before))
    found.push({
      reason: 'statement-gap',
      amount: null,
      detail: `it is number ${told(statement)}, and the one before it ${told(before)}`,
    })
  if (opening === null || before.closing === null) return found
  const expected = difference(before.closing, shared)
  const off = difference(opening, expected)
  if (!isZero(off))
    found.push({
      reason: 'statement-opening-differs',
      amount: off,
      detail: `it begins with ${opening}, and after the one before it there is ${expected}`,
    })
  return found
}

/** Whether numbers say that something between the two is missing. A count may begin anew with the year. */
function isGap(statement: Place & { toDay: string }, before: Place & { toDay: string }): boolean {
  if (statement.sequence === null || before.sequence === null) return false
  if (statement.sequence === before.sequence) return (statement.page ?? 1) > (before.page ?? 1) + 1
  return !follows(statement, before)
}

/** Whether a statement is the next by its number: the next page, or the first page of the next number. */
export function follows(statement: Place & { toDay: string }, before: Place & { toDay: string }): boolean {
  if (statement.sequence === null || before.sequence === null) return false
  if (statement.sequence === before.sequence) return (statement.page ?? 1) === (before.page ?? 1) + 1
  const isNext = statement.sequence === before.sequence + 1
  const isFirstOfYear = statement.sequence === 1 && statement.toDay.slice(0, 4) > before.toDay.slice(0, 4)
  return isNext || isFirstOfYear
}

function told({ sequence, page }: Place): string {
  return page === null ? `${sequence}` : `${sequence}/${page}`
}
