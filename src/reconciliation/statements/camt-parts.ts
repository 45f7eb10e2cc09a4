import { isCalendarDate } from '../../dates.ts'
import { decimalOf } from './decimals.ts'
import { FileFault, type Money, type Side, type Warning, warn } from './statement.ts'
import { at, onlyAt, textAt, type XmlElement } from './xml.ts'

/**
 * The amount and side of an entry or a balance.
 * @throws FileFault when either is missing, doubled or makes no sense
 */
export function moneyOf(element: XmlElement): Money {
  const amount = onlyAt(element, 'Amt')
  if (amount === undefined) throw new FileFault(where(element), `${element.name} has no amount (Amt)`)
  return { ...amountOf(amount), side: sideOf(element) }
}

export function amountOf(element: XmlElement): { amount: string; currency: string } {
  const text = element.text.trim()
  const [, whole, fraction = ''] = /^\+?(\d*)(?:\.(\d*))?$/.exec(text) ?? []
  const amount = whole === undefined || element.children.length > 0 ? null : decimalOf(whole, fraction)
  if (amount === null) throw new FileFault(where(element), `${shown(text)} is no amount: digits and a decimal point`)
  const currency = element.attributes.get('Ccy')?.trim() ?? ''
  if (!/^[A-Z]{3}$/.test(currency))
    throw new FileFault(where(element), `the amount ${shown(text)} has no currency (Ccy)`)
  return { amount, currency }
}

export function sideOf(element: XmlElement): Side {
  const mark = onlyAt(element, 'CdtDbtInd')?.text.trim()
  if (mark === 'CRDT') return 'credit'
  if (mark === 'DBIT') return 'debit'
  throw new FileFault(where(element), `${element.name} does not say credit or debit: ${shown(mark ?? '')}`)
}

/**
 * The day of a date, or of a date and time as the bank's clock had it.
 * @throws FileFault when there is one that no calendar has
 */
export function dayOf(element: XmlElement | undefined): string | null {
  const text = textAt(element, 'Dt') ?? textAt(element, 'DtTm')
  if (text === null) return null
  const day = dayIn(text)
  if (day === null) throw new FileFault(where(element!), `${shown(text)} is no day of the calendar`)
  return day
}

/** As `dayOf`, for days that no money hangs on: one that no calendar has is told, and left out. */
export function dayOrWarning(place: XmlElement, text: string | null, warnings: Warning[]): string | null {
  const day = text === null ? null : dayIn(text)
  if (text !== null && day === null) warn(warnings, where(place), `${shown(text)} is no day of the calendar`)
  return day
}

function dayIn(text: string): string | null {
  const day = text.slice(0, 10)
  return isCalendarDate(day) && /^(Z|[+-]\d\d:\d\d|T.*)?$/.test(text.slice(10)) ? day : null
}

export function yesOrNo(element: XmlElement, name: string): boolean {
  const text = onlyAt(element, name)?.text.trim() ?? 'false'
  if (text === 'true' || text === '1') return true
  if (text === 'false' || text === '0') return false
  throw new FileFault(where(element), `${name} is ${shown(text)}, not true or false`)
}

/** IBAN, else whatever number the bank has for it. */
export function accountOf(element: XmlElement | undefined): string | null {
  const id = at(element, 'Id')
  return textAt(id, 'IBAN') ?? textAt(id, 'Othr', 'Id') ?? textAt(id, 'PrtryAcct', 'Id') ?? textAt(id, 'BBAN')
}

/** ISO 20022's domain, family and sub-family, else the bank's own code. */
export function codeOf(element: XmlElement | undefined): string | null {
  const domain = at(element, 'Domn')
  const parts = [textAt(domain, 'Cd'), textAt(domain, 'Fmly', 'Cd'), textAt(domain, 'Fmly', 'SubFmlyCd')]
  return parts.filter(part => part !== null).join('/') || textAt(element, 'Prtry', 'Cd')
}

export function where(element: XmlElement): string {
  return `line ${element.line}`
}

export function shown(text: string): string {
  return JSON.stringify(text.slice(0, 80))
}
