import { daysBetween, isCalendarDate } from '../../dates.ts'
import { decimalOf, difference, isZero } from './decimals.ts'
import { type HeldLines, holdLines } from './held-lines.ts'
import { type Field, partsOf } from './mt-fields.ts'
import { given, type PaymentText, readPaymentText } from './mt-text.ts'
import {
  type Balance,
  FileFault,
  type Side,
  type Statement,
  type StatementLine,
  takeBalance,
  type Warning,
  warn,
} from './statement.ts'
import { totalsOf } from './sums.ts'

/** A message while it is read. */
type Reading = {
  /** Its first field; and the line that waits for the text behind it. */
  first: Field | null
  waiting: Field | null
  /** Where text stands that belongs to no field. */
  stray: number | null
  isInterim: boolean
  id: string | null
  account: string | null
  number: string | null
  currency: string | null
  createdAt: string | null
  isClosed: boolean
  balances: Balance[]
  lines: HeldLines
  warnings: Warning[]
  /** Of an MT942: how many lines and how much its own totals say. */
  totals: { where: string; side: Side; count: number; amount: string }[]
}

/**
 * Reads a file of SWIFT's customer statements: MT940, and MT942 as notices.
 * @throws FileFault at the line of what makes no sense
 */
export async function* readMt940(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Statement> {
  let hasStatement = false
  let reading = newReading()
  for await (const part of partsOf(bytes)) {
    if (part.kind === 'field') take(reading, part.field)
    else if (part.kind === 'stray') takeStray(reading, part.line.number)
    else {
      yield finished(reading, part.isInterim)
      hasStatement = true
      reading = newReading()
    }
  }
  if (!hasStatement) throw new FileFault('line 1', 'there is no statement in the file')
}

function newReading(): Reading {
  return {
    first: null,
    waiting: null,
    stray: null,
    isInterim: false,
    id: null,
    account: null,
    number: null,
    currency: null,
    createdAt: null,
    isClosed: false,
    balances: [],
    lines: holdLines(),
    warnings: [],
    totals: [],
  }
}

function takeStray(reading: Reading, line: number): void {
  reading.stray ??= line
  warn(reading.warnings, `line ${line}`, 'text that belongs to no field')
}

function take(reading: Reading, field: Field): void {
  const { tag } = field
  if (reading.first === null && tag !== '20')
    throw new FileFault(at(field), `a message begins with :20:, not with :${tag}:`)
  reading.first ??= field
  reading.isInterim ||= /^(34F|90[CD]|13D?)$/.test(tag)
  endLine(reading, tag === '86' ? field : undefined)
  if (tag === '61') reading.waiting = field
  else takeField(reading, field)
}

/** Of a line that waits it is known now whether a text follows it. */
function endLine(reading: Reading, text: Field | undefined): void {
  const { waiting } = reading
  reading.waiting = null
  if (waiting !== null) addLine(reading, waiting, text)
}

function takeField(reading: Reading, field: Field): void {
  const { tag } = field
  const value = field.rows[0]!.trim()
  if (reading.isClosed && /^(20|21|25|28C?|60[FM]|62[FM])$/.test(tag))
    throw new FileFault(at(field), `:${tag}: comes after the closing balance`)
  if (/^(20|25|28C?)$/.test(tag)) setOnce(reading, field, value)
  else if (tag === '60F' || tag === '60M') open(reading, field, value)
  else if (tag === '62F' || tag === '62M') close(reading, field, value)
  else if (tag === '64') addBalance(reading, 'available', field, value)
  else if (tag === '65') addBalance(reading, 'forward', field, value)
  else if (tag === '34F') takeLimit(reading, field, value)
  else if (tag === '13D' || tag === '13') reading.createdAt = value
  else if (tag === '90C' || tag === '90D') reading.totals.push(totalOf(reading, field, value))
  else if (!/^(21|86|NS)$/.test(tag)) warn(reading.warnings, at(field), `:${tag}: is no field of a statement`)
  const isText = /^(86|NS|20|21)$/.test(tag)
  if (!isText && field.rows.slice(1).some(row => row.trim() !== ''))
    warn(reading.warnings, `line ${field.line + 1}`, `text that does not belong to :${tag}:`)
}

function setOnce(reading: Reading, field: Field, value: string): void {
  const key = field.tag === '20' ? 'id' : field.tag === '25' ? 'account' : 'number'
  if (reading[key] !== null) warn(reading.warnings, at(field), `:${field.tag}: is given again, and was not taken`)
  else if (value !== '') reading[key] = value
}

function open(reading: Reading, field: Field, value: string): void {
  if (reading.balances.length > 0) throw new FileFault(at(field), 'there is an opening balance already')
  if (reading.lines.length > 0) throw new FileFault(at(field), 'the opening balance comes after lines')
  reading.currency = addBalance(reading, field.tag === '60F' ? 'opening' : 'interim-opening', field, value)
}

function close(reading: Reading, field: Field, value: string): void {
  const currency = addBalance(reading, field.tag === '62F' ? 'closing' : 'interim-closing', field, value)
  if (reading.currency !== null && currency !== reading.currency)
    throw new FileFault(at(field), `it closes in ${currency}, but opened in ${reading.currency}`)
  reading.isClosed = true
}

/** Answers the balance's currency. Its day may be none of the calendar: no money hangs on it. */
function addBalance(reading: Reading, kind: Balance['kind'], field: Field, value: string): string {
  const [, mark, yymmdd = '', currency, amount = ''] = /^([CD])(\d{6})([A-Z]{3})([\d,.]+)$/.exec(value) ?? []
  if (currency === undefined) throw new FileFault(at(field), `:${field.tag}: is no balance: ${shown(value)}`)
  const date = dateOf(yymmdd)
  // Zeros are written where an account has no balance yet.
  if (date === null && yymmdd !== '000000')
    warn(reading.warnings, at(field), `the balance is of ${shown(yymmdd)}, which is no day of the calendar`)
  takeBalance(reading.balances, at(field), {
    ...{ kind, date },
    money: { amount: amountOf(field, amount), currency, side: sideOf(mark!) },
  })
  return currency
}

/** The floor limit of an MT942 tells its currency, which no other field of it need do. */
function takeLimit(reading: Reading, field: Field, value: string): void {
  const [, currency] = /^([A-Z]{3})([CD])?[\d,.]+$/.exec(value) ?? []
  if (currency === undefined) throw new FileFault(at(field), `:34F: is no limit: ${shown(value)}`)
  if (reading.currency !== null && reading.currency !== currency)
    throw new FileFault(at(field), `the limit is in ${currency}, what came before in ${reading.currency}`)
  reading.currency = currency
}

function totalOf(reading: Reading, field: Field, value: string): Reading['totals'][number] {
  const [, count, currency, amount = ''] = /^(\d{1,7})([A-Z]{3})([\d,.]+)$/.exec(value) ?? []
  if (count === undefined) throw new FileFault(at(field), `:${field.tag}: is no total: ${shown(value)}`)
  reading.currency ??= currency!
  return { where: at(field), side: sideOf(field.tag[2]!), count: Number(count), amount: amountOf(field, amount) }
}

/** Value date, entry date, mark, third letter of the currency, amount, type, and the two references with `//` between them. */
const lineShape = /^(\d{6})(\d{4})?(RC|RD|EC|ED|C|D)[A-Z]?([\d,.]+)([A-Z][A-Z0-9]{3})?(.*)$/

function addLine(reading: Reading, field: Field, text: Field | undefined): void {
  const value = field.rows[0]!.trimEnd()
  const found = lineShape.exec(value)
  if (!found) throw new FileFault(at(field), `:61: is no line of a statement: ${shown(value)}`)
  if (reading.isClosed) throw new FileFault(at(field), 'the line comes after the closing balance')
  if (reading.currency === null) throw new FileFault(at(field), 'the line comes before any balance or limit')
  const [, valued = '', entered, mark = '', amount = '', type, references = ''] = found
  const [own, bank] = references.split(/\/\/(.*)/)
  const valueDate = dateOf(valued)
  if (valueDate === null) throw new FileFault(at(field), `the value date ${shown(valued)} is no day of the calendar`)
  const side = sideOf(mark.at(-1)!)
  const isReversal = mark.startsWith('R')
  const supplement = field.rows.slice(1).join('\n').trim()
  const told: PaymentText = readPaymentText(text?.rows ?? [])
  const line: StatementLine = {
    number: reading.lines.length + 1,
    where: at(field),
    money: {
      amount: amountOf(field, amount),
      currency: reading.currency,
      // The reversal of a credit takes money away.
      side: isReversal ? (side === 'credit' ? 'debit' : 'credit') : side,
    },
    status: mark.startsWith('E') ? 'pending' : 'booked',
    isReversal,
    bookingDate: entered === undefined ? null : entryDate(field, valueDate, entered),
    valueDate,
    reference: given(bank),
    endToEndId: told.endToEndId ?? given(own),
    code: type ?? told.code,
    counterparty: told.counterparty,
    counterpartyAccount: told.counterpartyAccount,
    text: [told.text, supplement].filter(Boolean).join('\n'),
    details: [],
  }
  reading.lines.push(line)
}

function finished(reading: Reading, isInterimEnvelope: boolean): Statement {
  endLine(reading, undefined)
  const { first, account, currency, balances, lines, warnings } = reading
  if (first === null) throw new FileFault(`line ${reading.stray}`, 'there is no field in what stands here')
  const isInterim = isInterimEnvelope || reading.isInterim
  if (account === null) throw new FileFault(at(first), 'the message names no account (:25:)')
  const opening = balances.find(({ kind }) => kind.endsWith('opening'))
  const closing = balances.find(({ kind }) => kind.endsWith('closing'))
  if (!isInterim && opening === undefined) throw new FileFault(at(first), 'the message has no opening balance (:60F:)')
  if (!isInterim && closing === undefined)
    throw new FileFault(at(first), 'the message has no closing balance (:62F:): it is not whole')
  if (reading.totals.length > 0) compareTotals(reading)
  return {
    kind: isInterim ? 'notice' : 'statement',
    id: reading.id,
    number: reading.number,
    account,
    currency,
    from: opening?.date ?? null,
    to: closing?.date ?? null,
    createdAt: reading.createdAt,
    balances,
    lines,
    warnings,
  }
}

function compareTotals({ totals, lines, warnings }: Reading): void {
  const counted = totalsOf(lines)
  for (const { where, side, count, amount } of totals) {
    const found = counted[side]
    if (found.count !== count || !isZero(difference(found.sum, amount)))
      warn(warnings, where, `the lines are ${found.count} of ${found.sum}, the total says ${count} of ${amount}`)
  }
}

function at(field: Field): string {
  return `line ${field.line}`
}

function shown(value: string): string {
  return JSON.stringify(value.slice(0, 80))
}

function sideOf(mark: string): Side {
  return mark === 'C' ? 'credit' : 'debit'
}

/** SWIFT's amounts have a comma, with or without decimals behind it. */
function amountOf(field: Field, text: string): string {
  const [, whole, fraction = ''] = /^(\d{1,15})(?:,(\d*))?$/.exec(text) ?? []
  const amount = whole === undefined ? null : decimalOf(whole, fraction)
  if (amount === null) throw new FileFault(at(field), `${shown(text)} is no amount: digits, a comma, decimals`)
  return amount
}

/** YYMMDD: from 80 on it is the last century, when SWIFT began. */
function dateOf(text: string): string | null {
  const century = Number(text.slice(0, 2)) >= 80 ? '19' : '20'
  const date = `${century}${text.slice(0, 2)}-${text.slice(2, 4)}-${text.slice(4, 6)}`
  return isCalendarDate(date) ? date : null
}

/** An entry date has no year: it is the day of that name that is nearest to the value date, so that it may cross the year's end. */
function entryDate(field: Field, valueDate: string, monthAndDay: string): string {
  const years = [-1, 0, 1].map(away => Number(valueDate.slice(0, 4)) + away)
  const days = years.map(year => `${year}-${monthAndDay.slice(0, 2)}-${monthAndDay.slice(2)}`).filter(isCalendarDate)
  if (days.length === 0) throw new FileFault(at(field), `${shown(monthAndDay)} is no entry date, month and day`)
  return days.reduce((nearest, day) => (distance(day, valueDate) < distance(nearest, valueDate) ? day : nearest))
}

function distance(one: string, other: string): number {
  return Math.abs(daysBetween(one, other))
}
