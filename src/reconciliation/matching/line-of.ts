import { type Currency, parseAmount } from '../../money.ts'
import type { LineDetail, Side, StatementLine } from '../statements/statement.ts'
import type { Line, LinePart } from './items.ts'

/**
 * A line of a statement as it is matched: its amount in minor units, its day. Null of what moves nothing: what is not booked,
 * and amounts of zero.
 * @throws Refusal `amount-precision` when it has more decimals than the currency
 */
export function lineOf(id: string, line: StatementLine, currency: Currency, otherwise: string): Line | null {
  const amount = parseAmount(line.money.amount, currency)
  if (line.status !== 'booked' || amount === 0n) return null
  return {
    id,
    flow: line.money.side === 'credit' ? 'in' : 'out',
    amount,
    day: line.valueDate ?? line.bookingDate ?? otherwise,
    references: told([line.reference, line.endToEndId]),
    text: line.text,
    code: line.code,
    counterpartAccount: line.counterpartyAccount,
    isReversal: line.isReversal,
    parts: line.details.map(detail => partOf(detail, line.money.side, currency)),
  }
}

export function partOf(
  { money, reference, endToEndId, counterpartyAccount }: LineDetail,
  side: Side,
  currency: Currency,
): LinePart {
  const amount = money === null ? null : parseAmount(money.amount, currency)
  return {
    // What goes the other way within a batch takes from it.
    amount: amount === null || money?.side === side ? amount : -amount,
    references: told([reference, endToEndId]),
    counterpartAccount: counterpartyAccount,
  }
}

/** `NOTPROVIDED` is ISO 20022's way to say that there is none. */
export function told(references: (string | null)[]): string[] {
  return references
    .filter(reference => reference !== null)
    .filter(reference => !/^(NOTPROVIDED|NONREF)$/i.test(reference))
}
