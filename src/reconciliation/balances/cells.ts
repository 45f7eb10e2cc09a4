import type { AccountStatus } from '../../ledger/index.ts'
import { type Amount, type Currency, currencyDecimals, parseAmount } from '../../money.ts'
import { numberKey } from '../intake/numbers.ts'
import type { DecimalMark } from './outcomes.ts'

/** What a cell says, or what is wrong with it. */
export type Read<Value> = { value: Value } | { fault: string }

/** Digits before the decimals, as many as an amount may have. */
const mostDigits = 13

/**
 * Reads amounts as decimal strings, whatever currency they are of. Thousands may be grouped where decimals follow: without them
 * `1,000` is a thousand to one bank and one to another, and so is refused.
 */
export function decimalReader(mark: DecimalMark): (text: string) => Read<string> {
  const [point, group] = mark === 'point' ? [/\./g, /,/g] : [/,/g, /\./g]
  return text => {
    const plain = text.replace(group, '\u0000').replace(point, '.')
    const [, minus = '', whole = '', fraction] =
      /^(-?)(\d+|\d{1,3}(?:\0\d{3})+(?=\.))(?:\.(\d{1,10}))?$/.exec(plain) ?? []
    if (whole === '') return { fault: `is no amount with a decimal ${mark}` }
    const digits = whole.replaceAll('\u0000', '').replace(/^0+(?=\d)/, '')
    if (digits.length > mostDigits) return { fault: `has more than ${mostDigits} digits` }
    const written = fraction === undefined ? digits : `${digits}.${fraction}`
    return { value: minus !== '' && /[1-9]/.test(written) ? `-${written}` : written }
  }
}

/** A decimal string as minor units of the book's currency. */
export function amountOf(decimal: string, currency: Currency): Read<Amount> {
  const decimals = currencyDecimals[currency]
  if (/[1-9]/.test((decimal.split('.')[1] ?? '').slice(decimals)))
    return { fault: `has more than the ${decimals} decimals of ${currency}` }
  return { value: parseAmount(decimal, currency) }
}

/** What banks call the status of an account; of a dormant one it is open. */
const statusNames: Record<AccountStatus, readonly string[]> = {
  open: ['open', 'active', 'dormant', 'inactive', 'activa', 'activo', 'abierta', 'vigente', 'inactiva', 'normal'],
  blocked: ['blocked', 'bloqueada', 'bloqueado', 'inmovilizada', 'embargada'],
  closed: ['closed', 'cancelled', 'cerrada', 'cerrado', 'cancelada', 'cancelado'],
}

const statusByName = new Map(
  Object.entries(statusNames).flatMap(([status, names]) => names.map(name => [name, status as AccountStatus] as const)),
)

export function statusOf(text: string): Read<AccountStatus> {
  const value = statusByName.get(text.toLowerCase())
  return value === undefined ? { fault: 'is none of open, blocked, closed (activa, bloqueada, cancelada)' } : { value }
}

/** The number of an account as it stands there. Nothing of a fault repeats it. */
export function numberOf(text: string): Read<string> {
  if (/^\d+(?:[.,]\d+)?E\+?\d+$/i.test(text)) return { fault: 'was made a power of ten by a spreadsheet' }
  if (!/^[0-9A-Za-z][0-9A-Za-z ./-]{3,59}$/.test(text) || numberKey(text).length < 4)
    return { fault: 'must be 4 to 60 letters, digits, blanks, dots, slashes or hyphens' }
  return { value: text }
}

export function cciOf(text: string): Read<string> {
  const digits = text.replaceAll(/[ -]/g, '')
  return /^\d{20}$/.test(digits) ? { value: digits } : { fault: 'must be twenty digits' }
}

export function currencyOf(text: string): Read<string> {
  return /^[A-Za-z]{3}$/.test(text) ? { value: text.toUpperCase() } : { fault: 'must be three letters, as PEN' }
}
