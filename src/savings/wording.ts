import { z } from 'zod'

export { title } from '../texts.ts'

/** A person's names: letters, marks, spaces, dots, apostrophes and hyphens; composed Unicode. */
export const personName = z
  .string()
  .trim()
  .normalize('NFC')
  .regex(/^\p{L}[\p{L}\p{M} .'’-]{0,99}$/u, 'must be letters, at most 100')
  .meta({ examples: ['Huamán'] })

/** What people call a thing by on paper: `GR-017`, `CORREDOR-2003`. */
export const code = z
  .string()
  .regex(/^[0-9A-Za-z][0-9A-Za-z._/-]{0,39}$/, 'must be 1 to 40 letters, digits, dots, slashes, hyphens or underscores')
  .meta({ examples: ['GR-017'] })

/** Six digits of INEI; RENIEC numbers most districts otherwise. */
export const districtCode = z
  .string()
  .regex(/^\d{6}$/, 'must be six digits')
  .describe('District: UBIGEO of six digits in the scheme of INEI, which is not RENIEC’s')
  .meta({ examples: ['080101'] })

/** Numbers that institutions give their accounts: digits, letters and what they set between them. */
export const bankAccountNumber = z
  .string()
  .regex(/^[0-9A-Za-z][0-9A-Za-z-]{3,39}$/, 'must be 4 to 40 letters, digits or hyphens')
  .meta({ examples: ['110-01-2345678'] })

/** The number of an account as it is compared: people and banks set strokes, hyphens and blanks as they like. */
export function numberKey(number: string): string {
  return number.toUpperCase().replaceAll(/[^0-9A-Z]/g, '')
}

/** Whether a request names a thing in exactly one of the ways in which it may be named; and what is said when not. */
export function namedOnce<Way extends string>(
  first: Way,
  ...others: Way[]
): [rule: (given: { [way in Way]?: unknown }) => boolean, told: { path: string[]; message: string }] {
  const ways = [first, ...others]
  return [
    given => ways.filter(way => given[way] !== undefined).length === 1,
    { path: [first], message: `or ${others.join(' or ')} is needed, and only one of them` },
  ]
}
