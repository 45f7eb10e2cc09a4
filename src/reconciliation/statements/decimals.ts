import type { Money } from './statement.ts'

/** As many digits as an amount may have before the point and after it: more than any bank holds, and cheap to add. */
const mostDigits = 24

/** Digits as a plain decimal string, without zeros in front and with every decimal kept; null when they are not an amount. */
export function decimalOf(whole: string, fraction: string): string | null {
  if (!/^\d*$/.test(whole) || !/^\d*$/.test(fraction) || whole.length + fraction.length === 0) return null
  const shortened = whole.replace(/^0+(?=\d)/, '') || '0'
  if (shortened.length > mostDigits || fraction.length > mostDigits) return null
  return fraction === '' ? shortened : `${shortened}.${fraction}`
}

/** The exact sum of decimal strings, signs allowed, with as many decimals as the most precise of them. */
export function sumOf(amounts: Iterable<string>): string {
  const sum = openSum()
  for (const amount of amounts) sum.add(amount)
  return sum.text()
}

/** A sum that amounts are added to one by one. */
export function openSum(): { add(amount: string): void; text(): string } {
  let [sum, decimals] = [0n, 0]
  return {
    add(amount) {
      const [whole = '0', fraction = ''] = amount.split('.')
      if (fraction.length > decimals) {
        sum *= 10n ** BigInt(fraction.length - decimals)
        decimals = fraction.length
      }
      sum += BigInt(whole + fraction.padEnd(decimals, '0'))
    },
    text() {
      const digits = (sum < 0n ? -sum : sum).toString().padStart(decimals + 1, '0')
      const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
      return sum < 0n ? `-${text}` : text
    },
  }
}

/** The same amount with the other sign. */
export function negated(amount: string): string {
  return amount.startsWith('-') ? amount.slice(1) : `-${amount}`
}

export function isZero(amount: string): boolean {
  return !/[1-9]/.test(amount)
}

/** What is left of `amount` without `other`. */
export function difference(amount: string, other: string): string {
  return sumOf([amount, negated(other)])
}

/** As many decimals as the most precise of them has. */
export function decimalsIn(amounts: Iterable<string>): number {
  let most = 0
  for (const amount of amounts) most = Math.max(most, amount.split('.')[1]?.length ?? 0)
  return most
}

/** An amount as a whole number of the last of so many decimals, of which it has no more. */
export function unitsOf(amount: string, decimals: number): bigint {
  const [whole = '0', fraction = ''] = amount.split('.')
  return BigInt(whole + fraction.padEnd(decimals, '0'))
}

/** Credit above zero, debit below. */
export function signed(money: Money): string {
  return money.side === 'credit' ? money.amount : negated(money.amount)
}
