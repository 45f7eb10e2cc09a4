import type { Wording } from '../statistics/table.ts'

/** Spanish is what a page is in when nobody asks otherwise. */
export const languages = ['es', 'en'] as const

export type Language = (typeof languages)[number]

export function say(wording: Wording, language: Language): string {
  return wording[language]
}

const locales = { es: 'es-PE', en: 'en-GB' } as const
const zone = { timeZone: 'America/Lima' } as const

const counts = { es: new Intl.NumberFormat(locales.es), en: new Intl.NumberFormat(locales.en) }

export function countText(count: number, language: Language): string {
  return counts[language].format(count)
}

/** A rate as a share of a hundred with one decimal, rounded half up from its digits: '0.4213' is 42.1 %. */
export function percentText(rate: string): string {
  const thousandths = Math.floor((Math.round(Number(rate) * 10_000) + 5) / 10)
  return `${Math.trunc(thousandths / 10)}.${thousandths % 10} %`
}

/** An amount with its thousands set apart, digit for digit as it was given. */
export function amountText(amount: string, currency: string): string {
  const [whole = '', fraction] = amount.split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
  return `${currency === 'PEN' ? 'S/' : currency} ${grouped}${fraction === undefined ? '' : `.${fraction}`}`
}

/** `2026-03` is `mar. 2026`. */
export function monthText(month: string, language: Language): string {
  const format = new Intl.DateTimeFormat(locales[language], { month: 'short', year: 'numeric', timeZone: 'UTC' })
  return format.format(new Date(`${month}-01T00:00:00Z`))
}

export function dayText(day: string, language: Language): string {
  const format = new Intl.DateTimeFormat(locales[language], { dateStyle: 'long', timeZone: 'UTC' })
  return format.format(new Date(`${day}T00:00:00Z`))
}

/** An instant by Lima's clock. */
export function instantText(instant: string, language: Language): string {
  const format = new Intl.DateTimeFormat(locales[language], { dateStyle: 'long', timeStyle: 'medium', ...zone })
  return format.format(new Date(instant))
}
