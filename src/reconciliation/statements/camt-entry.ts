import { codeOf, dayOf, moneyOf, shown, where, yesOrNo } from './camt-parts.ts'
import { detailOf, type Payment } from './camt-payment.ts'
import { difference, isZero, signed, sumOf } from './decimals.ts'
import { given } from './mt-text.ts'
import { FileFault, type LineDetail, type StatementLine, type Warning, warn } from './statement.ts'
import { allAt, at, onlyAt, textAt, type XmlElement } from './xml.ts'

/**
 * An entry as a line. One payment alone is told of the line itself; of several each is a detail.
 * @throws FileFault when the amount, the side, the status or a day makes no sense
 */
export function lineOf(
  entry: XmlElement,
  payments: readonly Payment[],
  number: number,
  warnings: Warning[],
): StatementLine {
  const money = moneyOf(entry)
  const isReversal = yesOrNo(entry, 'RvslInd')
  const told = payments.map(payment => detailOf(payment, { money, isReversal }))
  const details = told.length > 1 ? told : []
  const alone = told.length === 1 ? told[0] : undefined
  compareBatch(entry, details, money, warnings)
  return {
    number,
    where: `${where(entry)}, entry ${number}`,
    money,
    status: statusOf(entry),
    isReversal,
    bookingDate: dayOf(onlyAt(entry, 'BookgDt')),
    valueDate: dayOf(onlyAt(entry, 'ValDt')),
    reference: given(textAt(entry, 'AcctSvcrRef')) ?? given(textAt(entry, 'NtryRef')) ?? alone?.reference ?? null,
    endToEndId: alone?.endToEndId ?? orderOf(entry),
    code: codeOf(at(entry, 'BkTxCd')) ?? (alone === undefined ? null : payments[0]!.code),
    counterparty: alone?.counterparty ?? null,
    counterpartyAccount: alone?.counterpartyAccount ?? null,
    text: [alone?.text, textAt(entry, 'AddtlNtryInf')].filter(Boolean).join('\n'),
    details,
  }
}

/** From version 8 on a status is one level deeper; a bank's own status counts as nothing that we know. */
function statusOf(entry: XmlElement): StatementLine['status'] {
  const status = onlyAt(entry, 'Sts')
  // Letters beside a code within are no status of either kind.
  const code = status === undefined ? 'BOOK' : [status.text.trim(), textAt(status, 'Cd')].filter(Boolean).join(' ')
  if (code === 'BOOK') return 'booked'
  if (code === 'PDNG' || code === 'FUTR') return 'pending'
  if (code === 'INFO') return 'information'
  throw new FileFault(where(entry), `the status of an entry is ${shown(code)}: booked or not, nobody can say`)
}

/** The id of our own order that a batch was made of. */
function orderOf(entry: XmlElement): string | null {
  const batch = at(entry, 'NtryDtls', 'Btch')
  return given(textAt(batch, 'PmtInfId')) ?? given(textAt(batch, 'MsgId'))
}

/** A batch that is not the sum of its payments is told: matching looks into it. */
function compareBatch(
  entry: XmlElement,
  details: readonly LineDetail[],
  money: StatementLine['money'],
  warnings: Warning[],
): void {
  const amounts = details.map(detail => detail.money).filter(amount => amount !== null)
  const isWhole = amounts.length === details.length && amounts.every(amount => amount.currency === money.currency)
  const sum = sumOf(amounts.map(signed))
  if (details.length > 0 && isWhole && !isZero(difference(signed(money), sum)))
    warn(warnings, where(entry), `the payments of the entry come to ${sum}, the entry is ${signed(money)}`)
  const counts = allAt(entry, 'NtryDtls').map(part => textAt(part, 'Btch', 'NbOfTxs'))
  const count = counts.reduce((all, text) => all + Number(text ?? 0), 0)
  if (details.length > 0 && !counts.includes(null) && count !== details.length)
    warn(warnings, where(entry), `the batch says ${count} payments, there are ${details.length}`)
}
