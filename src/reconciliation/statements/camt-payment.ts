import { accountOf, amountOf, codeOf, sideOf } from './camt-parts.ts'
import { given } from './mt-text.ts'
import type { LineDetail, Money, Side } from './statement.ts'
import { allAt, at, textAt, type XmlElement } from './xml.ts'

type Party = { name: string | null; account: string | null }

/** What a TxDtls tells, kept small: a batch may have very many. Whose money it was is known only with the entry's end. */
export type Payment = {
  side: Side | null
  amounts: readonly { amount: string; currency: string }[]
  reference: string | null
  endToEndId: string | null
  code: string | null
  debtor: Party
  creditor: Party
  text: string
}

/** Where a payment's amount may be: what was booked before what was instructed. */
const amountPaths = [
  ['Amt'],
  ['AmtDtls', 'TxAmt', 'Amt'],
  ['AmtDtls', 'InstdAmt', 'Amt'],
  ['AmtDtls', 'CntrValAmt', 'Amt'],
]

export function paymentOf(element: XmlElement): Payment {
  const refs = at(element, 'Refs')
  const parties = at(element, 'RltdPties')
  const amounts = amountPaths.map(path => at(element, ...path)).filter(amount => amount !== undefined)
  return {
    side: at(element, 'CdtDbtInd') === undefined ? null : sideOf(element),
    amounts: amounts.map(amountOf),
    reference: given(textAt(refs, 'AcctSvcrRef')) ?? given(textAt(refs, 'TxId')),
    endToEndId: given(textAt(refs, 'EndToEndId')),
    code: codeOf(at(element, 'BkTxCd')),
    debtor: partyOf(parties, 'Dbtr'),
    creditor: partyOf(parties, 'Cdtr'),
    text: textOf(element),
  }
}

/** From version 8 on a party is a person or an agent, one level deeper. */
function partyOf(parties: XmlElement | undefined, name: string): Party {
  const party = at(parties, name)
  const called = textAt(party, 'Nm') ?? textAt(party, 'Pty', 'Nm') ?? textAt(party, 'Agt', 'FinInstnId', 'Nm')
  return { name: called, account: accountOf(at(parties, `${name}Acct`)) }
}

/** What is written to the payment, the creditor's reference, and why it came back if it did. */
function textOf(element: XmlElement): string {
  const remittance = at(element, 'RmtInf')
  const structured = allAt(remittance, 'Strd')
  const returned = at(element, 'RtrInf')
  const reason = textAt(returned, 'Rsn', 'Cd') ?? textAt(returned, 'Rsn', 'Prtry') ?? ''
  const pieces = [
    ...allAt(remittance, 'Ustrd').map(piece => piece.text.trim()),
    ...structured.map(piece => textAt(piece, 'CdtrRefInf', 'Ref')),
    ...structured.flatMap(piece => allAt(piece, 'AddtlRmtInf').map(more => more.text.trim())),
    textAt(element, 'AddtlTxInf'),
    returned === undefined
      ? null
      : [`return ${reason}`.trim(), ...allAt(returned, 'AddtlInf').map(more => more.text.trim())].join(' '),
  ]
  return pieces.filter(Boolean).join('\n')
}

/** A payment beside the money of its entry: in the entry's currency where it has one, and the other party as its counterparty. */
export function detailOf(payment: Payment, entry: { money: Money; isReversal: boolean }): LineDetail {
  const { currency } = entry.money
  const told = payment.amounts.find(amount => amount.currency === currency) ?? payment.amounts[0]
  const other = otherParty(payment, entry)
  return {
    money: told === undefined ? null : { ...told, side: payment.side ?? entry.money.side },
    reference: payment.reference,
    endToEndId: payment.endToEndId,
    counterparty: other.name,
    counterpartyAccount: other.account,
    text: payment.text,
  }
}

/** Who paid what came in, and who got what went out; a reversal names its parties as the payment did that it undoes. */
function otherParty(payment: Payment, entry: { money: Money; isReversal: boolean }): Party {
  const cameIn = (entry.money.side === 'credit') !== entry.isReversal
  return cameIn ? payment.debtor : payment.creditor
}
