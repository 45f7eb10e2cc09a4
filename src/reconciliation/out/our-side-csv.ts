import { byteOrderMark, csvRow, type Separator, safeText } from '../../csv.ts'
import type { Book } from '../../ledger/index.ts'
import { type Amount, formatAmount } from '../../money.ts'
import { type Asked, type Ends, type OurEntry, referenceOf } from './our-side.ts'

export const csvColumns = [
  ...['valueDate', 'kind', 'transactionId', 'sequence', 'reference', 'accountNumber', 'credit', 'debit', 'balance'],
] as const

/**
 * Our side as CSV, a row an entry, between a row that opens it and one that closes it: without that, it was cut off. What comes
 * in is a credit, as banks say it.
 */
export async function* ourSideCsv(
  entries: AsyncIterable<OurEntry>,
  { currency }: Book,
  { from, to, opening, closing }: Pick<Asked, 'from' | 'to'> & Ends,
  separator: Separator,
): AsyncGenerator<string> {
  const semicolons = separator === 'semicolon'
  const text = (amount: Amount) => {
    const told = formatAmount(amount, currency)
    return semicolons ? told.replace('.', ',') : told
  }
  const row = (cells: readonly string[]) => csvRow(cells, semicolons ? ';' : ',')
  yield (semicolons ? byteOrderMark : '') + row(csvColumns)
  yield row([from, 'opening-balance', '', '', '', '', '', '', text(opening)])
  let balance = opening
  for await (const entry of entries) {
    const isIn = entry.direction === 'debit'
    balance += isIn ? entry.amount : -entry.amount
    yield row([
      ...[entry.valueDate, entry.kind, entry.transactionId, String(entry.sequence)],
      ...[safeText(referenceOf(entry) ?? ''), safeText(entry.accountNumber ?? '')],
      ...(isIn ? [text(entry.amount), ''] : ['', text(entry.amount)]),
      text(balance),
    ])
  }
  yield row([to, 'closing-balance', '', '', '', '', '', '', text(closing)])
}
