import { z } from 'zod'

const weights = [3, 2, 7, 6, 5, 4, 3, 2]
const checkDigits = '65432110987'
const checkLetters = 'KJIHGFEDCBA'

/** The two check characters that a DNI may be printed with: a digit, or a letter on older documents. */
export function dniChecks(digits: string): { digit: string; letter: string } {
  const sum = weights.reduce((total, weight, index) => total + weight * Number(digits[index]), 0) % 11
  return { digit: checkDigits[sum]!, letter: checkLetters[sum]! }
}

/**
 * The eight digits of a DNI, written with or without its check character (`10117410`, `101174102`, `10117410-G`).
 * Null when it is not one, for nobody has eight zeros, or when the check character is another's.
 */
export function readDni(text: string): string | null {
  const [, digits, check] = /^(\d{8})(?:-?([0-9A-Ka-k]))?$/.exec(text) ?? []
  if (digits === undefined || digits === '00000000') return null
  if (check === undefined) return digits
  const { digit, letter } = dniChecks(digits)
  return check === digit || check.toUpperCase() === letter ? digits : null
}

/** A DNI as it comes in, read into its eight digits. It is never stored, answered or logged. */
export const dniText = z
  .string()
  .refine(text => readDni(text) !== null, 'must be eight digits, with the right check character if it has one')
  .transform(text => readDni(text)!)
  .describe('Eight digits; the check character may follow. Kept only as a keyed hash')
  .meta({ examples: ['10117410'] })
