import assert from 'node:assert/strict'
import type { Balance, LineDetail, Money, Statement, StatementLine } from '../statements/statement.ts'

/** Who the message is told by, which no statement says of itself: an id of at most 35 letters, and when it was made. */
export type Heading = { messageId: string; createdAt: Date }

const namespace = 'urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'

/** ISO 20022's limits of letters. References are never cut, for a cut one refers to nothing. */
const longest = { reference: 35, account: 34, name: 140, remittance: 140, entryText: 500 }

/** A statement to be told, whose lines come one by one. */
export type Telling = Omit<Statement, 'lines'> & { lines: AsyncIterable<StatementLine> | Iterable<StatementLine> }

/** Writes statements as one camt.053 of version 8, piece by piece, an entry at a time. */
export async function* camt053(statements: Iterable<Telling>, heading: Heading): AsyncGenerator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n'
  yield `<Document xmlns="${namespace}"><BkToCstmrStmt>`
  const created = tag('CreDtTm', heading.createdAt.toISOString())
  yield tag('GrpHdr', tag('MsgId', reference(heading.messageId)) + created)
  for (const statement of statements) yield* statementParts(statement)
  yield '\n</BkToCstmrStmt></Document>\n'
}

async function* statementParts(statement: Telling): AsyncGenerator<string> {
  assert(statement.id !== null, 'a statement that is told has an id')
  const { from, to, createdAt, number, currency } = statement
  const [sequence, page] = number?.split('/') ?? []
  assert(/^(\d{1,18}(\/\d{1,5})?)?$/.test(number ?? ''), 'a number of a statement is one of digits')
  yield `\n<Stmt>${tag('Id', reference(statement.id))}`
  if (page !== undefined) yield tag('StmtPgntn', tag('PgNb', page) + tag('LastPgInd', 'false'))
  if (sequence !== undefined) yield tag('LglSeqNb', sequence)
  if (createdAt !== null) yield tag('CreDtTm', escaped(createdAt))
  if (from !== null && to !== null)
    yield tag('FrToDt', tag('FrDtTm', `${from}T00:00:00`) + tag('ToDtTm', `${to}T23:59:59`))
  yield tag('Acct', account(statement.account) + (currency === null ? '' : tag('Ccy', currency)))
  for (const balance of statement.balances) yield balancePart(balance, to ?? from)
  for await (const line of statement.lines) yield entryPart(line)
  yield '</Stmt>'
}

const balanceCodes: Record<Balance['kind'], string> = {
  opening: '<Cd>OPBD</Cd>',
  closing: '<Cd>CLBD</Cd>',
  'interim-opening': '<Cd>ITBD</Cd>',
  'interim-closing': '<Cd>ITBD</Cd>',
  available: '<Cd>CLAV</Cd>',
  forward: '<Cd>FWAV</Cd>',
  other: '<Prtry>OTHER</Prtry>',
}

function balancePart({ kind, money, date }: Balance, otherwise: string | null): string {
  const day = date ?? otherwise
  assert(day !== null, 'a balance is of a day')
  return `\n${tag('Bal', tag('Tp', tag('CdOrPrtry', balanceCodes[kind])) + moneyParts(money) + tag('Dt', tag('Dt', day)))}`
}

const statuses = { booked: 'BOOK', pending: 'PDNG', information: 'INFO' } as const

/** One payment stands in its entry's details, so that its reference and its parties are where a reader looks for them. */
function entryPart(line: StatementLine): string {
  const isBatch = line.details.length > 0
  const details = isBatch ? line.details : [{ ...line, money: null, reference: null }]
  const batch = isBatch
    ? tag(
        'Btch',
        (line.endToEndId === null ? '' : tag('PmtInfId', reference(line.endToEndId))) +
          tag('NbOfTxs', String(line.details.length)),
      )
    : ''
  return [
    '\n<Ntry>',
    moneyParts(line.money),
    line.isReversal ? tag('RvslInd', 'true') : '',
    tag('Sts', tag('Cd', statuses[line.status])),
    line.bookingDate === null ? '' : tag('BookgDt', tag('Dt', line.bookingDate)),
    line.valueDate === null ? '' : tag('ValDt', tag('Dt', line.valueDate)),
    line.reference === null ? '' : tag('AcctSvcrRef', reference(line.reference)),
    codePart(line.code),
    tag('NtryDtls', batch + details.map(detail => paymentPart(detail, line)).join('')),
    isBatch && line.text !== '' ? tag('AddtlNtryInf', escaped(line.text.slice(0, longest.entryText))) : '',
    '</Ntry>',
  ].join('')
}

/** Domain, family and sub-family where the code has all three, else it is told as the bank's own. */
function codePart(code: string | null): string {
  const [, domain = '', family = '', subFamily = ''] =
    /^([A-Z0-9]{1,4})\/([A-Z0-9]{1,4})\/([A-Z0-9]{1,4})$/.exec(code ?? '') ?? []
  if (domain !== '')
    return tag('BkTxCd', tag('Domn', tag('Cd', domain) + tag('Fmly', tag('Cd', family) + tag('SubFmlyCd', subFamily))))
  return code === null ? '<BkTxCd/>' : tag('BkTxCd', tag('Prtry', tag('Cd', reference(code))))
}

function paymentPart(detail: LineDetail, line: StatementLine): string {
  const references = [
    detail.reference === null ? '' : tag('AcctSvcrRef', reference(detail.reference)),
    detail.endToEndId === null ? '' : tag('EndToEndId', reference(detail.endToEndId)),
  ].join('')
  // Who paid what came in, who got what went out; a reversal names them as the payment did that it undoes.
  const party = (line.money.side === 'credit') !== line.isReversal ? 'Dbtr' : 'Cdtr'
  const { counterparty, counterpartyAccount } = detail
  const parties = [
    counterparty === null ? '' : tag(party, tag('Pty', tag('Nm', escaped(counterparty.slice(0, longest.name))))),
    counterpartyAccount === null ? '' : tag(`${party}Acct`, account(counterpartyAccount)),
  ].join('')
  const texts = remittances(detail.text).map(text => tag('Ustrd', escaped(text)))
  return tag(
    'TxDtls',
    [
      references && tag('Refs', references),
      detail.money === null ? '' : moneyParts(detail.money),
      parties && tag('RltdPties', parties),
      texts.length > 0 ? tag('RmtInf', texts.join('')) : '',
    ].join(''),
  )
}

/** A text by its rows, and what is too long for one in several. */
function remittances(text: string): string[] {
  return text.split('\n').flatMap(row => row.match(new RegExp(`.{1,${longest.remittance}}`, 'gsu')) ?? [])
}

function moneyParts({ amount, currency, side }: Money): string {
  const digits = amount.replace('.', '')
  assert(/^\d+(\.\d{1,5})?$/.test(amount) && digits.length <= 18, 'an amount has at most 18 digits, 5 of them decimals')
  return `<Amt Ccy="${currency}">${amount}</Amt>${tag('CdtDbtInd', side === 'credit' ? 'CRDT' : 'DBIT')}`
}

function account(number: string): string {
  assert(number.length <= longest.account, 'the number of an account has at most 34 letters')
  const isIban = /^[A-Z]{2}\d{2}[A-Za-z0-9]{11,30}$/.test(number)
  return tag('Id', isIban ? tag('IBAN', number) : tag('Othr', tag('Id', escaped(number))))
}

function reference(text: string): string {
  assert(
    text.length >= 1 && text.length <= longest.reference,
    `${JSON.stringify(text)} is no reference of 1 to 35 letters`,
  )
  return escaped(text)
}

function tag(name: string, inside: string): string {
  return `<${name}>${inside}</${name}>`
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** What XML cannot hold, control characters and halves of letters, becomes a question mark. */
function escaped(text: string): string {
  const written = text.toWellFormed().replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '?')
  return written.replaceAll(/[&<>]/g, letter => entities[letter]!)
}
