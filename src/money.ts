import assert from 'node:assert/strict'
import { Decimal } from 'decimal.js'
import { z } from 'zod'
import { Refusal } from './refusals.ts'

/** Currencies a book may keep, with the number of decimals of their minor unit (ISO 4217). */
export const currencyDecimals = { PEN: 2, USD: 2, BOB: 2, COP: 2, EUR: 2, CLP: 0 } as const

export const currencies = ['PEN', 'USD', 'BOB', 'COP', 'EUR', 'CLP'] as const

export type Currency = (typeof currencies)[number]

export const currencySchema = z.enum(currencies).meta({ id: 'Currency', description: 'ISO 4217 currency code' })

/** An amount of money in minor units (centavos). Never a number. */
export type Amount = bigint

/** 2^63 − 1 minor units is what PostgreSQL's bigint holds; sixteen digits before the point keeps sums far below it. */
const amountPattern = /^(?:0|[1-9]\d{0,12})(?:\.\d{1,2})?$/

/** A positive or zero amount as it travels: a decimal string such as `"12.50"`. */
export const amountText = z
  .string()
  .regex(amountPattern, {
    error: 'must be a decimal string such as "12.50", at most 13 digits before the point and 2 after',
    abort: true,
  })
  .meta({ examples: ['12.50'] })

/** As `amountText`, but more than zero. */
export const positiveAmountText = amountText.refine(text => /[1-9]/.test(text), 'must be more than zero')

/** A sum of amounts as it travels in answers: as many digits as it takes, for only single amounts are bounded. */
export const totalText = z
  .string()
  .regex(/^\d+(?:\.\d+)?$/)
  .meta({ examples: ['1250.00'] })

/** A signed amount as it travels in answers: `"12.50"` or `"-12.50"`. */
export const signedAmountText = z
  .string()
  .regex(/^-?\d+(?:\.\d+)?$/)
  .meta({ examples: ['112.50'] })

/**
 * Reads a decimal string into minor units of `currency`.
 * @throws Refusal `amount-precision` when it has more decimals than the currency.
 */
export function parseAmount(text: string, currency: Currency): Amount {
  const decimals = currencyDecimals[currency]
  const negative = text.startsWith('-')
  const [whole = '', fraction = ''] = (negative ? text.slice(1) : text).split('.')
  assert(/^\d+$/.test(whole) && /^\d*$/.test(fraction), 'parseAmount is given text that a schema has accepted')
  if (fraction.length > decimals && /[1-9]/.test(fraction.slice(decimals))) {
    throw new Refusal('amount-precision', `${currency} has ${decimals} decimals, the amount ${text} has more`)
  }
  const minor = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'))
  return negative ? -minor : minor
}

/** The smaller of two amounts. */
export const least = (a: Amount, b: Amount): Amount => (a < b ? a : b)

/** Writes minor units as a decimal string with exactly the currency's decimals. */
export function formatAmount(amount: Amount, currency: Currency): string {
  const decimals = currencyDecimals[currency]
  const negative = amount < 0n
  const digits = (negative ? -amount : amount).toString().padStart(decimals + 1, '0')
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`
  return negative ? `-${text}` : text
}

/** The one place decimal.js is configured: forty digits, half-even. */
const Money = Decimal.clone({ precision: 40, rounding: Decimal.ROUND_HALF_EVEN })

/** Of amounts that are not negative. Ours is half-even; the others are what institutions may do instead. */
export const roundings = ['half-even', 'half-up', 'down', 'up'] as const
export type Rounding = (typeof roundings)[number]

const roundingModes: Record<Rounding, Decimal.Rounding> = {
  'half-even': Decimal.ROUND_HALF_EVEN,
  'half-up': Decimal.ROUND_HALF_UP,
  down: Decimal.ROUND_DOWN,
  up: Decimal.ROUND_UP,
}

/** `amount` × `rate`, rounded once to the minor unit. `rate` is a decimal string such as `"0.25"`. */
export function share(amount: Amount, rate: string, rounding: Rounding = 'half-even'): Amount {
  return BigInt(new Money(amount.toString()).times(new Money(rate)).toFixed(0, roundingModes[rounding]))
}

/**
 * `part` of `whole` persons as a decimal string of four digits after the point, rounded once. In whole numbers, which are exact
 * here, for tables have a hundred thousand of them.
 */
export function rateOf(part: number, whole: number): string {
  const scaled = part * 10_000
  assert(Number.isSafeInteger(scaled) && part >= 0 && whole > 0, 'persons are counted')
  const rest = scaled % whole
  const below = (scaled - rest) / whole
  const rounded = rest * 2 > whole || (rest * 2 === whole && below % 2 === 1) ? below + 1 : below
  return `${Math.floor(rounded / 10_000)}.${String(rounded % 10_000).padStart(4, '0')}`
}

/** A share that was reckoned in doubles, as a decimal string of four digits after the point. */
export function roundedRate(share: number): string {
  return new Money(share).toFixed(4)
}

/** An amount divided by a number of persons, rounded once to the minor unit. */
export function meanOf(total: Amount, persons: number): Amount {
  return BigInt(new Money(total.toString()).div(persons).toFixed(0))
}

/**
 * The amount below which so many tenths of them lie: between two of them in proportion, as most programs have it (R's type 7),
 * rounded once to the minor unit. In ascending order, at least one.
 */
export function decileOf(sorted: ArrayLike<number>, tenths: number): Amount {
  const place = (sorted.length - 1) * tenths
  const [lower, rest] = [Math.floor(place / 10), place % 10]
  const [below, above] = [new Money(sorted[lower]!), new Money(sorted[Math.min(lower + 1, sorted.length - 1)]!)]
  return BigInt(below.plus(above.minus(below).times(rest).div(10)).toFixed(0))
}

/**
 * Divides `total` (not negative) in proportion to `weights`, to the minor unit: the parts sum to `total`. What rounding
 * down leaves goes, a unit each, to the parts that lost most by it, earlier ones first. A part never exceeds its weight
 * when the total does not exceed the weights' sum.
 */
export function allocate(total: Amount, weights: readonly bigint[]): Amount[] {
  const sum = weights.reduce((all, weight) => all + weight, 0n)
  assert(total >= 0n && sum > 0n && weights.every(weight => weight >= 0n), 'there is something to divide by')
  const parts = weights.map(weight => (total * weight) / sum)
  const lost = weights.map((weight, place) => ({ place, rest: (total * weight) % sum }))
  lost.sort((a, b) => (a.rest === b.rest ? a.place - b.place : a.rest > b.rest ? -1 : 1))
  let left = total - parts.reduce((all, part) => all + part, 0n)
  for (const { place } of lost) {
    if (left === 0n) break
    parts[place] = parts[place]! + 1n
    left -= 1n
  }
  return parts
}

/**
 * Deals units one by one in proportion to `weights`, and answers how the first so many fall. Whatever their number, each part
 * has less than one unit more or less than its share of it, and of more units never fewer. Of the parts that have not had
 * theirs already, a unit goes to the one that would be the first to fall a whole unit behind; earlier ones first.
 */
export function dealing(weights: readonly bigint[]): (units: Amount) => Amount[] {
  assert(weights.length > 0 && weights.every(weight => weight > 0n), 'each part has a weight')
  const divisor = weights.reduce(greatestCommonDivisor)
  const turns = weights.map(weight => Number(weight / divisor))
  // After this many units each part has exactly its share, and all begins anew.
  const cycle = turns.reduce((sum, turn) => sum + turn, 0)
  const dealt = turns.map(() => new Uint32Array(cycle + 1))
  // The next of each part: from which unit on it is not ahead with it, and by which it would be a whole one behind.
  const from = turns.map(() => 1)
  const due = turns.map(turn => Math.ceil(cycle / turn))
  for (let unit = 1; unit <= cycle; unit++) {
    let next = -1
    for (let place = 0; place < turns.length; place++) {
      dealt[place]![unit] = dealt[place]![unit - 1]!
      if (from[place]! <= unit && (next === -1 || due[place]! < due[next]!)) next = place
    }
    const had = dealt[next]![unit]! + 1
    dealt[next]![unit] = had
    from[next] = Math.floor((had * cycle) / turns[next]!) + 1
    due[next] = Math.ceil(((had + 1) * cycle) / turns[next]!)
  }
  return units => {
    assert(units >= 0n, 'units are counted')
    const cycles = units / BigInt(cycle)
    const rest = Number(units % BigInt(cycle))
    return turns.map((turn, place) => cycles * BigInt(turn) + BigInt(dealt[place]![rest]!))
  }
}

function greatestCommonDivisor(one: bigint, other: bigint): bigint {
  return other === 0n ? one : greatestCommonDivisor(other, one % other)
}
